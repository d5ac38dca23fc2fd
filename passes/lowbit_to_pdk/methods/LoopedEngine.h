//===- LoopedEngine.h - Layers of any weights in nested loops ---*- C++ -*-===//
//
// The input-stationary method for weights and activations of up to 8 bits, and
// the one that takes the fewest words: for each input a loop over the rows
// fetches a weight, multiplies and adds to the row's sum through a pointer.
//
// Where sums start and the weights' codes stand in tables as one stream of
// bytes in the order of their use, layer after layer:
//
//     row 0's start, row 1's ..., input 0's weights for row 0, row 1 ...,
//
// Tables are `ret k` words of 8 bits, reached by a call; or whole code words
// where the device has instructions that read them: LDTABL and LDTABH, or
// LDSPTL and LDSPTH if the user allows what no data sheet describes.
//
// Sums lie at the end of one stretch of RAM, the arena. Activations made of
// them can go to its beginning, where the next layer takes them and has its own
// sums behind them.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_LOOPEDENGINE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_LOOPEDENGINE_H

#include "passes/lowbit_to_pdk/methods/DenseEngine.h"
#include "passes/lowbit_to_pdk/support/Product.h"
#include "passes/lowbit_to_pdk/support/WeightStream.h"

#include <map>

namespace pdkc {

class LoopedEngine : public DenseEngine {
public:
  using Layer = DenseLayer;

  struct Form {
    /// An input of 0 costs no pass; its column begins at a word of its own.
    bool skipsZeros = false;
    /// A pass is a piece of code a row instead of a loop; zeros are skipped.
    bool unrollsRows = false;
    /// Of words in the tables: 8 or, where they are read as such, 13 to 15.
    unsigned wordBits = 8;
    /// Words are read as such through the stack, where they hold more codes
    /// than bytes do.
    bool usesStack = false;
    /// They are, wherever that is done, without a routine: less stack.
    bool fetchesInline = false;
  };

  /// An engine for these layers, or none where a weight would need a code of
  /// more than 8 bits.
  static std::unique_ptr<LoopedEngine> create(llvm::ArrayRef<Layer> layers,
                                              Form form);

  std::array<int64_t, 3> getFormat() const override {
    return {product.bits, product.isSigned, product.base};
  }
  SumArena getArena() const override {
    return {"sums", size, bytes == 2 ? 2 : 1, true};
  }
  Sums getSums(size_t layer) const override;
  void makeCells(CodeBuilder &code, Cell arena) override;
  void emitBegin(CodeBuilder &code, size_t layer) override;
  void emitInputs(CodeBuilder &code, size_t layer,
                  const InputSource &source) override;
  void emitNextInput(CodeBuilder &code, size_t layer) override;
  std::optional<Cell> getBias(size_t layer) const override;
  void emitStateBefore(CodeBuilder &code, size_t layer) override;
  void emitShared(CodeBuilder &code) override;

private:
  /// With weights that count from a base, one more sum is kept: how much all
  /// others have too much.
  int64_t getBiasBytes() const { return product.base ? bytes : 0; }
  int64_t getFirstSum(const Layer &layer) const {
    return size - layer.rows * bytes;
  }
  /// Whether each input's weights begin at a word of their own.
  bool isAligned() const { return form.skipsZeros || product.base; }
  /// Whether the number of passes decides about the bias.
  bool countsPasses() const { return form.skipsZeros && product.bias; }
  /// Codes before the layer's first one in a column's first word. Unrolled rows
  /// have their places in words, and layers of fewer rows have the last ones.
  int64_t getLead(const Layer &layer) const {
    return form.unrollsRows ? (rows - layer.rows) % int64_t(stream.getPerWord())
                           : 0;
  }
  /// Inputs that have a pass, of the layer and those that it adds to.
  int64_t getAllRead(const Layer &layer) const {
    return sumUp<Layer>(layers, layer, [](const Layer &each) {
      return each.getNumRead();
    });
  }
  int64_t getStart(const Layer &layer, int64_t row) const;
  bool startsUniform(const Layer &layer) const;
  void appendToStream(const Layer &layer);

  void emitStart(CodeBuilder &code, const Layer &layer);
  void emitStartRoutine(CodeBuilder &code);
  void emitSkip(CodeBuilder &code, const Layer &layer);
  void emitPass(CodeBuilder &code);
  void emitAccumulate(CodeBuilder &code);
  void emitRows(CodeBuilder &code);
  void emitAddProduct(CodeBuilder &code, Cell sum);

  llvm::SmallVector<Layer> layers;
  Product product;
  Form form;
  int64_t rows = 0;            ///< of the layer that has most
  int64_t bytes = 1;           ///< of a sum
  int64_t size = 0;            ///< of the arena
  bool passIsShared = false;   ///< is a routine
  WeightStream stream;         ///< what the tables hold
  llvm::SmallVector<int64_t> firstWords; ///< of the layers in it

  Cell arena, input, weight, low, high;
  Cell passes, counter;
  std::string passName, startName, multiplyName;
  /// Where layers of fewer rows enter the unrolled pass, by their first row.
  std::map<int64_t, std::string> lateNames;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_LOOPEDENGINE_H
