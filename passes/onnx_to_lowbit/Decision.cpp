//===- Decision.cpp - From the last integers to a class -------------------===//
//
// Which element is largest is asked of reals scale * n + offset, answered by
// integers: rows take small multipliers to one scale, and what the offsets have
// beyond that scale's grid only orders rows that are equal on it.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx_to_lowbit/ChannelOrder.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include "passes/onnx_to_lowbit/Softmax.h"
#include <cmath>

using namespace mlir;
using namespace pdkc;

/// Leaves with an argmax of ordered integers what these are worth in float32,
/// where that may decide: of m * n + bias, in `order`, it is scale * n +
/// offset.
static void describeReals(Operation *argmax, const IntegerTensor &tensor,
                          const ChannelOrder &order, ArrayRef<int64_t> bias,
                          double saturation, bool hasSoftmax) {
  auto isRounded = [](const Rounding &it) {
    return it.absolute != 0 || it.relative != 0;
  };
  // Alike elements keep their order.
  bool areAlike =
      tensor.error.empty() && llvm::all_equal(tensor.scale) &&
      llvm::all_equal(tensor.offset) &&
      llvm::all_of(tensor.rounding, [](auto &it) { return it.absolute == 0; });
  bool matters = !tensor.error.empty() ||
                 (!areAlike && llvm::any_of(tensor.rounding, isRounded));
  if (!matters && saturation == 0 && !hasSoftmax)
    return;
  SmallVector<double> reals;
  for (size_t i = 0; i < tensor.scale.size(); ++i) {
    int64_t multiplier = order.multiplier[i];
    Rational slope =
        multiplier ? tensor.scale[i] / Rational(multiplier) : Rational();
    Rational offset = tensor.offset[i] - slope * Rational(bias[i]);
    Rounding rounding =
        tensor.rounding.empty() ? Rounding() : tensor.rounding[i];
    reals.append({slope.toDouble(), offset.toDouble(), rounding.absolute,
                  rounding.relative});
  }
  Builder builder(argmax->getContext());
  argmax->setDiscardableAttr(lowbit::kReals,
                             builder.getDenseF64ArrayAttr(reals));
  if (saturation != 0)
    argmax->setDiscardableAttr(lowbit::kSaturates,
                               builder.getF64FloatAttr(saturation));
  constexpr double kResolution = 1.0 / (1 << 20);
  if (hasSoftmax)
    argmax->setDiscardableAttr(lowbit::kResolution,
                               builder.getF64FloatAttr(kResolution));
}

/// A row of the open sums, before the others, that is 0.
static void addZero(IntegerTensor &tensor) {
  tensor.shape = {int64_t(tensor.scale.size()) + 1};
  tensor.scale.insert(tensor.scale.begin(), Rational(tensor.scale.front()));
  tensor.offset.insert(tensor.offset.begin(), Rational());
  tensor.ranges.insert(tensor.ranges.begin(), lowbit::Interval());
  tensor.weights.insert(
      tensor.weights.begin(),
      SmallVector<int64_t, 0>(tensor.weights.front().size(), 0));
  tensor.floatSums.rows.insert(tensor.floatSums.rows.begin(),
                               lowbit::FloatSums::Row());
  if (!tensor.error.empty())
    tensor.error.insert(tensor.error.begin(), 0);
  if (!tensor.rounding.empty())
    tensor.rounding.insert(tensor.rounding.begin(), Rounding());
}

/// A last element that is a constant; of a tensor that has a value, the caller
/// adds it there.
static void addBound(IntegerTensor &tensor, const Rational &bound) {
  tensor.shape = {int64_t(tensor.scale.size()) + 1};
  tensor.scale.push_back(Rational(tensor.scale.front()));
  tensor.offset.push_back(bound);
  tensor.ranges.push_back(lowbit::Interval());
  if (!tensor.error.empty())
    tensor.error.push_back(0);
  if (!tensor.rounding.empty())
    tensor.rounding.push_back(Rounding());
  if (!tensor.isOpen())
    return;
  tensor.weights.emplace_back(tensor.weights.front().size(), 0);
  tensor.floatSums.rows.emplace_back();
}

