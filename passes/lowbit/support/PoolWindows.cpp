//===- PoolWindows.cpp - A pool's windows, channel by channel -------------===//

#include "passes/lowbit/support/PoolWindows.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;

/// All windows, each filled up to the size of the largest.
static PoolWindows fillWindows(lowbit::MaxPoolOp pool) {
  PoolWindows windows;
  windows.size = *llvm::max_element(pool.getSizes());
  for (ArrayRef<int64_t> window : pool.getWindows()) {
    windows.elements.append(window.begin(), window.end());
    windows.elements.append(windows.size - window.size(), window.front());
  }
  return windows;
}

/// Whether all channels are the first one at another place; then it is kept.
static bool splitChannels(PoolWindows &windows, int64_t channels) {
  int64_t count = windows.elements.size(), each = count / channels;
  if (windows.getNumWindows() % channels != 0)
    return false;
  ArrayRef<int64_t> all(windows.elements);
  int64_t pitch = channels == 1 ? 0 : all[each] - all[0];
  for (int64_t i = each; i < count; ++i)
    if (all[i] != all[i - each] + pitch)
      return false;
  windows.channels = channels;
  windows.pitch = pitch;
  windows.elements.resize(each);
  return true;
}

PoolWindows pdkc::findPoolWindows(lowbit::MaxPoolOp pool) {
  PoolWindows windows = fillWindows(pool);
  // Channels are counted in a byte.
  for (int64_t channels = std::min<int64_t>(windows.getNumWindows(), 255);
       !splitChannels(windows, channels);)
    --channels;
  return windows;
}

std::optional<PoolWindows> pdkc::findPoolWindows(lowbit::MaxPoolOp pool,
                                                 int64_t channels) {
  PoolWindows windows = fillWindows(pool);
  int64_t pitch = pool.getInput().getType().getNumElements() / channels;
  if (!splitChannels(windows, channels) ||
      (channels > 1 && windows.pitch != pitch) ||
      llvm::any_of(windows.elements, [&](int64_t it) { return it >= pitch; }))
    return std::nullopt;
  return windows;
}

std::optional<SmallVector<int64_t>>
pdkc::getFunctionsByChannel(lowbit::StepsOp steps, int64_t channels) {
  SmallVector<int64_t> numbers;
  int64_t elements = steps.getInput().getType().getNumElements();
  for (int64_t i = 0; i < elements; ++i) {
    if (i % (elements / channels) == 0)
      numbers.push_back(steps.getFunctionOf(i));
    if (steps.getFunctionOf(i) != numbers.back())
      return std::nullopt;
  }
  return numbers;
}
