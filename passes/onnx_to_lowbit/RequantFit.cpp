//===- RequantFit.cpp - A shift that equals a step function ---------------===//
//
// With the shift k and the multiplier m given, a piece of value t from s to e
// asks of the offset c (a bias b adds m b to it)
//
//   m s + c >= t 2^k            unless t is the clamp's lower end,
//   m e + c <= t 2^k + 2^k - 1  unless t is its upper end,
//
// and since the requantisation is monotone, that is all. (With ties to even or
// odd, a piece of the one kind takes the multiple of 2^k at its upper end too,
// and one of the other kind leaves that at its lower end.) So the largest lower
// bound and the smallest upper bound leave an interval for c. As functions of m
// the former is convex and the latter concave: the multipliers that leave any c
// are an interval too, and Newton's method finds its ends.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/RequantFit.h"

#include "llvm/Support/MathExtras.h"

using namespace pdkc;

using Wide = __int128;

namespace {

constexpr unsigned kMostShift = 31;
/// Multipliers tried for one shift, from the smallest that could do.
constexpr int kMostTries = 32;
/// Before the shift the value must fit 32 bits.
constexpr int64_t kMostMagnitude = INT32_MAX;

Wide floorDivide(Wide a, Wide b) {
  Wide quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}
Wide ceilDivide(Wide a, Wide b) { return -floorDivide(-a, b); }

struct Bounds {
  Wide low, high;
  bool isEmpty() const { return low > high; }
  Wide nearestToZero() const { return low > 0 ? low : std::min<Wide>(high, 0); }
};

/// One piece's demands; absent where the clamp meets them. `takesTie` and
/// `leavesTie` are 1 where a multiple of 2^k goes to the value below it.
struct Demand {
  int64_t start, end, value;
  bool hasLow, hasHigh;
  bool takesTie, leavesTie;

  Wide getLow(Wide power) const { return value * power + leavesTie; }
  Wide getHigh(Wide power) const {
    return (Wide(value) + 1) * power - !takesTie;
  }
};

/// What pieces that share one offset ask of it.
class Demands {
public:
  void add(const IntegerSteps &function, const RequantFit &fit) {
    for (auto [i, piece] : llvm::enumerate(function.pieces))
      demands.push_back({piece.start, function.getEnd(i), piece.value,
                         piece.value != fit.min, piece.value != fit.max,
                         goesDown(piece.value + 1, fit.ties),
                         goesDown(piece.value, fit.ties)});
  }

  /// The offsets that meet all demands.
  Bounds boundOffset(Wide m, Wide power) const {
    return bound(m, power).offset;
  }

  /// Narrows the multipliers to those that leave an offset.
  void boundMultiplier(Bounds &multipliers, Wide power) const {
    while (!multipliers.isEmpty() && cut(multipliers, power, multipliers.low))
      ;
    while (!multipliers.isEmpty() && cut(multipliers, power, multipliers.high))
      ;
  }

private:
  /// Whether a tie at the value becomes the value below.
  static bool goesDown(int64_t value, lowbit::Ties ties) {
    return lowbit::shiftDown(value * 2, 1, ties) != value;
  }

  struct Tight {
    Bounds offset;
    const Demand *low, *high;
  };
  Tight bound(Wide m, Wide power) const {
    constexpr Wide kUnbounded = Wide(1) << 100;
    Tight tight{{-kUnbounded, kUnbounded}, nullptr, nullptr};
    for (const Demand &demand : demands) {
      Wide low = demand.getLow(power) - m * demand.start;
      Wide high = demand.getHigh(power) - m * demand.end;
      if (demand.hasLow && low > tight.offset.low) {
        tight.offset.low = low;
        tight.low = &demand;
      }
      if (demand.hasHigh && high < tight.offset.high) {
        tight.offset.high = high;
        tight.high = &demand;
      }
    }
    return tight;
  }

  /// Whether no offset is left at m; then cuts m and more off.
  bool cut(Bounds &multipliers, Wide power, Wide m) const {
    Tight tight = bound(m, power);
    if (!tight.offset.isEmpty())
      return false;
    // Of the two pieces: m (low.start - high.end) must reach `rise`.
    Wide distance = Wide(tight.low->start) - tight.high->end;
    Wide rise = tight.low->getLow(power) - tight.high->getHigh(power);
    if (distance > 0)
      multipliers.low = std::max(multipliers.low, ceilDivide(rise, distance));
    else if (distance < 0)
      multipliers.high =
          std::min(multipliers.high, floorDivide(-rise, -distance));
    else
      multipliers.high = multipliers.low - 1;
    return true;
  }

