//===- SlidingWindows.h - Convolutions over arriving pixels -----*- C++ -*-===//
//
// A convolution of pixels that come row by row needs of the image only the rows
// that its windows reach over, and its pool's: as soon as the last pixel of a
// pool's window is there, all channels' results for it can be made and used: by
// a dense layer, or by a convolution of which they are the next pixel. What has
// to hold for that, and the geometry.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_SLIDINGWINDOWS_H
#define PDKC_PASSES_LOWBIT_SUPPORT_SLIDINGWINDOWS_H

#include "dialects/lowbit/LowbitDialect.h"

#include <optional>

namespace pdkc {

/// A convolution and what takes its sums, through lowbit.fused: the pool stands
/// before or behind the activation.
struct SlidingChain {
  lowbit::ConvOp conv;
  mlir::Operation *activation = nullptr; ///< an elementwise operation
  lowbit::MaxPoolOp pool;                ///< null where there is none
  /// A dense layer or a convolution: takes all results, and nothing else.
  mlir::Operation *fed = nullptr;

  bool poolsSums() const {
    return pool && pool->getOperand(0) == conv->getResult(0);
  }
};
std::optional<SlidingChain> findSlidingChain(lowbit::ConvOp conv);

/// The windows of a pool over a convolution's positions. Without a pool each
/// position is a window. One-dimensional convolutions have one row.
struct SlidingWindows {
  int64_t channels = 1;                       ///< that come out
  int64_t depth = 1;                          ///< channels of a pixel
  int64_t height = 1, width = 1;              ///< of the input
  int64_t top = 0, left = 0;                  ///< zeros around it
  int64_t kernelRows = 1, kernelColumns = 1;
  int64_t rowStride = 1, columnStride = 1;    ///< from position to position
  int64_t rowDilation = 1, columnDilation = 1;
  int64_t poolRows = 1, poolColumns = 1;      ///< positions of a window
  int64_t rowPitch = 1, columnPitch = 1;      ///< positions, window to window
  int64_t windowRows = 1, windowColumns = 1;  ///< windows

  /// Pixels that a window reaches over.
  int64_t getRows() const {
    return (poolRows - 1) * rowStride + (kernelRows - 1) * rowDilation + 1;
  }
  int64_t getColumns() const {
    return (poolColumns - 1) * columnStride +
           (kernelColumns - 1) * columnDilation + 1;
  }
  int64_t getNumWindows() const { return windowRows * windowColumns; }

  /// Whether windows reach below the image.
  bool endsBelow() const {
    return (windowRows - 1) * rowPitch * rowStride + getRows() - top > height;
  }
  /// Pixels from row to row as they are shifted in, with zeros between rows:
  /// whole bytes where there are several, of pixels of so many bits.
  int64_t getRowPixels(int64_t bits) const;
};

/// None where the pool's windows are not the same rectangle for all channels at
/// places of a grid, in whatever order.
std::optional<SlidingWindows> findSlidingWindows(const SlidingChain &chain);

/// Bits of an input of the convolution, 1, 2 or 4; none where it has more, or a
/// sign.
std::optional<int64_t> getPixelBits(lowbit::ConvOp conv);

/// The range of a channel's sums over one bit of all inputs, without bias, of
/// all channels.
lowbit::Interval getPlaneRange(lowbit::ConvOp conv);

/// Whether a convolution can be computed while its inputs arrive, one channel
/// of pixels, and feed the layer behind it: its windows in bits, by lanes, or a
/// byte a pixel.
bool canSlide(lowbit::ConvOp conv);

/// Whether a convolution behind such a one can: pixels of any channels, a byte
/// each.
bool canFollow(lowbit::ConvOp conv);
/// Whether a convolution is each channel's sum over all positions, which a
/// dense layer does as well.
bool isSumOfAll(lowbit::ConvOp conv);
/// Whether it does, in one lowbit.fused.
bool isFollower(lowbit::ConvOp conv);
/// The same of a dense layer whose inputs are in the order of channels.
bool isSumOfAll(lowbit::DenseOp dense);

/// Whether lanes, bytes of one bit of the pixels each, hold the sums of a row
/// of a window's positions, of a convolution that can slide.
bool canUseLanes(const SlidingChain &chain, const SlidingWindows &windows);

/// Whether a byte a pixel of the window, of any 8 bits, is few enough.
bool canShiftBytes(lowbit::ConvOp conv, const SlidingWindows &windows);

/// Puts the pool before the activation where that makes no difference, and the
/// results that a dense layer takes in the order in which windows are complete:
/// window by window, in each channel by channel. The pool that was there is
/// left dead.
void orderByArrival(const SlidingChain &chain);

/// Whether the results are in that order, or a convolution takes them.
bool isOrderedByArrival(const SlidingChain &chain);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_SLIDINGWINDOWS_H
