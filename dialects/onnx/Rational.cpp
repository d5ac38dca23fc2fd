//===- Rational.cpp - Exact rational numbers ------------------------------===//

#include "dialects/onnx/Rational.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>

using namespace pdkc;

/// Beyond every finite double; stands for an infinity.
static constexpr int64_t kInfinityExponent = 1100;

static Natural powerOfTen(unsigned exponent) {
  Natural result = 1;
  for (unsigned i = 0; i < exponent; ++i)
    result = result * 10;
  return result;
}

/// Moves the number's factors of two into the exponent, times `sign`.
static void makeOdd(Natural &number, int64_t &exponent, int sign) {
  if (number.isOdd())
    return;
  int64_t zeros = number.countTrailingZeros();
  number = number >> zeros;
  exponent += sign * zeros;
}

Rational::Rational(int64_t value)
    : Rational(value < 0, value < 0 ? -uint64_t(value) : uint64_t(value), 1,
               0) {}

Rational::Rational(bool negative, Natural top, Natural bottom, int64_t power)
    : numerator(std::move(top)), denominator(std::move(bottom)),
      exponent(power), isNegative(negative) {
  assert(!denominator.isZero() && "a fraction over zero");
  if (numerator.isZero()) {
    denominator = 1;
    exponent = 0;
    isNegative = false;
    return;
  }
  makeOdd(numerator, exponent, 1);
  makeOdd(denominator, exponent, -1);
  if (denominator.isOne())
    return;
  Natural common = gcd(numerator, denominator);
  if (!common.isOne()) {
    numerator = divide(numerator, common).first;
    denominator = divide(denominator, common).first;
  }
}

std::optional<Rational> Rational::fromDouble(double value) {
  if (std::isnan(value))
    return std::nullopt;
  if (std::isinf(value))
    return Rational(value < 0, 1, 1, kInfinityExponent);
  int exponent;
  double mantissa = std::frexp(std::abs(value), &exponent);
  return Rational(value < 0, uint64_t(std::ldexp(mantissa, 53)), 1,
                  exponent - 53);
}

std::optional<Rational> Rational::parseDecimal(llvm::StringRef text) {
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
  Natural digits;
  for (char c : whole.str() + fraction.str()) {
    if (c < '0' || c > '9')
      return std::nullopt;
    digits = digits * 10 + uint64_t(c - '0');
  }
  exponent -= int(fraction.size());
  if (exponent >= 0)
    return Rational(negative, digits * powerOfTen(exponent), 1, 0);
  return Rational(negative, digits, powerOfTen(-exponent), 0);
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
  if (!isInteger() || numerator.getLength() + exponent > 64)
    return std::nullopt;
  uint64_t size = *getTop().getSmall();
  if (size > uint64_t(INT64_MAX) + isNegative)
    return std::nullopt;
  return int64_t(isNegative ? -size : size);
}

bool Rational::hasTermsUpTo(uint64_t most) const {
  return compare(getTop(), most) <= 0 && compare(getBottom(), most) <= 0;
}

std::optional<int64_t> Rational::getLowExponent() const {
  if (sign() == 0 || !denominator.isOne())
    return std::nullopt;
  return exponent;
}

std::pair<Natural, bool> Rational::truncate() const {
  if (isInteger())
    return {getTop(), true};
  if (denominator.isOne())
    return {numerator >> -exponent, false};
  return {divide(getTop(), getBottom()).first, false};
}

std::pair<uint64_t, int64_t> Rational::getBits() const {
  constexpr int64_t kBits = 64;
  Natural quotient = numerator;
  int64_t power = exponent;
  if (!denominator.isOne()) {
    // So far up that the quotient has all bits that count.
    int64_t shift = std::max<int64_t>(0, kBits + 1 + denominator.getLength() -
                                             numerator.getLength());
    quotient = divide(numerator << shift, denominator).first;
    power -= shift;
  }
  int64_t excess = std::max<int64_t>(0, quotient.getLength() - kBits);
  bool isInexact = excess || !denominator.isOne();
  return {*(quotient >> excess).getSmall() | isInexact, power + excess};
}

