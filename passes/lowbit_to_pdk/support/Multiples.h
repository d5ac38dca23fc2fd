//===- Multiples.h - The multiples of an input that weights pick *- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_MULTIPLES_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_MULTIPLES_H

#include "dialects/pdk/CodeBuilder.h"
#include "passes/lowbit_to_pdk/support/WeightDecode.h"

namespace pdkc {

/// From an input in A, each multiple of it, with its bias and modulo 256, into
/// its cell.
void emitMultiples(CodeBuilder &code, llvm::ArrayRef<Multiple> multiples,
                   llvm::ArrayRef<Cell> cells);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_MULTIPLES_H
