//===- PixelQueue.cpp - Pixels that are shifted in ------------------------===//

#include "passes/lowbit_to_pdk/support/PixelQueue.h"

#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "llvm/Support/MathExtras.h"

using namespace pdkc;
using namespace pdkc::pdk;

PixelSource PixelSource::asBytes(CodeBuilder &code) const {
  PixelSource result = *this;
  result.bits = 8;
  result.inCarry = false;
  if (inCarry)
    result.take = [&code, take = take] {
      take();
      code(MOV_A_K, 0);
      code(ADDC_A);
    };
  return result;
}

PixelQueue::PixelQueue(CodeBuilder &code, const SlidingWindows &windows,
                       PixelSource given, bool unrolls)
    : code(code), windows(windows), source(std::move(given)), unrolls(unrolls) {
  rowPixels = windows.getRowPixels(source.bits);
  int64_t size = (windows.getRows() - 1) * rowPixels + windows.getColumns();
  cells = code.cells("pixels",
                     llvm::divideCeil(size * source.bits, 8) * windows.depth);
  bool isLong = false;
  for (int64_t row = 0; row < windows.windowRows; ++row)
    isLong |= (getArrival(row, 0) -
               (row ? getArrival(row - 1, windows.windowColumns - 1) : 0)) *
                  windows.depth >
              255;
  count = code.cells("arriving", isLong ? 2 : 1);
  if (hasZeros())
    column = code.cells("column", 1);
  if (windows.endsBelow()) {
    period = code.cells("row_pixels", 1);
    imageRows = code.cells("rows", 1);
  }
  if (source.bits == 8 ? !unrolls : source.bits > 1)
    bits = code.cells("pixel", 1);
  if (windows.windowColumns > 1)
    windowsLeft = code.cells("windows_left", 1);
  if (windows.windowRows > 1)
    rowsLeft = code.cells("window_rows_left", 1);
}

int64_t PixelQueue::getArrival(int64_t row, int64_t column) const {
  int64_t bottom = row * windows.rowPitch * windows.rowStride +
                   windows.getRows() - 1 - windows.top;
  int64_t right = column * windows.columnPitch * windows.columnStride +
                  windows.getColumns() - 1 - windows.left;
  return bottom * rowPixels + right + 1;
}

void PixelQueue::emitBegin() {
  code.undef(cells);
  int64_t size = cells.cells.getDefiningOp<CellsOp>().getSize();
  Cell p = code.pointerP();
  if (size <= 4) {
    for (int64_t i = 0; i < size; ++i)
      code(CLEAR_M, cells.at(i));
  } else {
    std::string loop = code.unique("clear");
    code.addressOf(MOV_A_K, cells);
    code(MOV_M_A, p);
    code.label(loop, size);
    code(MOV_A_K, 0);
    code.indirect(IDXM_M_A, p, cells);
    code(INC_M, p);
    code(MOV_A_M, p);
    code.addressOf(CEQSN_A_K, cells.at(size));
    code(GOTO_K, loop);
  }
  if (hasZeros()) {
    code(MOV_A_K, rowPixels * windows.depth);
    code(MOV_M_A, column);
    if (period.cells)
      code(MOV_M_A, period);
  }
  if (imageRows.cells) {
    code(MOV_A_K, windows.height);
    code(MOV_M_A, imageRows);
  }
}

/// The pixel in A is the last byte; each takes the place of the one before it.
void PixelQueue::emitShiftOfBytes() {
  int64_t size = cells.cells.getDefiningOp<CellsOp>().getSize();
  if (unrolls) {
    for (int64_t i = size; i-- > 0;)
      code(XCH_M, cells.at(i));
    return;
  }
  Cell p = code.pointerP();
  std::string loop = code.unique("shift");
  code(MOV_M_A, bits);
  code.addressOf(MOV_A_K, cells.at(size - 1));
  code(MOV_M_A, p);
  code.label(loop, size);
  code.indirect(IDXM_A_M, p, cells);
  code(XCH_M, bits);
  code.indirect(IDXM_M_A, p, cells);
  code(MOV_A_M, p);
  code(DEC_M, p);
  code.addressOf(CEQSN_A_K, cells);
  code(GOTO_K, loop);
}

/// One pixel, or a zero, into the queue.
void PixelQueue::emitPixel() {
  int64_t size = cells.cells.getDefiningOp<CellsOp>().getSize();
  auto shift = [&] {
    for (int64_t i = 0; i < size; ++i)
      code(SLC_M, cells.at(i));
  };
  if (hasZeros()) {
    // The column counts down, through the pixels and then the zeros.
    std::string zero = code.unique("zero"), have = code.unique("have");
    code(MOV_A_K, rowPixels - windows.width);
    code(SUB_A_M, column);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, zero);
    source.take();
    code(GOTO_K, have);
    code.label(zero);
    code(MOV_A_K, 0); // and no carry
    code.label(have);
  } else {
    source.take();
  }
  if (source.bits == 8) {
    emitShiftOfBytes();
  } else if (source.bits == 1) {
    if (!source.inCarry)
      code(SR_A);
    shift();
  } else {
    // The highest bit comes first.
    code(SWAP_A);
    for (int64_t bit = 4; bit > source.bits; --bit)
      code(SL_A);
    code(MOV_M_A, bits);
    emitTimes(code, "pixel_bits", source.bits, [&] {
      code(SL_M, bits);
      shift();
    });
  }
  if (!hasZeros())
    return;
  std::string within = code.unique("within");
  code(DZSN_M, column);
  code(GOTO_K, within);
  if (period.cells) {
    code(MOV_A_K, rowPixels - windows.width);
    code(DZSN_M, imageRows);
    code(MOV_A_M, period);
    code(MOV_M_A, period);
  } else {
    code(MOV_A_K, rowPixels);
  }
  code(MOV_M_A, column);
  code.label(within);
}

