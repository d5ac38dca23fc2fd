//===- RequantFitTest.cpp - A shift that equals a step function -----------===//
//
// What fitRequant returns gives every integer of a range what the function
// gives it, by arithmetic of the test's own; functions that round half to even
// are found without a multiplier, and only as such.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx/RequantFit.h"
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

} // namespace
