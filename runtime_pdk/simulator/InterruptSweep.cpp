//===- InterruptSweep.cpp - An interrupt at every place -------------------===//

#include "runtime_pdk/simulator/InterruptSweep.h"

#include <algorithm>

using namespace pdkc::sim;

SweepResult pdkc::sim::sweepInterrupts(Machine &machine,
                                       const ModelSymbols &symbols,
                                       unsigned port, const uint8_t *bytes,
                                       size_t count, uint64_t cycleLimit) {
  SweepResult sweep;
  auto run = [&](uint64_t interruptCycle) {
    ChipRun chip(machine, symbols, port, bytes, count);
    machine.scheduleInterrupt(interruptCycle, 0xFF);
    InferenceResult result = chip.next(count, cycleLimit);
    sweep.stackBytes = std::max(sweep.stackBytes, result.stackBytes);
    sweep.deepestSp = std::max(sweep.deepestSp, result.deepestSp);
    if (sweep.violations.empty())
      sweep.violations = result.violations;
    return result;
  };

  sweep.undisturbed = run(UINT64_MAX);
  if (!sweep.undisturbed.returned)
    return sweep;
  const uint64_t cycles = sweep.undisturbed.cycles;
  if (cycles > kMaxSweepCycles) {
    machine.report(Rule::CycleLimit,
                   "an inference of " + std::to_string(cycles) +
                       " cycles is too long to be interrupted everywhere, " +
                       std::to_string(kMaxSweepCycles) + " are possible");
    sweep.violations = machine.takeViolations();
    return sweep;
  }

  // The same once more, looking on.
  const uint64_t begin = machine.state().cycles - cycles;
  std::vector<uint64_t> boundaries;
  machine.trace(
      [&](const Machine &) {
        if (machine.state().cycles >= begin)
          boundaries.push_back(machine.state().cycles);
      },
      UINT64_MAX);
  run(UINT64_MAX);
  machine.trace(nullptr, 0);
  sweep.boundaries = boundaries.size();
  for (uint64_t cycle : boundaries) {
    InferenceResult result = run(cycle);
    sweep.taken += machine.getInterruptsTaken() != 0;
    if (result.returned && result.classIndex == sweep.undisturbed.classIndex)
      continue;
    if (!sweep.different++)
      sweep.firstDifferent = cycle;
  }
  return sweep;
}
