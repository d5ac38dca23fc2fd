//===- RequantFitTest.cpp - A shift that equals a step function -----------===//
//
// What fitRequant returns gives every integer of a range what the function
// gives it, by arithmetic of the test's own; functions that round half to even
// are found without a multiplier, and only as such. fitProducts does the same
// for roundings to wide grids, which are checked at both sides of each step.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/RequantFit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <functional>
#include <random>

using namespace pdkc;
using lowbit::Ties;

namespace {

IntegerSteps tabulate(lowbit::Interval range,
                      const std::function<int64_t(int64_t)> &function) {
  IntegerSteps steps{range, {}};
  for (int64_t n = range.min; n <= range.max; ++n)
    if (int64_t value = function(n);
        steps.pieces.empty() || steps.pieces.back().value != value)
      steps.pieces.push_back({n, value});
  return steps;
}

/// The header's formula; floating point rounds half to even.
int64_t evaluate(const RequantFit &fit, size_t function, int64_t n) {
  int64_t turned = (fit.isMirrored[function] ? -n : n) + fit.bias[function];
  auto value = double(turned * fit.multiplier + fit.offset);
  double quotient = std::ldexp(value, -int(fit.shift));
  double result = std::floor(quotient);
  if (fit.ties == Ties::Even)
    result = std::nearbyint(quotient - 0.5);
  else if (fit.ties == Ties::Odd)
    result = std::nearbyint(quotient - 0.5 + 1) - 1;
  return std::clamp(int64_t(result), fit.min, fit.max);
}

void expectSame(const IntegerSteps &steps, const RequantFit &fit,
                size_t function = 0) {
  for (size_t i = 0; i < steps.pieces.size(); ++i)
    for (int64_t n = steps.pieces[i].start; n <= steps.getEnd(i); ++n)
      ASSERT_EQ(steps.pieces[i].value, evaluate(fit, function, n)) << n;
}

TEST(RequantFit, RoundsHalfToEven) {
  std::mt19937 random(1);
  auto choose = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int i = 0; i < 200; ++i) {
    int64_t shift = choose(1, 12), zero = choose(-9, 9);
    int64_t bias = choose(-500, 500), sign = choose(0, 1) ? 1 : -1;
    bool isSum = choose(0, 1);
    IntegerSteps steps = tabulate({-5000, 6000}, [&](int64_t n) {
      double real = std::ldexp(double(sign * n + bias), -int(shift));
      return std::clamp<int64_t>(int64_t(std::nearbyint(real)) + zero, -40, 60);
    });
    auto fit = fitRequant(steps, isSum);
    ASSERT_TRUE(fit) << shift << " " << zero;
    expectSame(steps, *fit);
    EXPECT_EQ(fit->multiplier, 1);
    // Six ties or more: no rounding of another kind has them.
    if (shift >= 2 && shift <= 10) {
      EXPECT_EQ(fit->ties, zero % 2 ? Ties::Odd : Ties::Even);
      EXPECT_EQ(fit->shift, shift);
    }
  }
}

TEST(RequantFit, RoundsHalfUp) {
  for (int64_t shift = 0; shift < 8; ++shift) {
    IntegerSteps steps = tabulate({-3000, 3000}, [&](int64_t n) {
      return std::clamp<int64_t>((n + (1 << shift) / 2) >> shift, -20, 30);
    });
    auto fit = fitRequant(steps, /*isSum=*/true);
    ASSERT_TRUE(fit);
    expectSame(steps, *fit);
    EXPECT_EQ(fit->ties, Ties::Up);
    EXPECT_EQ(fit->multiplier, 1);
  }
}

TEST(RequantFit, OneForSeveralFunctions) {
  llvm::SmallVector<IntegerSteps, 0> functions;
  for (int64_t bias : {0, 5, -7})
    functions.push_back(tabulate({-900, 900}, [&](int64_t n) {
      return std::clamp<int64_t>(int64_t(std::nearbyint(double(n + bias) / 16)),
                                 0, 15);
    }));
  auto fit = fitRequant(functions, /*isSum=*/true);
  ASSERT_TRUE(fit);
  for (size_t i = 0; i < functions.size(); ++i)
    expectSame(functions[i], *fit, i);
  // Without biases of their own there is none.
  EXPECT_FALSE(fitRequant(functions, /*isSum=*/false));
}

