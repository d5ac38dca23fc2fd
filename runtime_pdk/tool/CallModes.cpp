//===- CallModes.cpp - Running model_infer, called by us or by a main -----===//

#include "runtime_pdk/simulator/ChipRun.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/IoRegisters.h"
#include "runtime_pdk/tool/Modes.h"

using namespace llvm;
using namespace pdkc;
using namespace pdkc::tool;

/// Bytes of RAM that --outputs writes.
using Arrays = std::vector<std::pair<unsigned, unsigned>>; // address, bytes

/// The arrays that --output-bytes asks for; nothing, with the reason said,
/// where the model does not keep them.
static std::optional<Arrays> findArrays(const Options &options) {
  Arrays arrays;
  if (options.outputArrays.empty())
    return arrays;
  auto map = readMap(options);
  if (!map)
    return std::nullopt;
  for (const auto &[name, bytes] : options.outputArrays) {
    std::string symbol = "_" + options.name + "_" + name;
    auto address = map->find(symbol);
    if (!address) {
      fail("--outputs: the map has no " + symbol);
      return std::nullopt;
    }
    if (uint64_t(*address) + bytes > options.device->ramBytes) {
      fail("--output-bytes: " + Twine(bytes) + " bytes at " +
           sim::hex(*address) + ", RAM ends at " +
           sim::hex(options.device->ramBytes));
      return std::nullopt;
    }
    arrays.push_back({*address, bytes});
  }
  return arrays;
}

/// What an inference left, its outputs among it.
static void addResult(const sim::Machine &machine, const Arrays &arrays,
                      const sim::InferenceResult &result, Summary &summary) {
  summary.add(result);
  for (auto [address, bytes] : arrays)
    for (unsigned i = 0; result.returned && i < bytes; ++i)
      summary.modelOutputs += char(machine.readRam(address + i));
}

ExitStatus tool::runCalls(sim::Machine &machine, const Options &options,
                          const Samples &samples, Summary &summary) {
  auto model = readModel(options);
  auto arrays = model ? findArrays(options) : std::nullopt;
  if (!arrays)
    return Bad;
  model->inputBytes = options.valueBytes;
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
      return Good;
    }
    summary.inputs = result.inputsTaken * options.valueBytes;
  } else if (auto inputs = guessInputs(options, samples)) {
    summary.inputs = *inputs;
  }
  if (!summary.inputs)
    return fail("how many bytes has a sample? give --inputs");
  summary.wanted = countSamples(options, samples, summary.inputs);
  startTrace(machine, options);
  for (size_t i = 0; i < summary.wanted; ++i) {
    auto result =
        sim::infer(machine, *model, samples.data() + i * summary.inputs,
                   summary.inputs, limits);
    addResult(machine, *arrays, result, summary);
    if (!result.returned)
      break;
  }
  return summary.wanted ? Good : Bad;
}

ExitStatus tool::runFromReset(sim::Machine &machine, const Options &options,
                              const Samples &samples, Summary &summary) {
  auto model = readModel(options);
  auto arrays = model ? findArrays(options) : std::nullopt;
  if (!arrays)
    return Bad;
  model->inputBytes = options.valueBytes;
  if (options.port && model->nextInput &&
      machine.getWord(*model->nextInput) ==
          pdk::encode({pdk::RET}, options.device->set))
    return fail("--input-port: this program's model_next_input is a bare RET "
                "and reads no port; leave the option out",
                BadUsage);
  sim::ChipRun chip(machine, *model, options.port, samples.data(),
                    samples.bytes.size());
  startTrace(machine, options);
  std::optional<size_t> inputs = options.inputs;
  auto result = chip.next(inputs, options.cycleLimit);
  addResult(machine, *arrays, result, summary);
  if (!result.returned)
    return Good;
  if (options.port) {
    summary.inputs = inputs.value_or(result.inputsTaken);
    if (!summary.inputs)
      return fail("the first sample took no input from port " +
                  sim::hex(*options.port));
    summary.wanted = countSamples(options, samples, summary.inputs);
    if (!summary.wanted)
      return Bad;
  } else {
    summary.wanted = options.limit.value_or(1);
    if (!countsMatch(options, samples, summary.wanted))
      return Bad;
  }
  for (size_t i = 1; i < summary.wanted && result.returned; ++i) {
    result = chip.next(summary.inputs, options.cycleLimit);
    addResult(machine, *arrays, result, summary);
  }
  if (!options.port && result.returned) {
    if (chip.runToCall(options.cycleLimit))
      summary.outputs =
          machine.getIo(sim::PA) & machine.getIo(sim::PA + sim::Direction);
    summary.add(machine.takeViolations());
  }
  return Good;
}