FailureOr<const IntegerTensor *>
GraphLowering::describeLogits(Value value, bool &isRectified) {
  Operation *op = value.getDefiningOp();
  bool isRelu = op && op->getName().stripDialect() == "Relu";
  if (!isRelu || needsLogits || known.lookup(value))
    return keepsSums ? describeOrClip(value) : describe(value);
  FailureOr<const IntegerTensor *> argument = describe(op->getOperand(0));
  if (failed(argument) || !(*argument)->isOpen())
    return describe(value);
  // Its sums alone may have a grid, where 0 is none of it.
  {
    ScopedDiagnosticHandler quiet(value.getContext(),
                                  [](Diagnostic &) { return success(); });
    FailureOr<const IntegerTensor *> rectified = describe(value);
    if (succeeded(rectified) && !isWideTable(**rectified))
      return rectified;
  }
  isRectified = true;
  return argument;
}

/// The negated reals, of the same integers.
static void negateReals(IntegerTensor &tensor) {
  for (Rationals *each : {&tensor.scale, &tensor.offset})
    for (Rational &value : *each)
      value = -value;
}

/// Whether a Softmax over the reals may come to 0 in float32.
static bool mayUnderflow(const IntegerTensor &tensor) {
  constexpr double kDeepest = 80;
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < tensor.scale.size(); ++i)
    for (int64_t end : {tensor.ranges[i].min, tensor.ranges[i].max}) {
      double real =
          (tensor.scale[i] * Rational(end) + tensor.offset[i]).toDouble();
      low = std::min(low, real);
      high = std::max(high, real);
    }
  return high - low > kDeepest;
}

