//===- Engines.h - The engines of a function's dense layers -----*- C++ -*-===//
//
// Which layers share an engine stands in their attribute `engine`, a number.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_ENGINES_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_ENGINES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/lowbit_to_pdk/methods/DenseEngine.h"

namespace pdkc {

/// The attribute, and what it says; none where the layer has no engine.
constexpr llvm::StringLiteral kEngineAttr = "engine";

/// Attributes of a layer of the model's inputs: by input, for how many of a
/// thousand samples it is another value than the first that is read; and the
/// first ones of inputs that are taken in pairs.
constexpr llvm::StringLiteral kBusyAttr = "busy", kPairsAttr = "pairs";
std::optional<int64_t> getEngineNumber(mlir::Operation *op);

/// The method of an elementwise operation that packs its results, and whether
/// it is the operation's.
constexpr llvm::StringLiteral kPackedLoop = "loop-packed";
bool arePacked(mlir::Operation *elementwise);

/// A layer with an engine, among those that share it.
DenseLayer getLayer(lowbit::DenseOp dense, lowbit::StorageAttr sums,
                    llvm::ArrayRef<lowbit::DenseOp> engine);

/// The layer that alone takes the elementwise operation's results, and in
/// place: its engine is that of the sums that they are made of. Null where
/// there is none.
lowbit::DenseOp getInPlaceTaker(mlir::Operation *elementwise);

class Engines {
public:
  struct Engine {
    llvm::SmallVector<lowbit::DenseOp> layers;
    std::unique_ptr<DenseEngine> engine;
    int64_t buffer = -1; ///< that holds the sums, once storage is assigned
  };
  /// A layer's engine, and its number there.
  struct Place {
    Engine *engine;
    size_t layer;
  };

  /// The engines that the function's layers name; for one operation of it those
  /// of the layers in it and of the sums that it takes. An error where a method
  /// cannot hold them.
  mlir::LogicalResult build(mlir::func::FuncOp func, const Target &target,
                            mlir::Operation *alone = nullptr);

  Place find(lowbit::DenseOp dense) const { return placeOf.lookup(dense); }
  llvm::ArrayRef<std::unique_ptr<Engine>> getAll() const { return engines; }

private:
  std::vector<std::unique_ptr<Engine>> engines;
  llvm::DenseMap<mlir::Operation *, Place> placeOf;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_ENGINES_H
