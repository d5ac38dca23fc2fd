//===- ConvLoop.h - A convolution's sums, one after another -----*- C++ -*-===//
//
// The output-stationary method: for each output channel, for each window, a
// loop over the window's elements fetches a weight, multiplies and adds to the
// one sum, which is used before the next one begins: of all the sums only what
// is made of them takes RAM. A channel's weights, behind what its sums start
// at, are gone through again for each window; where windows begin, and their
// coordinates where there is padding, are a list gone through again for each
// channel.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_CONVLOOP_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_CONVLOOP_H

#include "passes/lowbit_to_pdk/Method.h"
#include "passes/lowbit_to_pdk/support/ConvWindows.h"
#include "passes/lowbit_to_pdk/support/InputSource.h"
#include "passes/lowbit_to_pdk/support/Product.h"
#include "passes/lowbit_to_pdk/support/WeightStream.h"

#include <memory>

namespace pdkc {

class ConvLoop {
public:
  /// `bytes` are those of a sum, which gets `offset` on top. `inputOffset` is
  /// what the source's bytes have on top of the integers. `before` are sums to
  /// add to, in the same order. Words of the tables have `wordBits` bits, and
  /// with `packs` several weights each. An error where integers or weights need
  /// more than a byte.
  static mlir::FailureOr<std::unique_ptr<ConvLoop>>
  create(CodeBuilder &code, lowbit::ConvOp conv, ConvWindows windows,
         const InputSource &source, int64_t inputOffset, int64_t offset,
         int64_t bytes, const std::optional<Storage> &before, unsigned wordBits,
         bool packs);

  /// What is done around the sums. All may destroy A and flags.
  struct Uses {
    /// For each sum, in its cells.
    llvm::function_ref<void()> useSum;
    /// Before and after `size` sums.
    llvm::function_ref<void()> beginElement, endElement;
    llvm::function_ref<void()> endChannel;
  };

  /// Code for all sums: in each channel those of the positions in `order`, in
  /// elements of `size` sums.
  void emit(Cell sum, llvm::ArrayRef<int64_t> order, int64_t size, Uses uses);
  /// Routines and tables, after that.
  void emitShared();

  /// Whether a word has room for two weights.
  static bool canPack(lowbit::ConvOp conv, const Target &target);
  /// best = the larger one of best and A, both a byte without a sign.
  static void emitMaxOfByte(CodeBuilder &code, Cell best);

private:
  explicit ConvLoop(CodeBuilder &code) : code(code) {}

  int64_t getStart(int64_t channel) const;
  bool startsUniform() const;
  void makeStreams(llvm::ArrayRef<int64_t> order);
  void emitSum(Cell sum);
  void emitLoops(Cell sum, size_t level);
  void emitProductOf(Cell sum);

  CodeBuilder &code;
  InputSource source;
  ConvWindows windows;
  Product product;
  llvm::SmallVector<int64_t> weightValues;
  int64_t offset = 0, bytes = 1;
  int64_t base = 0;  ///< what inputs count from
  int64_t added = 0; ///< to a byte of the source, to count from there

  /// Sums to add to, what reads the next of them, and where that is then.
  std::optional<Storage> before;
  std::function<void()> loadBefore;
  Cell accumulated;

  WeightStream weights, origins;
  Cell input, low, high, channelStart;
  Cell groupStart; ///< address of the group's first input; where there are many
  llvm::SmallVector<Cell> coordinates;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_CONVLOOP_H
