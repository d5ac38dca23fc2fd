//===- DenseEngine.h - What computes dense layers in a loop -----*- C++ -*-===//
//
// An engine is code and cells that one or several dense layers share, with
// their weights in tables. Engines are told apart by how they hold and use the
// weights; a layer's method makes its engine.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_DENSEENGINE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_DENSEENGINE_H

#include "passes/lowbit_to_pdk/Method.h"
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
  llvm::StringRef method; ///< that the layer has
  llvm::SmallVector<int64_t, 0> weights; ///< rows by inputs
  llvm::SmallVector<int64_t, 0> bias;    ///< by row
  int64_t offset = 0;               ///< what sums start at on top of the bias
  llvm::SmallVector<bool, 0> reads; ///< by input: has a weight other than 0
  llvm::SmallVector<int64_t, 0> kinds; ///< by input: how it is preprocessed
  /// The first ones of inputs that are taken in pairs, for methods that do so.
  llvm::SmallVector<int64_t, 0> pairedInputs;
  lowbit::Interval inputRange;
  int64_t rows = 0, inputs = 0;
  int64_t bytes = 2; ///< bytes an accumulator needs
  /// Its inputs are made of sums of the same engine, and nothing else needs
  /// them.
  bool isInPlace = false;
  /// Its sums are added to those that there are, of an earlier layer of the
  /// engine, by its number, or of another operation's: -1.
  bool accumulates = false;
  int64_t addsTo = -1;

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

/// Of a layer and of those that it adds to: `get` summed up.
template <typename Layer>
int64_t sumUp(llvm::ArrayRef<Layer> layers, const Layer &layer,
              llvm::function_ref<int64_t(const Layer &)> get) {
  return get(layer) +
         (layer.addsTo < 0 ? 0 : sumUp(layers, layers[layer.addsTo], get));
}

/// The cells of an engine that hold its sums, one run of bytes.
struct SumArena {
  llvm::StringLiteral name;
  int64_t size, align;
  /// Whether a layer's inputs that are made in place lie at its beginning.
  bool holdsInputs;
};

class DenseEngine {
public:
  virtual ~DenseEngine() = default;

  /// What engines have to agree on for their layers to share one.
  virtual std::array<int64_t, 3> getFormat() const = 0;

  virtual SumArena getArena() const = 0;
  /// Where a layer's sums lie in the arena, bytes from its beginning; of how
  /// many bytes they are; the most that their run-time bias can be, 0 where
  /// they have none; and its step, as in #lowbit.storage.
  struct Sums {
    int64_t at, bytes, maxBias, biasStep;
  };
  virtual Sums getSums(size_t layer) const = 0;

  /// Makes the other cells. Before any emit.
  virtual void makeCells(CodeBuilder &code, Cell arena) = 0;
  /// Code for one layer, which leaves its sums where getSums says: what begins
  /// it, and what takes all inputs of the source.
  virtual void emitBegin(CodeBuilder &code, size_t layer) = 0;
  virtual void emitInputs(CodeBuilder &code, size_t layer,
                          const InputSource &source) = 0;
  /// Instead of that, for a layer that reads all inputs: what takes the next
  /// one, which is in A. Destroys p.
  virtual void emitNextInput(CodeBuilder &code, size_t layer) = 0;
  /// Cells that hold what the layer's sums have on top at run time, if
  /// anything.
  virtual std::optional<Cell> getBias(size_t layer) const = 0;
  /// Straight-line code that leaves what layers share as it is when the layer
  /// is begun: what those before it leave. One cycle a word.
  virtual void emitStateBefore(CodeBuilder &code, size_t layer) {}
  /// Shared routines and the tables, after all layers.
  virtual void emitShared(CodeBuilder &code) = 0;
};

/// An error where a layer's inputs, whose storage is assigned, are no bytes
/// that it takes.
mlir::LogicalResult checkInputs(mlir::Operation *layer);

/// A method by which dense layers have an engine.
class DenseMethod : public Method {
public:
  DenseMethod(llvm::StringRef name, llvm::StringRef family,
              llvm::StringRef description)
      : Method("lowbit.dense", name, description), family(family) {}

  llvm::StringRef getFamily() const final { return family; }

  /// An engine for these layers, or none where the method cannot hold them.
  virtual std::unique_ptr<DenseEngine>
  makeEngine(llvm::ArrayRef<DenseLayer> layers, const Target &target) const = 0;

  /// The error of a layer that no engine holds.
  virtual mlir::LogicalResult refuse(lowbit::DenseOp dense,
                                     const DenseLayer &layer) const = 0;

  mlir::LogicalResult assignStorage(mlir::Operation *op,
                                    StorageAssignment &assignment) const final;
  mlir::LogicalResult emit(mlir::Operation *op,
                           Emission &emission) const final;
  bool canBeFed() const final { return true; }
  mlir::FailureOr<std::function<void()>>
  beginFeeding(mlir::Operation *op, Emission &emission) const final;

private:
  std::string family;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_DENSEENGINE_H
