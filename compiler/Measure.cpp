//===- Measure.cpp - Emitted words on samples in the simulator ------------===//

#include "compiler/Measure.h"

#include "runtime_pdk/simulator/Inference.h"
#include "runtime_pdk/simulator/SampleFile.h"

using namespace mlir;
using namespace pdkc;

/// Whether the array's bytes mean something else than the inputs' do: all of
/// these have the other kind of sign.
static bool isOtherwiseSigned(const lowbit::InputLayout &layout,
                              const sim::SampleArray &array) {
  return llvm::all_of(layout.ranges, [&](lowbit::Interval range) {
    return array.isSigned ? range.min >= 0 : range.min < 0;
  });
}

LogicalResult
pdkc::checkSamples(Operation *at, const lowbit::InputLayout &layout,
                   llvm::ArrayRef<uint8_t> given,
                   const std::optional<sim::SampleArray> &array) {
  if (array && layout.bytes > 1)
    return at->emitError("--samples is ") << sim::SampleFile::kTooNarrow;
  int64_t size = layout.getTotalBytes();
  if (array && array->samples && given.size() != array->samples * size)
    return at->emitError("--samples is an array of ")
           << array->samples << " samples of "
           << given.size() / array->samples << " values each; the model has "
           << size << " inputs";
  if (given.size() % size)
    return at->emitError("--samples must hold inputs of ")
           << size << " bytes each, not " << given.size() << " bytes";
  for (int64_t i = 0, count = given.size() / size; i < count; ++i) {
    lowbit::Elements values = layout.decode(given.slice(i * size, size));
    if (array && isOtherwiseSigned(layout, *array))
      for (auto [value, byte] :
           llvm::zip_equal(values, given.slice(i * size, size)))
        value = array->isSigned ? int64_t(int8_t(byte)) : int64_t(byte);
    for (auto [k, value, range] : llvm::zip_equal(
             llvm::seq<size_t>(0, values.size()), values, layout.ranges))
      if (value < range.min || value > range.max)
        return at->emitError("sample ")
               << i << " holds " << value << " as input " << k
               << ", outside the range " << range.min << ":" << range.max;
  }
  return success();
}

Samples pdkc::makeSamples(const lowbit::InputLayout &layout,
                          llvm::ArrayRef<uint8_t> given, int64_t count) {
  Samples samples;
  samples.layout = layout;
  samples.bytes.assign(given.begin(), given.end());
  samples.given = samples.getCount();
  // A generator of our own: the same numbers on every machine.
  uint64_t state = 0x9E3779B97F4A7C15;
  auto random = [&](uint64_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % bound;
  };
  for (int64_t i = 0; i < count; ++i)
    for (auto [min, max] : layout.ranges) {
      int64_t value = min + random(max - min + 1);
      if (i == 0 || (i > 2 && i % 4 != 3 && random(2)))
        value = min;
      if (i == 1)
        value = max;
      if (i > 2 && i % 4 == 3)
        value = random(2) ? min : max;
      layout.encode(value, samples.bytes);
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
  symbols.inputBytes = samples.layout.bytes;
  SmallVector<pdk::CellsOp> outputs;
  for (pdk::CellsOp cells : layout.exportedCells)
    if (cells.getName() == "input")
      symbols.input = *cells.getAddress();
    else
      outputs.push_back(cells);
  int64_t count = samples.getCount();
  if (limit >= 0)
    count = std::min(count, limit);
  int64_t measured = samples.given ? std::min(count, samples.given) : count;
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    ArrayRef<uint8_t> sample = samples.get(i);
    sim::InferenceResult run =
        sim::infer(machine, symbols, sample.data(), sample.size());
    if (!run.ok()) {
      result.error = run.violations.empty()
                         ? "it does not return"
                         : std::string(sim::getName(run.violations[0].rule)) +
                               ": " + run.violations[0].detail;
      return result;
    }
    result.classes.push_back(run.classIndex);
    auto &bytesOf = result.outputs.emplace_back();
    for (pdk::CellsOp cells : outputs)
      for (int64_t at = 0; at < int64_t(cells.getSize()); ++at)
        bytesOf[cells.getName().str()].push_back(
            machine.readRam(*cells.getAddress() + at));
    if (i >= measured)
      continue;
    sum += run.cycles;
    result.cycles.max = std::max(result.cycles.max, run.cycles);
    result.cycles.min =
        i ? std::min(result.cycles.min, run.cycles) : run.cycles;
    if (isEnough && isEnough(sum / measured))
      break;
  }
  result.cycles.mean = measured ? sum / measured : 0;
  return result;
}
