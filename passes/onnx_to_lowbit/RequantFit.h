//===- RequantFit.h - A shift that equals a step function -------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_REQUANTFIT_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_REQUANTFIT_H

#include "passes/onnx_to_lowbit/StepFunction.h"

namespace pdkc {

/// f(n) = clamp(floor((n' * multiplier + offset) / 2^shift), min, max), where
/// n' is n + bias, or -n + bias for a function that is mirrored; quotients
/// without remainder as lowbit.requant's `ties` says.
struct RequantFit {
  int64_t multiplier = 1, offset = 0;
  unsigned shift = 0;
  int64_t min = 0, max = 0;
  lowbit::Ties ties = lowbit::Ties::Up;
  /// One for each function.
  llvm::SmallVector<int64_t> bias;
  llvm::SmallVector<bool> isMirrored;
};

/// The cheapest requantisation that equals every one of the functions on its
/// whole range, or none. With `isSum` the functions' integers are sums that are
/// still open, so that each may get a bias, and its sign turned.
std::optional<RequantFit> fitRequant(llvm::ArrayRef<IntegerSteps> functions,
                                     bool isSum);

/// A product for each function, where they have up to 65,536 values: with
/// multipliers of up to 56 bits, one for all functions if that can be, and one
/// shift, by whole bytes. Results are clamped to the range of all values. What
/// is no open sum gets a bias only where the offset would be too large.
std::optional<llvm::SmallVector<RequantFit, 0>>
fitProducts(llvm::ArrayRef<IntegerSteps> functions, bool isSum);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_REQUANTFIT_H
