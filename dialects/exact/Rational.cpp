//===- Rational.cpp - Exact rational numbers ------------------------------===//

#include "dialects/exact/Rational.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace pdkc;
namespace mp = boost::multiprecision;

/// Beyond every finite double; stands for an infinity.
static constexpr int64_t kInfinityExponent = 1100;

/// The bits of a number's size.
template <typename Integer> static int64_t getLength(const Integer &number) {
  return number.is_zero() ? 0 : int64_t(mp::msb(mp::abs(number))) + 1;
}

/// Moves the factors of two of a number that is not 0 into the exponent, times
/// `sign`.
template <typename Integer>
static void makeOdd(Integer &number, int64_t &exponent, int sign) {
  if (mp::bit_test(number, 0))
    return;
  int64_t zeros = mp::lsb(mp::abs(number));
  number >>= zeros;
  exponent += sign * zeros;
}

Rational::Rational(int64_t value) : Rational(Integer(value), 1, 0) {}

Rational::Rational(Integer top, Integer bottom, int64_t power)
    : numerator(std::move(top)), denominator(std::move(bottom)),
      exponent(power) {
  assert(!denominator.is_zero() && "a fraction over zero");
  if (numerator.is_zero()) {
    denominator = 1;
    exponent = 0;
    return;
  }
  if (denominator.sign() < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  makeOdd(numerator, exponent, 1);
  makeOdd(denominator, exponent, -1);
  if (denominator == 1)
    return;
  // One division makes both of about the same length: Boost takes the bits that
  // one has more than the other away one by one.
  Integer common = mp::gcd(Integer(numerator % denominator), denominator);
  if (common != 1) {
    numerator /= common;
    denominator /= common;
  }
}

std::optional<Rational> Rational::fromDouble(double value) {
  if (std::isnan(value))
    return std::nullopt;
  if (std::isinf(value))
    return Rational(value < 0 ? -1 : 1, 1, kInfinityExponent);
  int exponent;
  double mantissa = std::frexp(value, &exponent);
  return Rational(int64_t(std::ldexp(mantissa, 53)), 1, exponent - 53);
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
  Integer digits;
  for (char c : whole.str() + fraction.str()) {
    if (c < '0' || c > '9')
      return std::nullopt;
    digits = digits * 10 + (c - '0');
  }
  if (negative)
    digits = -digits;
  exponent -= int(fraction.size());
  Integer power = mp::pow(Integer(10), unsigned(std::abs(exponent)));
  return exponent < 0 ? Rational(digits, power, 0)
                      : Rational(digits * power, 1, 0);
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

Rational::Integer Rational::getTop() const {
  return numerator << std::max<int64_t>(exponent, 0);
}

Rational::Integer Rational::getBottom() const {
  return denominator << std::max<int64_t>(-exponent, 0);
}

std::optional<int64_t> Rational::getInteger() const {
  if (!isInteger() || getLength(numerator) + exponent > 64)
    return std::nullopt;
  Integer value = getTop();
  if (value < INT64_MIN || value > INT64_MAX)
    return std::nullopt;
  return int64_t(value);
}

bool Rational::hasTermsUpTo(uint64_t most) const {
  return mp::abs(getTop()) <= most && getBottom() <= most;
}

std::optional<int64_t> Rational::getLowExponent() const {
  if (sign() == 0 || denominator != 1)
    return std::nullopt;
  return exponent;
}

std::pair<uint64_t, int64_t> Rational::getBits() const {
  constexpr int64_t kBits = 64;
  Integer size = mp::abs(numerator);
  int64_t power = exponent;
  bool isInexact = denominator != 1;
  if (isInexact) {
    // So far up that the quotient has all bits that count.
    int64_t shift = std::max<int64_t>(0, kBits + 1 + getLength(denominator) -
                                             getLength(size));
    size = (size << shift) / denominator;
    power -= shift;
  }
  int64_t excess = std::max<int64_t>(0, getLength(size) - kBits);
  isInexact |= excess > 0;
  return {uint64_t(size >> excess) | isInexact, power + excess};
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
  return sign() < 0 ? -size : size;
}

float Rational::toFloat() const { return toNearest<float>(); }

double Rational::toDouble() const { return toNearest<double>(); }

std::string Rational::str() const {
  std::string text = getTop().str();
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
  result.numerator = -result.numerator;
  return result;
}

Rational operator+(const Rational &a, const Rational &b) {
  if (a.sign() == 0)
    return b;
  if (b.sign() == 0)
    return a;
  int64_t exponent = std::min(a.exponent, b.exponent);
  Rational::Integer x = a.numerator << (a.exponent - exponent);
  Rational::Integer y = b.numerator << (b.exponent - exponent);
  if (a.denominator == b.denominator)
    return Rational(x + y, a.denominator, exponent);
  return Rational(x * b.denominator + y * a.denominator,
                  a.denominator * b.denominator, exponent);
}

Rational operator-(const Rational &a, const Rational &b) { return a + (-b); }

Rational operator*(const Rational &a, const Rational &b) {
  return Rational(a.numerator * b.numerator, a.denominator * b.denominator,
                  a.exponent + b.exponent);
}

Rational operator/(const Rational &a, const Rational &b) {
  return Rational(a.numerator * b.denominator, a.denominator * b.numerator,
                  a.exponent - b.exponent);
}

bool operator<(const Rational &a, const Rational &b) {
  if (a.sign() != b.sign() || a.sign() == 0)
    return a.sign() < b.sign();
  // Apart by a factor of two at least?
  auto getMagnitude = [](const Rational &x) {
    return getLength(x.numerator) - getLength(x.denominator) + x.exponent;
  };
  int64_t distance = getMagnitude(b) - getMagnitude(a);
  if (std::abs(distance) > 1)
    return distance * a.sign() > 0;
  int64_t exponent = std::min(a.exponent, b.exponent);
  return (a.numerator * b.denominator) << (a.exponent - exponent) <
         (b.numerator * a.denominator) << (b.exponent - exponent);
}

Rational floor(const Rational &a) {
  if (a.isInteger())
    return a;
  if (a.denominator == 1) // shifts round down
    return Rational(a.numerator >> -a.exponent, 1, 0);
  // Divisions round towards 0.
  return Rational(a.getTop() / a.getBottom() - (a.sign() < 0), 1, 0);
}

Rational ceil(const Rational &a) { return -floor(-a); }

Rational round(const Rational &a) {
  if (a.isInteger())
    return a;
  Rational above = a + Rational(1, 1, -1);
  bool isTie = above.isInteger();
  Rational whole = floor(above);
  bool isOdd = whole.exponent == 0 && whole.sign() != 0;
  return isTie && isOdd ? whole - 1 : whole;
}

Rational gcd(const Rational &a, const Rational &b) {
  if (a.sign() == 0)
    return abs(b);
  if (b.sign() == 0)
    return abs(a);
  // gcd(n1/d1, n2/d2) = gcd(n1 d2, n2 d1) / (d1 d2).
  return Rational(
      mp::gcd(a.numerator * b.denominator, b.numerator * a.denominator),
      a.denominator * b.denominator, std::min(a.exponent, b.exponent));
}

} // namespace pdkc
