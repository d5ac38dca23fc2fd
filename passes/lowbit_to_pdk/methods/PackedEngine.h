//===- PackedEngine.h - Layers over packed weight tables --------*- C++ -*-===//
//
// The input-stationary method: one input at a time is at hand as a few of its
// multiples; the weights of that input's column come packed from tables of
// `ret k` words, and their bits pick multiples that are added to the
// accumulators, which are unrolled. Everything stays unsigned: each pass adds
// `bias` too much to every accumulator, and the passes are counted, so an input
// of zero can be skipped whole.
//
// Where codes are relative, what A holds for one row is what the next row's code
// changes.
//
// Layers share an engine: its rows, its cells, and its tables, in which each
// layer has a stretch of entries of its own.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PACKEDENGINE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PACKEDENGINE_H

#include "passes/lowbit_to_pdk/methods/DenseEngine.h"
#include "passes/lowbit_to_pdk/support/WeightDecode.h"

namespace pdkc {

struct PackedLayer : DenseLayer {
  int64_t firstEntry = 1; ///< in the tables, counted from 1

  /// The first input that is read, the background, is taken off the others, so
  /// that those equal to it are skipped; it comes in with the sum of each row's
  /// weights. Of that sum the tables have the binary digits, which are weights
  /// themselves, first the highest: [digit][row]. The first ones are doublings
  /// apart, those behind them count once as the last of these.
  bool hasBackground = false;
  llvm::SmallVector<llvm::SmallVector<int64_t>> digits;
  int64_t doubledDigits = 0;

  /// Finds digits that are weights of the codebook, and makes the input range
  /// that of differences too; false where there are none.
  bool findBackground(llvm::ArrayRef<int64_t> codebook);
  /// Passes that the background's digits are worth, doublings included.
  int64_t getBackgroundPasses() const {
    return (int64_t(1) << doubledDigits) - 1 + int64_t(digits.size()) -
           doubledDigits;
  }
  int64_t getNumEntries() const {
    return getNumRead() + (hasBackground ? int64_t(digits.size()) - 1 : 0);
  }
  /// The columns of the layer's entries, in their order.
  llvm::SmallVector<llvm::SmallVector<int64_t>> getColumns() const;

  /// Inputs from below 0 on are taken as two's complement, all in one piece.
  bool isSigned() const { return inputRange.min < 0; }
};

class PackedEngine : public DenseEngine {
public:
  /// An engine for these layers, or none where no decoding fits them: the
  /// product of a weight and an eighth of an input must fit a byte,
  /// and the layers' inputs together must be at most 255.
  static std::unique_ptr<PackedEngine>
  create(llvm::ArrayRef<PackedLayer> layers, WeightCodes codes);

  std::array<int64_t, 3> getFormat() const override {
    return {decode.getBits(), decode.isRelative, 0};
  }
  SumArena getArena() const override { return {"acc", rows * bytes, 1, false}; }
  Sums getSums(size_t layer) const override;
  void makeCells(CodeBuilder &code, Cell arena) override;
  void emitBegin(CodeBuilder &code, size_t layer) override;
  void emitInputs(CodeBuilder &code, size_t layer,
                  const InputSource &source) override;
  void emitNextInput(CodeBuilder &code, size_t layer) override;
  std::optional<Cell> getBias(size_t layer) const override;
  void emitShared(CodeBuilder &code) override;

private:
  int64_t getFirstRow(const PackedLayer &layer) const {
    return rows - layer.rows;
  }
  /// The table that holds the first bit or digit of a row.
  int64_t getTable(int64_t row) const {
    return decode.radix ? row / int64_t(decode.getDigits())
                        : row * int64_t(decode.getBits()) / 8;
  }
  int64_t getFirstByte(const PackedLayer &layer) const {
    return getTable(getFirstRow(layer));
  }
  int64_t getNumTables() const {
    return decode.radix ? getTable(rows - 1) + 1
                        : (rows * int64_t(decode.getBits()) + 7) / 8;
  }
  /// The first row that a pass of the layer goes through: digits come out of a
  /// byte one after the other, those of rows before the layer's too.
  int64_t getEntryRow(const PackedLayer &layer) const {
    return decode.radix ? getFirstByte(layer) * int64_t(decode.getDigits())
                        : getFirstRow(layer);
  }
  /// How often one input's pass looks whether something remains: after each
  /// piece, and before the first where the input is unsigned.
  int64_t getMaxTrips(const PackedLayer &layer) const {
    return layer.isSigned() ? 1 : (layer.inputRange.max - 1) / maxPiece + 2;
  }
  int64_t getOwnPasses(const PackedLayer &layer) const;
  int64_t getMaxPasses(const PackedLayer &layer) const;
  bool countsInByte() const;
  bool isInPieces() const { return maxInput > maxPiece; }
  static bool startsAtZero(const PackedLayer &layer);
  void initialise(CodeBuilder &code, const PackedLayer &layer);
  void emitClear(CodeBuilder &code);
  /// The pass of one input, in A, by a call or in place.
  void emitPassOf(CodeBuilder &code, const PackedLayer &layer);
  /// The pass of one input, in A; ends by `leave`.
  void emitPass(CodeBuilder &code, llvm::function_ref<void()> leave);
  void emitRows(CodeBuilder &code);
  void emitDigitRoutine(CodeBuilder &code);
  void emitRow(CodeBuilder &code, int64_t row);
  /// From the background in A: what it adds to all sums.
  void emitBackground(CodeBuilder &code, const PackedLayer &layer);
  llvm::SmallVector<unsigned> getCodes(const PackedLayer &layer,
                                       llvm::ArrayRef<int64_t> column) const;
  int32_t getTableByte(llvm::ArrayRef<unsigned> codes, int64_t table) const;

  llvm::SmallVector<PackedLayer> layers;
  WeightDecode decode;
  int64_t rows = 0, bytes = 1;
  int64_t maxPiece = 0; ///< larger inputs are taken in pieces
  int64_t maxInput = 0;
  bool isShared = false; ///< the pass is a routine

  Cell accumulators, entry, weights[2], digit, remaining, passes, background;
  llvm::SmallVector<Cell> multiples;
  std::string passName, signedPassName, clearName, digitName;
  llvm::SmallVector<std::string> tableNames;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PACKEDENGINE_H
