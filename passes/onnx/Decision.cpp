//===- Decision.cpp - From the last integers to a class -------------------===//
//
// Which element is largest is asked of reals scale * n + offset, answered by
// integers: rows take small multipliers to one scale, and what the offsets have
// beyond that scale's grid only orders rows that are equal on it.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx/GraphLowering.h"

using namespace mlir;
using namespace pdkc;

namespace {
/// integer[i] = multiplier[i] * n[i] + bias[i] orders as the reals do, the
/// lowest i first at ties.
struct Order {
  SmallVector<int64_t> multiplier, bias;
  int64_t ranks;
};
} // namespace

/// Numbers fractions so that, of two rows that are equal otherwise, the larger
/// number wins, or the lower row where the numbers are equal, just as with the
/// fractions. As few numbers as can be. Returns how many.
static int64_t rankFractions(ArrayRef<Rational> fractions,
                             SmallVectorImpl<int64_t> &ranks) {
  auto rows = llvm::to_vector(llvm::seq<size_t>(0, fractions.size()));
  // From the least preferred row to the most preferred.
  llvm::sort(rows, [&](size_t a, size_t b) {
    return fractions[a] != fractions[b] ? fractions[a] < fractions[b] : a > b;
  });
  ranks.assign(fractions.size(), 0);
  int64_t rank = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    // With one number the lower row wins, which is right if it is preferred.
    if (rows[i] > rows[i - 1])
      ++rank;
    ranks[rows[i]] = rank;
  }
  return rank + 1;
}

/// The order with the offsets counted from `reference`; only differences of
/// offsets matter.
static std::optional<Order> findOrder(const IntegerTensor &tensor,
                                      const Rational &common,
                                      const Rational &reference) {
  Order order;
  Rationals fractions, wholes;
  for (const Rational &offset : tensor.offset) {
    Rational bias = (offset - reference) / common;
    wholes.push_back(floor(bias));
    fractions.push_back(bias - wholes.back());
  }
  SmallVector<int64_t> ranks;
  order.ranks = rankFractions(fractions, ranks);
  Rational count(order.ranks);
  for (size_t i = 0; i < tensor.scale.size(); ++i) {
    std::optional<int64_t> multiplier =
        (tensor.scale[i] / common * count).getInteger();
    std::optional<int64_t> bias =
        (wholes[i] * count + Rational(ranks[i])).getInteger();
    // What leaves 32 bits here cannot be meant for the device.
    if (!multiplier || !bias || std::abs(*multiplier) > INT32_MAX ||
        std::abs(*bias) > INT32_MAX)
      return std::nullopt;
    order.multiplier.push_back(*multiplier);
    order.bias.push_back(*bias);
  }
  return order;
}

/// The order with the fewest ranks.
static std::optional<Order> findOrder(const IntegerTensor &tensor) {
  Rational common;
  for (const Rational &scale : tensor.scale)
    common = gcd(common, scale);
  if (common.sign() == 0)
    common = 1;
  std::optional<Order> best = findOrder(tensor, common, Rational(0));
  for (const Rational &reference : tensor.offset) {
    if (best && best->ranks == 1)
      break;
    std::optional<Order> order = findOrder(tensor, common, reference);
    if (order && (!best || order->ranks < best->ranks))
      best = order;
  }
  return best;
}

/// Rows times their multipliers; a diagonal where the integers are no sums.
static FailureOr<IntegerMatrix> multiplyRows(const IntegerTensor &tensor,
                                             const Order &order) {
  IntegerMatrix weights = tensor.weights;
  if (!tensor.isOpen())
    for (size_t i = 0; i < order.bias.size(); ++i) {
      weights.emplace_back(order.bias.size(), 0);
      weights.back()[i] = 1;
    }
  for (auto [row, multiplier] : llvm::zip_equal(weights, order.multiplier))
    for (int64_t &weight : row)
      if (llvm::MulOverflow(weight, multiplier, weight) ||
          std::abs(weight) > INT32_MAX)
        return emitError(tensor.loc)
               << "has elements of scales too different to be compared in 32 "
                  "bits";
  return weights;
}

