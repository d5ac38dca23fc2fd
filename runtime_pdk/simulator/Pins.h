//===- Pins.h - What the chip's pins are connected to -----------*- C++ -*-===//
//
// The ports PA and, where a device has it, PB: output latch, direction,
// pull-up and digital input enable of each pin on the chip's side, levels that
// change at given times on the other. What outputs do is recorded, edge by
// edge.
//
// Not simulated: pull-downs, port C, interrupts from pins. PA.5 of some devices
// is an open drain; no output drives against another here, so that it is like
// any other.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_PINS_H
#define PDKC_RUNTIME_PDK_SIMULATOR_PINS_H

#include "runtime_pdk/simulator/Machine.h"

#include <optional>
#include <string_view>
#include <utility>

namespace pdkc::sim {

struct Pin {
  unsigned port = 0; ///< 0: PA, 1: PB
  unsigned bit = 0;  ///< 0 to 7
};

/// Reads "PA.7"; nothing if it is none or the device has no such port.
std::optional<Pin> parsePin(std::string_view text, const pdk::Device &device);

class Pins : private IoPort {
public:
  /// A line's change to `level`, `cycle` cycles after the reset. An output's
  /// level changes at the end of the instruction that sets it; an instruction
  /// sees the levels at its beginning.
  struct Edge {
    double cycle;
    bool level;
  };

  /// Attached to the machine, which has to be reset by then, as long as this
  /// object lives.
  explicit Pins(Machine &machine);
  ~Pins() override;
  Pins(const Pins &) = delete;
  Pins &operator=(const Pins &) = delete;

  /// From outside, drives a line to a level from `cycle` on. Calls for one pin
  /// come in the order of their cycles.
  void drive(Pin pin, double cycle, bool level);

  /// The level on a line that nothing but this chip drives low: low if the pin
  /// is an output and its latch 0.
  bool getOutput(Pin pin) const;
  bool isOutput(Pin pin) const;
  /// Whether the program can see the pin's level (PADIER, PBDIER; both are
  /// taken to be 0 after a reset).
  bool isInputEnabled(Pin pin) const;

  /// The edges of getOutput() since the last call, in order.
  std::vector<Edge> takeEdges(Pin pin);
  /// Records from now on at which cycle an instruction acts upon the level of
  /// the pin.
  void watchReads(Pin pin) { at(pin).isWatched = true; }
  /// Those cycles since the last call, in order.
  std::vector<double> takeReads(Pin pin);

private:
  struct Line {
    std::vector<Edge> driven; ///< from outside, past and future
    size_t next = 0;          ///< the first one in the future
    std::optional<bool> level;
    bool isWatched = false;
    std::vector<Edge> edges;
    std::vector<double> reads;
  };

  uint8_t read(unsigned address, uint8_t latch, uint8_t used) override;
  void write(unsigned address, uint8_t value) override;

  Line &at(Pin pin) { return lines[pin.port][pin.bit]; }
  uint8_t getOutputs(unsigned port) const;
  bool getInput(Pin pin);

  Machine &machine;
  Line lines[2][8];
  uint8_t outputs[2]; ///< getOutput() of all pins, as last seen
};

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_PINS_H
