//===- Natural.h - Whole numbers of any size --------------------*- C++ -*-===//
//
// Numbers from 0 on, what Rational is made of. Up to 192 bits, which most of a
// model's numbers and their products stay within, they need no memory of their
// own.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_NATURAL_H
#define PDKC_DIALECTS_ONNX_NATURAL_H

#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>
#include <utility>

namespace pdkc {

class Natural {
public:
  Natural(uint64_t value = 0) {
    if (value)
      limbs.push_back(value);
  }

  bool isZero() const { return limbs.empty(); }
  bool isOne() const { return limbs.size() == 1 && limbs[0] == 1; }
  bool isOdd() const { return !limbs.empty() && (limbs[0] & 1); }
  /// The value where it fits.
  std::optional<uint64_t> getSmall() const;
  /// One more than the place of the highest bit that is set; 0 for 0.
  int64_t getLength() const;
  /// How many of the lowest bits are 0; of a number that is not 0.
  int64_t countTrailingZeros() const;
  std::string str() const;

  friend Natural operator+(const Natural &a, const Natural &b);
  /// a is no smaller than b.
  friend Natural operator-(const Natural &a, const Natural &b);
  friend Natural operator*(const Natural &a, const Natural &b);
  friend Natural operator<<(const Natural &a, int64_t count);
  friend Natural operator>>(const Natural &a, int64_t count);
  /// Negative, 0 or positive as a is below, equal to or above b.
  friend int compare(const Natural &a, const Natural &b);
  friend bool operator==(const Natural &a, const Natural &b) {
    return a.limbs == b.limbs;
  }
  /// Quotient and remainder; b is not 0.
  friend std::pair<Natural, Natural> divide(const Natural &a, const Natural &b);
  /// The greatest common divisor; b is odd.
  friend Natural gcd(Natural a, Natural b);

private:
  using Limbs = llvm::SmallVector<uint64_t, 3>;

  explicit Natural(Limbs given) : limbs(std::move(given)) {
    while (!limbs.empty() && limbs.back() == 0)
      limbs.pop_back();
  }

  Limbs limbs; ///< lowest first; the highest is not 0
};

} // namespace pdkc

#endif // PDKC_DIALECTS_ONNX_NATURAL_H
