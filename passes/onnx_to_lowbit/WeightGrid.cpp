//===- WeightGrid.cpp - Weights as integers -------------------------------===//

#include "passes/onnx_to_lowbit/WeightGrid.h"

#include "mlir/IR/Diagnostics.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include <cmath>
#include <map>

using namespace mlir;
using namespace pdkc;

namespace {

/// Weights that are not exact multiples have integers of at most this size.
constexpr int64_t kMostSnapped = 255;
/// Exact multiples, or those that were rounded once, at most these.
constexpr int64_t kMostExact = UINT16_MAX;
/// Of the largest weight: what a rounding in float32 leaves, never more than
/// what sets a weight apart.
constexpr double kTolerance = 1.0 / (1 << 20);

/// Distinct weights other than 0, and how often each stands there.
using Counts = std::map<Rational, int64_t>;

struct Scale {
  Rational value;
  bool isSnapped;
};

} // namespace

static void countWeights(ArrayRef<Rational> row, Counts &counts) {
  for (const Rational &weight : row)
    if (weight.sign())
      ++counts[weight];
}

static Rational getLargest(const Counts &counts) {
  return std::max(abs(counts.begin()->first), abs(counts.rbegin()->first));
}

/// The largest number that divides all weights.
static std::optional<Rational> findExactScale(const Counts &counts) {
  Rational scale;
  for (const auto &[weight, number] : counts) {
    scale = gcd(scale, weight);
    if (getLargest(counts) > scale * Rational(kMostExact))
      return std::nullopt;
  }
  return scale;
}

/// How far the worst weight is from multiples of largest / steps, of largest.
static double getDeviation(const Counts &counts, int64_t steps, double enough,
                           Rational &worst) {
  double largest = getLargest(counts).toDouble(), deviation = 0;
  for (const auto &[weight, number] : counts) {
    double position = weight.toDouble() / largest * double(steps);
    double here = std::abs(position - std::nearbyint(position)) / double(steps);
    if (here > deviation) {
      deviation = here;
      worst = weight;
    }
    if (deviation > enough)
      break;
  }
  return deviation;
}

/// A scale that weights with a rounding error are multiples of.
static std::optional<Rational> findSnappedScale(const Counts &counts) {
  Rational largest = getLargest(counts), worst;
  for (int64_t steps = 1; steps <= kMostSnapped; ++steps) {
    if (getDeviation(counts, steps, kTolerance, worst) > kTolerance)
      continue;
    // Most weights have no error: the scale that most of them give is right.
    Counts scales;
    for (const auto &[weight, number] : counts) {
      Rational multiple = round(weight * Rational(steps) / largest);
      if (multiple.sign())
        scales[weight / multiple] += number;
    }
    return std::max_element(
               scales.begin(), scales.end(),
               [](const auto &a, const auto &b) { return a.second < b.second; })
        ->first;
  }
  return std::nullopt;
}

/// How many weights, up to a few, are no simple fractions of each other: if
/// those are on a grid, the others are as well.
static int64_t countIndependent(const Counts &counts) {
  constexpr size_t kEnough = 16;
  SmallVector<Rational> independent;
  for (const auto &[weight, number] : counts)
    if (independent.size() < kEnough &&
        llvm::none_of(independent, [&](const Rational &other) {
          return areCommensurable(abs(weight), abs(other));
        }))
      independent.push_back(weight);
  return int64_t(independent.size());
}

