//===- DenseEngine.h - What computes dense layers in a loop -----*- C++ -*-===//
//
// An engine is code and cells that one or several dense layers share, with
// their weights in tables. Engines are told apart by how they hold and use the
// weights; ModelLowering picks one by the layer's method.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_DENSEENGINE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_DENSEENGINE_H

#include "passes/lowbit_to_pdk/support/InputSource.h"

namespace pdkc {

/// Neighbouring inputs, [begin, end), that a layer reads, or does not, and that
/// are preprocessed alike.
struct Stretch {
  int64_t begin, end;
  bool isRead;
};

/// A dense layer as engines see it.
struct DenseLayer {
  llvm::SmallVector<int64_t, 0> weights; ///< rows by inputs
  llvm::SmallVector<int64_t, 0> bias;    ///< by row
  int64_t offset = 0;               ///< what sums start at on top of the bias
  llvm::SmallVector<bool, 0> reads; ///< by input: has a weight other than 0
  llvm::SmallVector<int64_t, 0> kinds; ///< by input: how it is preprocessed
  lowbit::Interval inputRange;
  int64_t rows = 0, inputs = 0;
  int64_t bytes = 2; ///< bytes an accumulator needs

  int64_t getWeight(int64_t row, int64_t input) const {
    return weights[row * inputs + input];
  }
  int64_t getNumRead() const { return llvm::count(reads, true); }
  /// The inputs in their order, as stretches.
  llvm::SmallVector<Stretch> getStretches() const {
    llvm::SmallVector<Stretch> stretches;
    for (int64_t input = 0; input < inputs; ++input) {
      if (input == 0 || reads[input - 1] != reads[input] ||
          (!kinds.empty() && kinds[input - 1] != kinds[input]))
        stretches.push_back({input, input, reads[input]});
      ++stretches.back().end;
    }
    return stretches;
  }
};

class DenseEngine {
public:
  virtual ~DenseEngine() = default;

  /// Makes the cells. Before any emit.
  virtual void makeCells(CodeBuilder &code) = 0;
  /// Code for one layer, which leaves its sums in the result; `range` is
  /// theirs, with the offset.
  virtual Vector emitLayer(CodeBuilder &code, size_t layer,
                           const InputSource &source,
                           lowbit::Interval range) = 0;
  /// Shared routines and the tables, after all layers.
  virtual void emitShared(CodeBuilder &code) = 0;

  /// Where a layer's activations may lie that a layer of this engine takes next
  /// and that are made of sums of this engine, if that is among its cells.
  virtual std::optional<Cell> getInPlace() const { return std::nullopt; }
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_DENSEENGINE_H
