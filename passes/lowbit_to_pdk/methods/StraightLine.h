//===- StraightLine.h - Layers as straight-line code ------------*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_STRAIGHTLINE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_STRAIGHTLINE_H

#include "passes/lowbit_to_pdk/support/InputSource.h"

namespace pdkc {

/// Code for a lowbit.chains: sums of `bytes` bytes that start at bias[r] +
/// offset. `within` as in pdk.cells is for later vectors, not for these sums.
Vector emitStraightLine(CodeBuilder &code, lowbit::ChainsOp chains,
                        const InputSource &source, int64_t offset,
                        int64_t bytes, lowbit::Interval range);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_STRAIGHTLINE_H
