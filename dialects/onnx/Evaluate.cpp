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

FailureOr<RankedTensorType> ConstantOp::inferResultType(ConstantLookup) {
  return cast<RankedTensorType>(getElements().getType());
}

DenseElementsAttr pdkc::onnx::getConstant(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return constant.getElements();
  return {};
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

static FailureOr<Scalars> evaluateElementwise(Elementwise node,
                                              ArrayRef<Scalars> operands) {
  ArrayRef<int64_t> shape = getShape(node->getResult(0));
  int64_t count = ShapedType::getNumElements(shape);
  Scalars result;
  SmallVector<const Scalar *> elements(operands.size());
  for (int64_t i = 0; i < count; ++i) {
    for (auto [j, operand] : llvm::enumerate(node->getOperands()))
      elements[j] =
          isNoValue(operand)
              ? nullptr
              : &operands[j][getBroadcastIndex(shape, getShape(operand), i)];
    FailureOr<Scalar> element = evaluateElement(node, elements);
    if (failed(element))
      return node->emitOpError("is not defined for element ")
             << i << " of its constant operands";
    result.push_back(std::move(*element));
  }
  return result;
}

/// Sums in the type's own arithmetic, in the order of the products.
template <typename Number>
static Scalars evaluateLinear(Linear node, ArrayRef<Scalars> operands) {
  ArrayRef<int64_t> shape = getShape(node->getResult(0));
  SmallVector<Number, 0> sums(ShapedType::getNumElements(shape), Number());
  node.forEachProduct([&](int64_t result, int64_t left, int64_t right) {
    sums[result] += std::get<Number>(operands[0][left]) *
                    std::get<Number>(operands[1][right]);
  });
  Value addend = node.getAddend();
  unsigned addendIndex =
      llvm::find(node->getOperands(), addend) - node->operand_begin();
  Scalars result;
  for (auto [i, sum] : llvm::enumerate(sums)) {
    Number value = sum * Number(node.getFactor());
    if (addend)
      value += Number(node.getAddendFactor()) *
               std::get<Number>(operands[addendIndex][getBroadcastIndex(
                   shape, getShape(addend), i)]);
    result.push_back(roundTo(getFirstElementType(node), Scalar(value)));
  }
  return result;
}

FailureOr<DenseElementsAttr>
pdkc::onnx::evaluateNode(Operation *node, ConstantLookup constants) {
  if (auto constant = dyn_cast<ConstantOp>(node))
    return constant.getElements();
  if (!isa<Elementwise, Movement, Linear>(node))
    return DenseElementsAttr();
  SmallVector<Scalars> operands;
  for (Value operand : node->getOperands()) {
    DenseElementsAttr elements =
        isNoValue(operand) ? DenseElementsAttr() : constants(operand);
    if (!elements && !isNoValue(operand))
      return DenseElementsAttr();
    operands.push_back(elements ? getScalars(elements) : Scalars());
  }
  auto type = cast<RankedTensorType>(node->getResult(0).getType());
  FailureOr<Scalars> result = failure();
  if (auto elementwise = dyn_cast<Elementwise>(node)) {
    result = evaluateElementwise(elementwise, operands);
  } else if (auto movement = dyn_cast<Movement>(node)) {
    FailureOr<MovementMap> map = movement.getMovement(constants);
    if (failed(map))
      return failure();
    result = Scalars();
    for (int64_t source : map->sources)
      result->push_back(operands[0][source]);
  } else {
    auto linear = cast<Linear>(node);
    if (isa<IntegerType>(type.getElementType()))
      result = evaluateLinear<int64_t>(linear, operands);
    else if (type.getElementType().isF64())
      result = evaluateLinear<double>(linear, operands);
    else
      result = evaluateLinear<float>(linear, operands);
  }
  if (failed(result))
    return failure();
  return getElements(type, *result);
}
