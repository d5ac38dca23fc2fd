//===- OnnxDialect.cpp - The onnx dialect: types and what nodes share -----===//

#include "dialects/onnx/OnnxDialect.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace pdkc::onnx;

#include "dialects/onnx/OnnxDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/onnx/OnnxTypes.cpp.inc"

#include "dialects/onnx/OnnxInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/onnx/OnnxOps.cpp.inc"

void OnnxDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/onnx/OnnxTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/onnx/OnnxOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Type pdkc::onnx::getElementTypeOf(MLIRContext *context, int64_t dataType) {
  auto integer = [&](unsigned width, bool isUnsigned = false) {
    return IntegerType::get(context, width,
                            isUnsigned ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  };
  // The numbers are TensorProto.DataType's.
  switch (dataType) {
  case 1:
    return Float32Type::get(context);
  case 2:
    return integer(8, true);
  case 3:
    return integer(8);
  case 4:
    return integer(16, true);
  case 5:
    return integer(16);
  case 6:
    return integer(32);
  case 7:
    return integer(64);
  case 9:
    return integer(1);
  case 10:
    return Float16Type::get(context);
  case 11:
    return Float64Type::get(context);
  case 12:
    return integer(32, true);
  case 13:
    return integer(64, true);
  case 16:
    return BFloat16Type::get(context);
  case 21:
    return integer(4, true);
  case 22:
    return integer(4);
  case 25:
    return integer(2, true);
  case 26:
    return integer(2);
  default:
    return {};
  }
}

TensorType pdkc::onnx::getUnknownType(MLIRContext *context) {
  return UnrankedTensorType::get(UnknownType::get(context));
}

FailureOr<RankedTensorType> pdkc::onnx::getCheckedType(Operation *op,
                                                       ArrayRef<int64_t> shape,
                                                       Type elementType) {
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size <= 0 || size > kMaxElements || (count *= size) > kMaxElements) {
      InFlightDiagnostic error = op->emitOpError();
      error << "gives a tensor of shape [" << shape << "], which ";
      if (llvm::is_contained(shape, 0))
        error << "is empty";
      else
        error << "has more than " << kMaxElements << " elements";
      return error;
    }
  }
  return RankedTensorType::get(shape, elementType);
}

LogicalResult pdkc::onnx::checkProducts(Operation *op, double count) {
  if (count <= kMaxProducts)
    return success();
  return op->emitOpError("sums ")
         << llvm::formatv("{0:f0}", count).str() << " products; at most "
         << int64_t(kMaxProducts) << " are supported: no device computes more";
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

FailureOr<int64_t> pdkc::onnx::getAxis(Operation *op, int64_t axis,
                                       int64_t rank) {
  if (axis < -rank || axis >= rank)
    return op->emitOpError("names axis ")
           << axis << " of a tensor with " << rank << " dimensions";
  return axis < 0 ? axis + rank : axis;
}

FailureOr<std::optional<SmallVector<int64_t>>>
pdkc::onnx::getIntegerOperand(Operation *op, Value operand,
                              std::optional<ArrayRef<int64_t>> attribute,
                              StringRef name, ConstantLookup constants) {
  using Integers = SmallVector<int64_t>;
  if (attribute)
    return std::optional<Integers>(Integers(*attribute));
  if (isNoValue(operand))
    return std::optional<Integers>();
  DenseElementsAttr elements = constants(operand);
  if (!elements)
    return op->emitOpError("needs a constant '")
           << name << "': a shape that depends on the data is not supported";
  if (!elements.getElementType().isInteger() ||
      elements.getType().getRank() > 1)
    return op->emitOpError("needs a list of integers as '")
           << name << "', not " << elements.getType();
  return std::optional<Integers>(getIntegers(elements));
}

//===----------------------------------------------------------------------===//
// Broadcasting
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> pdkc::onnx::broadcast(Operation *op) {
  SmallVector<int64_t> result;
  for (Value operand : op->getOperands()) {
    if (isNoValue(operand))
      continue;
    ArrayRef<int64_t> shape = getShape(operand);
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), 1);
    size_t start = result.size() - shape.size();
    for (auto [i, size] : llvm::enumerate(shape)) {
      int64_t &common = result[start + i];
      if (common != size && common != 1 && size != 1)
        return op->emitOpError("cannot broadcast operands of shapes [")
               << getShape(op->getOperand(0)) << "] and [" << shape << "]";
      if (size != 1)
        common = size;
    }
  }
  return result;
}

