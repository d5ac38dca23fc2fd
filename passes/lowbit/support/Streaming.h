//===- Streaming.h - Which layers take the model's input --------*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_STREAMING_H
#define PDKC_PASSES_LOWBIT_SUPPORT_STREAMING_H

#include "dialects/lowbit/LowbitDialect.h"

namespace pdkc {

/// A requantisation or steps: each result is a function of one element.
bool isElementwise(mlir::Operation *op);

/// What the layer's inputs are made of as they are needed, one by one: the
/// elementwise operation between the model's input and the layer. Null where
/// there is none, or where others need its results, too.
mlir::Operation *getPreprocessing(mlir::Operation *layer);

/// Whether the layer takes its inputs, preprocessed or not, as they arrive.
bool isStreamed(mlir::Operation *layer);

/// Puts a copy, in RAM, between the layer and a stream that it would take.
void storeStream(lowbit::DenseOp layer);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_STREAMING_H
