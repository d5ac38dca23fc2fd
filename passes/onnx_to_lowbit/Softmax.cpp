//===- Softmax.cpp - What keeps the order of logits -----------------------===//

#include "passes/onnx_to_lowbit/Softmax.h"

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include <cmath>

using namespace mlir;
using namespace pdkc;

/// The operand of an elementwise node whose other operands are constant.
static Value getOnlyVariable(onnx::Elementwise node) {
  Value variable;
  for (Value operand : node->getOperands()) {
    if (onnx::isNoValue(operand) || onnx::getConstant(operand))
      continue;
    if (variable && variable != operand)
      return {};
    variable = operand;
  }
  return variable;
}

/// The names of the nodes on the way from the value to its argument, as far as
/// each has one operand that counts.
static SmallVector<StringRef> getNodesBetween(Value value, Value argument) {
  SmallVector<StringRef> names;
  while (value && value != argument) {
    Operation *op = value.getDefiningOp();
    if (!op)
      break;
    names.push_back(op->getName().stripDialect());
    auto node = dyn_cast<onnx::Elementwise>(op);
    value = node ? getOnlyVariable(node) : op->getOperand(0);
  }
  return names;
}

static bool isSoftmaxName(StringRef name) {
  return name == "Softmax" || name == "LogSoftmax";
}

double pdkc::getSaturation(Value value, Value argument) {
  for (StringRef name : getNodesBetween(value, argument)) {
    // tanh(x) = 2 Sigmoid(2 x) - 1.
    if (name == "Sigmoid" || name == "Tanh")
      return name == "Tanh" ? 2 : 1;
  }
  return 0;
}

bool pdkc::hasSoftmax(Value value, Value argument) {
  return llvm::any_of(getNodesBetween(value, argument), isSoftmaxName);
}

Value pdkc::findSigmoid(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    StringRef name = op->getName().stripDialect();
    if (name == "Sigmoid" || name == "HardSigmoid")
      return value;
    if (auto node = dyn_cast<onnx::Elementwise>(op))
      value = getOnlyVariable(node);
    else if (isa<onnx::Movement>(op))
      value = op->getOperand(0);
    else
      return {};
    if (!value)
      return {};
  }
  return {};
}

int64_t pdkc::countNormalised(Operation *softmax) {
  ArrayRef<int64_t> shape = onnx::getShape(softmax->getOperand(0));
  // Before opset 13 all dimensions from the axis on, which was 1.
  auto opset = softmax->getAttrOfType<IntegerAttr>("opset");
  bool isOld = opset && opset.getInt() < 13;
  auto axis = softmax->getAttrOfType<IntegerAttr>("axis");
  int64_t along = axis ? axis.getInt() : isOld ? 1 : -1;
  along += along < 0 ? int64_t(shape.size()) : 0;
  if (along < 0 || along >= int64_t(shape.size()))
    return 0;
  return isOld ? ShapedType::getNumElements(shape.drop_front(along))
               : shape[along];
}

/// The operand that the node turns into something of the same order, strictly;
/// null where it does not.
static Value getOrdered(Operation *op, bool &isSoftmax) {
  StringRef name = op->getName().stripDialect();
  isSoftmax = isSoftmaxName(name);
  // One vector of classes.
  if (isSoftmax)
    return countNormalised(op) == getCount(op->getOperand(0))
               ? op->getOperand(0)
               : Value();
  if (name == "Sigmoid" || name == "Tanh" || name == "Exp" || name == "Log" ||
      name == "Identity")
    return op->getOperand(0);
  return {};
}

/// The operand of which a movement keeps all elements in their order.
static Value getKept(onnx::Movement movement, Value result) {
  FailureOr<onnx::MovementMap> map = movement.getMovement(
      cast<OpResult>(result).getResultNumber(), onnx::getConstant);
  if (failed(map) ||
      getCount(movement->getOperand(0)) != int64_t(map->sources.size()))
    return {};
  for (auto [i, source] : llvm::enumerate(map->sources))
    if (source.operand != 0 || source.element != int64_t(i))
      return {};
  return movement->getOperand(0);
}

