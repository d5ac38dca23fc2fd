//===- LineFitTest.cpp - The lines that step functions are ----------------===//
//
// From a slope of as many digits as two scales have together fitLine finds a
// line that says the same, by the formula of lowbit.steps; and none of what is
// no line.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/LineFit.h"
#include "gtest/gtest.h"

#include <random>

using namespace pdkc;

namespace {

template <typename Evaluate>
IntegerSteps makeSteps(lowbit::Interval range, Evaluate get) {
  IntegerSteps steps{range, {}};
  for (int64_t n = range.min; n <= range.max; ++n)
    if (int64_t value = get(n);
        steps.pieces.empty() || steps.pieces.back().value != value)
      steps.pieces.push_back({n, value});
  return steps;
}

int64_t floorDivide(__int128 a, int64_t b) {
  return int64_t(a / b - (a % b < 0));
}

/// At how many integers the clamped line is another function.
int64_t countExceptions(const IntegerSteps &steps, const lowbit::Line &line) {
  int64_t count = 0;
  auto [least, most] = std::minmax(steps.pieces.front().value,
                                   steps.pieces.back().value);
  for (size_t i = 0; i < steps.pieces.size(); ++i)
    for (int64_t n = steps.pieces[i].start; n <= steps.getEnd(i); ++n)
      count += steps.pieces[i].value !=
               std::clamp(floorDivide(__int128(line.rise) * n + line.offset,
                                      line.run),
                          least, most);
  return count;
}

/// clamp(round(slope * n)), ties up.
int64_t quantise(const Rational &slope, int64_t n, int64_t low, int64_t high) {
  return std::clamp(
      *floor(slope * Rational(n) + Rational(1) / Rational(2)).getInteger(), low,
      high);
}

TEST(LineFit, SaysTheSameInFewerDigits) {
  std::mt19937 random(1);
  int isShort = 0;
  for (int i = 0; i < 200; ++i) {
    int64_t width = 100 + int64_t(random() % 40000), min = -width / (2 + i % 3);
    // A product of two float32, over a third.
    auto scale = [&] {
      return Rational(int64_t((1 << 23) + random() % (1 << 23)));
    };
    Rational slope = scale() * scale() / scale() / Rational(1 << 23) *
                     Rational(200) / Rational(width);
    if (i % 4 == 3)
      slope = -slope;
    IntegerSteps steps = makeSteps({min, min + width}, [&](int64_t n) {
      return quantise(slope, n, i % 2 ? -128 : 0, i % 2 ? 127 : 255);
    });
    auto line = fitLine(steps, slope);
    ASSERT_TRUE(line) << slope.str();
    EXPECT_EQ(countExceptions(steps, *line), 0);
    EXPECT_EQ(line->rise < 0, slope.sign() < 0);
    EXPECT_FALSE(slope.hasTermsUpTo(uint64_t(1) << 32));
    isShort += std::max(std::abs(line->rise), line->run) < 4 * width;
  }
  // Of nearly all no more digits than the range has.
  EXPECT_GT(isShort, 180);
}

TEST(LineFit, TiesToEvenAreExceptions) {
  // 3 / 8 of the integers, where 4, 12, 20 and so on are ties.
  auto round = [](int64_t n) {
    int64_t doubled = floorDivide(6 * n + 8, 16);
    return doubled - ((6 * n + 8) % 16 == 0 && doubled % 2);
  };
  IntegerSteps few = makeSteps({0, 60}, round), many = makeSteps({0, 400}, round);
  auto line = fitLine(few, Rational(3) / Rational(8));
  ASSERT_TRUE(line);
  int64_t exceptions = countExceptions(few, *line);
  EXPECT_GT(exceptions, 0);
  EXPECT_LE(exceptions, lowbit::StepsOp::kMostExceptions);
  EXPECT_FALSE(fitLine(many, Rational(3) / Rational(8)));
}

TEST(LineFit, RefusesWhatIsNoLine) {
  auto square = [](int64_t n) { return n * n / 100; };
  EXPECT_FALSE(fitLine(makeSteps({0, 150}, square), Rational(3) / Rational(2)));
  // From another slope it finds its own, or nothing.
  IntegerSteps steps = makeSteps({0, 400}, [](int64_t n) { return n / 10; });
  EXPECT_TRUE(fitLine(steps, Rational(1) / Rational(10)));
  auto line = fitLine(steps, Rational(1) / Rational(7));
  EXPECT_TRUE(!line || countExceptions(steps, *line) == 0);
  EXPECT_FALSE(fitLine(steps, Rational(0)));
  // Rising, against a slope that falls.
  EXPECT_FALSE(fitLine(steps, Rational(-1) / Rational(10)));
}

} // namespace