  llvm::SmallVector<Demand, 0> demands;
};

class Fitter {
public:
  /// With biases each function has an offset of its own.
  Fitter(llvm::ArrayRef<IntegerSteps> functions, bool hasBias, RequantFit &fit)
      : demands(hasBias ? functions.size() : 1), hasBias(hasBias), fit(fit) {
    fit.bias.assign(functions.size(), 0);
    for (auto [i, function] : llvm::enumerate(functions)) {
      demands[hasBias ? i : 0].add(function, fit);
      furthest = std::max({furthest, std::abs(function.range.min),
                           std::abs(function.range.max)});
    }
  }

  /// Fills in multiplier, offset, shift and bias.
  bool run() {
    // Without a shift every quotient would be a tie.
    for (fit.shift = fit.ties != lowbit::Ties::Up; fit.shift <= kMostShift;
         ++fit.shift) {
      Wide power = Wide(1) << fit.shift;
      Bounds multipliers{1, kMostMagnitude};
      for (const Demands &each : demands)
        each.boundMultiplier(multipliers, power);
      Wide end = std::min(multipliers.high, multipliers.low + kMostTries - 1);
      for (Wide m = multipliers.low; m <= end; ++m)
        if (chooseOffset(m, power))
          return true;
    }
    return false;
  }

private:
  bool chooseOffset(Wide m, Wide power) {
    llvm::SmallVector<Bounds> offsets;
    for (const Demands &each : demands)
      offsets.push_back(each.boundOffset(m, power));
    if (!hasBias)
      return accept(m, offsets.front().nearestToZero(), {});
    // offset + m bias must lie in every function's bounds. If any offset from 0
    // to m - 1 does it, then 0 or the lower end of some bounds, modulo m.
    if (tryOffset(m, 0, offsets))
      return true;
    return llvm::any_of(offsets, [&](const Bounds &bounds) {
      return tryOffset(m, bounds.low - m * floorDivide(bounds.low, m), offsets);
    });
  }

  bool tryOffset(Wide m, Wide offset, llvm::ArrayRef<Bounds> offsets) {
    llvm::SmallVector<Wide> bias;
    for (const Bounds &bounds : offsets) {
      Bounds each{ceilDivide(bounds.low - offset, m),
                  floorDivide(bounds.high - offset, m)};
      if (each.isEmpty())
        return false;
      bias.push_back(each.nearestToZero());
    }
    return accept(m, offset, bias);
  }

  bool accept(Wide m, Wide offset, llvm::ArrayRef<Wide> bias) {
    Wide largest = furthest;
    for (Wide each : bias)
      largest = std::max(largest, furthest + (each < 0 ? -each : each));
    if (largest * m + (offset < 0 ? -offset : offset) > kMostMagnitude)
      return false;
    fit.multiplier = int64_t(m);
    fit.offset = int64_t(offset);
    for (auto [i, each] : llvm::enumerate(bias))
      fit.bias[i] = int64_t(each);
    return true;
  }

  llvm::SmallVector<Demands, 0> demands;
  bool hasBias;
  RequantFit &fit;
  int64_t furthest = 0;
};

/// 1 for a function that rises somewhere and never falls, -1 for the opposite,
/// 0 for a constant, none otherwise.
std::optional<int> getDirection(const IntegerSteps &function) {
  int direction = 0;
  for (size_t i = 1; i < function.pieces.size(); ++i) {
    int step = function.pieces[i].value > function.pieces[i - 1].value ? 1 : -1;
    if (direction == -step)
      return std::nullopt;
    direction = step;
  }
  return direction;
}

/// The requantisation at the ends of each piece; it is monotone in between.
[[maybe_unused]] bool equals(llvm::ArrayRef<IntegerSteps> functions,
                             const RequantFit &fit) {
  for (auto [function, bias] : llvm::zip_equal(functions, fit.bias))
    for (size_t i = 0; i < function.pieces.size(); ++i)
      for (int64_t end : {function.pieces[i].start, function.getEnd(i)}) {
        Wide shifted =
            lowbit::shiftDown(Wide(end + bias) * fit.multiplier + fit.offset,
                              fit.shift, fit.ties);
        if (std::clamp<Wide>(shifted, fit.min, fit.max) !=
            function.pieces[i].value)
          return false;
      }
  return true;
}

} // namespace

