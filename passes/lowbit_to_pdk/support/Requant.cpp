//===- Requant.cpp - Requantisation of sums -------------------------------===//

#include "passes/lowbit_to_pdk/support/Elementwise.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

void pdkc::emitTies(CodeBuilder &code, Cell value, int64_t bytes, int64_t shift,
                    lowbit::Ties ties) {
  if (ties == lowbit::Ties::Up)
    return;
  int64_t tested = shift / 8, bit = shift % 8;
  bool isEven = ties == lowbit::Ties::Even;
  assert(tested < bytes);
  code(MOV_A_M, value.at(tested));
  // What is to be taken off, as carry.
  if (isEven && bit == 0) {
    code(SR_A);
  } else if (isEven && bit == 7) {
    code(SL_A);
  } else {
    code(AND_A_K, 1 << bit);
    if (isEven)
      code(ADD_A_K, 256 - (1 << bit));
    else
      code(SUB_A_K, 1 << bit);
  }
  // From an odd number the borrow goes no further.
  for (int64_t byte = 0; byte < (isEven ? tested + 1 : bytes); ++byte)
    code(SUBC_M, value.at(byte));
}

void pdkc::emitRequantOfOne(CodeBuilder &code, const Storage &sums, Cell value,
                            Requantisation requant) {
  int64_t shift = requant.shift, max = requant.max - requant.min;
  int64_t bytes = sums.bytes;
  // In bytes that hold the range, the topmost bit is the sign.
  bool mayBeNegative = sums.range.min < 0;
  int64_t limit = (max + 1) << shift;
  bool mayExceed = sums.range.max >= limit;
  std::string done = code.unique("done"), low = code.unique("below"),
              high = code.unique("above");
  bool usesDone = false;
  if (mayBeNegative) {
    // The sign as carry: not all cells are in reach of a bit test, and those
    // that are other modules of the program want too.
    code(MOV_A_M, value.at(bytes - 1));
    code(SL_A);
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, low);
  }
  // Shifted out altogether, a sum becomes the least in any case.
  lowbit::Ties ties = shift / 8 < bytes ? requant.ties : lowbit::Ties::Up;
  emitTies(code, value, bytes, shift, ties);
  if (ties == lowbit::Ties::Odd) {
    // A tie at 0 goes below.
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, low);
    mayBeNegative = true;
  }

  // Whole bytes of the shift cost nothing: they are left out.
  Cell rest = value.at(std::min(shift / 8, bytes));
  int64_t restBytes = std::max<int64_t>(bytes - shift / 8, 0);
  int64_t restShift = shift % 8;
  if (restBytes == 0) {
    code(MOV_A_K, 0);
  } else {
    // Bytes of the shifted value that can be other than zero.
    int64_t resultBytes =
        std::min(restBytes,
                 getBytes({0, std::max<int64_t>(sums.range.max >> shift, 0)}));
    bool checkedByTop = false;
    if (mayExceed && limit % 256 == 0 && bytes == 2) {
      // The top byte alone decides.
      code(MOV_A_M, value.at(1));
      code(SUB_A_K, limit / 256);
      code.skipIfFlag(kCarryFlag, true);
      code(GOTO_K, high);
      checkedByTop = true;
      resultBytes = 1;
    }
    Cell result = rest;
    bool isInA = false;
    if (restShift > 0 && restShift <= 4 && restBytes == 2 && resultBytes == 1) {
      // The low byte in A; the high one is shifted as long as it has bits.
      int64_t highest =
          checkedByTop ? std::min(sums.range.max, limit - 1) : sums.range.max;
      highest >>= 8 * (bytes - 1);
      int64_t highBits = highest ? llvm::Log2_64(highest) + 1 : 0;
      code(MOV_A_M, rest);
      for (int64_t i = 0; i < restShift; ++i) {
        if (i < highBits)
          code(SR_M, rest.at(1));
        code(i < highBits ? SRC_A : SR_A);
      }
      isInA = true;
    } else if (restShift > 4 && restBytes >= 2 && resultBytes == 1) {
      // Fewer shifts the other way: the result is the second byte.
      for (int64_t i = restShift; i < 8; ++i) {
        code(SL_M, rest);
        code(SLC_M, rest.at(1));
      }
      result = rest.at(1);
    } else {
      // What a result of one byte does not need is not shifted.
      int64_t shifted = std::min(restBytes, resultBytes + 1);
      for (int64_t i = 0; i < restShift; ++i)
        for (int64_t byte = shifted - 1; byte >= 0; --byte)
          code(byte == shifted - 1 ? SR_M : SRC_M, rest.at(byte));
    }
    if (mayExceed && !checkedByTop) {
      for (int64_t byte = 1; byte < resultBytes; ++byte) {
        code(MOV_A_M, result.at(byte));
        code.skipIfFlag(kZeroFlag, true);
        code(GOTO_K, high);
      }
      if (!isInA)
        code(MOV_A_M, result);
      if (max < 255) {
        code(SUB_A_K, max);
        code.skipIfFlag(kCarryFlag, true);
        code(MOV_A_K, 0);
        code(ADD_A_K, max);
      }
      checkedByTop = resultBytes > 1;
    } else if (!isInA) {
      code(MOV_A_M, result);
    }
    mayExceed = checkedByTop;
  }
  if (mayBeNegative || mayExceed) {
    code(GOTO_K, done);
    usesDone = true;
  }
  if (mayExceed) {
    code.label(high);
    code(MOV_A_K, max);
    if (mayBeNegative)
      code(GOTO_K, done);
  }
  if (mayBeNegative) {
    code.label(low);
    code(MOV_A_K, 0);
  }
  if (usesDone)
    code.label(done);
  if (requant.min != 0)
    code(ADD_A_K, requant.min);
}

