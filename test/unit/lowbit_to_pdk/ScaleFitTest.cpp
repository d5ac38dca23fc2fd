//===- ScaleFitTest.cpp - Step functions that are a product ---------------===//
//
// What fitScale returns is the function on its whole range, by the formula of
// its header; what that formula makes is found again, what is no product is
// refused. Requantisations in float32 are products but for exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/ScaleFit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace pdkc;

namespace {

int64_t evaluate(const StepTable &function, int64_t n) {
  size_t piece = 0;
  while (piece + 1 < function.starts.size() && function.starts[piece + 1] <= n)
    ++piece;
  return function.values[piece];
}

/// The header's formula.
int64_t evaluate(const StepTable &function, const ScaleFit &fit, int64_t bytes,
                 int64_t n) {
  if (n < function.starts[1])
    return function.values[0];
  int64_t product = (n - function.starts[1]) * fit.factor +
                    fit.addend * getFrame(function, bytes).getUnit();
  return std::min(function.values[0] + 1 + (product >> 8 * bytes),
                  function.values.back());
}

/// clamp(floor(n * scale + offset), low, high) on a range.
StepTable requantise(lowbit::Interval range, double scale, double offset,
                     int64_t low, int64_t high) {
  StepTable table;
  table.range = range;
  for (int64_t n = range.min; n <= range.max; ++n) {
    int64_t value =
        std::clamp(int64_t(std::floor(double(n) * scale + offset)), low, high);
    if (!table.values.empty() && table.values.back() == value)
      continue;
    table.starts.push_back(n);
    table.values.push_back(value);
  }
  return table;
}

void expectSame(const StepTable &function, const ScaleFit &fit, int64_t bytes) {
  for (int64_t n = function.range.min; n <= function.range.max; ++n)
    ASSERT_EQ(evaluate(function, n), evaluate(function, fit, bytes, n))
        << "of " << n << " with " << fit.factor << ", " << fit.addend;
}

/// The first fit in 1, 2 or 3 bytes, which has to be right; its bytes, or 0.
int64_t findBytes(const StepTable &function) {
  for (int64_t bytes = 1; bytes <= 3; ++bytes)
    if (auto fit = fitScale(function, getFrame(function, bytes))) {
      EXPECT_GT(fit->factor, 0);
      EXPECT_GE(fit->addend, 0);
      EXPECT_LE(fit->addend, (int64_t(1) << 8 * bytes) - 1);
      expectSame(function, *fit, bytes);
      return bytes;
    }
  return 0;
}

/// The function that a factor and an addend make; the first step at `first`.
StepTable makeProduct(lowbit::Interval range, const ScaleFit &fit,
                      int64_t bytes, int64_t first, int64_t low, int64_t high) {
  StepTable source{range, {range.min, first}, {low, high}};
  StepTable table{range, {range.min}, {low}};
  for (int64_t n = first; n <= range.max; ++n) {
    int64_t value = evaluate(source, fit, bytes, n);
    if (value == table.values.back())
      continue;
    table.starts.push_back(n);
    table.values.push_back(value);
  }
  return table;
}

TEST(ScaleFit, FindsProductsAgain) {
  std::mt19937 random(1);
  auto draw = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  int tried = 0;
  for (int i = 0; i < 3000; ++i) {
    int64_t bytes = 1 + i % 3;
    int64_t width = int64_t(std::exp(draw(std::log(20), std::log(20000))));
    int64_t min = -int64_t(draw(0, double(width)));
    int64_t levels = int64_t(draw(3, 256)), low = i % 2 ? -levels / 2 : 0;
    double scale = double(levels) / double(width) * draw(0.3, 3);
    ScaleFit fit;
    fit.factor = int64_t(scale * double(int64_t(1) << 8 * bytes));
    fit.addend = int64_t(random() % (int64_t(1) << 8 * bytes));
    StepTable function = makeProduct(
        {min, min + width}, fit, bytes,
        min + 1 + int64_t(draw(0, double(width) / 2)), low, low + levels - 1);
    if (function.values.size() < 3)
      continue;
    ++tried;
    auto found = fitScale(function, getFrame(function, bytes));
    ASSERT_TRUE(found) << fit.factor << ", " << fit.addend << " of " << bytes
                       << " bytes";
    expectSame(function, *found, bytes);
  }
  EXPECT_GT(tried, 1000);
}

TEST(ScaleFit, FindsScalesOfRequantisations) {
  for (double scale : {0.5, 0.375, 1.0}) {
    StepTable function = requantise({-100, 100}, scale, 0.25, 0, 200);
    EXPECT_NE(findBytes(function), 0) << scale;
  }
}

/// A byte's worth of fraction can be tried in full.
TEST(ScaleFit, OneByteIsComplete) {
  std::mt19937 random(3);
  int possible = 0, total = 400;
  for (int i = 0; i < total; ++i) {
    StepTable function{{0, 40}, {0}, {0}};
    for (int64_t start = 1 + random() % 5; start <= 40;
         start += 3 + random() % (2 + i % 3)) {
      function.starts.push_back(start);
      function.values.push_back(function.values.back() + 1);
    }
    bool exists = false;
    for (ScaleFit fit{1, 0}; fit.factor < 256 && !exists; ++fit.factor)
      for (fit.addend = 0; fit.addend < 256 && !exists; ++fit.addend) {
        exists = true;
        for (int64_t n = 0; n <= 40 && exists; ++n)
          exists = evaluate(function, n) == evaluate(function, fit, 1, n);
      }
    possible += exists;
    auto fit = fitScale(function, getFrame(function, 1));
    ASSERT_EQ(fit.has_value(), exists) << i;
    if (fit)
      expectSame(function, *fit, 1);
  }
  EXPECT_GT(possible, 0);
  EXPECT_LT(possible, total);
}

TEST(ScaleFit, RefusesWhatIsNoProduct) {
  StepTable good{{0, 30}, {0, 10, 20}, {0, 1, 2}};
  EXPECT_NE(findBytes(good), 0);
  const StepTable bad[] = {
      {{0, 30}, {0, 10, 20}, {2, 1, 0}},               // falls
      {{0, 30}, {0, 10, 20}, {0, 2, 1}},               // falls once
      {{0, 99}, {0, 10, 11, 90, 91}, {0, 1, 2, 3, 4}}, // uneven
      {{0, 99}, {0, 10, 20, 30, 90}, {0, 1, 2, 3, 4}}, // but for the last
      {{0, 2000}, {0, 1}, {0, 400}},                   // one jump
  };
  for (const StepTable &function : bad)
    for (int64_t bytes = 1; bytes <= 3; ++bytes)
      EXPECT_FALSE(fitScale(function, getFrame(function, bytes)))
          << &function - bad << " " << bytes;
}

/// clamp(rint(float(n * scale)) + zero, low, high) on a range.
StepTable requantiseFloat(lowbit::Interval range, float scale, int64_t zero,
                          int64_t low, int64_t high) {
  StepTable table{range, {}, {}};
  for (int64_t n = range.min; n <= range.max; ++n) {
    volatile float product = float(n) * scale;
    int64_t value =
        std::clamp(int64_t(std::nearbyint(product)) + zero, low, high);
    if (!table.values.empty() && table.values.back() == value)
      continue;
    table.starts.push_back(n);
    table.values.push_back(value);
  }
  return table;
}

TEST(ScaleFit, RoundingToFloatMakesFewExceptions) {
  std::mt19937 random(4);
  auto draw = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  int found = 0, withExceptions = 0, total = 90;
  for (int i = 0; i < total; ++i) {
    int64_t width = int64_t(std::exp(draw(std::log(5e4), std::log(1e6))));
    int64_t min = -int64_t(draw(0, double(width))), max = min + width;
    // Three kinds of clip: unsigned, signed, and behind a ReLU.
    int64_t low = i % 3 == 1 ? -128 : 0, high = low + 255;
    int64_t zero = i % 3 == 2 ? low : low + int64_t(draw(0, 255));
    float scale = float(draw(100, 500) / double(width));
    StepTable function = requantiseFloat({min, max}, scale, zero, low, high);
    if (function.values.size() < 3) {
      --total;
      continue;
    }
    // Of a function by itself, and of one of several.
    ScaleFrame shared{min + width / 100, low, high, 5, 2};
    if (function.values[0] == low)
      shared.start = std::min(shared.start, function.starts[1]);
    else
      shared.start = min;
    ScaleFrame frame = i % 2 ? shared : getFrame(function, 5);
    bool isFound = false;
    for (int64_t direction : {-1, 1}) {
      constexpr int64_t kMost = 6;
      auto near = fitNearProduct(function, frame, direction, kMost);
      if (!near)
        continue;
      isFound = true;
      withExceptions += !near->exceptions.empty();
      EXPECT_LE(near->exceptions.size(), size_t(kMost));
      auto fit = fitScale(near->product, frame);
      ASSERT_TRUE(fit);
      for (int64_t exception : near->exceptions) {
        EXPECT_GT(exception, frame.start);
        EXPECT_LT(exception, max);
      }
      for (int64_t n = min; n <= max; ++n) {
        int64_t at = n;
        for (int64_t exception : near->exceptions)
          at += at == exception ? direction : 0;
        int64_t value = frame.first;
        if (at >= frame.start) {
          int64_t product =
              (at - frame.start) * fit->factor + fit->addend * frame.getUnit();
          value = std::clamp(frame.first + 1 + (product >> 8 * frame.bytes),
                             frame.first, frame.last);
        }
        volatile float wanted = float(n) * scale;
        ASSERT_EQ(value,
                  std::clamp(int64_t(std::nearbyint(wanted)) + zero, low, high))
            << "of " << n << " with " << scale;
      }
    }
    found += isFound;
  }
  EXPECT_GT(total, 60);
  EXPECT_GT(found, total * 9 / 10);
  EXPECT_GT(withExceptions, total / 6);
}

TEST(ScaleFit, FindsFewestExceptions) {
  // Steps of 10 but for two that are late: in one direction 2 integers are
  // enough, in the other none are.
  StepTable function{{0, 399}, {0}, {0}};
  for (int64_t k = 1; k < 40; ++k) {
    function.starts.push_back(10 * k + (k == 13 || k == 30));
    function.values.push_back(k);
  }
  ScaleFrame frame = getFrame(function, 3);
  for (int64_t most : {0, 1})
    EXPECT_FALSE(fitNearProduct(function, frame, -1, most));
  for (int64_t most : {2, 4}) {
    auto near = fitNearProduct(function, frame, -1, most);
    ASSERT_TRUE(near);
    llvm::sort(near->exceptions);
    EXPECT_EQ(near->exceptions, (llvm::SmallVector<int64_t>{130, 300}));
    EXPECT_EQ(near->product.starts[13], 130);
    EXPECT_EQ(near->product.starts[30], 300);
  }
  EXPECT_FALSE(fitNearProduct(function, frame, 1, 6));
}

/// Whatever it makes of random steps, it is the function.
TEST(ScaleFit, NeverGivesAnotherFunction) {
  std::mt19937 random(2);
  int found = 0;
  for (int i = 0; i < 5000; ++i) {
    StepTable function;
    function.range = {-5, 80};
    int64_t start = -5, value = int64_t(random() % 9) - 4;
    while (start <= 80) {
      function.starts.push_back(start);
      function.values.push_back(value);
      start += 1 + random() % (i % 2 ? 3 : 40);
      value += random() % 4 ? 1 : 2;
    }
    found += findBytes(function) != 0;
  }
  EXPECT_GT(found, 0);
  EXPECT_LT(found, 5000);
}

} // namespace
