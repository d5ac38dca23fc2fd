//===- PairFitTest.cpp - A function of two integers as one of a sum -------===//
//
// For every pair the function of the sum is the function of the pair; sums of
// real multiples become a shift where there are many values.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/PairFit.h"
#include "passes/onnx_to_lowbit/RequantFit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <functional>
#include <random>

using namespace pdkc;

namespace {

PairTable tabulate(lowbit::Interval rows, lowbit::Interval columns,
                   const std::function<int64_t(int64_t, int64_t)> &function) {
  PairTable table{rows, columns, {}};
  for (int64_t a = rows.min; a <= rows.max; ++a)
    for (int64_t b = columns.min; b <= columns.max; ++b)
      table.values.push_back(function(a, b));
  return table;
}

void expectSame(const PairTable &table, const PairFit &fit) {
  const int64_t *value = table.values.begin();
  for (int64_t a = table.rows.min; a <= table.rows.max; ++a)
    for (int64_t b = table.columns.min; b <= table.columns.max; ++b) {
      int64_t sum = fit.rowFactor * a + fit.columnFactor * b;
      ASSERT_GE(sum, fit.steps.range.min);
      ASSERT_LE(sum, fit.steps.range.max);
      size_t piece = 0;
      while (piece + 1 < fit.steps.pieces.size() &&
             fit.steps.pieces[piece + 1].start <= sum)
        ++piece;
      ASSERT_EQ(fit.steps.pieces[piece].value, *value++) << a << " " << b;
    }
}

TEST(PairFit, FineSumsAreShifts) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> choose(0.2, 1);
  for (int i = 0; i < 12; ++i) {
    double row = choose(random), column = -choose(random),
           start = choose(random);
    auto table = tabulate({0, 127}, {-100, 99}, [&](int64_t a, int64_t b) {
      double real = row * double(a) + column * double(b) + start;
      return std::clamp<int64_t>(std::llrint(real), -60, 180);
    });
    auto fits = fitPairs(table);
    ASSERT_TRUE(fits);
    expectSame(table, fits->front());
    auto requant = fitRequant(fits->front().steps, /*isSum=*/true);
    ASSERT_TRUE(requant);
    EXPECT_EQ(requant->multiplier, 1);
    EXPECT_LT(fits->front().columnFactor, 0);
  }
}

/// Beside a function of many values stand one of two and one of one.
TEST(PairFit, FewValuesBesideMany) {
  auto sum = [](int64_t a, int64_t b) {
    return 0.61131 * double(a) - 0.43273 * double(b) + 0.21;
  };
  PairTable tables[] = {
      tabulate({0, 127}, {-100, 99},
               [&](int64_t a, int64_t b) { return std::llrint(sum(a, b)); }),
      tabulate({0, 127}, {-100, 99},
               [&](int64_t a, int64_t b) { return int64_t(sum(a, b) > 40.2); }),
      tabulate({0, 127}, {-100, 99}, [](int64_t, int64_t) { return 7; })};
  auto fits = fitPairs(tables);
  ASSERT_TRUE(fits);
  for (auto [table, fit] : llvm::zip_equal(tables, *fits))
    expectSame(table, fit);
}

TEST(PairFit, CoarseSumsHaveSmallFactors) {
  auto table = tabulate({0, 15}, {0, 15}, [](int64_t a, int64_t b) {
    return int64_t(std::floor((0.301 * double(a) + 0.7 * double(b)) / 2));
  });
  auto fits = fitPairs(table);
  ASSERT_TRUE(fits);
  expectSame(table, fits->front());
  EXPECT_LE(fits->front().rowFactor, 15);
  EXPECT_LE(fits->front().columnFactor, 15);
}

TEST(PairFit, RefusesProducts) {
  EXPECT_FALSE(fitPairs(tabulate(
      {-9, 9}, {-9, 9}, [](int64_t a, int64_t b) { return a * b / 8; })));
}

} // namespace