FailureOr<Value> GraphLowering::decide(Value value, Location loc,
                                       Preference preference,
                                       std::optional<Bound> bound) {
  FailureOr<Value> decisive = skipSoftmax(value, &preference);
  if (failed(decisive))
    return failure();
  bool isRectified = false;
  FailureOr<const IntegerTensor *> described =
      preference.isSmallest ? describe(*decisive)
                            : describeLogits(*decisive, isRectified);
  if (failed(described))
    return failure();
  IntegerTensor tensor = **described;
  // With another row the sums are no convolution's.
  if (isRectified)
    tensor.convolution.reset();
  if ((keepsSums && !isRectified) || tensor.convolution) {
    FailureOr<Value> closed = close(**described);
    if (failed(closed))
      return failure();
    tensor.value = *closed;
  }
  if (preference.isSmallest) {
    if (hasSoftmax(value, *decisive) && mayUnderflow(tensor))
      return emitError(loc) << "takes the smallest of probabilities, which "
                               "float32 makes 0 where they are far below the "
                               "largest: decide over the Softmax's input";
    negateReals(tensor);
  }
  if (preference.takesLast) {
    // The first of the reversed row; the number is turned back below.
    std::reverse(tensor.scale.begin(), tensor.scale.end());
    std::reverse(tensor.offset.begin(), tensor.offset.end());
    std::reverse(tensor.ranges.begin(), tensor.ranges.end());
    std::reverse(tensor.weights.begin(), tensor.weights.end());
    std::reverse(tensor.rounding.begin(), tensor.rounding.end());
    std::reverse(tensor.error.begin(), tensor.error.end());
    std::reverse(tensor.floatSums.rows.begin(), tensor.floatSums.rows.end());
    if (!tensor.isOpen())
      tensor.value =
          emitter.emitSelect(loc, tensor.value,
                             llvm::to_vector(llvm::reverse(
                                 llvm::seq<int64_t>(0, tensor.scale.size()))),
                             tensor.shape);
  }
  if (isRectified)
    addZero(tensor);
  if (bound)
    addBound(tensor,
             preference.isSmallest ? -bound->accepted : bound->accepted);
  std::optional<ChannelOrder> order = findOrder(tensor);
  if (!order)
    return emitError(value.getLoc())
           << "has elements of scales or offsets too different to be compared";
  if (bound && !tensor.isOpen()) {
    auto elements = llvm::to_vector(llvm::seq<int64_t>(0, tensor.scale.size()));
    elements.back() = 0;
    order->multiplier.back() = 0;
    tensor.value = emitter.emitSelect(loc, tensor.value, elements,
                                      {int64_t(elements.size())});
  }
  auto all = [](ArrayRef<int64_t> values, int64_t wanted) {
    return llvm::all_of(values, [&](int64_t it) { return it == wanted; });
  };
  bool isPlain = all(order->multiplier, 1);
  const SmallVector<int64_t> bias = order->bias;
  if (tensor.isOpen()) {
    FailureOr<Value> sums = emitter.emitSums(
        tensor,
        isPlain ? order->bias : SmallVector<int64_t>(order->bias.size(), 0));
    if (failed(sums))
      return failure();
    tensor.value = *sums;
    if (isPlain)
      order->bias.assign(order->bias.size(), 0);
  }
  if (!isPlain || !all(order->bias, 0))
    tensor.value =
        emitter.emitScale(loc, tensor.value, order->multiplier, order->bias);
  Value decision = emitter.emitArgmax(loc, tensor.value, {1});
  // What float32 compares with is the threshold itself.
  if (bound)
    tensor.offset.back() =
        preference.isSmallest ? -bound->threshold : bound->threshold;
  describeReals(decision.getDefiningOp(), tensor, *order, bias,
                (preference.isSmallest ? -1 : 1) *
                    getSaturation(value, *decisive),
                hasSoftmax(value, *decisive));
  // Number 0 is that of the zero and of the first element behind it.
  RequantFit turn;
  turn.max = int64_t((*described)->scale.size()) - 1;
  if (isRectified) {
    turn.offset = -1;
    decision = emitter.emitRequant(loc, decision, turn);
  }
  if (preference.takesLast && !bound) {
    turn.multiplier = -1;
    turn.offset = turn.max;
    decision = emitter.emitRequant(loc, decision, turn);
  }
  logits[decision] = {*described, *decisive};
  return decision;
}

//===----------------------------------------------------------------------===//
// Nodes and the output
//===----------------------------------------------------------------------===//

IntegerTensor GraphLowering::describeClass(Location loc, Value value,
                                           Value result) {
  IntegerTensor tensor(loc);
  tensor.shape.assign(onnx::getShape(result));
  tensor.scale.assign(1, Rational(1));
  tensor.offset.assign(1, Rational(0));
  tensor.ranges = emitter.getRanges(value);
  tensor.isDefined = true;
  tensor.isClass = true;
  tensor.value = value;
  return tensor;
}

LogicalResult GraphLowering::lowerDecision(Operation *node, Value data,
                                           Value result, int64_t axis,
                                           Preference preference) {
  ArrayRef<int64_t> shape = onnx::getShape(data);
  FailureOr<int64_t> along = onnx::getAxis(node, axis, shape.size());
  if (failed(along))
    return failure();
  if (shape[*along] != ShapedType::getNumElements(shape))
    return node->emitOpError("decides along dimension ")
           << *along << " of a tensor of shape [" << shape
           << "]; only one decision at a time is supported";
  FailureOr<Value> decision = decide(data, node->getLoc(), preference);
  if (failed(decision))
    return failure();
  setKnown(result, describeClass(node->getLoc(), *decision, result));
  decidedClasses[known.lookup(result)] = {data, preference, {}};
  return success();
}

LogicalResult GraphLowering::lowerArgMax(onnx::ArgMaxOp node) {
  return lowerDecision(node, node.getData(), node.getResult(), node.getAxis(),
                       {/*isSmallest=*/false, node.getSelectLastIndex() != 0});
}

