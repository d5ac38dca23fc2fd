//===- PackedEngine.h - Layers over packed weight tables --------*- C++ -*-===//
//
// The input-stationary method: one input at a time is at hand as a few of its
// multiples; the weights of that input's column come packed from tables of
// `ret k` words, and their bits pick multiples that are added to the
// accumulators, which are unrolled. Everything stays unsigned: each pass adds
// `bias` too much to every accumulator, and the passes are counted, so an input
// of zero can be skipped whole.
//
// Where codes are relative, what A holds for one row is what the next row's
// code changes.
//
// Layers share an engine: its rows, its cells, and its tables, in which each
// layer has a stretch of entries of its own, read downwards.
//
// Unrolled, an engine has more code and fewer decisions: accumulators are
// cleared one by one, layers of fewer rows have a way in of their own, what a
// layer takes in pieces its own code takes apart, and a stream's loop takes
// several inputs a turn.
//
// Inputs that hardly ever could be skipped may be taken by straight-line code,
// in pairs, which adds a row's part of both at once.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PACKEDENGINE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PACKEDENGINE_H

#include "passes/lowbit_to_pdk/methods/DenseEngine.h"
#include "passes/lowbit_to_pdk/support/PairWalk.h"
#include "passes/lowbit_to_pdk/support/WeightDecode.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/MathExtras.h"

namespace pdkc {

struct PackedLayer : DenseLayer {
  int64_t firstEntry = 1; ///< the lowest in the tables, counted from 1
  bool isUnrolled = false;

  /// The first input that is read, the background, is taken off the others, so
  /// that those equal to it are skipped; it comes in, less the middle of its
  /// range, with the sum of each row's weights. That sum is one of digits,
  /// which are weights themselves and so in the tables: [digit][row]. With each
  /// goes a shift to the left of the background.
  bool hasBackground = false;
  llvm::SmallVector<llvm::SmallVector<int64_t>, 0> digits;
  llvm::SmallVector<int64_t, 0> shifts;
  int64_t middle = 0;

  /// Inputs that straight-line code takes, each with the one behind it; in
  /// their order.
  struct Pair {
    int64_t first;
    PairWalk walk;
  };
  llvm::SmallVector<Pair, 0> pairs;
  /// The pair that begins with this input, or null.
  const Pair *findPair(int64_t input) const;
  /// Whether the pairs are inputs that are read, none twice, and what they add
  /// are bytes.
  bool arePairsValid() const;

  /// Finds digits that are weights of the codebook, and makes the input range
  /// that of differences too; false where there are none.
  bool findBackground(llvm::ArrayRef<int64_t> codebook);
  int64_t getNumEntries() const {
    return getNumRead() - 2 * int64_t(pairs.size()) +
           (hasBackground ? int64_t(digits.size()) - 1 : 0);
  }
  /// Whether the tables have an entry for the input, apart from the background.
  bool hasEntry(int64_t input) const {
    return reads[input] && !findPair(input) &&
           !(input > 0 && findPair(input - 1));
  }
  int64_t getLastEntry() const { return firstEntry + getNumEntries() - 1; }
  /// The columns of the layer's entries, in the order of its inputs.
  llvm::SmallVector<llvm::SmallVector<int64_t>, 0> getColumns() const;

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
    return {decode.getBits(), decode.isRelative, isUnrolled};
  }
  SumArena getArena() const override { return {"acc", rows * bytes, 1, false}; }
  Sums getSums(size_t layer) const override;
  void makeCells(CodeBuilder &code, Cell arena) override;
  void emitBegin(CodeBuilder &code, size_t layer) override;
  void emitInputs(CodeBuilder &code, size_t layer,
                  const InputSource &source) override;
  void emitNextInput(CodeBuilder &code, size_t layer) override;
  void emitStateBefore(CodeBuilder &code, size_t layer) override;
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
  /// Pieces that an input is taken in.
  int64_t getMaxPieces(const PackedLayer &layer) const {
    if (layer.isSigned())
      return 1;
    return llvm::divideCeil(std::max<int64_t>(layer.inputRange.max, 1),
                            maxPiece);
  }
  /// Whether the pass takes inputs apart, instead of the layers.
  bool takesPieces() const {
    return maxInput > maxPiece && !(isUnrolled && isShared);
  }
  int64_t getOwnPasses(const PackedLayer &layer) const;
  int64_t getMaxPasses(const PackedLayer &layer) const;
  bool countsInByte() const;
  static bool startsAtZero(const PackedLayer &layer);
  void initialise(CodeBuilder &code, const PackedLayer &layer);
  void emitClear(CodeBuilder &code);
  void clearPasses(CodeBuilder &code);
  void setEntry(CodeBuilder &code, const PackedLayer &layer);
  bool continues(size_t index) const;
  /// The pass of one input, in A, by a call or in place. What it returns, if
  /// anything, is to be written where nothing runs into it.
  std::function<void()> emitPassOf(CodeBuilder &code, const PackedLayer &layer);
  /// The pass of one input, in A; ends by `leave`.
  void emitPass(CodeBuilder &code, llvm::function_ref<void()> leave);
  /// From an input in A, which is one piece: its multiples.
  void emitPiece(CodeBuilder &code);
  /// What finds, by the entry, the row that a layer begins at.
  void emitSearchOfRow(CodeBuilder &code);
  bool beginsFetch(int64_t row) const;
  void emitWayIn(CodeBuilder &code, int64_t row);
  void emitRows(CodeBuilder &code);
  /// The last byte of those that are fetched together with this one.
  int64_t getEndOfFetch(int64_t byte) const;
  void emitFetch(CodeBuilder &code, int64_t byte, int64_t end);
  const Cell &getByte(int64_t byte) const;
  void emitDigitRoutine(CodeBuilder &code);
  void emitRow(CodeBuilder &code, int64_t row);
  /// Two inputs, which `take` leaves in A one after the other.
  void emitPair(CodeBuilder &code, const PackedLayer &layer,
                const PackedLayer::Pair &pair,
                llvm::function_ref<void(int64_t)> take);
  /// From the background in A: what it adds to all sums.
  void emitBackground(CodeBuilder &code, const PackedLayer &layer);
  llvm::SmallVector<unsigned> getCodes(const PackedLayer &layer,
                                       llvm::ArrayRef<int64_t> column) const;
  int32_t getTableByte(llvm::ArrayRef<unsigned> codes, int64_t table) const;

  llvm::SmallVector<PackedLayer, 0> layers;
  WeightDecode decode;
  int64_t rows = 0, bytes = 1;
  int64_t maxPiece = 0; ///< larger inputs are taken in pieces
  int64_t maxInput = 0;
  bool isShared = false; ///< the pass is a routine
  bool isUnrolled = false;

  Cell accumulators, entry, weights[2], digit, remaining, passes, background;
  llvm::SmallVector<Cell> multiples;
  std::string passName, clearName, digitName;
  /// Where rows begin that a layer's pass begins with, and passes that take an
  /// input in one piece and begin there: one for all layers, by row 0, or one
  /// for each such row.
  llvm::SmallMapVector<int64_t, std::string, 4> rowNames, piecePassNames;
  llvm::SmallVector<std::string> tableNames;
};

/// Of a layer's inputs so many pairs that are worth straight-line code, by how
/// many of a thousand samples each input cannot be skipped for.
llvm::SmallVector<int64_t> choosePairs(const PackedLayer &layer,
                                       llvm::ArrayRef<int64_t> codebook,
                                       llvm::ArrayRef<int64_t> busy,
                                       int64_t count);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PACKEDENGINE_H
