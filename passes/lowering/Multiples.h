//===- Multiples.h - The multiples of an input that weights pick *- C++ -*-===//

#ifndef PDKC_PASSES_LOWERING_MULTIPLES_H
#define PDKC_PASSES_LOWERING_MULTIPLES_H

#include "passes/lowering/CodeBuilder.h"
#include "passes/lowering/WeightDecode.h"

namespace pdkc {

/// From an input in A, each multiple of it, with its bias and modulo 256, into
/// its cell.
void emitMultiples(CodeBuilder &code, llvm::ArrayRef<Multiple> multiples,
                   llvm::ArrayRef<Cell> cells);

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_MULTIPLES_H
