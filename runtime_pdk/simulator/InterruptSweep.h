//===- InterruptSweep.h - An interrupt at every place -----------*- C++ -*-===//
//
// Shows that a program with an interrupt routine gives the same class wherever
// the interrupt comes: runs it once for each instruction boundary of its first
// inference, from reset, with a request at that boundary.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_INTERRUPTSWEEP_H
#define PDKC_RUNTIME_PDK_SIMULATOR_INTERRUPTSWEEP_H

#include "runtime_pdk/simulator/ChipRun.h"

namespace pdkc::sim {

struct SweepResult {
  InferenceResult undisturbed; ///< without any interrupt
  size_t boundaries = 0;       ///< those of model_infer, all of them tried
  size_t taken = 0;            ///< runs in which the interrupt was taken
  size_t different = 0;        ///< runs that gave another class, or none
  /// Cycles from reset to the interrupt of the first of these.
  uint64_t firstDifferent = 0;
  /// Most stack of all runs, as InferenceResult has it.
  unsigned stackBytes = 0, deepestSp = 0;
  std::vector<Violation> violations; ///< of the first run that has any
};

/// The time is quadratic in the cycles of an inference.
constexpr uint64_t kMaxSweepCycles = 200000;

/// Requests all interrupts that the program enables in INTEN. The sample comes
/// in as with ChipRun; each run may take `cycleLimit` cycles. Nothing is tried
/// if the undisturbed run does not end or takes more than kMaxSweepCycles
/// cycles.
SweepResult sweepInterrupts(Machine &machine, const ModelSymbols &symbols,
                            unsigned port, const uint8_t *bytes, size_t count,
                            uint64_t cycleLimit);

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_INTERRUPTSWEEP_H
