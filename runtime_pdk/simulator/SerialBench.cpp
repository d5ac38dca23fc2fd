//===- SerialBench.cpp - Talking to a firmware by its pins ----------------===//

#include "runtime_pdk/simulator/SerialBench.h"
#include "runtime_pdk/simulator/Hex.h"

#include <algorithm>
#include <cmath>

using namespace pdkc::sim;

/// A frame: a start bit, eight data bits, a stop bit.
static constexpr unsigned kFrameBits = 10;
/// Longer than any frame.
static constexpr unsigned kIdleBits = 12;

static Machine &reset(Machine &machine) {
  machine.reset();
  return machine;
}

SerialBench::SerialBench(Machine &machine, const SerialOptions &options)
    : machine(machine), options(options), bit(options.clock / options.baud),
      senderBit(bit / (1 + options.senderDeviation)), pins(reset(machine)) {
  pins.drive(options.rx, 0, true);
  pins.watchReads(options.rx);
}

/// False if the program comes to an end before.
bool SerialBench::runUntil(double cycle) {
  Stop stop = Stop::CycleLimit;
  if (double(machine.state().cycles) < cycle)
    stop = machine.run(uint64_t(std::ceil(cycle)));
  for (Pins::Edge edge : pins.takeEdges(options.tx))
    edges.push_back(edge);
  for (double read : pins.takeReads(options.rx))
    reads.push_back(read);
  if (stop == Stop::Returned)
    machine.report(Rule::CodeRange, "the firmware returns from reset");
  return stop == Stop::CycleLimit;
}

bool SerialBench::waitUntilReady() {
  const double end = double(machine.state().cycles + options.cycleLimit);
  unsigned idle = 0;
  while (idle < kIdleBits) {
    double now = double(machine.state().cycles);
    if (now >= end) {
      const char *why = !pins.isOutput(options.tx)    ? "TX is no output"
                        : !pins.getOutput(options.tx) ? "TX is low"
                        : !pins.isInputEnabled(options.rx)
                            ? "RX is no digital input (DIER)"
                            : "RX is not looked at";
      machine.report(Rule::NotReady, std::string(why) + " after " +
                                         std::to_string(options.cycleLimit) +
                                         " cycles");
      return false;
    }
    if (!runUntil(now + bit))
      return false;
    bool isIdle = pins.isOutput(options.tx) && pins.getOutput(options.tx) &&
                  pins.isInputEnabled(options.rx) && edges.empty() &&
                  !reads.empty();
    idle = isIdle ? idle + 1 : 0;
    edges.clear();
    reads.clear();
  }
  lineFree = double(machine.state().cycles);
  return true;
}

/// False, and a violation reported, if the firmware has sent anything.
bool SerialBench::expectSilence(const char *when) {
  if (edges.empty())
    return true;
  machine.report(Rule::LineBusy,
                 std::string("the firmware sends ") + when + ", at cycle " +
                     std::to_string(uint64_t(edges.front().cycle)));
  edges.clear();
  return false;
}

/// Puts the frames on the line.
void SerialBench::send(const uint8_t *bytes, size_t count) {
  firstSent = lineFree + std::max(1.0, options.gapBits) * bit;
  double frame = kFrameBits * senderBit + options.gapBits * bit;
  for (size_t i = 0; i < count; ++i) {
    double start = firstSent + double(i) * frame;
    unsigned levels = 1u << (kFrameBits - 1) | unsigned(bytes[i]) << 1;
    for (unsigned k = 0; k < kFrameBits; ++k)
      pins.drive(options.rx, start + k * senderBit, levels >> k & 1);
    dataEnd = start + (kFrameBits - 1) * senderBit;
  }
}

/// How the firmware read the `count` bytes sent.
void SerialBench::measureSamples(size_t count, SerialExchange &result) {
  double frame = kFrameBits * senderBit + options.gapBits * bit;
  auto read = reads.begin();
  for (size_t i = 0; i < count; ++i) {
    for (unsigned k = 1; k < kFrameBits - 1; ++k) {
      double begin = firstSent + double(i) * frame + k * senderBit;
      double end = begin + senderBit;
      read = std::lower_bound(read, reads.end(), begin);
      if (read == reads.end() || *read >= end)
        ++result.unreadBits;
      else
        result.worstSample =
            std::max(result.worstSample,
                     std::abs(*read - (begin + end) / 2) / senderBit);
    }
  }
}

/// Receives one frame; false if there is none or the program ends.
bool SerialBench::receive(SerialExchange &result) {
  const double begin = double(machine.state().cycles);
  while (edges.empty()) {
    double now = double(machine.state().cycles);
    if (now >= begin + double(options.cycleLimit)) {
      machine.report(Rule::NoAnswer,
                     std::to_string(result.answer.size()) +
                         " bytes of the answer, no more after " +
                         std::to_string(options.cycleLimit) + " cycles");
      return false;
    }
    if (!runUntil(now + bit))
      return false;
  }
  const double start = edges.front().cycle;
  if (result.answer.empty())
    result.cyclesToAnswer = uint64_t(std::max(0.0, start - dataEnd));
  if (!runUntil(start + kFrameBits * bit))
    return false;

  // The frame's own edges; the next frame's start edge ends its stop bit.
  const double stopCentre = start + (kFrameBits - 0.5) * bit;
  auto end = std::find_if(edges.begin(), edges.end(), [&](Pins::Edge edge) {
    return edge.cycle > stopCentre;
  });
  unsigned levels = 0;
  for (unsigned k = 0; k < kFrameBits; ++k) {
    double centre = start + (k + 0.5) * bit;
    bool level = true;
    for (auto it = edges.begin(); it != end && it->cycle <= centre; ++it)
      level = it->level;
    levels |= unsigned(level) << k;
  }
  auto addError = [&](double bits) {
    result.worstEdge = std::max(result.worstEdge, std::abs(bits));
  };
  for (auto it = edges.begin(); it != end; ++it) {
    double bits = (it->cycle - start) / bit;
    addError(bits - std::round(bits));
  }
  if (end != edges.end())
    addError(std::min(0.0, (end->cycle - start) / bit - kFrameBits));
  edges.erase(edges.begin(), end);

  result.answer.push_back(uint8_t(levels >> 1));
  lineFree = start + kFrameBits * bit;
  if (levels & 1)
    machine.report(Rule::Framing, "the start bit, at cycle " +
                                      std::to_string(uint64_t(start)) +
                                      ", is shorter than half a bit");
  else if (!(levels >> (kFrameBits - 1)))
    machine.report(Rule::Framing, "no stop bit in the frame at cycle " +
                                      std::to_string(uint64_t(start)));
  return true;
}

SerialExchange SerialBench::exchange(const uint8_t *bytes, size_t count,
                                     size_t answerBytes) {
  SerialExchange result;
  reads.clear();
  send(bytes, count);
  bool runs = runUntil(dataEnd);
  measureSamples(count, result);
  lineFree = dataEnd + senderBit;
  if (runs && expectSilence("before it has all of the message"))
    while (result.answer.size() < answerBytes && receive(result))
      ;
  result.violations = machine.takeViolations();
  return result;
}

std::vector<Violation> SerialBench::finish() {
  if (runUntil(std::max(lineFree, double(machine.state().cycles)) +
               kIdleBits * bit))
    expectSilence("more than its answer");
  return machine.takeViolations();
}
