//===- OnnxDialect.h - The onnx dialect -------------------------*- C++ -*-===//

#ifndef PDKC_DIALECTS_ONNX_ONNXDIALECT_H
#define PDKC_DIALECTS_ONNX_ONNXDIALECT_H

#include "dialects/onnx/Scalar.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace pdkc::onnx {

/// The elements of a value that is known at compile time, or null.
using ConstantLookup = llvm::function_ref<mlir::DenseElementsAttr(mlir::Value)>;

/// How an elementwise result follows one of its operands.
struct Dependence {
  /// A constant times the operand plus what the other operands give.
  bool isAffine = false;
  /// 1 where it never falls as the operand rises, -1 where it never rises, 0
  /// where neither is known.
  int direction = 0;

  static Dependence affine(int direction) { return {true, direction}; }
  static Dependence monotone(int direction) { return {false, direction}; }
};

/// Element i of the result is element sources[i] of the operand, both counted
/// row by row.
struct MovementMap {
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<int64_t> sources;
};

/// Takes the place in the result and in the two operands of a product.
using ProductVisitor =
    llvm::function_ref<void(int64_t result, int64_t left, int64_t right)>;

/// Elements that a tensor may have; beyond that no model fits any device.
constexpr int64_t kMaxElements = int64_t(1) << 24;

/// ONNX's number of an element type (TensorProto.DataType); null where pdkc has
/// none.
mlir::Type getElementTypeOf(mlir::MLIRContext *context, int64_t dataType);

/// The type that a result has until it is inferred.
mlir::TensorType getUnknownType(mlir::MLIRContext *context);

/// An axis counted from the end made to count from the start; an error on the
/// operation when there is no such axis.
llvm::FailureOr<int64_t> getAxis(mlir::Operation *op, int64_t axis,
                                 int64_t rank);

/// The value of an operation's attribute for an operand that came to be one
/// later (Clip, Slice, ...), or of that operand; none where neither is given,
/// an error where the operand is not constant.
llvm::FailureOr<std::optional<llvm::SmallVector<int64_t>>>
getIntegerOperand(mlir::Operation *op, mlir::Value operand,
                  std::optional<llvm::ArrayRef<int64_t>> attribute,
                  llvm::StringRef name, ConstantLookup constants);

/// ONNX's (NumPy's) broadcasting; an error on the operation where it fails.
llvm::FailureOr<llvm::SmallVector<int64_t>> broadcast(mlir::Operation *op);
/// The element of an operand of this shape that meets element `index` of the
/// broadcast result.
int64_t getBroadcastIndex(llvm::ArrayRef<int64_t> resultShape,
                          llvm::ArrayRef<int64_t> operandShape, int64_t index);

/// A type of this shape, or an error on the operation where it is empty or
/// has more than kMaxElements.
llvm::FailureOr<mlir::RankedTensorType>
getCheckedType(mlir::Operation *op, llvm::ArrayRef<int64_t> shape,
               mlir::Type elementType);

/// Type inference of the kinds.
llvm::FailureOr<mlir::RankedTensorType>
inferElementwise(mlir::Operation *op, mlir::Type elementType);
llvm::FailureOr<mlir::RankedTensorType> inferMovement(mlir::Operation *op,
                                                      ConstantLookup constants);

inline mlir::Type getFirstElementType(mlir::Operation *op) {
  return mlir::cast<mlir::TensorType>(op->getOperand(0).getType())
      .getElementType();
}
/// The shape of an operand whose type is inferred.
inline llvm::ArrayRef<int64_t> getShape(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}
inline bool isNoValue(mlir::Value value) {
  return mlir::isa<mlir::NoneType>(value.getType());
}

} // namespace pdkc::onnx

#include "dialects/onnx/OnnxDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/onnx/OnnxTypes.h.inc"

#include "dialects/onnx/OnnxInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialects/onnx/OnnxOps.h.inc"

#endif // PDKC_DIALECTS_ONNX_ONNXDIALECT_H
