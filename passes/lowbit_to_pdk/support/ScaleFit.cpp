//===- ScaleFit.cpp - Step functions that are a product -------------------===//

#include "passes/lowbit_to_pdk/support/ScaleFit.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace pdkc;

namespace {
/// From `begin` to `end`, counted from the frame's start, the product's top is
/// `top`; or `top` and above or below, where the clip does the rest.
struct Bound {
  int64_t begin, end, top;
  bool isLast, isFirst;
  size_t piece; ///< of the function
};

/// A factor m and an addend c are right if for every bound
///   begin * m + c >= top * one and end * m + c < (top + 1) * one.
class Fitter {
public:
  Fitter(llvm::ArrayRef<Bound> bounds, const ScaleFrame &frame)
      : bounds(bounds), one(int64_t(1) << (8 * frame.bytes)),
        largest((frame.last - frame.first) * one), all(frame.getAddends()) {}

  /// The least and the largest addend that are right with a factor, and the
  /// bounds that they come from, if any.
  struct Room {
    int64_t factor, least, most;
    const Bound *lower = nullptr, *upper = nullptr;

    int64_t getSize() const { return most - least; }
    /// How the size grows with the factor.
    int64_t getSlope() const {
      return (lower ? lower->begin : 0) - (upper ? upper->end : 0);
    }
  };
  Room getRoom(int64_t factor) const {
    Room room{factor, all.min, all.max};
    for (const Bound &bound : bounds) {
      if (!bound.isFirst) {
        int64_t least = bound.top * one - bound.begin * factor;
        if (least > room.least) {
          room.least = least;
          room.lower = &bound;
        }
      }
      if (!bound.isLast) {
        int64_t most = (bound.top + 1) * one - bound.end * factor - 1;
        if (most < room.most) {
          room.most = most;
          room.upper = &bound;
        }
      }
    }
    return room;
  }

  /// With the factor that leaves most room, a concave function of it; negative
  /// where no factor is right.
  Room findMostRoom() const {
    // A factor beyond these passes a bound's end too early whatever the addend.
    int64_t low = 0, high = largest;
    for (const Bound &bound : bounds)
      if (!bound.isLast && bound.end > 0)
        high =
            std::min(high, ((bound.top + 1) * one - all.min) / bound.end + 1);
    Room left = getRoom(low), right = getRoom(high);
    auto getBetter = [](const Room &a, const Room &b) {
      return a.getSize() < b.getSize() ? b : a;
    };
    Room best = getBetter(left, right);
    // Where the lines that bound the size on both sides meet; by halves now and
    // then, so that it ends soon whatever the bounds are.
    for (int64_t step = 1; left.getSlope() > 0 && right.getSlope() < 0 &&
                           right.factor - left.factor > 1;
         ++step) {
      int64_t span = right.factor - left.factor, distance = span / 2;
      if (step % 4)
        distance = int64_t((__int128(right.getSize()) - left.getSize() -
                            __int128(right.getSlope()) * span) /
                           (left.getSlope() - right.getSlope()));
      Room room =
          getRoom(left.factor + std::clamp<int64_t>(distance, 1, span - 1));
      best = getBetter(best, room);
      if (room.getSlope() == 0)
        break;
      (room.getSlope() > 0 ? left : right) = room;
    }
    return best;
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

private:
  llvm::ArrayRef<Bound> bounds;
  int64_t one, largest;
  lowbit::Interval all;
};
} // namespace

/// None for what is no product in any frame with these values.
static std::optional<llvm::SmallVector<Bound>>
getBounds(const StepTable &function, const ScaleFrame &frame) {
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
      bounds.push_back({begin, end, value - frame.first - 1,
                        value == frame.last, isFirst, k});
  }
  return bounds;
}

ScaleFrame pdkc::getFrame(const StepTable &function, int64_t bytes) {
  return {function.starts[1], function.values.front(), function.values.back(),
          bytes};
}

std::optional<ScaleFit> pdkc::fitScale(const StepTable &function,
                                       const ScaleFrame &frame) {
  auto bounds = getBounds(function, frame);
  if (!bounds)
    return std::nullopt;
  Fitter fitter(*bounds, frame);
  Fitter::Room best = fitter.findMostRoom();
  if (best.getSize() < 0)
    return std::nullopt;
  // The best factors have most room, but the addend has only its top bytes.
  int64_t unit = frame.getUnit();
  constexpr int64_t kTried = 256;
  for (int64_t distance = 0; distance < kTried; ++distance)
    for (int64_t factor : {best.factor + distance, best.factor - distance}) {
      if (factor <= 0)
        continue;
      Fitter::Room room = fitter.getRoom(factor);
      int64_t addend = llvm::divideCeilSigned(room.least, unit);
      if (addend * unit <= room.most)
        return ScaleFit{factor, addend};
    }
  // With three bytes there is always one in the room, or next to none.
  constexpr int64_t kMostAddends = 1 << 16;
  lowbit::Interval all = frame.getAddends();
  int64_t middle = (best.least + best.getSize() / 2) / unit;
  int64_t addend = std::max(all.min / unit, middle - kMostAddends / 2);
  for (int64_t tried = 0; tried < kMostAddends && addend * unit <= all.max;
       ++tried, ++addend) {
    lowbit::Interval factors = fitter.getFactors(addend * unit);
    if (factors.min <= factors.max)
      return ScaleFit{factors.min, addend};
  }
  return std::nullopt;
}

/// Moves steps of `near`, at most `most` of them, until it is a product.
static bool moveSteps(NearProduct &near, const ScaleFrame &frame,
                      int64_t direction, int64_t most) {
  auto bounds = getBounds(near.product, frame);
  if (!bounds)
    return false;
  Fitter fitter(*bounds, frame);
  Fitter::Room best = fitter.findMostRoom();
  if (best.getSize() >= 0)
    return true;
  // A step that moves by an integer makes room for a factor.
  if (best.getSize() + most * best.factor < 0)
    return false;
  // What leaves no room is a bound below, or two of them, and a bound above, or
  // two; one that moves in this direction has to.
  llvm::SmallVector<const Bound *> tight;
  for (int64_t distance : {0, -1, 1}) {
    Fitter::Room room = fitter.getRoom(best.factor + distance);
    const Bound *bound = direction < 0 ? room.upper : room.lower;
    if (bound && !llvm::is_contained(tight, bound))
      tight.push_back(bound);
  }
  for (const Bound *bound : tight) {
    // The step moves across the integer at the bound.
    if ((direction < 0 ? bound->end : bound->begin) < 1 ||
        bound->begin == bound->end)
      continue;
    size_t step = bound->piece + (direction < 0);
    // The ends of the range are no steps.
    if (step == 0 || step >= near.product.starts.size())
      continue;
    near.exceptions.push_back(near.product.starts[step] - (direction < 0));
    near.product.starts[step] += direction;
    if (moveSteps(near, frame, direction, most - 1))
      return true;
    near.product.starts[step] -= direction;
    near.exceptions.pop_back();
  }
  return false;
}

std::optional<NearProduct> pdkc::fitNearProduct(const StepTable &function,
                                                const ScaleFrame &frame,
                                                int64_t direction,
                                                int64_t most) {
  for (int64_t count = 0; count <= most; ++count) {
    NearProduct near{function, {}};
    if (moveSteps(near, frame, direction, count))
      return near;
  }
  return std::nullopt;
}
