//===- Softmax.h - What keeps the order of logits ---------------*- C++ -*-===//
//
// Softmax, Sigmoid and the like before a decision: it is the same without them,
// but for what float32 makes of their values.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_SOFTMAX_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_SOFTMAX_H

#include "mlir/IR/Operation.h"

namespace pdkc {

/// How many elements a Softmax or LogSoftmax makes the parts of one whole; 0
/// where its axis is none.
int64_t countNormalised(mlir::Operation *softmax);

/// The factor f where Sigmoid(f x), or what is affine in it, stands between the
/// value and its argument, which float32 takes to one value far from 0; else 0.
double getSaturation(mlir::Value value, mlir::Value argument);

/// Whether a Softmax stands between.
bool hasSoftmax(mlir::Value value, mlir::Value argument);

/// The Sigmoid, hard or not, that the value is computed from, elementwise, if
/// any.
mlir::Value findSigmoid(mlir::Value value);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_SOFTMAX_H
