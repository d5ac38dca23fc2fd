//===- KernelRows.h - A convolution's kernels, row by row -------*- C++ -*-===//
//
// The weights of a kernel's row stand in as few bytes as hold them, at most
// three, which are taken at once; or each has a byte. In a loop they come out one
// after the other at the low end. In straight-line code each is read where it
// stands, and none lies across two bytes but one whose bits are what is left of
// both. What belongs to a channel stands around its rows.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_KERNELROWS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_KERNELROWS_H

#include "dialects/lowbit/LowbitDialect.h"
#include "passes/lowbit_to_pdk/support/WeightStream.h"

namespace pdkc {

class KernelRows {
public:
  /// Of a convolution of one channel. Each output channel has so many bytes of
  /// its constants before its rows, and behind them.
  KernelRows(lowbit::ConvOp conv, bool unrolls,
             llvm::function_ref<llvm::SmallVector<uint8_t>(int64_t)> before,
             llvm::function_ref<llvm::SmallVector<uint8_t>(int64_t)> behind);

  void makeCells(CodeBuilder &code);
  WeightStream &getStream() { return stream; }
  /// Bytes of a channel, and of a row.
  int64_t getChannelBytes() const { return channelBytes; }
  int64_t getRowBytes() const { return rowBytes; }

  /// Takes the next row; then its weights: A = the one at hand, of that number
  /// where code is straight-line, and on to the next one.
  void beginRow(CodeBuilder &code);
  void loadWeight(CodeBuilder &code, int64_t number = 0);
  void dropWeight(CodeBuilder &code);
  /// Goes past a row.
  void skipRow(CodeBuilder &code) { stream.skip(code, rowBytes); }

private:
  uint64_t pack(llvm::ArrayRef<int64_t> row) const;
  int64_t getPerByte() const { return 8 / bits; }
  /// Bits that a byte has beside whole weights.
  int64_t getRest() const { return 8 - getPerByte() * bits; }
  void loadCode(CodeBuilder &code, int64_t number);

  WeightStream stream;
  int64_t columns = 1, rowBytes = 1, channelBytes = 0;
  /// A weight is code * 2^shift + least.
  int64_t least = 0, shift = 0, bits = 8;
  bool isPacked = false, isInPlace = false;
  Cell codes;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_KERNELROWS_H
