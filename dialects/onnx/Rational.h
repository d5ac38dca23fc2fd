//===- Rational.h - Exact rational numbers ----------------------*- C++ -*-===//
//
// Numbers of any size: what a model's file holds is computed with exactly, so
// that no rounding of ours decides anything. A float is a whole number times a
// power of two, and so are sums and products of floats; the power is kept apart
// from a reduced fraction of odd numbers, so that these cost no division.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_RATIONAL_H
#define PDKC_DIALECTS_ONNX_RATIONAL_H

#include "dialects/onnx/Natural.h"
#include "llvm/ADT/StringRef.h"
#include <algorithm>
#include <optional>
#include <string>

namespace pdkc {

class Rational {
public:
  Rational(int64_t value = 0);

  /// The exact value of a floating-point number; none for NaN. An infinity
  /// becomes a number beyond all finite ones, so that it still bounds.
  static std::optional<Rational> fromDouble(double value);
  /// "0.125", "-3", "1e-3" or "1/255".
  static std::optional<Rational> parse(llvm::StringRef text);

  bool isInteger() const { return exponent >= 0 && denominator.isOne(); }
  int sign() const { return numerator.isZero() ? 0 : isNegative ? -1 : 1; }
  /// The value when it is an integer that fits.
  std::optional<int64_t> getInteger() const;
  /// Whether numerator and denominator are, without their sign, at most that.
  bool hasTermsUpTo(uint64_t most) const;
  /// The exponent of the largest power of two of which the number is a
  /// multiple; none where there is none, and for 0.
  std::optional<int64_t> getLowExponent() const;

  /// Rounded once, to the nearest, ties to even.
  float toFloat() const;
  double toDouble() const;
  /// "3", "3/8".
  std::string str() const;
  /// A short decimal for messages.
  std::string shortStr() const;

  Rational operator-() const;
  friend Rational operator+(const Rational &a, const Rational &b);
  friend Rational operator-(const Rational &a, const Rational &b);
  friend Rational operator*(const Rational &a, const Rational &b);
  /// b is not zero.
  friend Rational operator/(const Rational &a, const Rational &b);
  friend bool operator<(const Rational &a, const Rational &b);
  friend bool operator>(const Rational &a, const Rational &b) { return b < a; }
  friend bool operator<=(const Rational &a, const Rational &b) {
    return !(b < a);
  }
  friend bool operator>=(const Rational &a, const Rational &b) {
    return !(a < b);
  }
  friend bool operator==(const Rational &a, const Rational &b) {
    return a.isNegative == b.isNegative && a.exponent == b.exponent &&
           a.numerator == b.numerator && a.denominator == b.denominator;
  }
  friend bool operator!=(const Rational &a, const Rational &b) {
    return !(a == b);
  }
  friend Rational floor(const Rational &a);
  friend Rational ceil(const Rational &a);
  friend Rational abs(const Rational &a) { return a.sign() < 0 ? -a : a; }
  /// Ties to even.
  friend Rational round(const Rational &a);
  /// The largest number of which both are integer multiples.
  friend Rational gcd(const Rational &a, const Rational &b);

private:
  /// Digits with an optional sign, point and exponent.
  static std::optional<Rational> parseDecimal(llvm::StringRef text);

  /// +-numerator / denominator * 2^exponent, to be reduced.
  Rational(bool isNegative, Natural numerator, Natural denominator,
           int64_t exponent);

  /// As a fraction of whole numbers.
  Natural getTop() const { return numerator << std::max<int64_t>(exponent, 0); }
  Natural getBottom() const {
    return denominator << std::max<int64_t>(-exponent, 0);
  }
  /// The whole part of the number's size, and whether that is all.
  std::pair<Natural, bool> truncate() const;
  /// The number's size as 64 significant bits, the lowest of which is set when
  /// anything was cut off, and an exponent: from there one rounding gives any
  /// format. Not of 0.
  std::pair<uint64_t, int64_t> getBits() const;
  template <typename Float> Float toNearest() const;
  /// Compares without signs: negative, 0 or positive.
  friend int compareSizes(const Rational &a, const Rational &b);

  /// Invariant: odd and without a common factor; 0 is 0 / 1 * 2^0, positive.
  Natural numerator, denominator;
  int64_t exponent = 0;
  bool isNegative = false;
};

} // namespace pdkc

#endif // PDKC_DIALECTS_ONNX_RATIONAL_H
