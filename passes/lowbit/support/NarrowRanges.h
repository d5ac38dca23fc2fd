//===- NarrowRanges.h - Prove the range of every tensor ---------*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_NARROWRANGES_H
#define PDKC_PASSES_LOWBIT_SUPPORT_NARROWRANGES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pdkc {

/// Gives every tensor of a lowbit function the smallest element type that holds
/// what is proven of its elements.
void narrowRanges(mlir::func::FuncOp func);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_NARROWRANGES_H
