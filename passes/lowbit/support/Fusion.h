//===- Fusion.h - Tensors across lowbit.fused -------------------*- C++ -*-===//
//
// Who makes a tensor and who takes it, as if the regions of lowbit.fused were
// not there.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_FUSION_H
#define PDKC_PASSES_LOWBIT_SUPPORT_FUSION_H

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pdkc {

using lowbit::getOutside;
using lowbit::getProducer;
using lowbit::getYielded;

/// The operation that alone takes the tensor; null where there are several.
mlir::Operation *getOnlyUser(mlir::Value value);

/// Whether nothing but its one user takes what may lie in the tensor's cells:
/// the tensor itself, and what it is made of without a copy.
bool isTakenOnce(mlir::Value value);

/// The dense layer, in straight-line form or not, that alone takes the tensor,
/// as sums that it adds to; null where there is none.
mlir::Operation *getAccumulator(mlir::Value sums);

/// An error where the dense layer, in straight-line form or not, adds to
/// anything but sums of such a layer that nothing else takes.
mlir::LogicalResult checkAccumulation(mlir::Operation *layer);

/// The sums that come of these once all that is added to them is.
mlir::Value getFinalSums(mlir::Value sums);

/// The tensor that has the same bias at run time as this one has: what it
/// selects from, or what straight-line code adds to.
mlir::Value getBiasSource(mlir::Value value);

/// Whether the layer is fed with its inputs one by one.
bool isFed(lowbit::DenseOp layer);

/// Puts operations, each of which takes what the one before makes as its first
/// operand, into one region before the last of them.
lowbit::FusedOp fuse(llvm::ArrayRef<mlir::Operation *> group);

/// Puts the layer, which alone takes what the region gives, at its end.
void feed(lowbit::FusedOp fused, lowbit::DenseOp layer);

/// Takes the layer that is fed out of the region.
void unfeed(lowbit::FusedOp fused);

/// Takes the operations out of the region; gives the region's result.
mlir::Value unfuse(lowbit::FusedOp fused);

/// The operation itself, or the lowbit.fused around it.
mlir::Operation *getGroup(mlir::Operation *op);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_FUSION_H
