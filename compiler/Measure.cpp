//===- Measure.cpp - Emitted words on samples in the simulator ------------===//

#include "compiler/Measure.h"

#include "runtime_pdk/simulator/Inference.h"

using namespace mlir;
using namespace pdkc;

lowbit::Elements Samples::getValues(int64_t i) const {
  lowbit::Elements values;
  for (int64_t j = 0; j < inputs; ++j) {
    uint8_t byte = bytes[i * inputs + j];
    values.push_back(isSigned ? int8_t(byte) : byte);
  }
  return values;
}

LogicalResult pdkc::checkSamples(Operation *at, lowbit::Interval range,
                                 int64_t inputs,
                                 llvm::ArrayRef<uint8_t> given) {
  if (given.size() % inputs)
    return at->emitError("--samples must hold inputs of ")
           << inputs << " bytes each, not " << given.size() << " bytes";
  for (auto [i, byte] : llvm::enumerate(given)) {
    int64_t value = range.min < 0 ? int8_t(byte) : byte;
    if (value < range.min || value > range.max)
      return at->emitError("sample ")
             << i / inputs << " holds " << value << " as input " << i % inputs
             << ", outside the range " << range.min << ":" << range.max;
  }
  return success();
}

Samples pdkc::makeSamples(lowbit::Interval range, int64_t inputs,
                          llvm::ArrayRef<uint8_t> given, int64_t count) {
  Samples samples;
  samples.inputs = inputs;
  samples.isSigned = range.min < 0;
  samples.bytes.assign(given.begin(), given.end());
  auto [min, max] = range;
  // A generator of our own: the same numbers on every machine.
  uint64_t state = 0x9E3779B97F4A7C15;
  auto random = [&](uint64_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % bound;
  };
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < inputs; ++j) {
      int64_t value = min + random(max - min + 1);
      if (i == 0 || (i > 2 && i % 4 != 3 && random(2)))
        value = min;
      if (i == 1)
        value = max;
      if (i > 2 && i % 4 == 3)
        value = random(2) ? min : max;
      samples.bytes.push_back(uint8_t(value));
    }
  return samples;
}

Measurement pdkc::measure(const Layout &layout, const Standalone &program,
                          const Samples &samples, bool undocumented,
                          int64_t limit,
                          llvm::function_ref<bool(double)> isEnough) {
  Measurement result;
  sim::Machine machine(*layout.device);
  machine.allowUndocumented(undocumented);
  if (!machine.load(program.words)) {
    result.error = "more words than the device has";
    return result;
  }
  sim::ModelSymbols symbols;
  symbols.infer = program.infer;
  symbols.nextInput = program.nextInput;
  symbols.stackBase = program.stackBase;
  symbols.hasPointerP = program.hasPointerP;
  pdk::CellsOp outputs;
  for (pdk::CellsOp cells : layout.exportedCells) {
    if (cells.getName() == "input")
      symbols.input = *cells.getAddress();
    if (cells.getName() == "output")
      outputs = cells;
  }
  int64_t count = samples.getCount();
  if (limit >= 0)
    count = std::min(count, limit);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sim::InferenceResult run =
        sim::infer(machine, symbols, samples.get(i), samples.inputs);
    if (!run.ok()) {
      result.error = run.violations.empty()
                         ? "it does not return"
                         : std::string(sim::getName(run.violations[0].rule)) +
                               ": " + run.violations[0].detail;
      return result;
    }
    result.classes.push_back(run.classIndex);
    auto &bytes = result.outputs.emplace_back();
    for (int64_t at = 0; outputs && at < int64_t(outputs.getSize()); ++at)
      bytes.push_back(machine.readRam(*outputs.getAddress() + at));
    sum += run.cycles;
    result.cycles.max = std::max(result.cycles.max, run.cycles);
    result.cycles.min =
        i ? std::min(result.cycles.min, run.cycles) : run.cycles;
    if (isEnough && isEnough(sum / count))
      break;
  }
  result.cycles.mean = count ? sum / count : 0;
  return result;
}