Cell pdkc::emitShiftAndClamp(CodeBuilder &code, Cell value, int64_t bytes,
                             int64_t shift, lowbit::Interval range,
                             int64_t highest) {
  Cell rest = value.at(shift / 8);
  int64_t restBytes = bytes - shift / 8;
  for (int64_t i = 0; i < shift % 8; ++i)
    for (int64_t byte = restBytes - 1; byte >= 0; --byte)
      code(byte == restBytes - 1 ? SR_M : SRC_M, rest.at(byte));
  // Bytes above are 0 now.
  restBytes = std::min(restBytes, getBytes({0, highest}));
  auto subtract = [&](int64_t constant) {
    for (int64_t byte = 0; byte < restBytes; ++byte) {
      code(MOV_A_K, constant >> (8 * byte) & 255);
      code(byte ? SUBC_M_A : SUB_M_A, rest.at(byte));
    }
  };
  auto clear = [&] {
    for (int64_t byte = 0; byte < restBytes; ++byte)
      code(CLEAR_M, rest.at(byte));
  };
  // Where all are below it, the lowest result may have more bytes than there
  // are to subtract from.
  if (highest < range.min) {
    clear();
    return rest;
  }
  // Below the lowest result there is a borrow, above the highest none.
  if (range.min > 0) {
    std::string above = code.unique("above");
    subtract(range.min);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, above);
    clear();
    code.label(above);
  }
  if (highest > range.max) {
    std::string below = code.unique("below");
    subtract(range.max - range.min);
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, below);
    clear();
    code.label(below);
    addConstant(code, range.max - range.min, rest, restBytes);
  }
  return rest;
}

void pdkc::extend(CodeBuilder &code, const Storage &sums, Cell value,
                  int64_t bytes) {
  for (int64_t byte = sums.bytes; byte < bytes; ++byte) {
    if (sums.range.min >= 0) {
      code(CLEAR_M, value.at(byte));
      continue;
    }
    code(MOV_A_M, value.at(sums.bytes - 1));
    code(SL_A);
    code(MOV_A_K, 0);
    code(SUBC_A);
    code(MOV_M_A, value.at(byte));
  }
}

/// Whether emitRequantBySteps can do it: the sums' bias comes in steps of 128,
/// and a sum counted in these is a byte.
static bool goesBySteps(const Storage &sums, Requantisation requant) {
  int64_t limit = (requant.max - requant.min + 1) << requant.shift;
  // A nibble of steps is merged with one of what is below a step.
  int64_t most = requant.shift == 7 ? 128 : 16;
  return sums.bias && sums.bias->step == 128 && sums.bytes == 2 &&
         !sums.isPacked() && requant.ties == lowbit::Ties::Up &&
         requant.shift >= 1 && requant.shift <= 7 &&
         sums.range.min >= -(128 << 7) && sums.range.max < 128 << 7 &&
         (sums.range.max < limit ? sums.range.max >> 7 < most
                                 : limit % 128 == 0 && limit / 128 <= most);
}

