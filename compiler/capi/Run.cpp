//===- Run.cpp - The simulator through the C API --------------------------===//

#include "compiler/capi/Structs.h"
#include "compiler/include/pdkc-c.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/Program.h"

#include <memory>

using namespace pdkc;

struct PdkcRun {
  std::string error;
  sim::BatchResult batch;
  size_t outputBytes = 0;
  PdkcRunSummary summary{};
  std::vector<PdkcViolation> violations; ///< point into batch
};

static PdkcRunOptions getDefaults() {
  PdkcRunOptions options{};
  options.cycleLimit = sim::BatchOptions().cycleLimit;
  return options;
}

void pdkcRunOptionsInit(PdkcRunOptions *options, size_t size) {
  initialise(options, getDefaults(), size);
}

static PdkcRunSummary summarise(const sim::BatchResult &batch) {
  PdkcRunSummary summary{};
  summary.stackBytes = batch.stackBytes;
  if (batch.cycles.empty())
    return summary;
  auto [min, max] =
      std::minmax_element(batch.cycles.begin(), batch.cycles.end());
  double sum = 0;
  for (uint64_t cycles : batch.cycles)
    sum += double(cycles);
  summary.minCycles = *min;
  summary.maxCycles = *max;
  summary.meanCycles = sum / double(batch.cycles.size());
  return summary;
}

/// Runs the samples; what went wrong, if anything.
static std::string run(std::string_view ihx, std::string_view map,
                       const uint8_t *samples, size_t size,
                       const PdkcRunOptions &options, PdkcRun &result) {
  const pdk::Device *device = nullptr;
  if (options.mcu && !(device = pdk::findDevice(options.mcu)))
    return "no device is called '" + std::string(options.mcu) + "'";
  std::string error;
  auto program =
      sim::readProgram(ihx, map, device, options.sampleBytes, error);
  if (!program)
    return error;
  if (size % program->sampleBytes || (size && !samples))
    return "samples have " + std::to_string(program->sampleBytes) +
           " bytes each; " + std::to_string(size) +
           " bytes are no whole number of them";
  error = sim::findOutside(program->ranges, samples, size,
                           program->model.inputBytes);
  if (!error.empty())
    return error;
  sim::BatchOptions batch;
  batch.cycleLimit = options.cycleLimit;
  batch.allowUndocumented = options.undocumented;
  size_t count = size / program->sampleBytes;
  result.batch = sim::runBatch(*program, samples, count, batch);
  result.outputBytes = program->countArrayBytes();
  result.summary = summarise(result.batch);
  for (const sim::SampleViolation &each : result.batch.violations)
    result.violations.push_back(
        {sim::getName(each.violation.rule), each.violation.detail.c_str(),
         each.violation.pc, each.sample, each.violation.count});
  if (!result.violations.empty()) {
    const PdkcViolation &first = result.violations.front();
    return std::string(first.rule) + " at word " + sim::hex(first.word) + ": " +
           first.text + " (sample " + std::to_string(first.sample) + ")";
  }
  if (result.batch.classes.size() < count)
    return "sample " + std::to_string(result.batch.classes.size()) +
           " gave no class";
  return "";
}

PdkcRun *pdkcRun(const char *ihx, size_t ihxSize, const char *map,
                 size_t mapSize, const uint8_t *samples, size_t samplesSize,
                 const PdkcRunOptions *options) {
  auto result = std::make_unique<PdkcRun>();
  PdkcRunOptions given = getDefaults();
  if (!take(options, given))
    result->error = "the options are of another version: make them by "
                    "pdkcRunOptionsInit";
  else if (!ihx || !map)
    result->error = "the program or its map is missing";
  else
    result->error = run({ihx, ihxSize}, {map, mapSize}, samples, samplesSize,
                        given, *result);
  return result.release();
}

void pdkcRunDestroy(PdkcRun *run) { delete run; }

const char *pdkcRunGetError(const PdkcRun *run) {
  return run->error.empty() ? nullptr : run->error.c_str();
}

size_t pdkcRunGetCount(const PdkcRun *run) { return run->batch.classes.size(); }

const uint8_t *pdkcRunGetClasses(const PdkcRun *run) {
  return run->batch.classes.data();
}

const uint64_t *pdkcRunGetCycles(const PdkcRun *run) {
  return run->batch.cycles.data();
}

const uint8_t *pdkcRunGetOutputs(const PdkcRun *run, size_t *bytes) {
  if (bytes)
    *bytes = run->outputBytes;
  return run->batch.arrays.data();
}

const PdkcRunSummary *pdkcRunGetSummary(const PdkcRun *run) {
  return &run->summary;
}

const PdkcViolation *pdkcRunGetViolation(const PdkcRun *run, size_t index) {
  return index < run->violations.size() ? &run->violations[index] : nullptr;
}
