//===- RationalTest.cpp - Exact numbers against other arithmetic ----------===//
//
// Rational is compared with LLVM's integers of any size and with the machine's
// numbers: what floats and fractions hold exactly must come out the same.
//
//===----------------------------------------------------------------------===//

#include "dialects/exact/Rational.h"

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

#include <cmath>
#include <numeric>
#include <random>

using namespace pdkc;
using llvm::APInt;

namespace {

constexpr unsigned kBits = 1024;

/// Numbers of up to 400 bits, many with long runs of zeros or ones.
APInt makeNumber(std::mt19937_64 &random) {
  APInt number(kBits, 0);
  for (unsigned limbs = random() % 7; limbs > 0; --limbs) {
    uint64_t limb = random() % 4 ? random() : random() % 2 ? 0 : ~uint64_t(0);
    number = number.shl(64) | APInt(kBits, limb);
  }
  return number.shl(random() % 16);
}

Rational toRational(const APInt &number) {
  Rational result;
  for (unsigned i = kBits / 32; i-- > 0;)
    result = result * Rational(int64_t(1) << 32) +
             int64_t(number.extractBitsAsZExtValue(32, 32 * i));
  return result;
}

std::string toText(const APInt &number) {
  return llvm::toString(number, 10, /*Signed=*/false);
}

TEST(Rational, AgreesWithWideIntegers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    APInt a = makeNumber(random), b = makeNumber(random);
    Rational x = toRational(a), y = toRational(b);
    ASSERT_EQ(x.str(), toText(a));
    ASSERT_EQ((x + y).str(), toText(a + b));
    ASSERT_EQ((x * y).str(), toText(a * b));
    ASSERT_EQ((a.uge(b) ? x - y : y - x).str(),
              toText(a.uge(b) ? a - b : b - a));
    ASSERT_EQ(x < y, a.ult(b));
    ASSERT_EQ(x == y, a == b);
    if (a.isZero() || b.isZero())
      continue;
    APInt common = llvm::APIntOps::GreatestCommonDivisor(a, b);
    APInt top = a.udiv(common), bottom = b.udiv(common);
    Rational quotient = x / y;
    ASSERT_EQ(gcd(x, y).str(), toText(common));
    ASSERT_EQ(quotient.str(),
              toText(top) + (bottom == 1 ? "" : "/" + toText(bottom)));
    // Halves away, the next whole number is the nearest, but at a tie the even.
    APInt whole = a.udiv(b), twice = a.urem(b).shl(1);
    bool isUp = twice.ugt(b) || (twice == b && whole[0]);
    ASSERT_EQ(floor(quotient).str(), toText(whole));
    ASSERT_EQ(floor(-quotient), -ceil(quotient));
    ASSERT_EQ(ceil(quotient), Rational(a.urem(b).isZero() ? 0 : 1) +
                                  toRational(whole));
    ASSERT_EQ(round(quotient).str(), toText(whole + APInt(kBits, isUp)));
    ASSERT_EQ(round(-quotient), -round(quotient));
  }
}

/// n / d, both small.
Rational makeFraction(int64_t n, int64_t d) { return Rational(n) / d; }

