//===- RequantFit.cpp - A shift that equals a step function ---------------===//
//
// With the shift k and the multiplier m given, a piece of value t from s to e
// asks of the offset c (a bias b adds m b to it)
//
//   m s + c >= t 2^k            unless t is the clamp's lower end,
//   m e + c <= t 2^k + 2^k - 1  unless t is its upper end,
//
// and since the requantisation is monotone, that is all. So each function
// leaves an interval for c; two of its pieces bound m.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx/RequantFit.h"

#include "llvm/Support/MathExtras.h"

using namespace pdkc;

using Wide = __int128;

namespace {

constexpr unsigned kMostShift = 31;
/// Multipliers tried for one shift, and remainders of the offset.
constexpr int64_t kMostTries = 4096;
/// Before the shift the value must fit 32 bits.
constexpr int64_t kMostMagnitude = INT32_MAX;

struct Bounds {
  Wide low, high;
  bool isEmpty() const { return low > high; }
};
constexpr Wide kUnbounded = Wide(1) << 100;

Wide floorDivide(Wide a, Wide b) {
  Wide quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}
Wide ceilDivide(Wide a, Wide b) { return -floorDivide(-a, b); }

/// One piece's demands; absent where the clamp meets them.
struct Demand {
  int64_t start, end, value;
  bool hasLow, hasHigh;
};

class Fitter {
public:
  Fitter(llvm::ArrayRef<IntegerSteps> functions, RequantFit &fit)
      : functions(functions), fit(fit) {
    for (const IntegerSteps &function : functions) {
      demands.emplace_back();
      for (auto [i, piece] : llvm::enumerate(function.pieces))
        demands.back().push_back({piece.start, function.getEnd(i), piece.value,
                                  piece.value != fit.min,
                                  piece.value != fit.max});
      furthest = std::max({furthest, std::abs(function.range.min),
                           std::abs(function.range.max)});
    }
  }

  /// Fills in everything but min, max and isMirrored.
  bool run(bool hasBias) {
    for (fit.shift = 0; fit.shift <= kMostShift; ++fit.shift) {
      Bounds multipliers = boundMultiplier();
      multipliers.high =
          std::min(multipliers.high, multipliers.low + kMostTries);
      for (Wide m = multipliers.low; m <= multipliers.high; ++m) {
        fit.multiplier = int64_t(m);
        if (chooseOffset(hasBias) && isSmall())
          return true;
      }
    }
    return false;
  }

private:
  Bounds boundMultiplier() const {
    Bounds bounds{1, kMostMagnitude};
    Wide power = Wide(1) << fit.shift;
    auto bound = [&](const Demand &low, const Demand &high) {
      if (!low.hasLow || !high.hasHigh)
        return;
      // m (low.start - high.end) >= (low.value - high.value - 1) 2^k + 1
      Wide distance = Wide(low.start) - high.end;
      Wide rise = (Wide(low.value) - high.value - 1) * power + 1;
      if (distance > 0)
        bounds.low = std::max(bounds.low, ceilDivide(rise, distance));
      else if (distance < 0)
        bounds.high = std::min(bounds.high, floorDivide(-rise, -distance));
      else if (rise > 0)
        bounds.high = 0;
    };
    // The outermost pieces against all others: the tightest in practice, and
    // chooseOffset checks the rest.
    for (const auto &pieces : demands)
      for (const Demand &piece : pieces)
        for (const Demand *outer :
             {&pieces.front(), &pieces[std::min<size_t>(1, pieces.size() - 1)],
              &pieces[pieces.size() - std::min<size_t>(2, pieces.size())],
              &pieces.back()}) {
          bound(piece, *outer);
          bound(*outer, piece);
        }
    return bounds;
  }

  Bounds boundOffset(llvm::ArrayRef<Demand> pieces) const {
    Bounds bounds{-kUnbounded, kUnbounded};
    Wide power = Wide(1) << fit.shift, m = fit.multiplier;
    for (const Demand &piece : pieces) {
      if (piece.hasLow)
        bounds.low =
            std::max(bounds.low, piece.value * power - m * piece.start);
      if (piece.hasHigh)
        bounds.high = std::min(bounds.high,
                               (piece.value + 1) * power - 1 - m * piece.end);
    }
    return bounds;
  }

  static Wide nearestToZero(Bounds bounds) {
    return bounds.low > 0 ? bounds.low : std::min<Wide>(bounds.high, 0);
  }

  bool chooseOffset(bool hasBias) {
    llvm::SmallVector<Bounds> offsets;
    Bounds common{-kUnbounded, kUnbounded};
    for (const auto &pieces : demands) {
      offsets.push_back(boundOffset(pieces));
      if (offsets.back().isEmpty())
        return false;
      common.low = std::max(common.low, offsets.back().low);
      common.high = std::min(common.high, offsets.back().high);
    }
    fit.bias.assign(functions.size(), 0);
    if (!hasBias) {
      fit.offset = common.isEmpty() ? 0 : int64_t(nearestToZero(common));
      return !common.isEmpty();
    }
    // offset + m bias must lie in every function's bounds.
    Wide m = fit.multiplier;
    for (fit.offset = 0; fit.offset < std::min<Wide>(m, kMostTries);
         ++fit.offset) {
      bool isFound = true;
      for (auto [i, bounds] : llvm::enumerate(offsets)) {
        Bounds bias{ceilDivide(bounds.low - fit.offset, m),
                    floorDivide(bounds.high - fit.offset, m)};
        isFound &= !bias.isEmpty();
        Wide chosen = nearestToZero(bias);
        isFound &= chosen <= kMostMagnitude && chosen >= -kMostMagnitude;
        fit.bias[i] = isFound ? int64_t(chosen) : 0;
      }
      if (isFound)
        return true;
    }
    return false;
  }

  bool isSmall() const {
    Wide furthestBias = 0;
    for (int64_t bias : fit.bias)
      furthestBias = std::max<Wide>(furthestBias, std::abs(bias));
    return (furthest + furthestBias) * fit.multiplier + std::abs(fit.offset) <=
           kMostMagnitude;
  }

  llvm::ArrayRef<IntegerSteps> functions;
  RequantFit &fit;
  llvm::SmallVector<llvm::SmallVector<Demand, 0>, 0> demands;
  int64_t furthest = 0;
};

/// 1 for a function that rises somewhere and never falls, -1 for the opposite,
/// 0 for a constant, none otherwise.
std::optional<int> getDirection(const IntegerSteps &function) {
  int direction = 0;
  for (size_t i = 1; i < function.pieces.size(); ++i) {
    int step =
        function.pieces[i].value > function.pieces[i - 1].value ? 1 : -1;
    if (direction == -step)
      return std::nullopt;
    direction = step;
  }
  return direction;
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
  for (auto [function, isMirrored] :
       llvm::zip_equal(functions, fit.isMirrored))
    rising.push_back(isMirrored ? mirror(function) : function);
  if (!Fitter(rising, fit).run(/*hasBias=*/isSum))
    return std::nullopt;
  return fit;
}
