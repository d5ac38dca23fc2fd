//===- ScaleFit.cpp - Step functions that are a product -------------------===//

#include "passes/lowering/ScaleFit.h"

#include "llvm/ADT/STLExtras.h"

using namespace pdkc;

namespace {
/// thresholds[j]: the least x at which f is values[0] + 1 + j or more. A factor
/// m and an addend c are right if for every j >= 1
///   thresholds[j] * m + c >= j * 2^bits > (thresholds[j] - 1) * m + c.
class Fitter {
public:
  Fitter(llvm::ArrayRef<int64_t> thresholds, int64_t bits)
      : thresholds(thresholds), one(int64_t(1) << bits) {}

  /// The least and the largest addend that are right with the factor.
  lowbit::Interval getAddends(int64_t factor) const {
    lowbit::Interval result{0, one - 1};
    for (int64_t j = 1; j < int64_t(thresholds.size()); ++j) {
      result.min = std::max(result.min, j * one - thresholds[j] * factor);
      result.max =
          std::min(result.max, j * one - (thresholds[j] - 1) * factor - 1);
    }
    return result;
  }

  /// How much room a factor leaves; a concave function of it.
  int64_t getRoom(int64_t factor) const {
    lowbit::Interval addends = getAddends(factor);
    return addends.max - addends.min;
  }

private:
  llvm::ArrayRef<int64_t> thresholds;
  int64_t one;
};
} // namespace

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
  Fitter fitter(thresholds, 8 * bytes);
  // Between the slope that reaches the last step too late and one too early.
  int64_t one = int64_t(1) << (8 * bytes);
  int64_t low = 0, high = thresholds.size() * one;
  while (high - low > 2) {
    int64_t third = (high - low) / 3;
    int64_t a = low + third, b = high - third;
    if (fitter.getRoom(a) < fitter.getRoom(b))
      low = a + 1;
    else
      high = b;
  }
  // The best factors have most room, but the addend has only its top byte.
  int64_t unit = one / 256;
  constexpr int64_t kTried = 256;
  for (int64_t distance = 0; distance < kTried; ++distance)
    for (int64_t factor : {low + distance, low - distance}) {
      if (factor <= 0)
        continue;
      lowbit::Interval addends = fitter.getAddends(factor);
      int64_t addend = (addends.min + unit - 1) / unit;
      if (addend * unit <= addends.max && addend <= 255)
        return ScaleFit{factor, addend};
    }
  return std::nullopt;
}
