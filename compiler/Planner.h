//===- Planner.h - How each layer is computed -------------------*- C++ -*-===//
//
// Chooses each layer's method, and for requantisations and the decision whether
// their loops are unrolled, by emitting the program and measuring it: words as
// emitted, cycles as simulated.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_PLANNER_H
#define PDKC_COMPILER_PLANNER_H

#include "compiler/Measure.h"

namespace pdkc {

/// Brings an imported lowbit module into the flat form that is planned on.
mlir::LogicalResult prepare(mlir::ModuleOp module);

/// Lowers a planned module to the pdk dialect, on virtual cells. What comes
/// between the passes is verified unless the result is only to be measured.
mlir::LogicalResult lowerToCells(mlir::ModuleOp module,
                                 const CompileOptions &options,
                                 bool verifies = true);

/// Gives the cells addresses; makes a firmware of the program where one is
/// asked for.
mlir::LogicalResult placeCells(mlir::ModuleOp module,
                               const CompileOptions &options,
                               bool verifies = true);

/// Marks the operations of a prepared module with the choices. Fails, with the
/// reasons as errors, where no choice gives a program. Where undocumented
/// instructions are allowed, there is a plan with and one without them; the
/// better one stands, and the program has to be lowered as the result says.
mlir::FailureOr<UndocumentedUse> plan(mlir::ModuleOp module,
                                      const CompileOptions &options,
                                      const Samples &samples);

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNER_H