/// A = the requantised sum from the bytes that p points to; p goes on. With u
/// for the sum without its last 7 bits, u is two bytes' middle eight bits less
/// the byte that counts the bias's steps.
static void emitRequantBySteps(CodeBuilder &code, const Storage &sums,
                               Requantisation requant, Cell low) {
  Cell p = code.pointerP();
  int64_t max = requant.max - requant.min;
  int64_t steps = ((max + 1) << requant.shift) / 128;
  bool mayBeNegative = sums.range.min < 0;
  bool mayExceed = sums.range.max >= (max + 1) << requant.shift;
  std::string done = code.unique("done"), below = code.unique("below"),
              above = code.unique("above");
  code.indirect(IDXM_A_M, p, sums.cells);
  code(MOV_M_A, low);
  code(INC_M, p);
  code.indirect(IDXM_A_M, p, sums.cells);
  code(INC_M, p);
  code(SL_M, low);
  code(SLC_A);
  code(SUB_A_M, sums.bias->cells);
  int64_t added = 0; // to u, in A
  if (mayBeNegative) {
    code(ADD_A_K, 128);
    added = 128;
    code.skipIfFlag(kCarryFlag, false);
    code(GOTO_K, below);
  }
  if (mayExceed) {
    code(SUB_A_K, added + steps);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, above);
    code(ADD_A_K, steps);
    added = 0;
  }
  if (requant.shift == 7) {
    if (added)
      code(SUB_A_K, added);
  } else {
    // u and the 7 bits are twelve bits with a 0 behind; of those the eight that
    // begin at the shift.
    for (int64_t i = requant.shift; i < 3; ++i) {
      code(SL_M, low);
      code(SLC_A);
    }
    code(XOR_A_M, low);
    code(AND_A_K, 15);
    code(XOR_A_M, low);
    code(SWAP_A);
    for (int64_t i = 3; i < requant.shift; ++i)
      code(SR_A);
  }
  if (mayBeNegative || mayExceed)
    code(GOTO_K, done);
  if (mayExceed) {
    code.label(above);
    code(MOV_A_K, max);
    if (mayBeNegative)
      code(GOTO_K, done);
  }
  if (mayBeNegative) {
    code.label(below);
    code(MOV_A_K, 0);
  }
  code.label(done);
  if (requant.min != 0)
    code(ADD_A_K, requant.min);
}

void pdkc::emitRequant(CodeBuilder &code, const Storage &sums,
                       Requantisation requant, const Storage &result,
                       Traversal traversal, int64_t missing) {
  if (missing == 0 && traversal == Traversal::Loop &&
      goesBySteps(sums, requant)) {
    Cell low = code.cells("value", 1);
    code.addressOf(MOV_A_K, sums.element(0));
    code(MOV_M_A, code.pointerP());
    emitLoop(
        code, result, 0, sums.size, [] {},
        [&] {
          emitRequantBySteps(code, sums, requant, low);
          return Cell();
        });
    return;
  }
  std::optional<Cell> bias = emitBias(code, sums);
  Storage complete = sums; // the sums with what they lack
  complete.range = {sums.range.min + missing, sums.range.max + missing};
  complete.bytes = std::max(sums.bytes, getBytes(complete.range));
  if (traversal == Traversal::Unrolled && complete.bytes == sums.bytes) {
    for (int64_t i = 0; i < sums.size; ++i) {
      subtractBias(code, bias, sums.element(i), sums.bytes);
      addConstant(code, missing, sums.element(i), sums.bytes);
      emitRequantOfOne(code, complete, sums.element(i), requant);
      code(MOV_M_A, result.element(i));
    }
    return;
  }
  Cell value = code.cells("value", complete.bytes);
  auto load = beginReading(code, sums, 0, value, bias);
  emitLoop(code, result, 0, sums.size, load, [&] {
    extend(code, sums, value, complete.bytes);
    addConstant(code, missing, value, complete.bytes);
    emitRequantOfOne(code, complete, value, requant);
    return Cell();
  });
}
