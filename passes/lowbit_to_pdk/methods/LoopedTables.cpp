//===- LoopedTables.cpp - How looped layers read their tables -------------===//
//
// One byte after the other by calls of tables; or words, whose codes are then
// brought to the low end of a cell one after the other. LDTABL and LDTABH take
// the word's address from RAM, LDSPTL and LDSPTH from the top of the stack.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/ByteStream.h"
#include "passes/lowbit_to_pdk/methods/LoopedEngine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// The next byte of the stream, in A; of words the low one.
void LoopedEngine::emitNextByte(CodeBuilder &code) {
  if (form.usesStack) {
    emitFetch(code);
    code(MOV_A_M, beginsHigh() ? rest : weight);
    return;
  }
  if (readsWords()) {
    code(LDTABL_M, position);
    code(INC_M, position);
    code(ADDC_M, position.at(1));
    return;
  }
  if (getNumTables() > 1) {
    code(CALL_K, nextByteName);
    return;
  }
  code(INC_M, position);
  code(MOV_A_M, position);
  code(CALL_K, tableNames[0]);
}

void LoopedEngine::emitNextByteRoutine(CodeBuilder &code) {
  std::string same = code.unique("same");
  code.routine(nextByteName);
  code(IZSN_M, position);
  code(GOTO_K, same);
  code(INC_M, table);
  code(INC_M, position);
  code.label(same);
  code(MOV_A_M, position);
  emitChoice(code, table, tableNames, 0, getNumTables());
}

/// Whether words are fetched by a routine, as is best where there is more than
/// one place for it.
bool LoopedEngine::fetchIsShared() const {
  auto isUniform = [&](const Layer &layer) { return startsUniform(layer); };
  return form.unrollsRows ||
         (!form.fetchesInline && !llvm::all_of(layers, isUniform));
}

/// The word at `position`, through the stack.
void LoopedEngine::emitNextWord(CodeBuilder &code) {
  Cell low = beginsHigh() ? rest : weight, high = beginsHigh() ? weight : rest;
  // Pushes the address's low byte, and flags in the place of its high one. From
  // here on SP is above both, and an interrupt leaves them alone.
  code(MOV_A_M, position);
  code(PUSHAF);
  code(MOV_A_IO, kStackPointer);
  code(SUB_A_K, 1);
  code(MOV_M_A, onStack);
  code(CLEAR_M, onStack.at(1));
  code(MOV_A_M, position.at(1));
  code(IDXM_M_A, onStack);
  code(LDSPTH);
  code(MOV_M_A, high);
  code(LDSPTL);
  code(MOV_M_A, low);
  code(POPAF);
  code(INC_M, position);
  code(ADDC_M, position.at(1));
}

/// The next word with its first code at the low end of the weight's cell.
void LoopedEngine::emitFetch(CodeBuilder &code) {
  if (form.usesStack) {
    if (fetchIsShared())
      code(CALL_K, nextByteName);
    else
      emitNextWord(code);
    return;
  }
  if (rest.cells) {
    code(LDTABH_M, position);
    code(MOV_M_A, beginsHigh() ? weight : rest);
  }
  emitNextByte(code);
  code(MOV_M_A, beginsHigh() ? rest : weight);
}

/// The next code of the word to the low end of the weight's cell.
void LoopedEngine::emitNextCode(CodeBuilder &code) {
  if (product.bits == 4) {
    code(MOV_A_M, rest.cells ? rest : weight);
    code(SWAP_A);
    if (rest.cells)
      code(MOV_M_A, rest);
    code(MOV_M_A, weight);
  } else if (rest.cells && getPerWord() == 2) {
    if (getPlace(1) == 7)
      code(SL_M, weight);
    code(MOV_A_M, rest);
    if (getPlace(1) == 7)
      code(SLC_A);
    code(MOV_M_A, weight);
  } else {
    for (unsigned bit = 0; bit < product.bits; ++bit) {
      if (rest.cells)
        code(SR_M, rest);
      code(rest.cells ? SRC_M : SR_M, weight);
    }
  }
}
