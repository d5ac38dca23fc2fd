//===- ElementBounds.cpp - An element's bounds on a range -----------------===//
//
// Interval arithmetic over an element's steps, for functions that neither only
// rise nor only fall: a HardSwish, a Gelu, x * Sigmoid(x). Where both bounds
// behind a quantiser are the same the element is constant on the range.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/ElementProgram.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

/// Whether the result falls up to 0 and rises from there: |x|, x * x.
static bool isEven(Elementwise node) {
  return node->getName().stripDialect() == "Abs" ||
         (isa<MulOp>(*node) && node->getOperand(0) == node->getOperand(1));
}

/// Whether the node computes x * g(x) with a g that rises from 0 to 1.
static bool isGated(Elementwise node) {
  StringRef name = node->getName().stripDialect();
  return name == "HardSwish" || name == "Gelu" || name == "Swish" ||
         name == "Mish";
}

/// Whether the result only rises, or only falls, with each of the operands that
/// are not constant while the others stay: its extremes are at corners then.
static bool isMonotoneInEach(Elementwise node,
                             ArrayRef<const Scalar *> constants) {
  if (isa<MulOp>(*node))
    return true;
  for (auto [i, constant] : llvm::enumerate(constants))
    if (!constant && node.getDependence(i, constants).direction == 0)
      return false;
  return true;
}

using Bounds = std::pair<Rational, Rational>;

/// x * g(x) on a range whose ends have the results `low` and `high`.
static Bounds boundGated(const Rational &begin, const Rational &end,
                         const Rational &low, const Rational &high) {
  Bounds bounds{low, high};
  if (end.sign() < 0)
    bounds = {begin * high / end, end * low / begin};
  else if (begin.sign() < 0)
    bounds = {begin, high};
  // The function's own roundings, in float32 at the worst.
  Rational room = Rational(1) / Rational(1 << 18);
  return {bounds.first - abs(bounds.first) * room,
          bounds.second + abs(bounds.second) * room};
}

static Bounds boundEven(const Rational &begin, const Rational &end,
                        const Rational &low, const Rational &high) {
  if (begin.sign() < 0 && end.sign() > 0)
    return {Rational(), std::max(low, high)};
  return {std::min(low, high), std::max(low, high)};
}

FailureOr<Bounds> ElementProgram::bound(lowbit::Interval range) {
  struct Ends {
    std::array<Scalar, 2> typed, exact;
  };
  SmallVector<Ends, 8> ends(slots.size());
  auto keep = [&](size_t slot, size_t end) {
    ends[slot].typed[end] = slots[slot].typed;
    ends[slot].exact[end] = slots[slot].exact;
  };
  auto use = [&](size_t slot, size_t end) {
    slots[slot].typed = ends[slot].typed[end];
    slots[slot].exact = ends[slot].exact[end];
  };
  assert(inputs.size() == 1 && inputs[0].slot >= 0 && "of one integer");
  const bool falls = slots[inputs[0].slot].direction < 0;
  for (size_t end : {0, 1}) {
    if (failed(evaluate(end ? range.max : range.min)))
      return failure();
    keep(inputs[0].slot, falls ? 1 - end : end);
  }
  for (auto [number, slot] : llvm::enumerate(slots)) {
    if (!slot.node)
      continue;
    if (slot.isCancelled)
      return failure();
    SmallVector<int, 2> variable;
    SmallVector<const Scalar *> constants;
    for (int operand : slot.operands) {
      bool isVariable = operand >= 0 && !slots[operand].isConstant;
      constants.push_back(operand < 0 || isVariable ? nullptr
                                                    : &slots[operand].typed);
      // One slot cannot stand for two corners.
      if (isVariable && llvm::is_contained(variable, operand)) {
        if (!isEven(slot.node))
          return failure();
      } else if (isVariable) {
        variable.push_back(operand);
      }
    }
    bool turns = isGated(slot.node) || isEven(slot.node);
    constexpr size_t kMostVariable = 4;
    if (variable.size() > kMostVariable ||
        (!turns && !isMonotoneInEach(slot.node, constants)))
      return failure();
    std::optional<Rational> least, most;
    SmallVector<Rational, 4> corners;
    for (unsigned corner = 0; corner < 1u << variable.size(); ++corner) {
      for (auto [i, operand] : llvm::enumerate(variable))
        use(operand, corner >> i & 1);
      if (failed(run(slot)))
        return failure();
      Rational value = getValue(number);
      if (!least || value < *least) {
        least = value;
        keep(number, 0);
      }
      if (!most || *most < value) {
        most = value;
        keep(number, 1);
      }
      corners.push_back(std::move(value));
    }
    if (!turns)
      continue;
    std::array<Rational, 2> argument;
    for (size_t end : {0, 1}) {
      use(variable.front(), end);
      argument[end] = getValue(variable.front());
    }
    auto [low, high] = (isEven(slot.node) ? boundEven : boundGated)(
        argument[0], argument[1], corners.front(), corners.back());
    ends[number].typed = {getScalar(slot.elementType, low),
                          getScalar(slot.elementType, high)};
    ends[number].exact = {low, high};
  }
  std::array<Rational, 2> result;
  for (size_t end : {0, 1}) {
    use(slots.size() - 1, end);
    result[end] = getValue(slots.size() - 1);
  }
  return Bounds(result[0], result[1]);
}
