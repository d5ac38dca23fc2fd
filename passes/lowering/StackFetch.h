//===- StackFetch.h - Code words read through the stack ---------*- C++ -*-===//
//
// LDSPTL and LDSPTH give the low and the high bits of the code word whose
// address is on top of the stack. PDK13 and PDK14 have them, Padauk's data
// sheets do not: only for who asks for them.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWERING_STACKFETCH_H
#define PDKC_PASSES_LOWERING_STACKFETCH_H

#include "passes/lowering/CodeBuilder.h"

namespace pdkc {

/// The word at the address in the two bytes of `position`: its lowest 8 bits to
/// `low`, the others to `high`; `position` goes on to the next word. `pointer`
/// is two bytes of no further use. Takes 2 bytes of stack; destroys A and
/// flags.
void emitStackFetch(CodeBuilder &code, Cell position, Cell pointer, Cell low,
                    Cell high);

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_STACKFETCH_H
