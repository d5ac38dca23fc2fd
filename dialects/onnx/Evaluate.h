//===- Evaluate.h - Nodes evaluated at compile time -------------*- C++ -*-===//

#ifndef PDKC_DIALECTS_ONNX_EVALUATE_H
#define PDKC_DIALECTS_ONNX_EVALUATE_H

#include "dialects/onnx/OnnxDialect.h"

namespace pdkc::onnx {

/// One element of an elementwise node's result: evaluated, then rounded as the
/// result's type has it. Fails where the node is not defined.
llvm::FailureOr<Scalar>
evaluateElement(Elementwise node, llvm::ArrayRef<const Scalar *> operands);

/// Whether evaluateResult knows what the node computes.
bool isEvaluated(mlir::Operation *node);

/// The elements of a result of such a node from those of its operands (of one
/// that is left out, none), in the file's own arithmetic; `constants` is asked
/// for indices. Types are inferred. An error on the node where it is not
/// defined.
llvm::FailureOr<Scalars>
evaluateResult(mlir::OpResult result, llvm::ArrayRef<const Scalars *> operands,
               ConstantLookup constants);

/// What DynamicQuantizeLinear makes of the smallest and the largest element.
struct DynamicQuantization {
  float scale;
  int64_t zeroPoint; ///< 0 to 255
};
DynamicQuantization getDynamicQuantization(float min, float max);

/// A result of a node whose types are inferred, in the file's own arithmetic;
/// null where an operand is not constant or nothing says how to evaluate it.
/// An error on the node where it is not defined.
llvm::FailureOr<mlir::DenseElementsAttr>
evaluateResult(mlir::OpResult result, ConstantLookup constants);

/// Puts an onnx.Constant in the place of a result.
void replaceByConstant(mlir::OpResult result, mlir::DenseElementsAttr elements);

/// The value's elements if an onnx.Constant gives them.
mlir::DenseElementsAttr getConstant(mlir::Value value);

} // namespace pdkc::onnx

#endif // PDKC_DIALECTS_ONNX_EVALUATE_H
