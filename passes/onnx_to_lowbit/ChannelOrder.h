//===- ChannelOrder.h - Integers that order as the reals do -----*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_CHANNELORDER_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_CHANNELORDER_H

#include "passes/onnx_to_lowbit/IntegerTensor.h"

namespace pdkc {

/// multiplier[i] * n[i] + bias[i] orders as the reals scale[i] * n[i] +
/// offset[i] do, the lowest i first at ties.
struct ChannelOrder {
  llvm::SmallVector<int64_t> multiplier, bias;
  int64_t ranks = 1;
  /// How far two rows' reals may be apart and yet compare wrong; 0 where it is
  /// proven that none do.
  double error = 0;
  /// What a step of 1 is worth, about.
  Rational unit;
};

/// The order of the smallest multipliers found, proven for all integers in the
/// tensor's ranges. Where no 32 bits do and float32 may be off in the tensor,
/// one that errs by no more than that; else any of up to 60 bits, or none.
std::optional<ChannelOrder> findOrder(const IntegerTensor &tensor);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_CHANNELORDER_H
