//===- Evaluate.cpp - Nodes evaluated at compile time ---------------------===//

#include "dialects/onnx/Evaluate.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  int count = bool(getValue()) + bool(getValueFloat()) +
              bool(getValueFloats()) + bool(getValueInt()) +
              bool(getValueInts());
  if (count != 1)
    return emitOpError("needs one value, has ") << count;
  if (getValue() && !isa<DenseElementsAttr>(*getValue()))
    return emitOpError("needs a dense value");
  return success();
}

DenseElementsAttr ConstantOp::getElements() {
  Builder builder(getContext());
  auto vectorOf = [](size_t size, Type type) {
    return RankedTensorType::get({int64_t(size)}, type);
  };
  if (getValue())
    return cast<DenseElementsAttr>(*getValue());
  if (std::optional<APFloat> value = getValueFloat())
    return DenseElementsAttr::get(
        RankedTensorType::get({}, builder.getF32Type()), *value);
  if (std::optional<uint64_t> value = getValueInt())
    return DenseElementsAttr::get(
        RankedTensorType::get({}, builder.getI64Type()), int64_t(*value));
  if (std::optional<ArrayRef<float>> values = getValueFloats())
    return DenseElementsAttr::get(
        vectorOf(values->size(), builder.getF32Type()), *values);
  return DenseElementsAttr::get(
      vectorOf(getValueInts()->size(), builder.getI64Type()), *getValueInts());
}

FailureOr<DenseElementsAttr> ConstantOp::fold(ConstantLookup) {
  return getElements();
}

DenseElementsAttr pdkc::onnx::getConstant(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return constant.getElements();
  return {};
}

void pdkc::onnx::replaceByConstant(OpResult result,
                                   DenseElementsAttr elements) {
  OpBuilder builder(result.getContext());
  builder.setInsertionPointAfter(result.getOwner());
  OperationState state(result.getLoc(), ConstantOp::getOperationName(), {},
                       {elements.getType()});
  state.addAttribute("value", elements);
  result.replaceAllUsesWith(builder.create(state)->getResult(0));
}

//===----------------------------------------------------------------------===//
// Kinds of nodes
//===----------------------------------------------------------------------===//

FailureOr<Scalar>
pdkc::onnx::evaluateElement(Elementwise node,
                            ArrayRef<const Scalar *> operands) {
  FailureOr<Scalar> result = node.evaluate(operands);
  if (failed(result))
    return failure();
  auto type = cast<TensorType>(node->getResult(0).getType());
  return roundTo(type.getElementType(), std::move(*result));
}

static FailureOr<Scalars>
evaluateElementwise(Elementwise node, ArrayRef<const Scalars *> operands) {
  ArrayRef<int64_t> shape = getShape(node->getResult(0));
  int64_t count = ShapedType::getNumElements(shape);
  Scalars result;
  result.reserve(count);
  SmallVector<Source> sources;
  SmallVector<const Scalar *> elements;
  for (int64_t i = 0; i < count; ++i) {
    sources.clear();
    node.getSources(i, sources);
    elements.clear();
    for (auto [operand, element] : sources)
      elements.push_back(operand < 0 ? nullptr
                                     : &(*operands[operand])[element]);
    FailureOr<Scalar> value = evaluateElement(node, elements);
    if (failed(value))
      return node->emitOpError("is not defined for element ")
             << i << " of its operands";
    result.push_back(std::move(*value));
  }
  return result;
}

static Scalars evaluateMovement(const MovementMap &map,
                                ArrayRef<const Scalars *> operands) {
  Scalars result;
  result.reserve(map.sources.size());
  for (auto [operand, element] : map.sources)
    result.push_back(operand < 0 ? map.fill : (*operands[operand])[element]);
  return result;
}

