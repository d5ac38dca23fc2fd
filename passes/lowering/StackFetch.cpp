//===- StackFetch.cpp - Code words read through the stack -----------------===//

#include "passes/lowering/StackFetch.h"

using namespace pdkc;
using namespace pdkc::pdk;

void pdkc::emitStackFetch(CodeBuilder &code, Cell position, Cell pointer,
                          Cell low, Cell high) {
  // Pushes the address's low byte, and flags in the place of its high one. From
  // here on SP is above both, and an interrupt leaves them alone.
  code(MOV_A_M, position);
  code(PUSHAF);
  code(MOV_A_IO, kStackPointer);
  code(SUB_A_K, 1);
  code(MOV_M_A, pointer);
  code(CLEAR_M, pointer.at(1));
  code(MOV_A_M, position.at(1));
  code(IDXM_M_A, pointer);
  code(LDSPTH);
  code(MOV_M_A, high);
  code(LDSPTL);
  code(MOV_M_A, low);
  code(POPAF);
  code(INC_M, position);
  code(ADDC_M, position.at(1));
}