template <typename Float> Float Rational::toNearest() const {
  using Limits = std::numeric_limits<Float>;
  constexpr int64_t kLowest = Limits::min_exponent - Limits::digits;
  constexpr int64_t kFarthest = 1 << 20; // beyond any format
  if (sign() == 0)
    return 0;
  auto [bits, power] = getBits();
  if (int64_t(llvm::Log2_64(bits)) + power + 1 < Limits::min_exponent) {
    // Below the smallest normal number all are multiples of the lowest.
    Rational multiple = *this;
    multiple.exponent -= kLowest;
    bits = *round(abs(multiple)).getInteger();
    power = kLowest;
  }
  auto size = std::ldexp(Float(bits), int(std::min(power, kFarthest)));
  return isNegative ? -size : size;
}

float Rational::toFloat() const { return toNearest<float>(); }

double Rational::toDouble() const { return toNearest<double>(); }

std::string Rational::str() const {
  std::string text = (isNegative ? "-" : "") + getTop().str();
  return isInteger() ? text : text + "/" + getBottom().str();
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
  result.isNegative = sign() > 0;
  return result;
}

Rational operator+(const Rational &a, const Rational &b) {
  if (a.sign() == 0)
    return b;
  if (b.sign() == 0)
    return a;
  int64_t exponent = std::min(a.exponent, b.exponent);
  Natural x = a.numerator << (a.exponent - exponent);
  Natural y = b.numerator << (b.exponent - exponent);
  Natural denominator = a.denominator;
  if (!(a.denominator == b.denominator)) {
    x = x * b.denominator;
    y = y * a.denominator;
    denominator = a.denominator * b.denominator;
  }
  if (a.isNegative == b.isNegative)
    return Rational(a.isNegative, x + y, std::move(denominator), exponent);
  bool isLess = compare(x, y) < 0;
  return Rational(isLess ? b.isNegative : a.isNegative, isLess ? y - x : x - y,
                  std::move(denominator), exponent);
}

Rational operator-(const Rational &a, const Rational &b) { return a + (-b); }

Rational operator*(const Rational &a, const Rational &b) {
  return Rational(a.isNegative != b.isNegative, a.numerator * b.numerator,
                  a.denominator * b.denominator, a.exponent + b.exponent);
}

Rational operator/(const Rational &a, const Rational &b) {
  return Rational(a.isNegative != b.isNegative, a.numerator * b.denominator,
                  a.denominator * b.numerator, a.exponent - b.exponent);
}

int compareSizes(const Rational &a, const Rational &b) {
  // Apart by a factor of two at least?
  auto getMagnitude = [](const Rational &x) {
    return x.numerator.getLength() - x.denominator.getLength() + x.exponent;
  };
  int64_t distance = getMagnitude(a) - getMagnitude(b);
  if (std::abs(distance) > 1)
    return distance < 0 ? -1 : 1;
  int64_t exponent = std::min(a.exponent, b.exponent);
  return compare((a.numerator * b.denominator) << (a.exponent - exponent),
                 (b.numerator * a.denominator) << (b.exponent - exponent));
}

bool operator<(const Rational &a, const Rational &b) {
  if (a.sign() != b.sign() || a.sign() == 0)
    return a.sign() < b.sign();
  return a.isNegative ? compareSizes(b, a) < 0 : compareSizes(a, b) < 0;
}

Rational floor(const Rational &a) {
  if (a.isInteger())
    return a;
  Natural whole = a.truncate().first;
  return Rational(a.isNegative, a.isNegative ? whole + 1 : whole, 1, 0);
}

Rational ceil(const Rational &a) { return -floor(-a); }

Rational round(const Rational &a) {
  if (a.isInteger())
    return a;
  Rational twice = a;
  ++twice.exponent;
  auto [halves, isTie] = twice.truncate();
  Natural whole = halves >> 1;
  if (halves.isOdd() && (!isTie || whole.isOdd()))
    whole = whole + 1;
  return Rational(a.isNegative, std::move(whole), 1, 0);
}

Rational gcd(const Rational &a, const Rational &b) {
  if (a.sign() == 0)
    return abs(b);
  if (b.sign() == 0)
    return abs(a);
  // gcd(n1/d1, n2/d2) = gcd(n1 d2, n2 d1) / (d1 d2).
  return Rational(
      false, gcd(a.numerator * b.denominator, b.numerator * a.denominator),
      a.denominator * b.denominator, std::min(a.exponent, b.exponent));
}

} // namespace pdkc
