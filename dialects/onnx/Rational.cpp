//===- Rational.cpp - Exact rational numbers ------------------------------===//

#include "dialects/onnx/Rational.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>

using llvm::DynamicAPInt;
using namespace pdkc;

/// Beyond every finite double; stands for an infinity.
static constexpr int kInfinityExponent = 1100;

static DynamicAPInt powerOfTwo(unsigned exponent) {
  if (exponent < 62)
    return DynamicAPInt(int64_t(1) << exponent);
  return DynamicAPInt(llvm::APInt::getOneBitSet(exponent + 2, exponent));
}

static DynamicAPInt powerOfTen(unsigned exponent) {
  DynamicAPInt result(1), ten(10);
  for (unsigned i = 0; i < exponent; ++i)
    result *= ten;
  return result;
}

/// DynamicAPInt does not return to its fast form by itself.
static void compact(DynamicAPInt &value) {
  if (value <= std::numeric_limits<int64_t>::max() &&
      value >= std::numeric_limits<int64_t>::min())
    value = DynamicAPInt(int64_t(value));
}

Rational::Rational(DynamicAPInt n, DynamicAPInt d)
    : numerator(std::move(n)), denominator(std::move(d)) {
  assert(denominator != 0 && "a fraction over zero");
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  if (denominator != 1) {
    DynamicAPInt common = llvm::gcd(llvm::abs(numerator), denominator);
    if (common != 1) {
      numerator /= common;
      denominator /= common;
    }
  }
  compact(numerator);
  compact(denominator);
}

std::optional<Rational> Rational::fromDouble(double value) {
  if (std::isnan(value))
    return std::nullopt;
  if (std::isinf(value)) {
    Rational huge(powerOfTwo(kInfinityExponent), DynamicAPInt(1));
    return value < 0 ? -huge : huge;
  }
  int exponent;
  double mantissa = std::frexp(value, &exponent);
  auto integer = int64_t(std::ldexp(mantissa, 53));
  exponent -= 53;
  if (exponent >= 0)
    return Rational(DynamicAPInt(integer) * powerOfTwo(exponent),
                    DynamicAPInt(1));
  return Rational(DynamicAPInt(integer), powerOfTwo(-exponent));
}

/// Digits with an optional sign, point and exponent.
static std::optional<Rational> parseDecimal(llvm::StringRef text) {
  bool negative = text.consume_front("-");
  if (!negative)
    text.consume_front("+");
  auto [mantissa, exponentText] = text.split(text.contains('e') ? 'e' : 'E');
  int exponent = 0;
  if (mantissa.size() != text.size()) {
    exponentText.consume_front("+");
    if (exponentText.getAsInteger(10, exponent) || std::abs(exponent) > 99)
      return std::nullopt;
  }
  auto [whole, fraction] = mantissa.split('.');
  if ((whole.empty() && fraction.empty()) || whole.size() > 99 ||
      fraction.size() > 99)
    return std::nullopt;
  DynamicAPInt digits(0);
  for (char c : whole.str() + fraction.str()) {
    if (c < '0' || c > '9')
      return std::nullopt;
    digits = digits * 10 + int64_t(c - '0');
  }
  if (negative)
    digits = -digits;
  exponent -= int(fraction.size());
  if (exponent >= 0)
    return Rational(digits * powerOfTen(exponent), DynamicAPInt(1));
  return Rational(digits, powerOfTen(-exponent));
}

std::optional<Rational> Rational::parse(llvm::StringRef text) {
  text = text.trim();
  auto [top, bottom] = text.split('/');
  std::optional<Rational> numerator = parseDecimal(top);
  if (top.size() == text.size() || !numerator)
    return numerator;
  std::optional<Rational> denominator = parseDecimal(bottom);
  if (!denominator || denominator->sign() == 0)
    return std::nullopt;
  return *numerator / *denominator;
}

std::optional<int64_t> Rational::getInteger() const {
  if (!isInteger() || numerator > std::numeric_limits<int64_t>::max() ||
      numerator < std::numeric_limits<int64_t>::min())
    return std::nullopt;
  return int64_t(numerator);
}

