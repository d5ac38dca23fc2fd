//===- Elementwise.cpp - The meaning of the elementwise operators ---------===//
//
// One function an operator, written for any arithmetic (see Scalar.h). Folding
// runs them in float32; lowering runs them in float32 and exactly.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Arithmetic.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

FailureOr<Scalar> IdentityOp::evaluate(Operands x) { return *x[0]; }

FailureOr<Scalar> AddOp::evaluate(Operands x) { return add(*x[0], *x[1]); }

FailureOr<Scalar> SubOp::evaluate(Operands x) { return subtract(*x[0], *x[1]); }

Dependence SubOp::getDependence(unsigned operand, Operands) {
  return Dependence::affine(operand == 0 ? 1 : -1);
}

FailureOr<Scalar> MulOp::evaluate(Operands x) { return multiply(*x[0], *x[1]); }

Dependence MulOp::getDependence(unsigned operand, Operands constants) {
  const Scalar *factor = constants[1 - operand];
  if (!factor)
    return {};
  // A factor of zero gives a constant, which rises as much as it falls.
  return Dependence::affine(getSign(*factor) < 0 ? -1 : 1);
}

FailureOr<Scalar> DivOp::evaluate(Operands x) {
  bool isFloat = std::holds_alternative<float>(*x[1]) ||
                 std::holds_alternative<double>(*x[1]);
  if (!isFloat && getSign(*x[1]) == 0)
    return failure();
  bool isInteger = isa<IntegerType>(getFirstElementType(*this));
  return binary(*x[0], *x[1], [&](const auto &a, const auto &b) {
    using Number = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<Number, int64_t>) {
      return b == -1 ? wrapped(-uint64_t(a)) : a / b;
    } else if constexpr (std::is_same_v<Number, Rational>) {
      Rational quotient = a / b;
      if (!isInteger)
        return quotient;
      return quotient.sign() < 0 ? ceil(quotient) : floor(quotient);
    } else {
      return a / b;
    }
  });
}

Dependence DivOp::getDependence(unsigned operand, Operands constants) {
  if (operand != 0 || !constants[1])
    return {};
  int direction = getSign(*constants[1]) < 0 ? -1 : 1;
  if (isa<IntegerType>(getFirstElementType(*this)))
    return Dependence::monotone(direction);
  return Dependence::affine(direction);
}

FailureOr<Scalar> NegOp::evaluate(Operands x) {
  return unary(*x[0], [](const auto &a) {
    if constexpr (std::is_same_v<std::decay_t<decltype(a)>, int64_t>)
      return wrapped(-uint64_t(a));
    else
      return -a;
  });
}

FailureOr<Scalar> FloorOp::evaluate(Operands x) {
  return toWhole(
      *x[0], [](auto a) { return std::floor(a); },
      [](const Rational &a) { return floor(a); });
}

FailureOr<Scalar> CeilOp::evaluate(Operands x) {
  return toWhole(
      *x[0], [](auto a) { return std::ceil(a); },
      [](const Rational &a) { return ceil(a); });
}

FailureOr<Scalar> RoundOp::evaluate(Operands x) { return roundHalfEven(*x[0]); }

FailureOr<Scalar> ReluOp::evaluate(Operands x) {
  return larger(*x[0], getLike(*x[0], 0));
}

FailureOr<Scalar> MinOp::evaluate(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result = smaller(result, *operand);
  return result;
}

FailureOr<Scalar> MaxOp::evaluate(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result = larger(result, *operand);
  return result;
}

FailureOr<Scalar> ClipOp::evaluate(Operands x) {
  Scalar result = *x[0];
  // The upper bound wins where they cross.
  if (x[1])
    result = larger(result, *x[1]);
  else if (getMinAttr())
    result = larger(result, getLike(*x[0], getMinAttr()->convertToFloat()));
  if (x[2])
    result = smaller(result, *x[2]);
  else if (getMaxAttr())
    result = smaller(result, getLike(*x[0], getMaxAttr()->convertToFloat()));
  return result;
}

FailureOr<Scalar> CastOp::evaluate(Operands x) {
  Type type = getElementTypeOf(getContext(), getTo());
  std::optional<Rational> exact = getExact(*x[0]);
  if (!exact)
    return failure();
  if (type.isInteger(1))
    exact = Rational(exact->sign() != 0);
  if (!std::holds_alternative<Rational>(*x[0]))
    return getScalar(type, *exact);
  if (isa<FloatType>(type))
    return Scalar(*exact);
  return Scalar(exact->sign() < 0 ? ceil(*exact) : floor(*exact));
}

/// From a float to an integer or to half precision.
bool CastOp::isStep() {
  Type from = getFirstElementType(*this);
  Type to = getElementTypeOf(getContext(), getTo());
  return isa<FloatType>(from) &&
         (isa<IntegerType>(to) || (to.isF16() || to.isBF16()));
}

Dependence CastOp::getDependence(unsigned, Operands) {
  Type from = getFirstElementType(*this);
  Type to = getElementTypeOf(getContext(), getTo());
  if (auto integer = dyn_cast<IntegerType>(to)) {
    // What does not fit wraps around, and any number but 0 is true.
    bool widens =
        from.isInteger() && from.getIntOrFloatBitWidth() <= integer.getWidth();
    if (from == to || (widens && integer.getWidth() > 1))
      return Dependence::affine(1);
    return integer.getWidth() < 32 ? Dependence() : Dependence::monotone(1);
  }
  return isStep() ? Dependence::monotone(1) : Dependence::affine(1);
}