int64_t pdkc::onnx::getBroadcastIndex(ArrayRef<int64_t> resultShape,
                                      ArrayRef<int64_t> operandShape,
                                      int64_t index) {
  int64_t operandIndex = 0, stride = 1;
  size_t offset = resultShape.size() - operandShape.size();
  for (size_t i = resultShape.size(); i-- > offset;) {
    int64_t position = index % resultShape[i];
    index /= resultShape[i];
    int64_t size = operandShape[i - offset];
    if (size != 1)
      operandIndex += position * stride;
    stride *= size;
  }
  return operandIndex;
}

void pdkc::onnx::getBroadcastSources(Operation *op, int64_t index,
                                     Sources &sources) {
  ArrayRef<int64_t> shape = getShape(op->getResult(0));
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    if (isNoValue(operand))
      sources.push_back({Source::kNone, 0});
    else
      sources.push_back(
          {int(i), getBroadcastIndex(shape, getShape(operand), index)});
  }
}

FailureOr<ResultTypes> pdkc::onnx::inferShape(Operation *op,
                                              ArrayRef<int64_t> shape,
                                              Type elementType) {
  FailureOr<RankedTensorType> type = getCheckedType(op, shape, elementType);
  if (failed(type))
    return failure();
  return ResultTypes{*type};
}

FailureOr<ResultTypes> pdkc::onnx::inferElementwise(Operation *op,
                                                    Type elementType,
                                                    int sameTypesFrom) {
  if (!elementType)
    return op->emitOpError("has a result of an element type that is not "
                           "supported");
  if (sameTypesFrom >= 0) {
    Type common;
    for (Value operand : op->getOperands().drop_front(sameTypesFrom)) {
      if (isNoValue(operand))
        continue;
      Type type = getElementType(operand);
      if (common && type != common)
        return op->emitOpError("mixes element types ")
               << common << " and " << type;
      common = type;
    }
  }
  FailureOr<SmallVector<int64_t>> shape = broadcast(op);
  if (failed(shape))
    return failure();
  return inferShape(op, *shape, elementType);
}

//===----------------------------------------------------------------------===//
// Decisions and what else is not elementwise
//===----------------------------------------------------------------------===//

/// The number of the largest or smallest element along an axis.
template <typename ArgOp> static FailureOr<ResultTypes> inferArg(ArgOp op) {
  SmallVector<int64_t> shape(getShape(op.getData()));
  FailureOr<int64_t> axis = getAxis(op, op.getAxis(), shape.size());
  if (failed(axis))
    return failure();
  if (op.getKeepdims())
    shape[*axis] = 1;
  else
    shape.erase(shape.begin() + *axis);
  return inferShape(op, shape, getElementTypeOf(op.getContext(), 7));
}

FailureOr<ResultTypes> ArgMaxOp::inferResultTypes(ConstantLookup) {
  return inferArg(*this);
}

FailureOr<ResultTypes> ArgMinOp::inferResultTypes(ConstantLookup) {
  return inferArg(*this);
}

FailureOr<ResultTypes> TopKOp::inferResultTypes(ConstantLookup constants) {
  SmallVector<int64_t> shape(getShape(getX()));
  FailureOr<int64_t> axis = onnx::getAxis(*this, getAxis(), shape.size());
  if (failed(axis))
    return failure();
  std::optional<int64_t> attribute = getK();
  auto count = getIntegerOperand(
      *this, getCount(),
      attribute ? std::optional<ArrayRef<int64_t>>(*attribute) : std::nullopt,
      "K", constants);
  if (failed(count))
    return failure();
  if (!*count || (*count)->size() != 1 || (**count)[0] < 1 ||
      (**count)[0] > shape[*axis])
    return emitOpError("needs a K from 1 to ") << shape[*axis];
  shape[*axis] = (**count)[0];
  FailureOr<RankedTensorType> values =
      getCheckedType(*this, shape, getFirstElementType(*this));
  if (failed(values))
    return failure();
  ResultTypes types{*values, values->clone(getElementTypeOf(getContext(), 7))};
  types.resize(getNumResults());
  return types;
}

FailureOr<ResultTypes>
DynamicQuantizeLinearOp::inferResultTypes(ConstantLookup) {
  FailureOr<RankedTensorType> values = getCheckedType(
      *this, getShape(getX()), getElementTypeOf(getContext(), 2));
  if (failed(values))
    return failure();
  ResultTypes types{*values,
                    RankedTensorType::get({}, getFirstElementType(*this)),
                    RankedTensorType::get({}, values->getElementType())};
  types.resize(getNumResults());
  return types;
}