TEST(Rational, AgreesWithFractionsOfMachineIntegers) {
  std::mt19937_64 random(2);
  auto draw = [&] { return int64_t(random() % 4001) - 2000; };
  for (int i = 0; i < 5000; ++i) {
    int64_t a = draw(), c = draw(), b = draw() | 1, d = draw();
    if (random() % 4 == 0)
      b = int64_t(1) << random() % 11; // as floats have
    if (d == 0)
      d = 8;
    Rational x = makeFraction(a, b), y = makeFraction(c, d);
    ASSERT_EQ(x + y, makeFraction(a * d + c * b, b * d));
    ASSERT_EQ(x - y, makeFraction(a * d - c * b, b * d));
    ASSERT_EQ(x * y, makeFraction(a * c, b * d));
    if (c != 0) {
      ASSERT_EQ(x / y, makeFraction(a * d, b * c));
    }
    int64_t left = a * d * (b * d < 0 ? -1 : 1);
    int64_t right = c * b * (b * d < 0 ? -1 : 1);
    ASSERT_EQ(x < y, left < right);
    ASSERT_EQ(x == y, left == right);
    ASSERT_EQ(x.sign(), (a > 0) - (a < 0) == 0 ? 0
                        : (a > 0) == (b > 0)   ? 1
                                               : -1);
    // The fractions are far enough from whole and half ones for doubles.
    double value = double(a) / double(b);
    ASSERT_EQ(floor(x).getInteger(), int64_t(std::floor(value)));
    ASSERT_EQ(ceil(x).getInteger(), int64_t(std::ceil(value)));
    ASSERT_EQ(round(x).getInteger(), int64_t(std::nearbyint(value)));
    ASSERT_EQ(x.toDouble(), value);
    ASSERT_EQ(x.toFloat(), float(a) / float(b));
    ASSERT_EQ(x.isInteger(), a % b == 0);
    // The largest number of which both are multiples.
    Rational common = gcd(x, y);
    if (common.sign()) {
      Rational p = x / common, q = y / common;
      ASSERT_TRUE(p.isInteger() && q.isInteger());
      ASSERT_EQ(std::gcd(*p.getInteger(), *q.getInteger()), 1);
    }
  }
}

TEST(Rational, HoldsFloatsExactly) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) {
    double value =
        std::ldexp(double(int64_t(random())), int(random() % 400) - 200);
    Rational exact = *Rational::fromDouble(value);
    ASSERT_EQ(exact.toDouble(), value);
    ASSERT_EQ(exact.toFloat(), float(value));
    // One rounding of an exact sum and product is what the machine does.
    double other =
        std::ldexp(double(int64_t(random())), int(random() % 400) - 200);
    Rational second = *Rational::fromDouble(other);
    ASSERT_EQ((exact + second).toDouble(), value + other);
    ASSERT_EQ((exact * second).toDouble(), value * other);
    ASSERT_EQ((exact / second).toDouble(), value / other);
    ASSERT_EQ(exact < second, value < other);
  }
  EXPECT_FALSE(Rational::fromDouble(std::nan("")));
  EXPECT_EQ(Rational::fromDouble(0x1p-1074)->toDouble(), 0x1p-1074);
  EXPECT_TRUE(*Rational::fromDouble(INFINITY) > *Rational::fromDouble(1e308));
  EXPECT_TRUE(*Rational::fromDouble(-INFINITY) < *Rational::fromDouble(-1e308));
}

TEST(Rational, ReadsAndWritesText) {
  EXPECT_EQ(Rational::parse("0.125"), makeFraction(1, 8));
  EXPECT_EQ(Rational::parse("-3"), Rational(-3));
  EXPECT_EQ(Rational::parse("1e-3"), makeFraction(1, 1000));
  EXPECT_EQ(Rational::parse("-2.5E1"), Rational(-25));
  EXPECT_EQ(Rational::parse("1/255"), makeFraction(1, 255));
  EXPECT_FALSE(Rational::parse("1/0"));
  EXPECT_FALSE(Rational::parse("1.2.3"));
  EXPECT_FALSE(Rational::parse(""));
  EXPECT_EQ(makeFraction(-6, 16).str(), "-3/8");
  EXPECT_EQ(makeFraction(12, -4).str(), "-3");
  EXPECT_EQ(Rational(0).str(), "0");
}

TEST(Rational, KnowsItsLimits) {
  EXPECT_EQ(Rational(INT64_MIN).getInteger(), INT64_MIN);
  EXPECT_EQ(Rational(INT64_MAX).getInteger(), INT64_MAX);
  EXPECT_FALSE((Rational(INT64_MAX) + 1).getInteger());
  EXPECT_FALSE((Rational(INT64_MIN) - 1).getInteger());
  EXPECT_FALSE(makeFraction(1, 2).getInteger());
  EXPECT_TRUE(makeFraction(-256, 255).hasTermsUpTo(256));
  EXPECT_FALSE(makeFraction(3, 257).hasTermsUpTo(256));
  EXPECT_EQ(makeFraction(24, 1).getLowExponent(), 3);
  EXPECT_EQ(makeFraction(3, 8).getLowExponent(), -3);
  EXPECT_FALSE(makeFraction(1, 3).getLowExponent());
  EXPECT_FALSE(Rational(0).getLowExponent());
}

} // namespace