std::optional<RequantFit>
pdkc::fitRequant(llvm::ArrayRef<IntegerSteps> functions, bool isSum) {
  RequantFit fit;
  fit.min = INT64_MAX;
  fit.max = INT64_MIN;
  llvm::SmallVector<IntegerSteps, 0> rising;
  int common = 0;
  for (const IntegerSteps &function : functions) {
    std::optional<int> direction = getDirection(function);
    if (!direction || (!isSum && common == -*direction && common != 0))
      return std::nullopt;
    common = *direction ? *direction : common;
    fit.isMirrored.push_back(*direction < 0);
    for (const Piece<int64_t> &piece : function.pieces) {
      fit.min = std::min(fit.min, piece.value);
      fit.max = std::max(fit.max, piece.value);
    }
  }
  // Without rows to turn, all functions are mirrored or none is.
  if (!isSum)
    fit.isMirrored.assign(functions.size(), common < 0);
  for (auto [function, isMirrored] : llvm::zip_equal(functions, fit.isMirrored))
    rising.push_back(isMirrored ? mirror(function) : function);
  // Ties cost less than to multiply.
  std::optional<RequantFit> best;
  for (auto ties : {lowbit::Ties::Up, lowbit::Ties::Even, lowbit::Ties::Odd}) {
    fit.ties = ties;
    if ((best && best->multiplier == 1) ||
        !Fitter(rising, /*hasBias=*/isSum, fit).run())
      continue;
    assert(equals(rising, fit) && "a fit that does not fit");
    if (!best || fit.multiplier < best->multiplier)
      best = fit;
  }
  return best;
}

/// The number between the two with the most zeros at its end.
static Wide findRoundest(Bounds bounds) {
  if (bounds.low <= 0 && bounds.high >= 0)
    return 0;
  for (Wide unit = Wide(1) << 100;; unit /= 2)
    if (Wide multiple = ceilDivide(bounds.low, unit) * unit;
        multiple <= bounds.high)
      return multiple;
}

std::optional<llvm::SmallVector<RequantFit, 0>>
pdkc::fitProducts(llvm::ArrayRef<IntegerSteps> functions, bool isSum) {
  RequantFit common;
  common.min = INT64_MAX;
  common.max = INT64_MIN;
  for (const IntegerSteps &function : functions)
    for (const Piece<int64_t> &piece : function.pieces) {
      common.min = std::min(common.min, piece.value);
      common.max = std::max(common.max, piece.value);
    }
  llvm::SmallVector<Demands, 0> demands(functions.size());
  llvm::SmallVector<RequantFit, 0> fits(functions.size(), common);
  for (auto [each, fit, function] : llvm::zip_equal(demands, fits, functions)) {
    std::optional<int> direction = getDirection(function);
    if (!direction)
      return std::nullopt;
    fit.isMirrored.push_back(*direction < 0);
    each.add(*direction < 0 ? mirror(function) : function, fit);
  }
  /// In bits: a device leaves whole bytes out.
  constexpr unsigned kLeastShift = 8, kMostShift = 80;
  constexpr Wide kMostMultiplier = (Wide(1) << 56) - 1;
  constexpr Wide kMostOffset = Wide(1) << 62;
  constexpr Wide kMostBias = Wide(1) << 39;
  for (unsigned shift = kLeastShift; shift <= kMostShift; shift += 8) {
    Wide power = Wide(1) << shift;
    Bounds all{1, kMostMultiplier};
    llvm::SmallVector<Bounds, 0> multipliers;
    for (const Demands &each : demands) {
      Bounds own{1, kMostMultiplier};
      each.boundMultiplier(own, power);
      multipliers.push_back(own);
      all = {std::max(all.low, own.low), std::min(all.high, own.high)};
    }
    bool isRight = true;
    for (auto [fit, each, own] : llvm::zip_equal(fits, demands, multipliers)) {
      isRight = isRight && !own.isEmpty();
      if (!isRight)
        break;
      Wide m = findRoundest(all.isEmpty() ? own : all);
      Bounds offset = each.boundOffset(m, power);
      bool isSmall = offset.low > -kMostOffset && offset.high < kMostOffset;
      Wide bias = isSum || !isSmall ? floorDivide(offset.low, m) : 0;
      offset = {offset.low - bias * m, offset.high - bias * m};
      Wide rest = findRoundest(offset);
      isRight = !offset.isEmpty() && rest <= kMostOffset &&
                rest >= -kMostOffset && bias <= kMostBias && bias >= -kMostBias;
      fit.multiplier = int64_t(m);
      fit.shift = shift;
      fit.bias.assign(1, int64_t(bias));
      fit.offset = int64_t(rest);
    }
    if (isRight)
      return fits;
  }
  return std::nullopt;
}
