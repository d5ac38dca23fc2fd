//===- PoolWindows.h - A pool's windows, channel by channel -----*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_POOLWINDOWS_H
#define PDKC_PASSES_LOWBIT_SUPPORT_POOLWINDOWS_H

#include "dialects/lowbit/LowbitDialect.h"

#include <optional>

namespace pdkc {

/// Windows of one size over a vector, channel after channel: in channel c
/// window w is elements[w * size + k] + c * pitch, for k below the size.
struct PoolWindows {
  int64_t channels = 1, size = 1, pitch = 0;
  llvm::SmallVector<int64_t, 0> elements;

  int64_t getNumWindows() const { return elements.size() / size; }
};

/// The pool's windows with as many channels as can be. Windows smaller than
/// others have an element several times, which changes no maximum.
PoolWindows findPoolWindows(lowbit::MaxPoolOp pool);

/// The same with the channels of the tensor given; none where channels differ.
std::optional<PoolWindows> findPoolWindows(lowbit::MaxPoolOp pool,
                                           int64_t channels);

/// By channel, the number of the function that all its elements go through;
/// none where they differ.
std::optional<llvm::SmallVector<int64_t>>
getFunctionsByChannel(lowbit::StepsOp steps, int64_t channels);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_POOLWINDOWS_H
