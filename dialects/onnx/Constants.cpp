//===- Constants.cpp - Nodes that are constant whatever the data ----------===//

#include "dialects/onnx/Evaluate.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

FailureOr<ResultTypes> pdkc::onnx::inferFolded(Operation *op,
                                               ConstantLookup constants) {
  FailureOr<DenseElementsAttr> elements = cast<Folded>(op).fold(constants);
  if (failed(elements))
    return failure();
  if (!*elements)
    return op->emitOpError(
        "needs constant operands: a shape that depends on the data is not "
        "supported");
  return ResultTypes{cast<RankedTensorType>(elements->getType())};
}

static DenseElementsAttr getIntegerElements(MLIRContext *context,
                                            ArrayRef<int64_t> shape,
                                            ArrayRef<int64_t> values) {
  return DenseElementsAttr::get(
      RankedTensorType::get(shape, IntegerType::get(context, 64)), values);
}

FailureOr<DenseElementsAttr> ShapeOp::fold(ConstantLookup) {
  ArrayRef<int64_t> shape = getShape(getData());
  int64_t rank = shape.size();
  // Both ends are clamped into the shape.
  auto clamp = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  int64_t start = clamp(getStart());
  int64_t end = getEnd() ? clamp(*getEnd()) : rank;
  ArrayRef<int64_t> part =
      shape.slice(start, std::max<int64_t>(end - start, 0));
  return getIntegerElements(getContext(), {int64_t(part.size())}, part);
}

FailureOr<DenseElementsAttr> SizeOp::fold(ConstantLookup) {
  int64_t count = ShapedType::getNumElements(getShape(getData()));
  return getIntegerElements(getContext(), {}, count);
}

FailureOr<DenseElementsAttr> ConstantOfShapeOp::fold(ConstantLookup constants) {
  auto shape =
      getIntegerOperand(*this, getInput(), std::nullopt, "input", constants);
  if (failed(shape))
    return failure();
  auto value =
      dyn_cast_or_null<DenseElementsAttr>(getValue().value_or(nullptr));
  if (getValue() && (!value || value.getNumElements() != 1))
    return emitOpError("needs a value of one element");
  Type elementType =
      value ? value.getElementType() : Float32Type::get(getContext());
  FailureOr<RankedTensorType> type =
      getCheckedType(*this, **shape, elementType);
  if (failed(type))
    return failure();
  Scalar scalar = value ? getScalars(value).front() : Scalar(0.0f);
  auto one = onnx::getElements(RankedTensorType::get({1}, elementType), scalar);
  return one.resizeSplat(*type);
}

FailureOr<DenseElementsAttr> RangeOp::fold(ConstantLookup constants) {
  std::optional<Scalar> bounds[3];
  for (auto [bound, operand] : llvm::zip_equal(bounds, getOperands())) {
    DenseElementsAttr elements = constants(operand);
    if (!elements)
      return DenseElementsAttr();
    if (elements.getNumElements() != 1 ||
        elements.getElementType() != getFirstElementType(*this))
      return emitOpError("needs three scalars of one type");
    bound = getScalars(elements).front();
  }
  std::optional<Rational> start = getExact(*bounds[0]),
                          limit = getExact(*bounds[1]),
                          delta = getExact(*bounds[2]);
  if (!start || !limit || !delta || delta->sign() == 0)
    return emitOpError("has a step of 0 or a NaN");
  std::optional<int64_t> count = ceil((*limit - *start) / *delta).getInteger();
  Type elementType = getFirstElementType(*this);
  FailureOr<RankedTensorType> type = getCheckedType(
      *this, std::max<int64_t>(count.value_or(kMaxElements + 1), 0),
      elementType);
  if (failed(type))
    return failure();
  Scalars scalars;
  Rational value = *start;
  for (int64_t i = 0; i < type->getNumElements(); ++i, value = value + *delta)
    scalars.push_back(getScalar(elementType, value));
  return onnx::getElements(*type, scalars);
}