/// The sum of neighbouring elements in the order of ONNX Runtime's vector code
/// on x86-64, where the last bit can decide how a weight rounds: two packets of
/// four running sums, from the first element that is aligned, then the rest one
/// by one. `first` is the place of the first element in its tensor.
static float sumPackets(ArrayRef<float> values, int64_t first) {
  constexpr size_t kLanes = 4;
  size_t start = (kLanes - first % kLanes) % kLanes;
  size_t packets = values.size() < start ? 0 : (values.size() - start) / kLanes;
  if (packets == 0) {
    float sum = values.front();
    for (float value : values.drop_front())
      sum += value;
    return sum;
  }
  float lanes[2][kLanes];
  size_t pairs = packets / 2 * 2, end = start + packets * kLanes;
  for (size_t packet = 0; packet < std::max<size_t>(pairs, 1); ++packet)
    for (size_t lane = 0; lane < kLanes; ++lane) {
      float value = values[start + packet * kLanes + lane];
      float &sum = lanes[packet % 2][lane];
      sum = packet < 2 ? value : sum + value;
    }
  for (size_t lane = 0; lane < kLanes && packets > 1; ++lane) {
    lanes[0][lane] += lanes[1][lane];
    if (packets > pairs)
      lanes[0][lane] += values[end - kLanes + lane];
  }
  float sum = (lanes[0][0] + lanes[0][2]) + (lanes[0][1] + lanes[0][3]);
  for (float value : values.take_front(start))
    sum += value;
  for (float value : values.drop_front(end))
    sum += value;
  return sum;
}

/// A sum or mean of float32: runs of neighbours by packets, the runs one after
/// the other.
static SmallVector<float, 0> sumElements(Linear node, const Scalars &operand,
                                         int64_t count) {
  SmallVector<SmallVector<int64_t>, 0> terms(count);
  node.forEachProduct([&](int64_t result, int64_t element, int64_t) {
    terms[result].push_back(element);
  });
  SmallVector<float, 0> sums(count, 0.0f);
  for (auto [sum, elements] : llvm::zip_equal(sums, terms))
    for (size_t start = 0, end; start < elements.size(); start = end) {
      SmallVector<float> run;
      for (end = start; end < elements.size() &&
                        elements[end] - elements[start] == int64_t(end - start);
           ++end)
        run.push_back(std::get<float>(operand[elements[end]]));
      float value = sumPackets(run, elements[start]);
      sum = start == 0 ? value : sum + value;
    }
  return sums;
}

/// Sums in the type's own arithmetic, in the order of the products.
template <typename Number>
static Scalars evaluateLinear(Linear node, ArrayRef<const Scalars *> operands) {
  ArrayRef<int64_t> shape = getShape(node->getResult(0));
  SmallVector<Number, 0> sums(ShapedType::getNumElements(shape), Number());
  if (std::is_same_v<Number, float> && isa<ReduceMeanOp, ReduceSumOp>(*node)) {
    llvm::copy(sumElements(node, *operands[0], sums.size()), sums.begin());
  } else {
    node.forEachProduct([&](int64_t result, int64_t left, int64_t right) {
      Number factor = std::get<Number>((*operands[0])[left]);
      if (right >= 0)
        factor *= std::get<Number>((*operands[1])[right]);
      sums[result] += factor;
    });
  }
  Value addend = node.getAddend();
  unsigned addendIndex =
      llvm::find(node->getOperands(), addend) - node->operand_begin();
  Scalars result;
  for (auto [i, sum] : llvm::enumerate(sums)) {
    Number value = sum * Number(node.getFactor()) / Number(node.getDivisor(i));
    if (addend)
      value +=
          Number(node.getAddendFactor()) *
          std::get<Number>((*operands[addendIndex])[node.getAddendIndex(i)]);
    result.push_back(roundTo(getFirstElementType(node), Scalar(value)));
  }
  return result;
}

/// The place of the largest element along the axis, or of the smallest.
template <typename ArgOp>
static Scalars evaluateArg(ArgOp op, const Scalars &operand) {
  constexpr bool isMax = std::is_same_v<ArgOp, ArgMaxOp>;
  ArrayRef<int64_t> shape = getShape(op.getData());
  int64_t rank = shape.size();
  int64_t axis = int64_t(op.getAxis()) + (int64_t(op.getAxis()) < 0) * rank;
  int64_t inner = ShapedType::getNumElements(shape.drop_front(axis + 1));
  int64_t outer = operand.size() / (shape[axis] * inner);
  Scalars result;
  for (int64_t i = 0; i < outer * inner; ++i) {
    int64_t first = i / inner * shape[axis] * inner + i % inner, best = 0;
    for (int64_t j = 1; j < shape[axis]; ++j) {
      const Scalar &here = operand[first + j * inner];
      const Scalar &there = operand[first + best * inner];
      bool isBetter = isMax ? here > there : here < there;
      if (isBetter || (op.getSelectLastIndex() && here == there))
        best = j;
    }
    result.push_back(best);
  }
  return result;
}