FailureOr<Value> GraphLowering::skipSoftmax(Value value,
                                            Preference *preference) {
  Value strict = value, softmax;
  bool isStrict = true;
  for (Value current = value; current && !known.lookup(current);) {
    Operation *op = current.getDefiningOp();
    if (!op)
      break;
    bool isSoftmax = false;
    if (auto movement = dyn_cast<onnx::Movement>(op)) {
      current = getKept(movement, current);
    } else if (Value ordered = getOrdered(op, isSoftmax)) {
      if (isSoftmax && !isStrict) {
        softmax = current;
        break;
      }
      current = ordered;
    } else if (preference && isStrict && isa<onnx::NegOp>(op)) {
      current = op->getOperand(0);
      preference->isSmallest = !preference->isSmallest;
    } else if (auto node = dyn_cast<onnx::Elementwise>(op)) {
      isStrict = false;
      current = getOnlyVariable(node);
    } else {
      break;
    }
    if (isStrict && current)
      strict = current;
  }
  if (!softmax)
    return strict;
  if (preference && preference->isSmallest)
    return emitError(strict.getLoc())
           << "quantises probabilities, of which the smallest would tie: take "
              "the quantiser behind the Softmax out of the model";
  if (failed(proveHarmless(strict, softmax)))
    return failure();
  return skipSoftmax(softmax.getDefiningOp()->getOperand(0), preference);
}

bool GraphLowering::isHalved(Value value) {
  Value sigmoid = findSigmoid(value);
  if (!sigmoid)
    return false;
  IntegerTensor ends(value.getLoc());
  size_t elements = getCount(sigmoid);
  ends.shape.assign(onnx::getShape(sigmoid));
  ends.scale.assign(elements, Rational(1));
  ends.offset.assign(elements, Rational());
  ends.ranges.assign(elements, {0, 1});
  KnownTensors start;
  start[sigmoid] = &ends;
  ScopedDiagnosticHandler quiet(value.getContext(),
                                [](Diagnostic &) { return success(); });
  FailureOr<ElementProgram> program =
      ElementProgram::build(value, 0, start, movements);
  if (failed(program) || program->getInputs().size() != 1)
    return true;
  FailureOr<Rational> low = program->evaluateExactly(0);
  FailureOr<Rational> high = program->evaluateExactly(1);
  Rational half = Rational(1) / Rational(2);
  return failed(low) || failed(high) || (*low > half) != (*high > half);
}

LogicalResult GraphLowering::proveHarmless(Value quantised, Value softmax) {
  Location loc = quantised.getLoc();
  Value argument = softmax.getDefiningOp()->getOperand(0);
  FailureOr<const IntegerTensor *> described = describe(argument);
  if (failed(described))
    return failure();
  // Two classes differ by this at least, if at all.
  Rational gap;
  for (auto [scale, offset] :
       llvm::zip_equal((*described)->scale, (*described)->offset))
    gap = gcd(gcd(gap, scale), offset - (*described)->offset.front());
  auto count = double(getCount(argument));
  double fall = std::exp(-gap.toDouble());
  // The most probable class has at least, the next one at most.
  double likeliest = 1 / (1 + (count - 1) * fall);
  double apart = likeliest * (1 - fall);

  // What is made of a probability, on a fine grid of them.
  constexpr int64_t kGrid = 1 << 24;
  IntegerTensor probabilities(loc);
  size_t elements = getCount(softmax);
  probabilities.shape.assign(onnx::getShape(softmax));
  probabilities.scale.assign(elements, Rational(1) / Rational(kGrid));
  probabilities.offset.assign(elements, Rational());
  probabilities.ranges.assign(elements, {0, kGrid});
  probabilities.isDefined = true;
  KnownTensors start;
  start[softmax] = &probabilities;
  std::optional<ElementProgram> first;
  for (size_t i = 0; i < elements; ++i) {
    FailureOr<ElementProgram> program =
        ElementProgram::build(quantised, i, start, movements);
    if (failed(program))
      return failure();
    if (program->getInputs().size() != 1 ||
        program->getBaseElement() != int64_t(i) ||
        program->getDirection() != 1 || (first && !first->isSame(*program)))
      return emitError(loc) << "does not treat all probabilities alike";
    if (!first)
      first = std::move(*program);
  }
  double widest = 0;
  auto measure = [&](const auto &steps) {
    for (auto [i, piece] : llvm::enumerate(steps.pieces)) {
      double low = double(piece.start) / kGrid;
      double high = double(steps.getEnd(i) + 1) / kGrid;
      // No two classes are there.
      bool isOne = i + 1 == steps.pieces.size() && low > 0.5;
      if (high >= likeliest && !isOne)
        widest = std::max(widest, high - low);
    }
  };
  auto quantiser = first->findQuantiser();
  auto found = quantiser ? findQuantiserSteps(*first, *quantiser, {0, kGrid})
                         : std::nullopt;
  if (found) {
    measure(*found);
  } else {
    FailureOr<RealSteps> steps = findSteps(*first, {0, kGrid}, loc);
    if (failed(steps))
      return failure();
    measure(*steps);
  }
  if (apart > widest + 1.0 / (1 << 20))
    return success();
  return emitError(loc)
         << "quantises probabilities to steps of " << float(widest)
         << ", while the two most probable classes may differ by no more than "
         << float(apart)
         << ": classes would tie that differ before the Softmax; take the "
            "quantiser behind the Softmax out of the model";
}