/// The value as 64 significant bits, the lowest of which is set when anything
/// was cut off, times 2^exponent: from there one rounding gives any format.
static uint64_t getBits(const Rational &value, int &exponent) {
  DynamicAPInt top = llvm::abs(value.getNumerator());
  const DynamicAPInt &bottom = value.getDenominator();
  constexpr int64_t kSmall = std::numeric_limits<int64_t>::max();
  if (top <= kSmall && bottom <= kSmall) {
    // The common case, in the machine's own integers.
    uint64_t small = int64_t(top), divisor = int64_t(bottom);
    int shift = 126 - int(llvm::Log2_64(small));
    auto dividend = static_cast<unsigned __int128>(small) << shift;
    unsigned __int128 quotient = dividend / divisor;
    bool inexact = quotient * divisor != dividend;
    exponent = -shift;
    for (; quotient >> 64; quotient >>= 1, ++exponent)
      inexact |= bool(quotient & 1);
    return uint64_t(quotient) | inexact;
  }
  // Scale by powers of two until 2^62 <= top / bottom < 2^63.
  exponent = 0;
  DynamicAPInt low = bottom * powerOfTwo(62), high = low * 2;
  DynamicAPInt divisor = bottom;
  for (int step = 2048; step; step /= 2) {
    while (top < low && top * powerOfTwo(step) < high) {
      top *= powerOfTwo(step);
      exponent -= step;
    }
    while (top >= high && top >= low * powerOfTwo(step)) {
      low *= powerOfTwo(step);
      high *= powerOfTwo(step);
      divisor *= powerOfTwo(step);
      exponent += step;
    }
  }
  DynamicAPInt quotient = top / divisor;
  return uint64_t(int64_t(quotient)) | (quotient * divisor != top);
}

float Rational::toFloat() const {
  if (sign() == 0)
    return 0;
  int exponent;
  float rounded = float(getBits(*this, exponent));
  rounded = std::ldexp(rounded, exponent);
  return sign() < 0 ? -rounded : rounded;
}

double Rational::toDouble() const {
  if (sign() == 0)
    return 0;
  int exponent;
  double rounded = double(getBits(*this, exponent));
  rounded = std::ldexp(rounded, exponent);
  return sign() < 0 ? -rounded : rounded;
}

std::string Rational::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << numerator;
  if (!isInteger())
    os << '/' << denominator;
  return text;
}

std::string Rational::shortStr() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (std::optional<int64_t> integer = getInteger())
    os << *integer;
  else
    os << llvm::format("%.9g", toDouble());
  return text;
}

namespace pdkc {

Rational Rational::operator-() const {
  Rational result = *this;
  result.numerator = -result.numerator;
  return result;
}

Rational operator+(const Rational &a, const Rational &b) {
  if (a.denominator == b.denominator)
    return Rational(a.numerator + b.numerator, a.denominator);
  return Rational(a.numerator * b.denominator + b.numerator * a.denominator,
                  a.denominator * b.denominator);
}

Rational operator-(const Rational &a, const Rational &b) { return a + (-b); }

Rational operator*(const Rational &a, const Rational &b) {
  return Rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

Rational operator/(const Rational &a, const Rational &b) {
  return Rational(a.numerator * b.denominator, a.denominator * b.numerator);
}

bool operator<(const Rational &a, const Rational &b) {
  if (a.denominator == b.denominator)
    return a.numerator < b.numerator;
  return a.numerator * b.denominator < b.numerator * a.denominator;
}

Rational floor(const Rational &a) {
  if (a.isInteger())
    return a;
  return Rational(llvm::floorDiv(a.numerator, a.denominator), DynamicAPInt(1));
}

Rational ceil(const Rational &a) { return -floor(-a); }

Rational round(const Rational &a) {
  if (a.isInteger())
    return a;
  Rational half(DynamicAPInt(1), DynamicAPInt(2));
  Rational up = floor(a + half);
  bool tie = up == a + half;
  bool odd = llvm::mod(up.numerator, DynamicAPInt(2)) != 0;
  return tie && odd ? up - Rational(1) : up;
}

Rational gcd(const Rational &a, const Rational &b) {
  // gcd(n1/d1, n2/d2) = gcd(n1 d2, n2 d1) / (d1 d2).
  return Rational(llvm::gcd(llvm::abs(a.numerator * b.denominator),
                            llvm::abs(b.numerator * a.denominator)),
                  a.denominator * b.denominator);
}

} // namespace pdkc
