//===- RangeAnalysis.h - Proven ranges, element by element ------*- C++ -*-===//
//
// Interval arithmetic over the lowbit dialect from the actual weights: for each
// element of each tensor the interval that it is proven to lie in. The element
// types of the tensors hold the hull of these.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_RANGEANALYSIS_H
#define PDKC_DIALECTS_LOWBIT_RANGEANALYSIS_H

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace pdkc::lowbit {

/// Intervals of a tensor's elements, row by row.
using Intervals = llvm::SmallVector<Interval>;

/// The intervals of an operation's one result from those of its operands.
Intervals inferRanges(mlir::Operation *op,
                      llvm::ArrayRef<const Intervals *> operands);

/// The same from the types of the operands, as a verifier sees them: one range
/// a tensor, but for a selection of a layer's sums, which sees each sum's.
Intervals inferFromTypes(mlir::Operation *op);

/// The intervals of every tensor of the function. Each operation sees of
/// its operands what inferFromTypes does.
llvm::DenseMap<mlir::Value, Intervals> inferRanges(mlir::func::FuncOp func);

/// The hull of all elements.
Interval hull(const Intervals &intervals);

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_RANGEANALYSIS_H
