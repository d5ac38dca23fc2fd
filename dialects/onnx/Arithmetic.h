//===- Arithmetic.h - Operators on scalars of any arithmetic ----*- C++ -*-===//
//
// What the evaluation functions of the elementwise operators are written with.
// Private to the dialect.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_ARITHMETIC_H
#define PDKC_DIALECTS_ONNX_ARITHMETIC_H

#include "dialects/onnx/OnnxDialect.h"
#include <cmath>

namespace pdkc::onnx {

using Operands = llvm::ArrayRef<const Scalar *>;

/// Applies the function to operands that all hold the same arithmetic.
template <typename Function> Scalar unary(const Scalar &x, Function function) {
  return std::visit([&](const auto &a) { return Scalar(function(a)); }, x);
}
template <typename Function>
Scalar binary(const Scalar &x, const Scalar &y, Function function) {
  return std::visit(
      [&](const auto &a) {
        return Scalar(function(a, std::get<std::decay_t<decltype(a)>>(y)));
      },
      x);
}

/// A number of the operator itself, such as a bound in an attribute, in the
/// arithmetic of the operand.
inline Scalar getLike(const Scalar &operand, double value) {
  return unary(operand, [&](const auto &a) {
    using Number = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<Number, Rational>)
      return Rational::fromDouble(value).value_or(Rational());
    else
      return Number(value);
  });
}

/// Signed overflow is undefined in C++, in ONNX it wraps.
inline int64_t wrapped(uint64_t bits) { return int64_t(bits); }

inline Scalar add(const Scalar &x, const Scalar &y) {
  return binary(x, y, [](const auto &a, const auto &b) {
    if constexpr (std::is_same_v<std::decay_t<decltype(a)>, int64_t>)
      return wrapped(uint64_t(a) + uint64_t(b));
    else
      return a + b;
  });
}

inline Scalar subtract(const Scalar &x, const Scalar &y) {
  return binary(x, y, [](const auto &a, const auto &b) {
    if constexpr (std::is_same_v<std::decay_t<decltype(a)>, int64_t>)
      return wrapped(uint64_t(a) - uint64_t(b));
    else
      return a - b;
  });
}

inline Scalar multiply(const Scalar &x, const Scalar &y) {
  return binary(x, y, [](const auto &a, const auto &b) {
    if constexpr (std::is_same_v<std::decay_t<decltype(a)>, int64_t>)
      return wrapped(uint64_t(a) * uint64_t(b));
    else
      return a * b;
  });
}

/// The quotient, of integers towards 0; y is not zero but for floats.
inline Scalar divide(const Scalar &x, const Scalar &y) {
  return binary(x, y, [](const auto &a, const auto &b) {
    if constexpr (std::is_same_v<std::decay_t<decltype(a)>, int64_t>)
      return b == -1 ? wrapped(-uint64_t(a)) : a / b;
    else
      return a / b;
  });
}

/// Whether a float is no number.
inline bool isNaN(const Scalar &x) {
  return std::visit(
      [](const auto &a) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(a)>>)
          return std::isnan(a);
        else
          return false;
      },
      x);
}

/// In the type's order: 64-bit unsigned integers are held as signed ones.
inline bool isLess(const Scalar &x, const Scalar &y, bool isUnsigned = false) {
  return std::visit(
      [&](const auto &a) {
        using Number = std::decay_t<decltype(a)>;
        const Number &b = std::get<Number>(y);
        if constexpr (std::is_same_v<Number, int64_t>)
          return isUnsigned ? uint64_t(a) < uint64_t(b) : a < b;
        else
          return a < b;
      },
      x);
}

inline bool isEqual(const Scalar &x, const Scalar &y) {
  return std::visit(
      [&](const auto &a) {
        return a == std::get<std::decay_t<decltype(a)>>(y);
      },
      x);
}

/// A NaN wins.
inline const Scalar &smaller(const Scalar &x, const Scalar &y,
                             bool isUnsigned = false) {
  return isNaN(y) || isLess(y, x, isUnsigned) ? y : x;
}
inline const Scalar &larger(const Scalar &x, const Scalar &y,
                            bool isUnsigned = false) {
  return isNaN(y) || isLess(x, y, isUnsigned) ? y : x;
}

inline bool isFloat(const Scalar &x) {
  return std::holds_alternative<float>(x) || std::holds_alternative<double>(x);
}

/// -1, 0 or 1; 0 for NaN.
inline int getSign(const Scalar &scalar) {
  return std::visit(
      [](const auto &a) {
        if constexpr (std::is_same_v<std::decay_t<decltype(a)>, Rational>)
          return a.sign();
        else
          return int(a > 0) - int(a < 0);
      },
      scalar);
}

/// One function for each kind of real number; integers are whole already.
template <typename OnFloat, typename OnExact>
Scalar toWhole(const Scalar &x, OnFloat onFloat, OnExact onExact) {
  return unary(x, [&](const auto &a) {
    using Number = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<Number, Rational>)
      return onExact(a);
    else if constexpr (std::is_floating_point_v<Number>)
      return Number(onFloat(a));
    else
      return a;
  });
}

inline Scalar roundHalfEven(const Scalar &x) {
  // nearbyint rounds ties to even in the mode that programs start in.
  return toWhole(
      x, [](auto a) { return std::nearbyint(a); },
      [](const Rational &a) { return round(a); });
}

/// A function that is irrational in general: in the operand's own arithmetic,
/// an exact operand in float64. Fails where the result is no finite number and
/// the operand exact. Integers have no such functions.
template <typename Function>
llvm::FailureOr<Scalar> realFunction(const Scalar &x, Function function) {
  if (auto *single = std::get_if<float>(&x))
    return Scalar(float(function(*single)));
  if (auto *wide = std::get_if<double>(&x))
    return Scalar(double(function(*wide)));
  auto *exact = std::get_if<Rational>(&x);
  if (!exact)
    return mlir::failure();
  double value = function(exact->toDouble());
  if (!std::isfinite(value))
    return mlir::failure();
  return Scalar(*Rational::fromDouble(value));
}

inline bool isUnsigned64(mlir::Type type) { return type.isUnsignedInteger(64); }

} // namespace pdkc::onnx

#endif // PDKC_DIALECTS_ONNX_ARITHMETIC_H
