//===- PairFit.h - A function of two integers as one of a sum ---*- C++ -*-===//
//
// A residual sum of tensors with different scales, quantised again, is a
// function of two integers. Where multipliers m, n exist for which it is a
// function of m a + n b, the smallest are found, and proven by all pairs; or,
// where those are wide, wider ones that make the function a shift.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_PAIRFIT_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_PAIRFIT_H

#include "passes/onnx_to_lowbit/StepFunction.h"

namespace pdkc {

/// f(a, b) for all a in rows and, within a row, all b in columns.
struct PairTable {
  lowbit::Interval rows, columns;
  llvm::SmallVector<int64_t, 0> values;
};

/// f(a, b) = steps(rowFactor * a + columnFactor * b).
struct PairFit {
  int64_t rowFactor, columnFactor;
  IntegerSteps steps;
};

/// One fit for each table. None where a function is not monotone in both, or
/// where no multipliers do for which the sums fit 32 bits.
std::optional<llvm::SmallVector<PairFit, 0>>
fitPairs(llvm::ArrayRef<PairTable> tables);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_PAIRFIT_H
