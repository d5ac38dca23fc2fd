//===- Rational.h - Exact rational numbers ----------------------*- C++ -*-===//
//
// Numbers of any size: what a model's file holds is computed with exactly, so
// that no rounding of ours decides anything. A float is a whole number times a
// power of two, and so are sums and products of floats; the power is kept apart
// from a reduced fraction of odd numbers, so that these cost no division.
//
// The whole numbers are Boost.Multiprecision's, of which 128 bits lie in place.
// Importing a model takes, against limbs of our own that were here before (each
// of the exporters' files, 300 random graphs, the slowest 30 measured):
//
//   cpp_int                       0.22 to 0.95   here
//   GMP's mpz                     0.24 to 1.42   memory for every number
//   LLVM's DynamicAPInt           0.70 to 5.2    no shifts, slow above 64 bits
//
// and an operation, on what eight of the models compute, without the power of
// two kept apart:
//
//   cpp_rational                  0.3 to 6       a division each
//   GMP's mpq                     0.15 to 2.7
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_EXACT_RATIONAL_H
#define PDKC_DIALECTS_EXACT_RATIONAL_H

#include "llvm/ADT/StringRef.h"
#include <boost/multiprecision/cpp_int.hpp>
#include <optional>
#include <string>
#include <utility>

namespace pdkc {

class Rational {
public:
  Rational(int64_t value = 0);

  /// The exact value of a floating-point number; none for NaN. An infinity
  /// becomes a number beyond all finite ones, so that it still bounds.
  static std::optional<Rational> fromDouble(double value);
  /// "0.125", "-3", "1e-3" or "1/255".
  static std::optional<Rational> parse(llvm::StringRef text);

  bool isInteger() const { return exponent >= 0 && denominator == 1; }
  int sign() const { return numerator.sign(); }
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
    return a.exponent == b.exponent && a.numerator == b.numerator &&
           a.denominator == b.denominator;
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
  using Integer =
      boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>,
                                    boost::multiprecision::et_off>;

  /// Digits with an optional sign, point and exponent.
  static std::optional<Rational> parseDecimal(llvm::StringRef text);

  /// numerator / denominator * 2^exponent, to be reduced; the denominator is
  /// not 0.
  Rational(Integer numerator, Integer denominator, int64_t exponent);

  /// As a fraction of whole numbers.
  Integer getTop() const;
  Integer getBottom() const;
  /// The number's size as 64 significant bits, the lowest of which is set when
  /// anything was cut off, and an exponent: from there one rounding gives any
  /// format. Not of 0.
  std::pair<uint64_t, int64_t> getBits() const;
  template <typename Float> Float toNearest() const;

  /// Invariant: odd, without a common factor, the denominator above 0; 0 is
  /// 0 / 1 * 2^0.
  Integer numerator, denominator;
  int64_t exponent = 0;
};

} // namespace pdkc

#endif // PDKC_DIALECTS_EXACT_RATIONAL_H
