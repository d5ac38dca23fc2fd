//===- Planner.h - How each layer is computed -------------------*- C++ -*-===//
//
// Chooses a method for each operation that has several.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_PLANNING_PLANNER_H
#define PDKC_COMPILER_PLANNING_PLANNER_H

#include "compiler/planning/Search.h"

namespace pdkc {

/// Marks the operations of a prepared module with the choices. Fails, with the
/// reasons as errors, where no choice gives a program. Where undocumented
/// instructions are allowed, there is a plan with and one without them; the
/// better one stands, and the program has to be lowered as the result says.
mlir::FailureOr<UndocumentedUse> plan(mlir::ModuleOp module,
                                      const CompileOptions &options,
                                      const Samples &samples, PlanGoal goal,
                                      SearchSummary &summary);

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_PLANNER_H
