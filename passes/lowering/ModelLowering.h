//===- ModelLowering.h - A model's way onto the device ----------*- C++ -*-===//
//
// Walks the flat model in order and lets each operation's lowering write its
// code. How a layer is computed is chosen here and nowhere else: an engine for
// lowbit.dense, packed or looped by its method, straight-line code for
// lowbit.chains.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWERING_MODELLOWERING_H
#define PDKC_PASSES_LOWERING_MODELLOWERING_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/lowering/Elementwise.h"
#include "passes/lowering/LoopedEngine.h"
#include "passes/lowering/PackedEngine.h"

#include <map>

namespace pdkc {

class ModelLowering {
public:
  ModelLowering(mlir::func::FuncOp func, llvm::StringRef device);

  /// Writes the program behind the function. Errors name the operation.
  mlir::LogicalResult run();

private:
  mlir::LogicalResult makeEngines();
  mlir::FailureOr<DenseLayer> getLayer(lowbit::DenseOp dense);
  mlir::LogicalResult lower(mlir::Operation *op);
  mlir::LogicalResult lowerRequant(lowbit::RequantOp op);
  void findSharedRequants();
  void emitSharedRequants();
  mlir::FailureOr<InputSource> getSource(mlir::Operation *op);
  /// What is added to an operation's sums for the sake of their only user, and
  /// the range they have then.
  mlir::FailureOr<std::pair<int64_t, lowbit::Interval>>
  getOffset(mlir::Value sums);

  mlir::func::FuncOp func;
  mlir::OpBuilder builder;
  CodeBuilder code;
  /// Vectors in RAM by the tensor they hold.
  llvm::DenseMap<mlir::Value, Vector> vectors;
  /// Engines, and by layer its engine and its number there.
  std::vector<std::unique_ptr<DenseEngine>> engines;
  llvm::DenseMap<mlir::Operation *, std::pair<size_t, size_t>> engineOf;

  /// Requantisations of one engine's sums that are the same: one routine.
  struct SharedRequant {
    unsigned uses = 0;
    lowbit::Interval range; ///< of all their sums
    std::string routine;
    Vector sums, result;
  };
  /// Engine, rows, shift, smallest and largest result, whether in place.
  using RequantKey =
      std::tuple<size_t, int64_t, int64_t, int64_t, int64_t, bool>;
  std::optional<RequantKey> getKey(lowbit::RequantOp op);
  /// Where the results go if among the cells of the engine of their sums.
  std::optional<Cell> getInPlace(lowbit::RequantOp op);
  std::map<RequantKey, SharedRequant> sharedRequants;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_MODELLOWERING_H
