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
// Sums lie at the end of one stretch of RAM, the arena. Activations made of
// them can go to its beginning, where the next layer takes them and has its own
// sums behind them.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWERING_LOOPEDENGINE_H
#define PDKC_PASSES_LOWERING_LOOPEDENGINE_H

#include "passes/lowering/DenseEngine.h"
#include "passes/lowering/Product.h"

namespace pdkc {

class LoopedEngine : public DenseEngine {
public:
  struct Layer : DenseLayer {
    bool isInPlace = false; ///< its inputs are at the arena's beginning
  };

  /// An engine for these layers, or none where a weight would need a code of
  /// more than 8 bits. With `skipsZeros` an input of 0 costs no pass; its
  /// column begins at a word of its own then.
  static std::unique_ptr<LoopedEngine> create(llvm::ArrayRef<Layer> layers,
                                              bool skipsZeros);

  const Product &getProduct() const { return product; }

  void makeCells(CodeBuilder &code) override;
  Vector emitLayer(CodeBuilder &code, size_t layer, const InputSource &source,
                   lowbit::Interval range) override;
  void emitShared(CodeBuilder &code) override;
  std::optional<Cell> getInPlace() const override { return arena; }

private:
  /// With weights that count from a base, one more sum is kept: how much all
  /// others have too much.
  int64_t getExcessBytes() const { return product.base ? bytes : 0; }
  int64_t getFirstSum(const Layer &layer) const {
    return size - layer.rows * bytes;
  }
  /// Whether each input's weights begin at a word of their own.
  bool isAligned() const { return skipsZeros || product.base; }
  /// Whether the number of passes decides about the excess.
  bool countsPasses() const { return skipsZeros && product.bias; }
  int64_t getStart(const Layer &layer, int64_t row) const;
  bool startsUniform(const Layer &layer) const;
  void appendToStream(const Layer &layer);
  int64_t getNumTables() const;

  void emitNextByte(CodeBuilder &code);
  void emitStart(CodeBuilder &code, const Layer &layer);
  void emitStartRoutine(CodeBuilder &code);
  void emitSkip(CodeBuilder &code, const Layer &layer);
  void emitPass(CodeBuilder &code);
  void emitAccumulate(CodeBuilder &code);
  void emitNextByteRoutine(CodeBuilder &code);

  llvm::SmallVector<Layer> layers;
  Product product;
  bool skipsZeros = false;
  int64_t bytes = 1;           ///< of a sum
  int64_t size = 0;            ///< of the arena
  bool passIsShared = false;   ///< is a routine
  std::vector<uint8_t> stream; ///< what the tables hold

  Cell arena, input, weight, low, high;
  Cell left;            ///< codes in `weight` that are yet to come, and one
  Cell position, table; ///< of the byte last taken from the stream
  Cell passes, counter;
  std::string passName, startName, nextByteName, skipName;
  llvm::SmallVector<std::string> tableNames;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_LOOPEDENGINE_H
