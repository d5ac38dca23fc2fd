//===- PackedElements.cpp - Several elements in a byte --------------------===//

#include "passes/lowbit_to_pdk/support/PackedElements.h"

using namespace pdkc;
using namespace pdkc::pdk;

/// A pointer to the tensor's first byte.
static void pointTo(CodeBuilder &code, Cell pointer, const Storage &values) {
  code.addressOf(MOV_A_K, values.cells);
  code(MOV_M_A, pointer);
  code(CLEAR_M, pointer.at(1));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

PackedWriter::PackedWriter(CodeBuilder &code, const Storage &result)
    : code(code), result(result) {
  target = code.cells("target", 2, 2);
  packed = code.cells("packed", 1);
  left = code.cells("left", 1);
  pointTo(code, target, result);
  code(CLEAR_M, packed);
  code(MOV_A_K, 8 / result.bits);
  code(MOV_M_A, left);
}

void PackedWriter::put() {
  // Elements come in at the top and go down as others follow.
  if (result.bits == 1) {
    code(SR_A);
    code(SRC_M, packed);
  } else {
    code(SWAP_A);
    for (int64_t bit = 4; bit > result.bits; --bit)
      code(SL_A);
    for (int64_t bit = 0; bit < result.bits; ++bit)
      code(SR_M, packed);
    code(OR_M_A, packed);
  }
  std::string next = code.unique("next");
  code(DZSN_M, left);
  code(GOTO_K, next);
  code(MOV_A_M, packed);
  code.indirect(IDXM_M_A, target, result.cells);
  code(INC_M, target);
  code(MOV_A_K, 8 / result.bits);
  code(MOV_M_A, left);
  code.label(next);
}

void PackedWriter::finish() {
  int64_t bits = result.size * result.bits % 8;
  if (bits == 0)
    return;
  for (; bits < 8; ++bits)
    code(SR_M, packed);
  code(MOV_A_M, packed);
  code.indirect(IDXM_M_A, target, result.cells);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

PackedReader::PackedReader(CodeBuilder &code, const Storage &values)
    : values(values) {
  source = code.cells("source", 2, 2);
  packed = code.cells("packed", 1);
  left = code.cells("left", 1);
}

void PackedReader::begin(CodeBuilder &code) const {
  pointTo(code, source, values);
  code(CLEAR_M, packed);
  code(MOV_A_K, 1);
  code(MOV_M_A, left);
}

void PackedReader::next(CodeBuilder &code) const {
  std::string have = code.unique("have"), done = code.unique("done");
  code(DZSN_M, left);
  code(GOTO_K, have);
  code(MOV_A_K, 8 / values.bits);
  code(MOV_M_A, left);
  code.indirect(IDXM_A_M, source, values.cells);
  code(INC_M, source);
  code(MOV_M_A, packed);
  code(GOTO_K, done);
  code.label(have);
  for (int64_t bit = 0; bit < values.bits; ++bit)
    code(SR_M, packed);
  code.label(done);
  code(MOV_A_M, packed);
  code(AND_A_K, (1 << values.bits) - 1);
}
