//===- ConvWindows.h - What a convolution's loops need to know ---*- C++ -*-===//
//
// A convolution walks windows over bytes in RAM. Windows begin where a list says,
// which is the same for each channel; within a window the elements are nested
// loops with constant steps. Padding is an element outside, told by its
// coordinates, and has one value.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_CONVWINDOWS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_CONVWINDOWS_H

#include "mlir/IR/Operation.h"
#include "passes/lowbit/support/SlidingWindows.h"

#include <optional>

namespace pdkc {

/// A loop over a window's elements.
struct WindowLoop {
  int64_t trips;
  int64_t step;           ///< elements between two trips
  int64_t coordinate = 0; ///< which of the padded ones steps, where one does
  int64_t stride = 0;     ///< what it steps by; 0: none does
};

/// A convolution as its loops see it.
struct ConvWindows {
  int64_t groups = 1, channelsOfGroup = 1; ///< output channels
  int64_t groupPitch = 0;              ///< input elements from group to group
  int64_t taps = 1;                    ///< products of a window
  llvm::SmallVector<WindowLoop> loops; ///< outermost first; none: one product
  /// Sizes of the spatial dimensions in which windows reach into the padding.
  llvm::SmallVector<int64_t> padded;
  /// By position: the window's first element (which may be outside), and its
  /// coordinates in the padded dimensions.
  llvm::SmallVector<int64_t, 0> origins;
  llvm::SmallVector<llvm::SmallVector<int64_t, 2>, 0> coordinates;
  /// By output channel: the bias, and the sum of the weights.
  llvm::SmallVector<int64_t> bias, weightSums;
  /// What elements outside are worth.
  int64_t padding = 0;
};

/// Fails with an error where biases differ within a channel by more than what a
/// padding value explains, or where a size does not fit a byte.
mlir::FailureOr<ConvWindows> findConvWindows(lowbit::ConvOp conv);

/// The same for a window of a pool that is all there is of the input, row by
/// row, pixel by pixel, in these channel by channel, with rows at distances of
/// so many bytes: its positions, with no padding.
ConvWindows findWindowsOfOne(lowbit::ConvOp conv, const SlidingWindows &window,
                             int64_t rowBytes);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_CONVWINDOWS_H
