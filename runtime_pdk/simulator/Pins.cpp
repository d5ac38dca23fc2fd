//===- Pins.cpp - What the chip's pins are connected to -------------------===//

#include "runtime_pdk/simulator/Pins.h"
#include "runtime_pdk/simulator/IoRegisters.h"

using namespace pdkc;
using namespace pdkc::sim;

static unsigned getAddress(const pdk::Device &device, unsigned port) {
  return port ? device.portB : PA;
}

std::optional<Pin> sim::parsePin(std::string_view text,
                                 const pdk::Device &device) {
  if (text.size() != 4 || text[0] != 'P' || text[2] != '.' || text[1] < 'A' ||
      text[1] > (device.portB ? 'B' : 'A') || text[3] < '0' || text[3] > '7')
    return std::nullopt;
  return Pin{unsigned(text[1] - 'A'), unsigned(text[3] - '0')};
}

Pins::Pins(Machine &machine) : machine(machine) {
  machine.attach(this);
  for (unsigned port : {0, 1})
    outputs[port] = getOutputs(port);
}

Pins::~Pins() { machine.attach(nullptr); }

void Pins::drive(Pin pin, double cycle, bool level) {
  at(pin).driven.push_back({cycle, level});
}

/// The lines of a port that this chip does not drive low.
uint8_t Pins::getOutputs(unsigned port) const {
  unsigned base = getAddress(machine.getDevice(), port);
  if (!base)
    return 0xFF;
  return machine.getIo(base + Latch) | ~machine.getIo(base + Direction);
}

bool Pins::getOutput(Pin pin) const {
  return getOutputs(pin.port) >> pin.bit & 1;
}

bool Pins::isOutput(Pin pin) const {
  unsigned base = getAddress(machine.getDevice(), pin.port);
  return base && machine.getIo(base + Direction) >> pin.bit & 1;
}

bool Pins::isInputEnabled(Pin pin) const {
  return machine.getIo(pin.port ? PBDIER : PADIER) >> pin.bit & 1;
}

std::vector<Pins::Edge> Pins::takeEdges(Pin pin) {
  return std::exchange(at(pin).edges, {});
}

std::vector<double> Pins::takeReads(Pin pin) {
  return std::exchange(at(pin).reads, {});
}

/// What an input pin reads as: a line that nothing drives and nothing pulls up
/// as low.
bool Pins::getInput(Pin pin) {
  Line &line = at(pin);
  double now = double(machine.state().cycles);
  for (; line.next < line.driven.size() && line.driven[line.next].cycle <= now;
       ++line.next)
    line.level = line.driven[line.next].level;
  if (line.next == line.driven.size()) {
    line.driven.clear();
    line.next = 0;
  }
  if (!isInputEnabled(pin))
    return false;
  unsigned base = getAddress(machine.getDevice(), pin.port);
  return line.level.value_or(machine.getIo(base + PullUp) >> pin.bit & 1);
}

uint8_t Pins::read(unsigned address, uint8_t latch, uint8_t used) {
  for (unsigned port : {0, 1}) {
    unsigned base = getAddress(machine.getDevice(), port);
    if (!base || address != base + Latch)
      continue;
    // An output reads as its latch.
    uint8_t direction = machine.getIo(base + Direction);
    uint8_t value = latch & direction;
    for (unsigned bit = 0; bit < 8; ++bit) {
      if (!(direction >> bit & 1) && getInput({port, bit}))
        value |= 1u << bit;
      Line &line = lines[port][bit];
      if (line.isWatched && used >> bit & 1)
        line.reads.push_back(double(machine.state().cycles));
    }
    return value;
  }
  return latch;
}

void Pins::write(unsigned address, uint8_t value) {
  for (unsigned port : {0, 1}) {
    unsigned base = getAddress(machine.getDevice(), port);
    if (!base || (address != base + Latch && address != base + Direction))
      continue;
    uint8_t now = getOutputs(port);
    for (unsigned bit = 0; bit < 8; ++bit)
      if ((now ^ outputs[port]) >> bit & 1)
        lines[port][bit].edges.push_back(
            {double(machine.state().cycles + 1), bool(now >> bit & 1)});
    outputs[port] = now;
  }
}
