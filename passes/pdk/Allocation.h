//===- Allocation.h - Cells get addresses in RAM ----------------*- C++ -*-===//

#ifndef PDKC_PASSES_PDK_ALLOCATION_H
#define PDKC_PASSES_PDK_ALLOCATION_H

#include "passes/pdk/analysis/Liveness.h"

namespace pdkc {

/// What the pass pdk-allocate does with a program; `reserve` bytes stay free.
mlir::LogicalResult allocate(pdk::ProgramOp program,
                             const ProgramLiveness &liveness, int64_t reserve);

} // namespace pdkc

#endif // PDKC_PASSES_PDK_ALLOCATION_H
