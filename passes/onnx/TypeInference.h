//===- TypeInference.h - The types of one function --------------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TYPEINFERENCE_H
#define PDKC_PASSES_ONNX_TYPEINFERENCE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pdkc {

/// Gives every tensor of the function its static type, from those of the
/// arguments; an error on the node that has none.
mlir::LogicalResult inferTypes(mlir::func::FuncOp function);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TYPEINFERENCE_H