LogicalResult GraphLowering::lowerArgMin(onnx::ArgMinOp node) {
  return lowerDecision(node, node.getData(), node.getResult(), node.getAxis(),
                       {/*isSmallest=*/true, node.getSelectLastIndex() != 0});
}

LogicalResult GraphLowering::lowerTopValue(onnx::TopKOp node) {
  FailureOr<const IntegerTensor *> tensor = describe(node.getX());
  if (failed(tensor))
    return failure();
  Windows windows(1);
  for (int64_t i = 0, count = getCount(node.getX()); i < count; ++i)
    windows[0].push_back({*tensor, i, Rational()});
  return lowerWindows(node->getResult(0), node.getLoc(), windows,
                      !node.getLargest());
}

LogicalResult GraphLowering::lowerTopK(onnx::TopKOp node) {
  int64_t count = node.getK().value_or(0);
  if (!onnx::isNoValue(node.getCount()))
    if (DenseElementsAttr constant = onnx::getConstant(node.getCount()))
      count = onnx::getIntegers(constant)[0];
  if (node->getNumResults() < 2 || count != 1)
    return node.emitOpError("is supported as the number of the one largest or "
                            "smallest element only");
  Value largest = node->getResult(0);
  bool isBound = bounded && llvm::is_contained(bounded->extremes, largest);
  if (!largest.use_empty() && !isBound && failed(lowerTopValue(node)))
    return failure();
  if (node->getResult(1).use_empty())
    return success();
  return lowerDecision(node, node.getX(), node->getResult(1), node.getAxis(),
                       {/*isSmallest=*/!node.getLargest()});
}

LogicalResult GraphLowering::lowerLookup(Operation *node) {
  Value table = node->getOperand(0), result = node->getResult(0);
  FailureOr<const IntegerTensor *> described = describe(node->getOperand(1));
  if (failed(described))
    return failure();
  const IntegerTensor &index = **described;
  if (index.scale.size() != 1 || index.scale[0] != 1 || index.offset[0] != 0)
    return node->emitOpError("looks up something other than one class");
  onnx::Scalars labels = onnx::getScalars(onnx::getConstant(table));
  IntegerSteps steps{index.ranges[0], {}};
  for (int64_t i = steps.range.min; i <= steps.range.max; ++i) {
    std::optional<Rational> label;
    if (i >= 0 && i < int64_t(labels.size()))
      label = onnx::getExact(labels[i]);
    if (!label || !takeClass(*label))
      return node->emitOpError("has no label of 0 to 255 for class ") << i;
    steps.pieces.push_back({i, *label->getInteger()});
  }
  FailureOr<Value> integers = close(index);
  if (failed(integers))
    return failure();
  Value value = *integers;
  if (llvm::any_of(steps.pieces, [](auto &it) { return it.start != it.value; }))
    value = emitter.emitSteps(node->getLoc(), value, steps, {}, {});
  logits[value] = getLogits(*integers);
  setKnown(result, describeClass(node->getLoc(), value, result));
  auto decided = decidedClasses.find(known.lookup(node->getOperand(1)));
  if (decided != decidedClasses.end()) {
    DecidedClass labelled = decided->second;
    labelled.labels.clear();
    for (const Piece<int64_t> &piece : steps.pieces)
      labelled.labels.push_back(piece.value);
    decidedClasses[known.lookup(result)] = std::move(labelled);
  }
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
  if (program->getInputs().size() != 1)
    return emitError(loc) << "is no function of one integer";
  FailureOr<RealSteps> steps =
      findSteps(*program, program->getRange(), loc, view);
  if (failed(steps))
    return failure();
  IntegerForm form;
  IntegerSteps integers{steps->range, {}};
  for (const Piece<Rational> &piece : steps->pieces) {
    std::optional<int64_t> integer = takeClass(piece.value);
    if (!integer)
      return emitError(loc) << "is no class: it has values other than the "
                               "integers -1 to 255";
    integers.pieces.push_back({piece.start, *integer});
  }
  IntegerTensor tensor = select(value, {1}, *program);
  // The same sums as those that are given beside the class.
  if (keepsSums && tensor.isOpen()) {
    FailureOr<Value> sums = close(program->getBase());
    if (failed(sums))
      return failure();
    tensor.value =
        emitter.emitSelect(loc, *sums, {program->getBaseElement()}, {1});
  }
  FloatFunction floats;
  if (!tensor.error.empty() && tensor.scale[0].sign()) {
    floats.reach = (tensor.error[0] + program->boundRounding()) /
                   std::abs(tensor.scale[0].toDouble());
    floats.steps.jumps = findJumps(*program, *steps, floats.reach, view);
  }
  form.grids.push_back({1, 0});
  form.functions.push_back(integers);
  form.fit = findRequant(integers, tensor.isOpen());
  if (failed(apply(tensor, loc, form, size_t(0), /*isKept=*/floats.reach > 0)))
    return failure();
  reportUndecided(tensor.value, loc, floats, program->getRange(), size_t(0),
                  form.fit ? &*form.fit : nullptr);
  return tensor.value;
}

