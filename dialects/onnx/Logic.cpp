//===- Logic.cpp - Comparisons, logic and bits ----------------------------===//

#include "dialects/onnx/Arithmetic.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

/// True or false in the arithmetic that the operands are in.
static Scalar getTruth(const Scalar &like, bool value) {
  if (std::holds_alternative<Rational>(like))
    return Rational(value);
  return int64_t(value);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// Nothing is less or greater than a NaN.
static bool isBelow(Operation *op, const Scalar &x, const Scalar &y) {
  return isLess(x, y, isUnsigned64(getFirstElementType(op)));
}

FailureOr<Scalar> GreaterOp::evaluate(Operands x) {
  return getTruth(*x[0], isBelow(*this, *x[1], *x[0]));
}
FailureOr<Scalar> LessOp::evaluate(Operands x) {
  return getTruth(*x[0], isBelow(*this, *x[0], *x[1]));
}
FailureOr<Scalar> GreaterOrEqualOp::evaluate(Operands x) {
  return getTruth(*x[0], isBelow(*this, *x[1], *x[0]) || isEqual(*x[0], *x[1]));
}
FailureOr<Scalar> LessOrEqualOp::evaluate(Operands x) {
  return getTruth(*x[0], isBelow(*this, *x[0], *x[1]) || isEqual(*x[0], *x[1]));
}
FailureOr<Scalar> EqualOp::evaluate(Operands x) {
  return getTruth(*x[0], isEqual(*x[0], *x[1]));
}

Dependence GreaterOp::getDependence(unsigned operand, Operands) {
  return Dependence::monotone(operand == 0 ? 1 : -1);
}
Dependence GreaterOrEqualOp::getDependence(unsigned operand, Operands) {
  return Dependence::monotone(operand == 0 ? 1 : -1);
}
Dependence LessOp::getDependence(unsigned operand, Operands) {
  return Dependence::monotone(operand == 0 ? -1 : 1);
}
Dependence LessOrEqualOp::getDependence(unsigned operand, Operands) {
  return Dependence::monotone(operand == 0 ? -1 : 1);
}

FailureOr<Scalar> IsNaNOp::evaluate(Operands x) {
  return getTruth(*x[0], isNaN(*x[0]));
}
FailureOr<Scalar> IsInfOp::evaluate(Operands x) {
  bool counts = getSign(*x[0]) < 0 ? getDetectNegative() : getDetectPositive();
  return getTruth(*x[0], counts && isInfinite(*x[0]));
}

//===----------------------------------------------------------------------===//
// Logic
//===----------------------------------------------------------------------===//

static bool isTrue(const Scalar &x) { return getSign(x) != 0; }

FailureOr<Scalar> AndOp::evaluate(Operands x) {
  return getTruth(*x[0], isTrue(*x[0]) && isTrue(*x[1]));
}
FailureOr<Scalar> OrOp::evaluate(Operands x) {
  return getTruth(*x[0], isTrue(*x[0]) || isTrue(*x[1]));
}
FailureOr<Scalar> XorOp::evaluate(Operands x) {
  return getTruth(*x[0], isTrue(*x[0]) != isTrue(*x[1]));
}
FailureOr<Scalar> NotOp::evaluate(Operands x) {
  return getTruth(*x[0], !isTrue(*x[0]));
}

FailureOr<Scalar> WhereOp::evaluate(Operands x) {
  return isTrue(*x[0]) ? *x[1] : *x[2];
}

Dependence WhereOp::getDependence(unsigned operand, Operands constants) {
  // A branch that is not taken has no influence.
  if (operand > 0)
    return constants[0] ? Dependence::affine(1) : Dependence::monotone(1);
  if (!constants[1] || !constants[2])
    return {};
  return Dependence::monotone(isLess(*constants[1], *constants[2]) ? -1 : 1);
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

/// A function of integers, which exact arithmetic holds as fractions.
template <typename Function>
static FailureOr<Scalar> onBits(Operands x, Function function) {
  std::optional<int64_t> bits[2] = {0, 0};
  for (auto [i, operand] : llvm::enumerate(x))
    if (auto *exact = std::get_if<Rational>(operand))
      bits[i] = exact->getInteger();
    else
      bits[i] = std::get<int64_t>(*operand);
  if (!bits[0] || !bits[1])
    return failure();
  int64_t result = function(*bits[0], *bits[1]);
  if (std::holds_alternative<Rational>(*x[0]))
    return Scalar(Rational(result));
  return Scalar(result);
}

FailureOr<Scalar> BitwiseAndOp::evaluate(Operands x) {
  return onBits(x, [](int64_t a, int64_t b) { return a & b; });
}
FailureOr<Scalar> BitwiseOrOp::evaluate(Operands x) {
  return onBits(x, [](int64_t a, int64_t b) { return a | b; });
}
FailureOr<Scalar> BitwiseXorOp::evaluate(Operands x) {
  return onBits(x, [](int64_t a, int64_t b) { return a ^ b; });
}
FailureOr<Scalar> BitwiseNotOp::evaluate(Operands x) {
  auto type = cast<IntegerType>(getFirstElementType(*this));
  uint64_t mask = type.isUnsigned() && type.getWidth() < 64
                      ? (uint64_t(1) << type.getWidth()) - 1
                      : ~uint64_t(0);
  return onBits(x, [&](int64_t a, int64_t) { return wrapped(~a & mask); });
}

FailureOr<Scalar> BitShiftOp::evaluate(Operands x) {
  // Only unsigned types shift, and beyond the width nothing is left.
  bool isRight = getDirection() == "RIGHT";
  return onBits(x, [&](int64_t a, int64_t b) {
    if (uint64_t(b) >= 64)
      return int64_t(0);
    return wrapped(isRight ? uint64_t(a) >> b : uint64_t(a) << b);
  });
}
