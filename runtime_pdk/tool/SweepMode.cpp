//===- SweepMode.cpp - An interrupt at every place of an inference --------===//

#include "runtime_pdk/simulator/InterruptSweep.h"
#include "runtime_pdk/tool/Modes.h"

using namespace pdkc;
using namespace pdkc::tool;

ExitStatus tool::runSweep(sim::Machine &machine, const Options &options,
                          const Samples &samples, Summary &summary) {
  auto model = readModel(options);
  if (!model)
    return Bad;
  summary.inputs = guessInputs(options, samples).value_or(0);
  if (!summary.inputs)
    return fail("how many bytes has a sample? give --inputs");
  summary.wanted = countSamples(options, samples, summary.inputs);
  SweepSummary total;
  for (size_t i = 0; i < summary.wanted; ++i) {
    sim::SweepResult sweep = sim::sweepInterrupts(
        machine, *model, *options.port, samples.data() + i * summary.inputs,
        summary.inputs, options.cycleLimit);
    // All that was broken, and the deepest stack, are those of all runs.
    sweep.undisturbed.violations = sweep.violations;
    sweep.undisturbed.stackBytes = sweep.stackBytes;
    sweep.undisturbed.deepestSp = sweep.deepestSp;
    summary.add(sweep.undisturbed);
    if (!sweep.undisturbed.returned)
      break;
    total.boundaries += sweep.boundaries;
    total.taken += sweep.taken;
    total.different += sweep.different;
    if (sweep.different)
      fail("sample " + std::to_string(i) +
           ": another class, or none, with an "
           "interrupt after " +
           std::to_string(sweep.firstDifferent) + " cycles");
  }
  summary.sweep = total;
  return summary.wanted ? Good : Bad;
}