/// Whether each element is 0 or 1 and may be both.
static bool areLabels(const IntegerTensor &tensor) {
  return llvm::all_of(llvm::seq<size_t>(0, tensor.scale.size()), [&](size_t i) {
    return tensor.scale[i] == 1 && tensor.offset[i].sign() == 0 &&
           tensor.ranges[i].min >= 0 && tensor.ranges[i].max <= 1;
  });
}

FailureOr<Value> GraphLowering::lowerOutput(Value output) {
  bool isFirst = output == firstOutput;
  if (isFirst && bounded)
    return lowerBounded(output);
  if (getCount(output) > 1) {
    FailureOr<Value> first =
        isFirst && oneHot
            ? decide(oneHot->data, output.getLoc(), oneHot->preference)
            : decide(output, output.getLoc(), Preference());
    if (isFirst && succeeded(first) &&
        (oneHot || areLabels(*getLogits(*first).tensor)))
      emitRemark(output.getLoc())
          << "is a set of labels: the class is the first that is set"
          << (oneHot ? "" : ", or the first of all where none is");
    return first;
  }
  FailureOr<ElementProgram> program =
      ElementProgram::build(output, 0, known, movements);
  if (failed(program))
    return failure();
  if (program->getInputs().empty()) {
    FailureOr<Rational> value = program->evaluate({});
    InFlightDiagnostic error = emitError(output.getLoc());
    error << "does not depend on the model's input";
    if (succeeded(value))
      error << ": it is always " << value->str();
    return error;
  }
  if (program->getBase().isClass) {
    FailureOr<Value> decision = lowerElement(output, nullptr);
    if (succeeded(decision))
      logits[*decision] = getLogits(program->getBase().value);
    return decision;
  }
  Rational threshold =
      isHalved(output) ? Rational(1) / Rational(2) : Rational(0);
  // Straight behind a Sigmoid its argument is above 0, exactly.
  FailureOr<Value> decisive = skipSoftmax(output);
  if (failed(decisive))
    return failure();
  if (*decisive != output && !findSigmoid(*decisive))
    threshold = 0;
  FailureOr<ElementProgram> value =
      ElementProgram::build(*decisive, 0, known, movements);
  if (failed(value))
    return failure();
  Logits before{nullptr, *decisive};
  if (value->getInputs().size() == 1 && value->isAffine()) {
    FailureOr<const IntegerTensor *> described = describe(*decisive);
    if (failed(described))
      return failure();
    before.tensor = *described;
  }
  FailureOr<Value> decision =
      lowerElement(*decisive, [&](const Rational &value) {
        return Rational(value > threshold);
      });
  if (succeeded(decision))
    logits[*decision] = before;
  return decision;
}
