//===- ChannelOrder.h - Integers that order as the reals do -----*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_CHANNELORDER_H
#define PDKC_PASSES_ONNX_CHANNELORDER_H

#include "passes/onnx/IntegerTensor.h"

namespace pdkc {

/// multiplier[i] * n[i] + bias[i] orders as the reals scale[i] * n[i] +
/// offset[i] do, the lowest i first at ties.
struct ChannelOrder {
  llvm::SmallVector<int64_t> multiplier, bias;
  int64_t ranks = 1;
  /// What a step of 1 is worth, about.
  Rational unit;
};

/// The order of the smallest multipliers found, proven for all integers in the
/// tensor's ranges; none where no 60 bits do.
std::optional<ChannelOrder> findOrder(const IntegerTensor &tensor);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_CHANNELORDER_H
