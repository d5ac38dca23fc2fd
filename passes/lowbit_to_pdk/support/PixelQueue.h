//===- PixelQueue.h - Pixels that are shifted in ----------------*- C++ -*-===//
//
// The image's last pixels as one long binary number, the newest at its low end:
// a pixel that arrives shifts all others up. As soon as a window of a pool is
// complete its last pixel is the newest one, so that all windows lie at the
// same place, with rows at distances of whole bytes. Zeros between rows and
// below the image are shifted in as pixels are; those above it are what the
// queue begins with.
//
// Or each pixel has a byte, or one for each of its channels, in the order of
// the image, and takes the place of the one before it.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PIXELQUEUE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PIXELQUEUE_H

#include "passes/lowbit/support/SlidingWindows.h"
#include "passes/lowbit_to_pdk/support/InputSource.h"

namespace pdkc {

/// Where pixels come from, one by one: of so many bits, in A; or, of one bit,
/// in the carry.
struct PixelSource {
  int64_t bits = 1; ///< that a pixel takes in the queue: 1, 2, 4 or 8
  bool inCarry = false;
  std::function<void()> take;
  std::function<void(int64_t count)> discard; ///< that many which nobody reads

  /// The same with a byte a pixel.
  PixelSource asBytes(CodeBuilder &code) const;
};

class PixelQueue {
public:
  /// Bytes move in a loop or, where it `unrolls`, an instruction each.
  PixelQueue(CodeBuilder &code, const SlidingWindows &windows,
             PixelSource source, bool unrolls = true);

  /// Bytes from a row of the window to the one below it, towards the low end.
  int64_t getRowBytes() const {
    return rowPixels * source.bits / 8 * windows.depth;
  }
  /// The low end of a row of the window, counted from above.
  Cell getRow(int64_t row) const {
    return cells.at((windows.getRows() - 1 - row) * getRowBytes());
  }
  Cell getCells() const { return cells; }
  /// Of pixels that are bytes.
  Cell getPixel(int64_t row, int64_t column) const {
    return cells.at(row * rowPixels + column);
  }

  /// Takes all pixels; `use` writes what is done each time a window is
  /// complete. Destroys A, flags and p.
  void emit(llvm::function_ref<void()> use);

  /// Or pixels' bytes are pushed as they are made, from A, after a beginning.
  void beginPushes();
  void emitPush(llvm::function_ref<void()> use);

private:
  /// Pixels, with zeros, up to the last one of a window.
  int64_t getArrival(int64_t row, int64_t column) const;
  bool hasZeros() const { return rowPixels > windows.width; }
  void emitBegin();
  void emitPixel();
  void emitShiftOfBytes();
  void emitCounts();
  void setCount(int64_t pixels);
  /// From one window's arrival to the next one's in its row, and from the last
  /// one of a row to the first one of the next; 0 where there is none.
  int64_t getColumnStep() const;
  int64_t getRowStep() const;
  /// Counts a pixel: on to `waits`, unless a window is complete. That is used;
  /// on to `next`, with the pixels until then in A, unless it was the last.
  void emitUse(llvm::function_ref<void()> use, const std::string &waits,
               const std::string &next);

  CodeBuilder &code;
  SlidingWindows windows;
  PixelSource source;
  bool unrolls = true;
  int64_t rowPixels = 0; ///< of a row with the zeros behind it
  Cell cells, count, column, period, bits, windowsLeft, rowsLeft, imageRows;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PIXELQUEUE_H