FailureOr<Value> GraphLowering::decide(Value value, Location loc,
                                       bool takesLast) {
  FailureOr<const IntegerTensor *> described = describe(value);
  if (failed(described))
    return failure();
  IntegerTensor tensor = **described;
  if (takesLast) {
    // The first of the reversed row; the number is turned back below.
    std::reverse(tensor.scale.begin(), tensor.scale.end());
    std::reverse(tensor.offset.begin(), tensor.offset.end());
    std::reverse(tensor.weights.begin(), tensor.weights.end());
    if (!tensor.isOpen())
      tensor.value =
          emitter.emitSelect(loc, tensor.value,
                             llvm::to_vector(llvm::reverse(
                                 llvm::seq<int64_t>(0, tensor.scale.size()))),
                             tensor.shape);
  }
  std::optional<Order> order = findOrder(tensor);
  if (!order)
    return emitError(value.getLoc())
           << "has elements of scales or offsets too different to be compared "
              "in 32 bits";
  auto all = [](ArrayRef<int64_t> values, int64_t wanted) {
    return llvm::all_of(values, [&](int64_t it) { return it == wanted; });
  };
  if (tensor.isOpen() || !all(order->multiplier, 1) || !all(order->bias, 0)) {
    FailureOr<IntegerMatrix> weights = multiplyRows(tensor, *order);
    if (failed(weights))
      return failure();
    FailureOr<Value> dense = emitter.emitDense(
        tensor.loc, tensor.isOpen() ? tensor.terms : tensor.value, *weights,
        order->bias, tensor.shape);
    if (failed(dense))
      return failure();
    tensor.value = *dense;
  }
  Value decision = emitter.emitArgmax(loc, tensor.value, {1});
  if (!takesLast)
    return decision;
  RequantFit turn;
  turn.multiplier = -1;
  turn.offset = turn.max = int64_t(tensor.scale.size()) - 1;
  return emitter.emitRequant(loc, decision, turn);
}

LogicalResult GraphLowering::lowerArgMax(onnx::ArgMaxOp node) {
  ArrayRef<int64_t> shape = onnx::getShape(node.getData());
  FailureOr<int64_t> axis = onnx::getAxis(node, node.getAxis(), shape.size());
  if (failed(axis))
    return failure();
  if (shape[*axis] != ShapedType::getNumElements(shape))
    return node.emitOpError("decides along dimension ")
           << *axis << " of a tensor of shape [" << shape
           << "]; only one decision at a time is supported";
  FailureOr<Value> decision =
      decide(node.getData(), node.getLoc(), node.getSelectLastIndex());
  if (failed(decision))
    return failure();
  IntegerTensor tensor(node.getLoc());
  tensor.shape.assign(onnx::getShape(node.getResult()));
  tensor.scale.assign(1, Rational(1));
  tensor.offset.assign(1, Rational(0));
  tensor.ranges = emitter.getRanges(*decision);
  tensor.isDefined = true;
  tensor.isClass = true;
  tensor.value = *decision;
  setKnown(node.getResult(), std::move(tensor));
  return success();
}

FailureOr<Value>
GraphLowering::lowerElement(Value value,
                            function_ref<Rational(const Rational &)> view) {
  Location loc = value.getLoc();
  FailureOr<ElementProgram> program =
      ElementProgram::build(value, 0, known, movements);
  if (failed(program))
    return failure();
  FailureOr<RealSteps> steps =
      findSteps(*program, program->getBase().ranges[program->getBaseElement()],
                loc, view);
  if (failed(steps))
    return failure();
  std::optional<IntegerSteps> integers = toIntegers(*steps, {1, 0});
  const IntegerTensor &base = program->getBase();
  std::optional<RequantFit> fit;
  if (integers)
    fit = fitRequant(*integers, base.isOpen());
  if (!fit)
    return emitError(loc) << "is no class that a multiplication, shift and "
                             "clamp of its integer gives";
  size_t element = program->getBaseElement();
  if (!base.isOpen()) {
    fit->multiplier *= fit->isMirrored.front() ? -1 : 1;
    Value input = emitter.emitSelect(loc, base.value, element, {1});
    return emitter.emitRequant(loc, input, *fit);
  }
  IntegerMatrix weights{base.weights[element]};
  if (fit->isMirrored.front())
    for (int64_t &weight : weights.front())
      weight = -weight;
  FailureOr<Value> dense =
      emitter.emitDense(base.loc, base.terms, weights, fit->bias, {1});
  if (failed(dense))
    return failure();
  return emitter.emitRequant(loc, *dense, *fit);
}

FailureOr<Value> GraphLowering::lowerOutput(Value output) {
  int64_t count = cast<RankedTensorType>(output.getType()).getNumElements();
  if (count > 1)
    return decide(output, output.getLoc(), /*takesLast=*/false);
  FailureOr<ElementProgram> program =
      ElementProgram::build(output, 0, known, movements);
  if (failed(program))
    return failure();
  if (program->getBase().isClass)
    return lowerElement(output, nullptr);
  return lowerElement(
      output, [](const Rational &value) { return Rational(value.sign() > 0); });
}
