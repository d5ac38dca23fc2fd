//===- ProductFitTest.cpp - Lines as products on the device ---------------===//
//
// What fitProduct returns is the function on its whole range, by the formula of
// its header; what that formula makes is found again from any line that says
// the same. Requantisations in float32 are products but for exceptions.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/ProductFit.h"
#include "passes/onnx_to_lowbit/LineFit.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace pdkc;

namespace {

constexpr int64_t kMost = lowbit::StepsOp::kMostExceptions;

int64_t evaluate(const StepTable &function, int64_t n) {
  size_t piece = 0;
  while (piece + 1 < function.starts.size() && function.starts[piece + 1] <= n)
    ++piece;
  return function.values[piece];
}

/// The header's formula.
int64_t evaluate(const ProductFit &fit, const ProductFrame &frame,
                 int64_t direction, int64_t n) {
  for (int64_t exception : fit.exceptions)
    n += n == exception ? direction : 0;
  if (n < frame.start)
    return frame.first;
  int64_t product =
      (n - frame.start) * fit.factor + fit.addend * frame.getUnit();
  return std::clamp(frame.first + 1 + (product >> 8 * frame.bytes),
                    frame.first, frame.last);
}

void expectSame(const StepTable &function, const ProductFit &fit,
                const ProductFrame &frame, int64_t direction) {
  for (int64_t n = function.range.min; n <= function.range.max; ++n)
    ASSERT_EQ(evaluate(function, n), evaluate(fit, frame, direction, n))
        << "of " << n << " with " << fit.factor << ", " << fit.addend;
  for (int64_t exception : fit.exceptions) {
    EXPECT_GE(std::min(exception, exception + direction), frame.start);
    EXPECT_LE(exception + direction, function.range.max);
  }
  EXPECT_GE(fit.addend * frame.getUnit(), frame.getAddends().min);
  EXPECT_LE(fit.addend * frame.getUnit(), frame.getAddends().max);
}

/// The product of the function by itself, without exceptions; it has to be
/// right.
std::optional<ProductFit> fit(const StepTable &function, int64_t bytes) {
  ProductFrame frame = getFrame(function, bytes);
  auto found = fitProduct(function, frame, -1, 0);
  if (found)
    expectSame(function, *found, frame, -1);
  return found;
}

template <typename Evaluate>
StepTable makeTable(lowbit::Interval range, Evaluate get) {
  StepTable table{range, {}, {}};
  for (int64_t n = range.min; n <= range.max; ++n) {
    int64_t value = get(n);
    if (!table.values.empty() && table.values.back() == value)
      continue;
    table.starts.push_back(n);
    table.values.push_back(value);
  }
  return table;
}

class Draw {
public:
  explicit Draw(int seed) : random(seed) {}

  double operator()(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  }
  /// As many numbers of each size.
  int64_t size(double low, double high) {
    return int64_t(std::exp((*this)(std::log(low), std::log(high))));
  }