/// A scale whose multiples, rounded to float32, the weights are. The more steps
/// the more weights it takes to be no accident.
static std::optional<Rational> findRoundedScale(const Counts &counts) {
  constexpr double kRounding = 1.0 / (1 << 24), kMostAccident = 1e-12;
  double largest = getLargest(counts).toDouble();
  int64_t independent = countIndependent(counts);
  SmallVector<double> weights;
  for (const auto &[weight, number] : counts)
    weights.push_back(std::abs(weight.toDouble()));
  for (int64_t steps = kMostSnapped + 1; steps <= kMostExact; ++steps) {
    double low = 0, high = largest;
    for (double weight : weights) {
      double multiple = std::nearbyint(weight / largest * double(steps));
      if (multiple == 0)
        high = -1;
      else {
        low = std::max(low, weight * (1 - kRounding) / multiple);
        high = std::min(high, weight * (1 + kRounding) / multiple);
      }
      if (low > high)
        break;
    }
    double chance = double(steps) * std::pow(double(steps) * 4 * kRounding,
                                             double(independent - 1));
    if (low > high || chance > kMostAccident)
      continue;
    double middle = (low + high) / 2;
    double inFloat = double(float(middle));
    return Rational::fromDouble(low <= inFloat && inFloat <= high ? inFloat
                                                                  : middle);
  }
  return std::nullopt;
}

static std::optional<Scale> findScale(const Counts &counts) {
  // Any scale will do for nothing but zeros.
  if (counts.empty())
    return Scale{1, false};
  std::optional<Rational> exact = findExactScale(counts);
  if (exact && getLargest(counts) <= *exact * Rational(kMostSnapped))
    return Scale{*exact, false};
  if (std::optional<Rational> snapped = findSnappedScale(counts))
    return Scale{*snapped, true};
  if (exact)
    return Scale{*exact, false};
  if (std::optional<Rational> rounded = findRoundedScale(counts))
    return Scale{*rounded, true};
  return std::nullopt;
}

/// The weight that keeps the best grid from fitting.
static Rational findWorst(const Counts &counts) {
  Rational result;
  double best = 1;
  for (int64_t steps = 1; steps <= kMostSnapped; ++steps) {
    Rational worst;
    double deviation = getDeviation(counts, steps, best, worst);
    if (deviation < best) {
      best = deviation;
      result = worst;
    }
  }
  return result;
}

FailureOr<WeightGrid>
pdkc::findWeightGrid(ArrayRef<Rationals> coefficients,
                     ArrayRef<Rational> inputScale, Location loc,
                     std::optional<ArrayRef<int64_t>> groups) {
  WeightGrid grid;
  Counts all;
  for (const Rationals &row : coefficients)
    countWeights(row, all);
  std::optional<Scale> common = findScale(all);
  // Otherwise a scale for each group of rows, or row.
  std::map<int64_t, Counts> countsOf;
  std::map<int64_t, std::optional<Scale>> scaleOf;
  auto getGroup = [&](size_t r) { return groups ? (*groups)[r] : int64_t(r); };
  if (!common) {
    for (auto [r, row] : llvm::enumerate(coefficients))
      countWeights(row, countsOf[getGroup(r)]);
    for (const auto &[group, counts] : countsOf)
      scaleOf[group] = findScale(counts);
  }
  for (auto [r, row] : llvm::enumerate(coefficients)) {
    std::optional<Scale> scale = common;
    if (!scale) {
      scale = scaleOf[getGroup(r)];
      if (!scale) {
        Rational worst = findWorst(countsOf[getGroup(r)]);
        size_t place = llvm::find(row, worst) - row.begin();
        return emitError(loc)
               << "weights are on no integer grid: in row " << r
               << " of the result, weight " << place << " of "
               << (worst / inputScale[place]).shortStr()
               << " is no multiple of a common step; quantise weights and "
                  "activations before the export (weights to at most "
               << kMostSnapped << " steps each way)";
      }
    }
    grid.scale.push_back(scale->value);
    grid.isSnapped |= scale->isSnapped;
    grid.weights.emplace_back();
    // Few distinct weights: each is divided once.
    std::map<Rational, int64_t> integers;
    for (const Rational &weight : row) {
      if (!weight.sign()) {
        grid.weights.back().push_back(0);
        continue;
      }
      auto [found, isNew] = integers.try_emplace(weight, 0);
      if (isNew)
        found->second = *round(weight / scale->value).getInteger();
      grid.weights.back().push_back(found->second);
    }
  }
  return grid;
}
