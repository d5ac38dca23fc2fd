//===- Results.h - What the samples gave ------------------------*- C++ -*-===//

#ifndef PDKC_RUNTIME_PDK_TOOL_RESULTS_H
#define PDKC_RUNTIME_PDK_TOOL_RESULTS_H

#include "runtime_pdk/tool/Files.h"

namespace pdkc::tool {

/// A violation, merged over the samples.
struct Finding {
  sim::Violation violation;
  size_t sample; ///< the first one
};

/// The least, most and mean of some numbers.
struct Range {
  uint64_t min = UINT64_MAX, max = 0, sum = 0;
  size_t count = 0;

  void add(uint64_t value);
  double mean() const { return count ? double(sum) / double(count) : 0; }
};

/// Of the serial line, over all samples.
struct SerialSummary {
  double worstEdge = 0, worstSample = 0; ///< in bits
  size_t unreadBits = 0;
  std::string answers; ///< all of their bytes
};

/// Of the interrupts, over all samples.
struct SweepSummary {
  size_t boundaries = 0, taken = 0, different = 0; ///< see sim::SweepResult
};

struct Summary {
  size_t wanted = 0; ///< samples to be run
  size_t inputs = 0; ///< bytes of a sample
  std::string classes;
  size_t correct = 0, equal = 0;
  std::optional<size_t> firstDifference;
  Range cycles; ///< of an inference; in serial mode, until the answer
  unsigned stackBytes = 0, deepestSp = 0;
  /// Of a program with inputs of its own, when it calls model_infer again: the
  /// pins of PA that are high outputs.
  std::optional<uint8_t> outputs;
  std::string modelOutputs; ///< of model_output, after each inference
  std::optional<SerialSummary> serial;
  std::optional<SweepSummary> sweep;
  std::vector<Finding> findings;

  void add(const std::vector<sim::Violation> &violations);
  void add(const sim::InferenceResult &result);
};

/// Compares, prints and writes what was asked for; the exit status.
int finish(const Options &options, const Samples &samples, Summary &summary);

} // namespace pdkc::tool

#endif // PDKC_RUNTIME_PDK_TOOL_RESULTS_H
