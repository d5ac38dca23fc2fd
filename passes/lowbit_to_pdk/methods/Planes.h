//===- Planes.h - Routines of sums of bit planes ----------------*- C++ -*-===//
//
// Layers in bit planes whose inputs lie in the same cells, all of them but the
// last requantised in place, may share what does not depend on their walks: the
// sum of all inputs and the digits of them; and, of as many rows that are
// finished alike, the rows.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PLANES_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PLANES_H

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pdkc {

/// The method of layers that share routines.
constexpr llvm::StringLiteral kSharedPlanes = "planes-shared";

/// The codes that weights of the layer have, in rising order: bit k says that
/// an input is in plane k.
llvm::SmallVector<uint32_t> getUsedCodes(lowbit::PlanesOp planes);

/// Numbers what several layers of the function share, whose storage is
/// assigned, from `first` on.
void numberPlaneRoutines(mlir::func::FuncOp func, int64_t first);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_PLANES_H
