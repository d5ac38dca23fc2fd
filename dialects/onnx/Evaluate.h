//===- Evaluate.h - Nodes evaluated at compile time -------------*- C++ -*-===//

#ifndef PDKC_DIALECTS_ONNX_EVALUATE_H
#define PDKC_DIALECTS_ONNX_EVALUATE_H

#include "dialects/onnx/OnnxDialect.h"

namespace pdkc::onnx {

/// One element of an elementwise node's result: evaluated, then rounded as the
/// result's type has it. Fails where the node is not defined.
llvm::FailureOr<Scalar>
evaluateElement(Elementwise node, llvm::ArrayRef<const Scalar *> operands);

/// The result of a node whose types are inferred, in the file's own arithmetic;
/// null where an operand is not constant or nothing says how to evaluate it.
/// An error on the node where it is not defined.
llvm::FailureOr<mlir::DenseElementsAttr> evaluateNode(mlir::Operation *node,
                                                      ConstantLookup constants);

/// The value's elements if an onnx.Constant gives them.
mlir::DenseElementsAttr getConstant(mlir::Value value);

} // namespace pdkc::onnx

#endif // PDKC_DIALECTS_ONNX_EVALUATE_H
