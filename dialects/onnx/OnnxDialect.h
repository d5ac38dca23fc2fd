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

/// An element of an operand, counted row by row.
struct Source {
  /// The operand's number, or one of the two below.
  int operand;
  int64_t element;

  /// An input that the node leaves out.
  static constexpr int kNone = -1;
  /// What a movement fills in where no operand has an element (a padding).
  static constexpr int kFill = -2;
};
using Sources = llvm::SmallVectorImpl<Source>;

/// Where the elements of a movement's result come from, row by row.
struct MovementMap {
  llvm::SmallVector<int64_t> shape;
  llvm::SmallVector<Source, 0> sources;
  /// The element of sources that are Source::kFill, in the arithmetic of the
  /// result's elements.
  Scalar fill = 0.0f;
};

/// Takes the place in the result and in the two operands of a product; the
/// latter is -1, which stands for a factor of 1, where the node has no weights.
using ProductVisitor =
    llvm::function_ref<void(int64_t result, int64_t left, int64_t right)>;

/// Elements that a tensor may have; beyond that no model fits any device.
constexpr int64_t kMaxElements = int64_t(1) << 24;

/// Products that one node may sum, which bounds the time that folding takes.
constexpr double kMaxProducts = 1 << 26;
/// An error on the operation where there are more.
mlir::LogicalResult checkProducts(mlir::Operation *op, double count);

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

/// One element of each operand, the one that broadcasting brings to element
/// `index` of the first result.
void getBroadcastSources(mlir::Operation *op, int64_t index, Sources &sources);

/// Type inference of the kinds. Operands of an elementwise node from number
/// `sameTypesFrom` on have one element type; with -1 any.
using ResultTypes = llvm::SmallVector<mlir::RankedTensorType, 1>;
llvm::FailureOr<ResultTypes> inferElementwise(mlir::Operation *op,
                                              mlir::Type elementType,
                                              int sameTypesFrom = 0);
llvm::FailureOr<ResultTypes> inferMovement(mlir::Operation *op,
                                           ConstantLookup constants);
llvm::FailureOr<ResultTypes> inferFolded(mlir::Operation *op,
                                         ConstantLookup constants);
/// One result of this shape, checked as getCheckedType does.
llvm::FailureOr<ResultTypes> inferShape(mlir::Operation *op,
                                        llvm::ArrayRef<int64_t> shape,
                                        mlir::Type elementType);

inline mlir::Type getElementType(mlir::Value value) {
  return mlir::cast<mlir::TensorType>(value.getType()).getElementType();
}
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
