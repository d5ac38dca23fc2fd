//===- ElementRounding.cpp - What float32 makes of an element -------------===//
//
// How far off the exact values of an element's steps float32, or an
// implementation of a function in it, may be: as a side that every step is
// moved to, and as bounds.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/ElementProgram.h"

#include <cmath>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

/// Operators that compute nothing that float32 could round.
static bool isRoundingFree(Elementwise node) {
  StringRef name = node->getName().stripDialect();
  for (StringRef exact : {"Abs", "Clip", "Identity", "Max", "Min", "Neg",
                          "Relu", "ThresholdedRelu", "Where"})
    if (name == exact)
      return true;
  return false;
}

/// What float32, or an implementation of a function in it, may make of a
/// result, on one side of it.
static Rational roundAway(Elementwise node, ArrayRef<const Scalar *> operands,
                          const Rational &value, int side) {
  if (isRoundingFree(node))
    return value;
  StringRef name = node->getName().stripDialect();
  constexpr int64_t kUnits = 1 << 24;
  auto magnitude = [&](int operand) {
    return abs(std::get<Rational>(*operands[operand]));
  };
  Rational error;
  if (isa<AddOp, SubOp, MulOp, DivOp>(*node) || name == "LeakyRelu" ||
      name == "PRelu") {
    error = abs(value);
  } else if (name == "BatchNormalization") {
    // x s + (b - m s), whose summands may cancel.
    error = Rational(4) * (abs(value) + Rational(2) * magnitude(2));
  } else if (name.starts_with("Hard")) {
    error = Rational(4) * std::max(Rational(1), magnitude(0));
  } else {
    // Functions that go to 0 are cut off, or underflow.
    error = Rational(32) * abs(value);
    // ONNX Runtime's Sigmoid is half more than a quotient near -1/2 there.
    if (value.sign())
      error =
          error + (name == "Sigmoid" ? Rational(3) : Rational(1) / Rational(4));
    // x times something that goes to 0 as a difference of ones.
    if (value.sign() && (name == "Gelu" || name == "Mish" || name == "Swish"))
      error = error + Rational(2) * magnitude(0);
  }
  error = error / Rational(kUnits);
  return side > 0 ? value + error : value - error;
}

/// How often a quantiser rounds before its rounding to integers.
static int getInnerRoundings(Elementwise node) {
  StringRef name = node->getName().stripDialect();
  return name == "QuantizeLinear"                                   ? 1
         : name == "Quant" || name == "IntQuant" || name == "Trunc" ? 3
                                                                    : 0;
}

/// Functions of which every library has float32 results of its own.
static bool isFunction(Elementwise node) {
  return (node.isApproximate() && !isa<BatchNormalizationOp>(*node)) ||
         node->getName().stripDialect() == "Softsign";
}

bool ElementProgram::hasFunction() const {
  return llvm::any_of(slots, [](const Slot &slot) {
    return slot.node && !slot.isConstant && isFunction(slot.node);
  });
}

void ElementProgram::moveAside(Slot &slot) {
  std::optional<Rational> value = getExact(slot.typed);
  if (!isFunction(slot.node) || !value || !isa<FloatType>(slot.elementType))
    return;
  SmallVector<Scalar, 3> operands;
  SmallVector<const Scalar *, 3> pointers;
  for (int operand : slot.operands)
    operands.push_back(
        operand < 0 ? Scalar(Rational())
                    : Scalar(getExact(slots[operand].typed).value_or(0)));
  for (const Scalar &operand : operands)
    pointers.push_back(&operand);
  slot.typed = getScalar(slot.elementType,
                         roundAway(slot.node, pointers, *value, roundingSide));
}

FailureOr<Rational> ElementProgram::evaluateBeside(int64_t integer, int side) {
  roundingSide = side;
  FailureOr<Rational> result = evaluate(integer);
  roundingSide = 0;
  return result;
}

LogicalResult ElementProgram::runExact(Slot &slot) {
  SmallVector<const Scalar *, 3> exact;
  for (int operand : slot.operands)
    exact.push_back(operand < 0 ? nullptr : &slots[operand].exact);
  bool isOdd = (&slot - slots.begin()) % 2;
  int side = alternates && isOdd ? -roundingSide : roundingSide;
  Scalar moved;
  if (int roundings = side ? getInnerRoundings(slot.node) : 0) {
    // x / scale + zero point is off by a share of the summands.
    Rational value = std::get<Rational>(*exact[0]), error = abs(value);
    if (exact[2] && slot.node->getName().stripDialect() != "QuantizeLinear")
      error = error + abs(std::get<Rational>(*exact[1]) *
                          std::get<Rational>(*exact[2]));
    error = error * Rational(side * roundings) / Rational(1 << 24);
    moved = value + error;
    exact[0] = &moved;
  }
  FailureOr<Scalar> result = slot.node.evaluate(exact);
  if (failed(result))
    return failure();
  slot.exact = std::move(*result);
  // Behind the last jump rounding decides nothing any more.
  if (!side || slot.isDefined || (isDecided() && !slot.feedsJump))
    return success();
  slot.exact =
      roundAway(slot.node, exact, std::get<Rational>(slot.exact), side);
  if (slot.isCancelled)
    slot.exact =
        std::get<Rational>(slot.exact) + (abs(std::get<Rational>(*exact[0])) +
                                          abs(std::get<Rational>(*exact[1]))) *
                                             Rational(side) / Rational(1 << 24);
  return success();
}

