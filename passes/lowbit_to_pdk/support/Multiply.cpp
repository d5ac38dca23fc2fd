//===- Multiply.cpp - Products of two unsigned numbers --------------------===//
//
// Bit by bit of the factor, which the product shifts out at its low end.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/Multiply.h"

using namespace pdkc;
using namespace pdkc::pdk;

const Multiply::Routine &Multiply::get(int64_t valueBytes,
                                       int64_t factorBytes) {
  Routine &routine = routines[{valueBytes, factorBytes}];
  if (routine.name.empty()) {
    routine.name = code.unique("multiply");
    routine.value = code.cells("multiplicand", valueBytes);
    routine.product = code.cells("product", valueBytes + factorBytes);
  }
  return routine;
}

void Multiply::emitRoutines(
    llvm::function_ref<void(const std::string &)> mark) {
  for (auto &[bytes, routine] : routines) {
    auto [valueBytes, factorBytes] = bytes;
    Cell high = routine.product.at(factorBytes);
    Cell bits = code.cells("bits", 1);
    std::string loop = code.unique("bit"), shift = code.unique("shift");
    code.routine(routine.name);
    for (int64_t byte = 0; byte < valueBytes; ++byte)
      code(CLEAR_M, high.at(byte));
    code(MOV_A_K, 8 * factorBytes);
    code(MOV_M_A, bits);
    code.label(loop, 8 * factorBytes);
    code.clearFlag(kCarryFlag);
    code(T1SN_MBIT, routine.product, 0);
    code(GOTO_K, shift);
    for (int64_t byte = 0; byte < valueBytes; ++byte) {
      code(MOV_A_M, routine.value.at(byte));
      code(byte ? ADDC_M_A : ADD_M_A, high.at(byte));
    }
    code.label(shift);
    for (int64_t byte = valueBytes + factorBytes - 1; byte >= 0; --byte)
      code(SRC_M, routine.product.at(byte));
    code(DZSN_M, bits);
    code(GOTO_K, loop);
    code(RET);
    mark("product of " + std::to_string(valueBytes) + " and " +
         std::to_string(factorBytes) + " bytes");
  }
}
