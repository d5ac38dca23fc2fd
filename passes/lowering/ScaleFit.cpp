//===- ScaleFit.cpp - Step functions that are a product -------------------===//

#include "passes/lowering/ScaleFit.h"

#include "llvm/ADT/STLExtras.h"

using namespace pdkc;

/// thresholds[j]: the least x at which f is values[0] + 1 + j or more. The
/// factors m that are right with an addend c, that is, for every j >= 1
///   thresholds[j] * m + c >= j * one > (thresholds[j] - 1) * m + c;
/// empty where the interval's min is above its max.
static lowbit::Interval getFactors(llvm::ArrayRef<int64_t> thresholds,
                                   int64_t one, int64_t addend) {
  lowbit::Interval result{1, int64_t(thresholds.size()) * one};
  for (int64_t j = 1; j < int64_t(thresholds.size()); ++j) {
    int64_t missing = j * one - addend, threshold = thresholds[j];
    if (threshold == 0)
      return {1, 0};
    result.min = std::max(result.min, (missing + threshold - 1) / threshold);
    if (threshold > 1)
      result.max = std::min(result.max, (missing - 1) / (threshold - 1));
    if (result.min > result.max)
      break;
  }
  return result;
}

std::optional<ScaleFit> pdkc::fitScale(const StepTable &function,
                                       int64_t bytes) {
  llvm::ArrayRef<int64_t> values = function.values;
  if (values.size() < 2 || bytes < 1 || bytes > 3)
    return std::nullopt;
  llvm::SmallVector<int64_t> thresholds;
  for (size_t k = 1; k < values.size(); ++k) {
    if (values[k] <= values[k - 1])
      return std::nullopt;
    // Values that are left out begin where the next one does.
    thresholds.append(values[k] - values[k - 1],
                      function.starts[k] - function.starts[1]);
  }
  if (thresholds.size() > 256 || thresholds.back() == 0)
    return std::nullopt;
  int64_t one = int64_t(1) << (8 * bytes);
  for (int64_t addend = 0; addend < 256; ++addend) {
    lowbit::Interval factors =
        getFactors(thresholds, one, addend * (one / 256));
    if (factors.min <= factors.max)
      return ScaleFit{factors.min, addend};
  }
  return std::nullopt;
}
