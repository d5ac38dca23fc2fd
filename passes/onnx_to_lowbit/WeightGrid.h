//===- WeightGrid.h - Weights as integers -----------------------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_WEIGHTGRID_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_WEIGHTGRID_H

#include "mlir/IR/Location.h"
#include "passes/onnx_to_lowbit/IntegerTensor.h"

namespace pdkc {

/// coefficient[r][i] = scale[r] * weights[r][i].
struct WeightGrid {
  IntegerMatrix weights;
  Rationals scale;
  /// Whether some weights lay a rounding error beside the grid.
  bool isSnapped = false;
};

/// The coefficients, weights times the scale of the input that they meet, as
/// integers; with one scale for all rows if there is one, else by row, or by
/// group of rows where `groups` gives each row's. Those
/// within 2^-20 of the largest are taken for the grid's own; beyond 255 steps
/// those within a rounding to float32. An error at `loc` with the worst weight
/// if there is no grid.
mlir::FailureOr<WeightGrid>
findWeightGrid(llvm::ArrayRef<Rationals> coefficients,
               llvm::ArrayRef<Rational> inputScale, mlir::Location loc,
               std::optional<llvm::ArrayRef<int64_t>> groups = std::nullopt);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_WEIGHTGRID_H