FailureOr<Rational> ElementProgram::evaluateRounded(Rational value, int side,
                                                    bool alternates) {
  roundingSide = side;
  this->alternates = alternates;
  FailureOr<Rational> result = evaluateReal(std::move(value));
  roundingSide = 0;
  return result;
}

int ElementProgram::countRoundings() const {
  return llvm::count_if(slots, [](const Slot &slot) {
    Elementwise node = slot.node;
    return node && (slot.isDefined ? getInnerRoundings(node) > 0
                                   : !isRoundingFree(node));
  });
}

double ElementProgram::getRounding() const {
  const Slot &slot = slots.back();
  std::optional<Rational> typed =
      slot.isDefined ? getExact(slot.typed) : std::nullopt;
  return typed ? abs(*typed - std::get<Rational>(slot.exact)).toDouble() : 0;
}

double ElementProgram::boundRounding() {
  constexpr double kUnit = 1.0 / (1 << 24);
  if (inputs[0].slot < 0 || slots[inputs[0].slot].isDefined)
    return 0;
  auto [low, high] = getRange();
  SmallVector<std::pair<double, double>> ends(slots.size());
  for (int64_t end : {low, high}) {
    if (failed(evaluate(end)))
      return 0;
    for (auto [slot, pair] : llvm::zip_equal(slots, ends))
      (end == low ? pair.first : pair.second) =
          slot.needsExact || slot.isConstant
              ? std::get<Rational>(slot.exact).toDouble()
              : 0;
  }
  auto [first, last] = ends[inputs[0].slot];
  double bound = 0;
  for (auto [slot, pair] : llvm::zip_equal(slots, ends)) {
    double rise = std::abs(pair.second - pair.first);
    if (slot.node && !slot.isConstant && slot.isAffine && !slot.isDefined &&
        rise > 0)
      bound += kUnit * std::max(std::abs(pair.first), std::abs(pair.second)) *
               std::abs(last - first) / rise;
  }
  return bound;
}

Rounding ElementProgram::boundDefinedRounding() {
  auto [low, high] = getRange();
  SmallVector<double> largest(slots.size(), 0), rises(slots.size(), 0);
  bool isProportional = true;
  const int64_t integers[] = {low, high, 0};
  for (auto [place, integer] : llvm::enumerate(integers)) {
    if (failed(evaluate(integer)))
      return {};
    for (auto [i, slot] : llvm::enumerate(slots)) {
      if (slot.isConstant)
        continue;
      double value = getValue(i).toDouble();
      isProportional &= integer != 0 || value == 0;
      if (place < 2)
        rises[i] = value - rises[i];
      largest[i] = std::max(largest[i], std::abs(value));
    }
  }
  constexpr double kUnit = 1.0 / (1 << 24);
  Rounding bound;
  for (auto [i, slot] : llvm::enumerate(slots)) {
    if (!slot.node || slot.isConstant || rises[i] == 0)
      continue;
    // Of products alone each is off by a share.
    bound.relative += kUnit;
    bound.absolute += kUnit * largest[i] * std::abs(rises.back() / rises[i]);
  }
  (isProportional ? bound.absolute : bound.relative) = 0;
  return bound;
}

double ElementProgram::boundCancellation() {
  if (llvm::none_of(slots, [](const Slot &slot) { return slot.isCancelled; }) ||
      inputs.size() != 1)
    return 0;
  auto [low, high] = getRange();
  constexpr int64_t kMostTried = 256;
  if (isDefined() && inputs[0].slot >= 0 && slots[inputs[0].slot].isDefined &&
      high - low < kMostTried) {
    bool isExact = slots.back().needsExact;
    for (int64_t i = low; i <= high && isExact; ++i)
      isExact =
          succeeded(evaluate(i)) && getExact(slots.back().typed) ==
                                        std::get<Rational>(slots.back().exact);
    if (isExact)
      return 0;
  }
  constexpr double kUnit = 1.0 / (1 << 24);
  double bound = 0;
  for (int64_t end : {low, high}) {
    if (failed(evaluate(end)))
      return 0;
    for (const Slot &slot : slots)
      if (slot.isCancelled)
        for (int operand : slot.operands)
          bound = std::max(bound,
                           2 * kUnit * std::abs(getValue(operand).toDouble()));
  }
  return bound;
}