TEST(RequantFit, RefusesOtherSteps) {
  IntegerSteps steps = tabulate(
      {0, 900}, [](int64_t n) { return int64_t(std::sqrt(double(n))); });
  EXPECT_FALSE(fitRequant(steps, /*isSum=*/true));
}

using Wide = __int128;

/// top / bottom rounded to the nearest integer, ties to even.
Wide roundQuotient(Wide top, Wide bottom) {
  Wide quotient = top / bottom - (top % bottom < 0);
  Wide twice = 2 * (top - quotient * bottom);
  return quotient + (twice > bottom || (twice == bottom && quotient % 2 != 0));
}

/// n -> clamp(round((n top + addend) / bottom), low, high).
struct Line {
  Wide top, addend, bottom;
  int64_t low, high;

  int64_t at(int64_t n) const {
    Wide value = roundQuotient(n * top + addend, bottom);
    return int64_t(std::clamp<Wide>(value, low, high));
  }
};

/// The line's pieces, of ends that bisection finds.
IntegerSteps tabulate(lowbit::Interval range, const Line &line) {
  IntegerSteps steps{range, {}};
  for (int64_t n = range.min; n <= range.max;) {
    int64_t value = line.at(n), last = n, beyond = range.max + 1;
    steps.pieces.push_back({n, value});
    while (beyond - last > 1) {
      int64_t middle = last + (beyond - last) / 2;
      (line.at(middle) == value ? last : beyond) = middle;
    }
    n = beyond;
  }
  return steps;
}

int64_t evaluateWide(const RequantFit &fit, int64_t n) {
  Wide turned = (fit.isMirrored[0] ? -n : n) + fit.bias[0];
  Wide value = turned * fit.multiplier + fit.offset;
  return int64_t(std::clamp<Wide>(value >> fit.shift, fit.min, fit.max));
}

TEST(FitProducts, RoundsLinesToWideGrids) {
  std::mt19937_64 random(7);
  auto choose = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  int shared = 0;
  for (int i = 0; i < 24; ++i) {
    bool isSum = i % 3;
    int64_t reach = int64_t(1) << choose(9, 34);
    lowbit::Interval range{isSum ? -choose(0, reach) : 0, reach};
    // Odd numbers below the line, as those of float32, have no ties.
    int64_t bottom = (choose(1 << 23, 1 << 24) << choose(8, 16)) | 1;
    Wide width = Wide(choose(300, 65535)) * bottom / reach;
    Wide top = std::max<Wide>(width, 1) * (isSum && choose(0, 1) ? -1 : 1);
    int64_t low = -choose(0, 40000), high = low + 65535;
    llvm::SmallVector<Line> lines;
    llvm::SmallVector<IntegerSteps, 0> functions;
    for (int k = 0; k < 3; ++k) {
      lines.push_back({top, Wide(choose(-300, 300)) * choose(1, bottom), bottom,
                       low, high});
      functions.push_back(tabulate(range, lines.back()));
    }
    auto fits = fitProducts(functions, isSum);
    ASSERT_TRUE(fits) << i;
    ASSERT_EQ(fits->size(), functions.size());
    shared += (*fits)[0].multiplier == (*fits)[1].multiplier &&
              (*fits)[0].multiplier == (*fits)[2].multiplier;
    for (auto [fit, line, function] :
         llvm::zip_equal(*fits, lines, functions)) {
      EXPECT_EQ(fit.shift, fits->front().shift);
      EXPECT_EQ(fit.shift % 8, 0u);
      for (size_t p = 0; p < function.pieces.size(); ++p)
        for (int64_t n : {function.pieces[p].start, function.getEnd(p)})
          ASSERT_EQ(line.at(n), evaluateWide(fit, n)) << i << ": " << n;
    }
  }
  EXPECT_GT(shared, 12);
}

TEST(FitProducts, RefusesWhatIsNoLine) {
  llvm::SmallVector<IntegerSteps, 0> functions;
  functions.push_back(tabulate({0, 70000}, [](int64_t n) {
    return int64_t(std::sqrt(double(n) * 900));
  }));
  EXPECT_FALSE(fitProducts(functions, /*isSum=*/true));
}

} // namespace
