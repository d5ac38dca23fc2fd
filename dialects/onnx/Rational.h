//===- Rational.h - Exact rational numbers ----------------------*- C++ -*-===//
//
// Numbers of any size as reduced fractions: what a model's file holds is
// computed with exactly, so that no rounding of ours decides anything.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_RATIONAL_H
#define PDKC_DIALECTS_ONNX_RATIONAL_H

#include "llvm/ADT/DynamicAPInt.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace pdkc {

class Rational {
public:
  Rational(int64_t value = 0) : numerator(value), denominator(1) {}
  Rational(llvm::DynamicAPInt numerator, llvm::DynamicAPInt denominator);

  /// The exact value of a floating-point number; none for NaN. An infinity
  /// becomes a number beyond all finite ones, so that it still bounds.
  static std::optional<Rational> fromDouble(double value);
  /// "0.125", "-3", "1e-3" or "1/255".
  static std::optional<Rational> parse(llvm::StringRef text);

  const llvm::DynamicAPInt &getNumerator() const { return numerator; }
  const llvm::DynamicAPInt &getDenominator() const { return denominator; }
  bool isInteger() const { return denominator == 1; }
  int sign() const { return numerator > 0 ? 1 : numerator < 0 ? -1 : 0; }
  /// The value when it is an integer that fits.
  std::optional<int64_t> getInteger() const;

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
    return a.numerator == b.numerator && a.denominator == b.denominator;
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
  /// Invariant: denominator > 0, no common factor.
  llvm::DynamicAPInt numerator, denominator;
};

} // namespace pdkc

#endif // PDKC_DIALECTS_ONNX_RATIONAL_H
