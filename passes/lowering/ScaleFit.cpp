//===- ScaleFit.cpp - Step functions that are a product -------------------===//

#include "passes/lowering/ScaleFit.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace pdkc;

namespace {
/// From `begin` to `end`, counted from the frame's start, the product's top is
/// `top`; or `top` and above or below, where the clip does the rest.
struct Bound {
  int64_t begin, end, top;
  bool isLast, isFirst;
};

/// A factor m and an addend c are right if for every bound
///   begin * m + c >= top * one and end * m + c < (top + 1) * one.
class Fitter {
public:
  Fitter(llvm::ArrayRef<Bound> bounds, const ScaleFrame &frame)
      : bounds(bounds), one(int64_t(1) << (8 * frame.bytes)),
        all(frame.getAddends()) {}

  /// The least and the largest addend that are right with the factor.
  lowbit::Interval getAddends(int64_t factor) const {
    lowbit::Interval result = all;
    for (const Bound &bound : bounds) {
      if (!bound.isFirst)
        result.min =
            std::max(result.min, bound.top * one - bound.begin * factor);
      if (!bound.isLast)
        result.max = std::min(result.max,
                              (bound.top + 1) * one - bound.end * factor - 1);
    }
    return result;
  }

  /// The least and the largest factor that are right with the addend.
  lowbit::Interval getFactors(int64_t addend) const {
    lowbit::Interval result{1, INT64_MAX};
    for (const Bound &bound : bounds) {
      int64_t lowest = bound.top * one - addend;
      int64_t highest = (bound.top + 1) * one - addend - 1;
      if (!bound.isFirst && bound.begin > 0)
        result.min =
            std::max(result.min, llvm::divideCeilSigned(lowest, bound.begin));
      else if (!bound.isFirst && lowest > 0)
        return {1, 0};
      if (!bound.isLast && bound.end > 0)
        result.max =
            std::min(result.max, llvm::divideFloorSigned(highest, bound.end));
      else if (!bound.isLast && highest < 0)
        return {1, 0};
    }
    return result;
  }

  /// How much room a factor leaves; a concave function of it.
  int64_t getRoom(int64_t factor) const {
    lowbit::Interval addends = getAddends(factor);
    return addends.max - addends.min;
  }

private:
  llvm::ArrayRef<Bound> bounds;
  int64_t one;
  lowbit::Interval all;
};
} // namespace

ScaleFrame pdkc::getFrame(const StepTable &function, int64_t bytes) {
  return {function.starts[1], function.values.front(), function.values.back(),
          bytes};
}

std::optional<ScaleFit> pdkc::fitScale(const StepTable &function,
                                       const ScaleFrame &frame) {
  if (frame.last - frame.first > 256)
    return std::nullopt;
  llvm::SmallVector<Bound> bounds;
  for (size_t k = 0; k < function.values.size(); ++k) {
    int64_t begin = (k ? function.starts[k] : function.range.min) - frame.start;
    int64_t end = (k + 1 < function.values.size() ? function.starts[k + 1] - 1
                                                  : function.range.max) -
                  frame.start;
    int64_t value = function.values[k];
    // Values only rise, and what lies below the start is the first one.
    bool isFirst = value == frame.first;
    if ((k && value <= function.values[k - 1]) || value < frame.first ||
        value > frame.last || (!isFirst && begin < 0))
      return std::nullopt;
    if (end >= 0)
      bounds.push_back(
          {begin, end, value - frame.first - 1, value == frame.last, isFirst});
  }
  int64_t one = int64_t(1) << (8 * frame.bytes);
  Fitter fitter(bounds, frame);
  // A factor beyond these passes a bound's end too early whatever the addend.
  int64_t low = 0, high = (frame.last - frame.first) * one;
  for (const Bound &bound : bounds)
    if (!bound.isLast && bound.end > 0)
      high = std::min(
          high,
          ((bound.top + 1) * one - frame.getAddends().min) / bound.end + 1);
  while (high - low > 2) {
    int64_t third = (high - low) / 3;
    int64_t a = low + third, b = high - third;
    if (fitter.getRoom(a) < fitter.getRoom(b))
      low = a + 1;
    else
      high = b;
  }
  for (int64_t factor = low; factor <= high; ++factor)
    if (fitter.getRoom(factor) > fitter.getRoom(low))
      low = factor;
  // The best factors have most room, but the addend has only its top bytes.
  int64_t unit = frame.getUnit();
  constexpr int64_t kTried = 256;
  for (int64_t distance = 0; distance < kTried; ++distance)
    for (int64_t factor : {low + distance, low - distance}) {
      if (factor <= 0)
        continue;
      lowbit::Interval addends = fitter.getAddends(factor);
      int64_t addend = llvm::divideCeilSigned(addends.min, unit);
      if (addend * unit <= addends.max)
        return ScaleFit{factor, addend};
    }
  if (fitter.getRoom(low) < 0)
    return std::nullopt;
  // With three bytes there is always one in the room, or next to none.
  constexpr int64_t kMostAddends = 1 << 16;
  lowbit::Interval all = frame.getAddends(), best = fitter.getAddends(low);
  int64_t middle = (best.min + (best.max - best.min) / 2) / unit;
  int64_t addend = std::max(all.min / unit, middle - kMostAddends / 2);
  for (int64_t tried = 0; tried < kMostAddends && addend * unit <= all.max;
       ++tried, ++addend) {
    lowbit::Interval factors = fitter.getFactors(addend * unit);
    if (factors.min <= factors.max)
      return ScaleFit{factors.min, addend};
  }
  return std::nullopt;
}