/// A = the bytes of the pixels that are to be taken next, or the lower byte of
/// their number.
void PixelQueue::setCount(int64_t pixels) {
  assert(pixels > 0 && "each window has a pixel of its own");
  pixels *= windows.depth;
  if (count.cells.getDefiningOp<CellsOp>().getSize() > 1) {
    code(MOV_A_K, llvm::divideCeil(pixels, 256));
    code(MOV_M_A, count.at(1));
  }
  code(MOV_A_K, pixels);
}

void PixelQueue::emitCounts() {
  if (windowsLeft.cells) {
    code(MOV_A_K, windows.windowColumns);
    code(MOV_M_A, windowsLeft);
  }
  if (rowsLeft.cells) {
    code(MOV_A_K, windows.windowRows);
    code(MOV_M_A, rowsLeft);
  }
}

void PixelQueue::beginPushes() {
  emitBegin();
  emitCounts();
  setCount(getArrival(0, 0));
  code(MOV_M_A, count);
}

int64_t PixelQueue::getColumnStep() const {
  return windows.windowColumns > 1 ? getArrival(0, 1) - getArrival(0, 0) : 0;
}

int64_t PixelQueue::getRowStep() const {
  return windows.windowRows > 1
             ? getArrival(1, 0) - getArrival(0, windows.windowColumns - 1)
             : 0;
}

void PixelQueue::emitUse(llvm::function_ref<void()> use,
                         const std::string &waits, const std::string &next) {
  code(DZSN_M, count);
  code(GOTO_K, waits);
  if (count.cells.getDefiningOp<CellsOp>().getSize() > 1) {
    code(DZSN_M, count.at(1));
    code(GOTO_K, waits);
  }
  use();
  if (windowsLeft.cells) {
    setCount(getColumnStep());
    code(DZSN_M, windowsLeft);
    code(GOTO_K, next);
  }
  if (rowsLeft.cells) {
    if (windowsLeft.cells) {
      code(MOV_A_K, windows.windowColumns);
      code(MOV_M_A, windowsLeft);
    }
    setCount(getRowStep());
    code(DZSN_M, rowsLeft);
    code(GOTO_K, next);
  }
}

void PixelQueue::emitPush(llvm::function_ref<void()> use) {
  int64_t rows = windows.windowRows, columns = windows.windowColumns;
  std::string done = code.unique("pushed"), next = code.unique("window"),
              waits = code.unique("waits"), zero = code.unique("zero");
  int64_t arrived = getArrival(rows - 1, columns - 1);
  int64_t zeros = (rowPixels - windows.width) * windows.depth;
  if (hasZeros()) {
    int64_t below = std::max<int64_t>(
        arrived - (windows.height - 1) * rowPixels - windows.width, 0);
    code.label(zero, std::max(zeros, below * windows.depth) + 1);
  }
  emitShiftOfBytes();
  emitUse(use, waits, next);
  // No more windows: 256 is more than what still comes.
  code(CLEAR_M, count);
  code(GOTO_K, done);
  code.label(next);
  code(MOV_M_A, count);
  code.label(waits);
  if (hasZeros()) {
    // The column counts down, through a row's bytes and then the zeros.
    std::string within = code.unique("within");
    code(DZSN_M, column);
    code(GOTO_K, within);
    if (period.cells) {
      code(MOV_A_K, zeros);
      code(DZSN_M, imageRows);
      code(MOV_A_M, period);
      code(MOV_M_A, period);
    } else {
      code(MOV_A_K, rowPixels * windows.depth);
    }
    code(MOV_M_A, column);
    code.label(within);
    code(MOV_A_K, zeros);
    code(SUB_A_M, column);
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, done);
    code(MOV_A_K, 0);
    code(GOTO_K, zero);
  }
  code.label(done);
}

void PixelQueue::emit(llvm::function_ref<void()> use) {
  emitBegin();
  int64_t rows = windows.windowRows, columns = windows.windowColumns;
  int64_t first = getArrival(0, 0);
  emitCounts();
  std::string next = code.unique("window"), pixel = code.unique("pixel");
  setCount(first);
  code.label(next, windows.getNumWindows());
  code(MOV_M_A, count);
  code.label(pixel, std::max({first, getColumnStep(), getRowStep()}));
  emitPixel();
  emitUse(use, pixel, next);
  // What no window needs is taken all the same.
  int64_t arrived = getArrival(rows - 1, columns - 1);
  int64_t taken = arrived / rowPixels >= windows.height
                      ? windows.height * windows.width
                      : arrived / rowPixels * windows.width +
                            std::min(arrived % rowPixels, windows.width);
  if (int64_t left = windows.height * windows.width - taken)
    source.discard(left);
}