DynamicQuantization pdkc::onnx::getDynamicQuantization(float min, float max) {
  constexpr float kSteps = 255;
  min = std::min(min, 0.0f);
  max = std::max(max, 0.0f);
  float scale = min == max ? 1.0f : (max - min) / kSteps;
  float zeroPoint = std::nearbyint(std::clamp(-min / scale, 0.0f, kSteps));
  return {scale, int64_t(zeroPoint)};
}

static FailureOr<Scalars> evaluateDynamic(OpResult result,
                                          const Scalars &operand) {
  constexpr float kLargest = 255;
  float min = 0, max = 0;
  for (const Scalar &scalar : operand) {
    if (!std::isfinite(std::get<float>(scalar)))
      return result.getOwner()->emitOpError("takes an infinity or a NaN");
    min = std::min(min, std::get<float>(scalar));
    max = std::max(max, std::get<float>(scalar));
  }
  auto [scale, zeroPoint] = getDynamicQuantization(min, max);
  if (result.getResultNumber() == 1)
    return Scalars{scale};
  if (result.getResultNumber() == 2)
    return Scalars{zeroPoint};
  Scalars codes;
  for (const Scalar &scalar : operand) {
    float code = std::nearbyint(std::get<float>(scalar) / scale);
    codes.push_back(
        int64_t(std::clamp(code + float(zeroPoint), 0.0f, kLargest)));
  }
  return codes;
}

bool pdkc::onnx::isEvaluated(Operation *node) {
  if (isa<DynamicQuantizeLinearOp>(node))
    return getFirstElementType(node).isF32();
  return isa<Elementwise, Movement, Linear, ArgMaxOp, ArgMinOp>(node);
}

FailureOr<Scalars>
pdkc::onnx::evaluateResult(OpResult result, ArrayRef<const Scalars *> operands,
                           ConstantLookup constants) {
  Operation *node = result.getOwner();
  assert(isEvaluated(node) && "nothing says how to evaluate it");
  if (auto elementwise = dyn_cast<Elementwise>(node))
    return evaluateElementwise(elementwise, operands);
  if (auto movement = dyn_cast<Movement>(node)) {
    FailureOr<MovementMap> map =
        movement.getMovement(result.getResultNumber(), constants);
    if (failed(map))
      return failure();
    return evaluateMovement(*map, operands);
  }
  if (auto arg = dyn_cast<ArgMaxOp>(node))
    return evaluateArg(arg, *operands[0]);
  if (auto arg = dyn_cast<ArgMinOp>(node))
    return evaluateArg(arg, *operands[0]);
  if (isa<DynamicQuantizeLinearOp>(node))
    return evaluateDynamic(result, *operands[0]);
  auto linear = cast<Linear>(node);
  Type type = getElementType(result);
  if (isa<IntegerType>(type))
    return evaluateLinear<int64_t>(linear, operands);
  if (type.isF64())
    return evaluateLinear<double>(linear, operands);
  return evaluateLinear<float>(linear, operands);
}

FailureOr<DenseElementsAttr>
pdkc::onnx::evaluateResult(OpResult result, ConstantLookup constants) {
  Operation *node = result.getOwner();
  if (auto folded = dyn_cast<Folded>(node))
    return folded.fold(constants);
  if (!isEvaluated(node))
    return DenseElementsAttr();
  SmallVector<Scalars> elements;
  for (Value operand : node->getOperands()) {
    DenseElementsAttr constant =
        isNoValue(operand) ? DenseElementsAttr() : constants(operand);
    if (!constant && !isNoValue(operand))
      return DenseElementsAttr();
    elements.push_back(constant ? getScalars(constant) : Scalars());
  }
  SmallVector<const Scalars *> operands;
  for (const Scalars &each : elements)
    operands.push_back(&each);
  FailureOr<Scalars> scalars = evaluateResult(result, operands, constants);
  if (failed(scalars))
    return failure();
  return getElements(cast<RankedTensorType>(result.getType()), *scalars);
}
