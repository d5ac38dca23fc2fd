//===- SemanticsTable.h - The instructions a second time --------*- C++ -*-===//
//
// What each computing instruction does to A, its memory byte (or its constant)
// and the flags, written from the instruction set tables and independently of
// the simulator: sums are made bit by bit.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_TEST_UNIT_SEMANTICSTABLE_H
#define PDKC_TEST_UNIT_SEMANTICSTABLE_H

#include "dialects/pdk/InstructionTable.h"

#include <ostream>
#include <utility>
#include <vector>

namespace pdkc {

/// The state before, to be turned into the state after.
struct Outcome {
  uint8_t a = 0;
  uint8_t m = 0; ///< the memory operand, or the immediate
  bool z = false, c = false, ac = false, ov = false;
  bool skips = false;

  uint8_t nonzero(uint8_t value) {
    z = value == 0;
    return value;
  }
  uint8_t plus(uint8_t x, uint8_t y, bool carry) {
    unsigned result = 0;
    bool intoSign = false;
    for (unsigned i = 0; i < 8; ++i) {
      unsigned sum = unsigned(x >> i & 1) + unsigned(y >> i & 1) + carry;
      intoSign = carry;
      carry = sum > 1;
      result |= (sum & 1) << i;
      if (i == 3)
        ac = carry;
    }
    c = carry;
    ov = carry != intoSign;
    return nonzero(uint8_t(result));
  }
  uint8_t minus(uint8_t x, uint8_t y, bool borrow) {
    unsigned result = 0;
    bool intoSign = false;
    for (unsigned i = 0; i < 8; ++i) {
      int difference = int(x >> i & 1) - int(y >> i & 1) - borrow;
      intoSign = borrow;
      borrow = difference < 0;
      result |= unsigned(difference & 1) << i;
      if (i == 3)
        ac = borrow;
    }
    c = borrow;
    ov = borrow != intoSign;
    return nonzero(uint8_t(result));
  }
  static uint8_t negate(uint8_t x) { return uint8_t(256 - x); }
  static uint8_t swap(uint8_t x) { return uint8_t((x % 16) * 16 + x / 16); }
  uint8_t right(uint8_t x, bool in) {
    c = x % 2;
    return uint8_t(x / 2 + (in ? 128 : 0));
  }
  uint8_t left(uint8_t x, bool in) {
    c = x >= 128;
    return uint8_t(x * 2 + in);
  }
};

struct Semantics {
  pdk::Opcode opcode;
  uint8_t bit; ///< of the MemoryBit forms
  void (*apply)(Outcome &);
};

/// How GoogleTest names a row.
inline void PrintTo(const Semantics &row, std::ostream *out) {
  *out << pdk::getInstruction(row.opcode).name;
}

inline std::vector<Semantics> getSemantics() {
  using namespace pdk;
  using O = Outcome;
  std::vector<Semantics> rows = {
      {ADD_A_K, 0, [](O &o) { o.a = o.plus(o.a, o.m, false); }},
      {ADD_A_M, 0, [](O &o) { o.a = o.plus(o.a, o.m, false); }},
      {ADD_M_A, 0, [](O &o) { o.m = o.plus(o.m, o.a, false); }},
      {ADDC_A_M, 0, [](O &o) { o.a = o.plus(o.a, o.m, o.c); }},
      {ADDC_M_A, 0, [](O &o) { o.m = o.plus(o.m, o.a, o.c); }},
      {ADDC_A, 0, [](O &o) { o.a = o.plus(o.a, 0, o.c); }},
      {ADDC_M, 0, [](O &o) { o.m = o.plus(o.m, 0, o.c); }},
      {SUB_A_K, 0, [](O &o) { o.a = o.minus(o.a, o.m, false); }},
      {SUB_A_M, 0, [](O &o) { o.a = o.minus(o.a, o.m, false); }},
      {SUB_M_A, 0, [](O &o) { o.m = o.minus(o.m, o.a, false); }},
      {SUBC_A_M, 0, [](O &o) { o.a = o.minus(o.a, o.m, o.c); }},
      {SUBC_M_A, 0, [](O &o) { o.m = o.minus(o.m, o.a, o.c); }},
      {SUBC_A, 0, [](O &o) { o.a = o.minus(o.a, 0, o.c); }},
      {SUBC_M, 0, [](O &o) { o.m = o.minus(o.m, 0, o.c); }},
      {COMP_A_M, 0, [](O &o) { o.minus(o.a, o.m, false); }},
      {COMP_M_A, 0, [](O &o) { o.minus(o.m, o.a, false); }},
      {NADD_A_M, 0, [](O &o) { o.a = o.plus(o.m, O::negate(o.a), false); }},
      {NADD_M_A, 0, [](O &o) { o.m = o.plus(O::negate(o.m), o.a, false); }},
      {INC_M, 0, [](O &o) { o.m = o.plus(o.m, 1, false); }},
      {DEC_M, 0, [](O &o) { o.m = o.minus(o.m, 1, false); }},
      {NEG_A, 0, [](O &o) { o.a = o.nonzero(O::negate(o.a)); }},
      {NEG_M, 0, [](O &o) { o.m = o.nonzero(O::negate(o.m)); }},
      {NOT_A, 0, [](O &o) { o.a = o.nonzero(uint8_t(255 - o.a)); }},
      {NOT_M, 0, [](O &o) { o.m = o.nonzero(uint8_t(255 - o.m)); }},
      {AND_A_K, 0, [](O &o) { o.a = o.nonzero(o.a & o.m); }},
      {AND_A_M, 0, [](O &o) { o.a = o.nonzero(o.a & o.m); }},
      {AND_M_A, 0, [](O &o) { o.m = o.nonzero(o.a & o.m); }},
      {OR_A_K, 0, [](O &o) { o.a = o.nonzero(o.a | o.m); }},
      {OR_A_M, 0, [](O &o) { o.a = o.nonzero(o.a | o.m); }},
      {OR_M_A, 0, [](O &o) { o.m = o.nonzero(o.a | o.m); }},
      {XOR_A_K, 0, [](O &o) { o.a = o.nonzero(o.a ^ o.m); }},
      {XOR_A_M, 0, [](O &o) { o.a = o.nonzero(o.a ^ o.m); }},
      {XOR_M_A, 0, [](O &o) { o.m = o.nonzero(o.a ^ o.m); }},
      {SR_A, 0, [](O &o) { o.a = o.right(o.a, false); }},
      {SR_M, 0, [](O &o) { o.m = o.right(o.m, false); }},
      {SRC_A, 0, [](O &o) { o.a = o.right(o.a, o.c); }},
      {SRC_M, 0, [](O &o) { o.m = o.right(o.m, o.c); }},
      {SL_A, 0, [](O &o) { o.a = o.left(o.a, false); }},
      {SL_M, 0, [](O &o) { o.m = o.left(o.m, false); }},
      {SLC_A, 0, [](O &o) { o.a = o.left(o.a, o.c); }},
      {SLC_M, 0, [](O &o) { o.m = o.left(o.m, o.c); }},
      {SWAP_A, 0, [](O &o) { o.a = O::swap(o.a); }},
      {SWAP_M, 0, [](O &o) { o.m = O::swap(o.m); }},
      {MOV_A_K, 0, [](O &o) { o.a = o.m; }},
      {MOV_A_M, 0, [](O &o) { o.a = o.nonzero(o.m); }},
      {MOV_M_A, 0, [](O &o) { o.m = o.a; }},
      {NMOV_A_M, 0, [](O &o) { o.a = o.nonzero(O::negate(o.m)); }},
      {NMOV_M_A, 0, [](O &o) { o.m = O::negate(o.a); }},
      {CLEAR_M, 0, [](O &o) { o.m = 0; }},
      {XCH_M, 0, [](O &o) { std::swap(o.a, o.m); }},
      {IZSN_A, 0, [](O &o) { o.skips = (o.a = o.plus(o.a, 1, false)) == 0; }},
      {IZSN_M, 0, [](O &o) { o.skips = (o.m = o.plus(o.m, 1, false)) == 0; }},
      {DZSN_A, 0, [](O &o) { o.skips = (o.a = o.minus(o.a, 1, false)) == 0; }},
      {DZSN_M, 0, [](O &o) { o.skips = (o.m = o.minus(o.m, 1, false)) == 0; }},
      {CEQSN_A_K, 0, [](O &o) { o.skips = o.minus(o.a, o.m, false) == 0; }},
      {CEQSN_A_M, 0, [](O &o) { o.skips = o.minus(o.a, o.m, false) == 0; }},
      {CNEQSN_A_K, 0, [](O &o) { o.skips = o.minus(o.a, o.m, false) != 0; }},
      {CNEQSN_A_M, 0, [](O &o) { o.skips = o.minus(o.a, o.m, false) != 0; }},
      {T0SN_MBIT, 0, [](O &o) { o.skips = o.m % 2 == 0; }},
      {T0SN_MBIT, 7, [](O &o) { o.skips = o.m < 128; }},
      {T1SN_MBIT, 0, [](O &o) { o.skips = o.m % 2 == 1; }},
      {T1SN_MBIT, 4, [](O &o) { o.skips = o.m / 16 % 2 == 1; }},
      {SET0_MBIT, 0, [](O &o) { o.m = uint8_t(o.m - o.m % 2); }},
      {SET0_MBIT, 7, [](O &o) { o.m = o.m % 128; }},
      {SET1_MBIT, 0, [](O &o) { o.m = uint8_t(o.m - o.m % 2 + 1); }},
      {SET1_MBIT, 7, [](O &o) { o.m = uint8_t(o.m % 128 + 128); }},
  };
  return rows;
}

} // namespace pdkc

#endif // PDKC_TEST_UNIT_SEMANTICSTABLE_H