  std::mt19937 random;
};

/// Channels whose functions are cut to what their sums can be may all be the
/// same constant: there is no factor then.
TEST(ProductFit, ConstantsAreNoProduct) {
  StepTable constant{{-3, 9}, {-3}, {2}};
  EXPECT_FALSE(findChannelProducts({constant, constant}, {-3, 9}));
}

TEST(ProductFit, FindsProductsAgain) {
  Draw draw(1);
  int tried = 0;
  for (int i = 0; i < 3000; ++i) {
    int64_t width = draw.size(20, 20000), min = -int64_t(draw(0, width));
    int64_t levels = int64_t(draw(3, 256)), low = i % 2 ? -levels / 2 : 0;
    ProductFrame frame{min + 1 + int64_t(draw(0, width / 2)), low,
                       low + levels - 1, 1 + i % 3};
    ProductFit made;
    int64_t one = int64_t(1) << 8 * frame.bytes;
    made.factor =
        1 + int64_t(double(levels) / double(width) * draw(0.3, 3) * one);
    made.addend = int64_t(draw(0, one));
    StepTable function = makeTable({min, min + width}, [&](int64_t n) {
      return evaluate(made, frame, 1, n);
    });
    if (function.values.size() < 3)
      continue;
    ++tried;
    function.line = {made.factor,
                     made.addend + (low + 1) * one - made.factor * frame.start,
                     one};
    auto found = fitProduct(function, frame, i % 2 ? -1 : 1, 0);
    ASSERT_TRUE(found) << made.factor << ", " << made.addend;
    expectSame(function, *found, frame, 1);
  }
  EXPECT_GT(tried, 1000);
}

/// All factors and addends of one byte are tried: there is one that gives the
/// function if and only if it is found from its line, whichever that is.
TEST(ProductFit, OneByteIsComplete) {
  Draw draw(3);
  int possible = 0, total = 400;
  for (int i = 0; i < total; ++i) {
    int64_t run = int64_t(draw(3, 2000)), rise = 1 + int64_t(draw(0, run / 3));
    lowbit::Line line{rise, int64_t(draw(0, run)), run};
    StepTable function = makeTable({0, 40}, [&](int64_t n) {
      return (n * line.rise + line.offset) / line.run;
    });
    if (function.values.size() < 2) {
      --total;
      continue;
    }
    function.line = line;
    ProductFrame frame = getFrame(function, 1);
    bool exists = false;
    for (int64_t factor = 1; factor < 256 && !exists; ++factor)
      for (int64_t addend = 0; addend < 256 && !exists; ++addend) {
        exists = true;
        for (int64_t n = 0; n <= 40 && exists; ++n)
          exists = evaluate(function, n) ==
                   evaluate(ProductFit{factor, addend, {}}, frame, 1, n);
      }
    possible += exists;
    EXPECT_EQ(fit(function, 1).has_value(), exists) << i;
  }
  EXPECT_GT(possible, 0);
  EXPECT_LT(possible, total);
}

TEST(ProductFit, RefusesWhatIsNoProduct) {
  StepTable good{{0, 30}, {0, 10, 20}, {0, 1, 2}, lowbit::Line{1, 0, 10}};
  EXPECT_TRUE(fit(good, 1));
  const StepTable bad[] = {
      {{0, 30}, {0, 10, 20}, {0, 1, 2}},                      // no line
      {{0, 30}, {0, 10, 20}, {2, 1, 0}, lowbit::Line{-1, 30, 10}}, // falls
      {{0, 2000}, {0, 1}, {0, 400}, lowbit::Line{400, 0, 1}}, // no byte
  };
  for (const StepTable &function : bad)
    for (int64_t bytes = 1; bytes <= 3; ++bytes)
      EXPECT_FALSE(fit(function, bytes)) << &function - bad << " " << bytes;
}

TEST(ProductFit, RoundingToFloatMakesFewExceptions) {
  Draw draw(4);
  int found = 0, withExceptions = 0, total = 90;
  for (int i = 0; i < total; ++i) {
    int64_t width = draw.size(5e4, 1e6);
    int64_t min = -int64_t(draw(0, width)), max = min + width;
    // Three kinds of clip: unsigned, signed, and behind a ReLU.
    int64_t low = i % 3 == 1 ? -128 : 0, high = low + 255;
    int64_t zero = i % 3 == 2 ? low : low + int64_t(draw(0, 255));
    float scale = float(draw(100, 500) / double(width));
    StepTable function = makeTable({min, max}, [&](int64_t n) {
      volatile float product = float(n) * scale;
      return std::clamp(int64_t(std::nearbyint(product)) + zero, low, high);
    });
    if (function.values.size() < 3) {
      --total;
      continue;
    }
    IntegerSteps steps{{min, max}, {}};
    for (auto [start, value] : llvm::zip(function.starts, function.values))
      steps.pieces.push_back({start, value});
    function.line = fitLine(steps, *Rational::fromDouble(scale));
    // Of a function by itself, and of one of several.
    ProductFrame shared{min + width / 100, low, high, 5, 2};
    if (function.values[0] == low)
      shared.start = std::min(shared.start, function.starts[1]);
    else
      shared.start = min;
    ProductFrame frame = i % 2 ? shared : getFrame(function, 5);
    bool isFound = false;
    for (int64_t direction : {-1, 1}) {
      auto fit = fitProduct(function, frame, direction, kMost);
      if (!fit)
        continue;
      isFound = true;
      withExceptions += !fit->exceptions.empty();
      EXPECT_LE(int64_t(fit->exceptions.size()), kMost);
      expectSame(function, *fit, frame, direction);
    }
    found += isFound;
  }
  EXPECT_GT(total, 60);
  EXPECT_GT(found, total * 9 / 10);
  EXPECT_GT(withExceptions, total / 6);
}

TEST(ProductFit, FindsFewestExceptions) {
  // Steps of 10 but for two that are late: in one direction 2 integers are
  // enough, in the other none are.
  StepTable function{{0, 399}, {0}, {0}, lowbit::Line{1, 0, 10}};
  for (int64_t k = 1; k < 40; ++k) {
    function.starts.push_back(10 * k + (k == 13 || k == 30));
    function.values.push_back(k);
  }
  ProductFrame frame = getFrame(function, 3);
  for (int64_t most : {0, 1})
    EXPECT_FALSE(fitProduct(function, frame, -1, most));
  for (int64_t most : {2, 4}) {
    auto fit = fitProduct(function, frame, -1, most);
    ASSERT_TRUE(fit);
    EXPECT_EQ(fit->exceptions, (llvm::SmallVector<int64_t>{130, 300}));
    expectSame(function, *fit, frame, -1);
  }
  EXPECT_FALSE(fitProduct(function, frame, 1, kMost));
}

/// Whatever it makes of random steps and lines, it is the function.
TEST(ProductFit, NeverGivesAnotherFunction) {
  Draw draw(2);
  int found = 0;
  for (int i = 0; i < 5000; ++i) {
    StepTable function{{-5, 80}, {}, {}};
    int64_t start = -5, value = int64_t(draw(0, 9)) - 4;
    while (start <= 80) {
      function.starts.push_back(start);
      function.values.push_back(value);
      start += 1 + int64_t(draw(0, i % 2 ? 3 : 40));
      value += draw(0, 4) > 1 ? 1 : 2;
    }
    if (function.values.size() < 2)
      continue;
    function.line = lowbit::Line{1 + int64_t(draw(0, 60)),
                                 int64_t(draw(-400, 400)), 100};
    for (int64_t direction : {-1, 1}) {
      ProductFrame frame = getFrame(function, 1 + i % 3);
      auto fit = fitProduct(function, frame, direction, i % (kMost + 1));
      if (!fit)
        continue;
      ++found;
      expectSame(function, *fit, frame, direction);
    }
  }
  EXPECT_GT(found, 20);
  EXPECT_LT(found, 5000);
}

} // namespace
