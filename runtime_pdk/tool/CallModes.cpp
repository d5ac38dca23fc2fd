//===- CallModes.cpp - Running model_infer, called by us or by a main -----===//

#include "runtime_pdk/simulator/ChipRun.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/tool/Modes.h"

using namespace pdkc;
using namespace pdkc::tool;

bool tool::runCalls(sim::Machine &machine, const Options &options,
                    const Samples &samples, Summary &summary) {
  auto map = readMap(options);
  if (!map)
    return false;
  auto model = findModel(options, *map);
  if (!model)
    return false;
  sim::InferenceOptions limits;
  limits.cycleLimit = options.cycleLimit;
  if (options.inputs) {
    summary.inputs = *options.inputs;
  } else if (!model->input) {
    limits.mayLeaveInputs = true;
    auto result = sim::infer(machine, *model, samples.data(),
                             samples.bytes.size(), limits);
    limits.mayLeaveInputs = false;
    if (!result.returned) {
      summary.add(result);
      return true;
    }
    summary.inputs = result.inputsTaken;
  } else if (auto inputs = guessInputs(options, samples)) {
    summary.inputs = *inputs;
  }
  if (!summary.inputs) {
    fail("how many bytes has a sample? give --inputs");
    return false;
  }
  summary.wanted = countSamples(options, samples, summary.inputs);
  startTrace(machine, options);
  for (size_t i = 0; i < summary.wanted; ++i) {
    auto result =
        sim::infer(machine, *model, samples.data() + i * summary.inputs,
                   summary.inputs, limits);
    summary.add(result);
    if (!result.returned)
      break;
  }
  return summary.wanted != 0;
}

bool tool::runFromReset(sim::Machine &machine, const Options &options,
                        const Samples &samples, Summary &summary) {
  auto map = readMap(options);
  if (!map)
    return false;
  auto model = findModel(options, *map);
  if (!model)
    return false;
  if (model->nextInput && machine.getWord(*model->nextInput) ==
                              pdk::encode({pdk::RET}, options.device->set)) {
    fail("--input-port: this program's model_next_input is a bare RET and "
         "reads no port; leave the option out");
    return false;
  }
  sim::ChipRun chip(machine, *model, *options.port, samples.data(),
                    samples.bytes.size());
  startTrace(machine, options);
  std::optional<size_t> inputs = options.inputs;
  auto result = chip.next(inputs, options.cycleLimit);
  summary.add(result);
  if (!result.returned)
    return true;
  summary.inputs = inputs.value_or(result.inputsTaken);
  if (!summary.inputs) {
    fail("the first sample took no input from port " + sim::hex(*options.port));
    return false;
  }
  summary.wanted = countSamples(options, samples, summary.inputs);
  for (size_t i = 1; i < summary.wanted && result.returned; ++i) {
    result = chip.next(summary.inputs, options.cycleLimit);
    summary.add(result);
  }
  return summary.wanted != 0;
}
