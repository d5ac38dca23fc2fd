//===- LinkGuards.h - What makes linking fail ------------------*- C++ -*-===//

#ifndef PDKC_COMPILER_EMIT_LINKGUARDS_H
#define PDKC_COMPILER_EMIT_LINKGUARDS_H

#include "compiler/emit/Layout.h"
#include "llvm/Support/raw_ostream.h"

namespace pdkc {

/// Writes what makes linking a module fail (sdcc exits with 1) where its cells
/// do not lie as its instructions need, in ways that the linker does not see by
/// itself, or where the module's stack would leave RAM. Stands behind the area
/// OSEG and names the labels Lcells, where the cells begin that lie low, and
/// Lend1, a byte beyond the end of the others, where there are any.
void writeLinkGuards(const Layout &layout, llvm::raw_ostream &out);

} // namespace pdkc

#endif // PDKC_COMPILER_EMIT_LINKGUARDS_H
