//===- Argmax.cpp - The number of the largest element ---------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Whether comparing the stored values compares the true ones: the same bias
/// is on all, and none wraps.
static bool biasIsHarmless(const Storage &values) {
  return getBytes({values.range.min, values.range.max + values.maxBias}) <=
         values.bytes;
}

/// Carry set when best < value, both `bytes` long.
static void compare(CodeBuilder &code, Cell best, Cell value, int64_t bytes) {
  for (int64_t byte = 0; byte < bytes; ++byte) {
    code(MOV_A_M, best.at(byte));
    code(byte ? SUBC_A_M : SUB_A_M, value.at(byte));
  }
}

static void emitUnrolled(CodeBuilder &code, const Storage &values) {
  int64_t bytes = values.bytes;
  std::optional<Cell> bias;
  if (!biasIsHarmless(values))
    bias = emitBias(code, values);
  Cell largest = code.cells("largest", 1);
  // The best value so far is kept in the first element's place.
  Cell best = values.element(0);
  subtractBias(code, bias, best, bytes);
  code(CLEAR_M, largest);
  for (int64_t i = 1; i < values.size; ++i) {
    Cell value = values.element(i);
    subtractBias(code, bias, value, bytes);
    std::string next = code.unique("next");
    compare(code, best, value, bytes);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, next);
    if (i + 1 < values.size)
      copy(code, best, value, bytes);
    code(MOV_A_K, i);
    code(MOV_M_A, largest);
    code.label(next);
  }
  code(MOV_A_M, largest);
}

/// The next two bytes at p to a value of two bytes, times 16: of elements of 12
/// bits, which begin at a byte's low end and in its middle by turns. p goes on.
static void loadPacked(CodeBuilder &code, const Storage &values, Cell value,
                       Cell middle) {
  Cell p = code.pointerP();
  std::string low = code.unique("low_end"), done = code.unique("loaded");
  auto next = [&] {
    code(INC_M, p);
    code.indirect(IDXM_A_M, p, values.cells);
  };
  code.indirect(IDXM_A_M, p, values.cells);
  code(DZSN_M, middle); // 1 in the middle, else 0
  code(GOTO_K, low);
  code(AND_A_K, 0xf0);
  code(MOV_M_A, value);
  next();
  code(MOV_M_A, value.at(1));
  code(INC_M, p);
  code(GOTO_K, done);
  code.label(low);
  code(SWAP_A);
  code(MOV_M_A, value);
  next();
  code(SWAP_A);
  code(XOR_A_M, value);
  code(AND_A_K, 0xf0);
  code(XOR_A_M, value);
  code(MOV_M_A, value.at(1));
  code(MOV_A_K, 0xf0);
  code(AND_M_A, value);
  code(MOV_A_K, 1);
  code(MOV_M_A, middle);
  code.label(done);
}

/// Of elements of 12 bits, from the first one on.
static void emitPackedLoop(CodeBuilder &code, const Storage &values) {
  Cell p = code.pointerP(), middle = code.cells("middle", 1);
  Cell largest = code.cells("largest", 1), number = code.cells("number", 1);
  Cell best = code.cells("best", 2), value = code.cells("value", 2);
  std::string loop = code.unique("argmax"), next = code.unique("next");
  code.addressOf(MOV_A_K, values.cells);
  code(MOV_M_A, p);
  for (Cell cell : {largest, number, best, best.at(1), middle})
    code(CLEAR_M, cell);
  code.label(loop, values.size);
  loadPacked(code, values, value, middle);
  compare(code, best, value, 2);
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, next);
  copy(code, best, value, 2);
  copy(code, largest, number, 1);
  code.label(next);
  code(INC_M, number);
  code(MOV_A_M, number);
  code(CEQSN_A_K, values.size);
  code(GOTO_K, loop);
  code(MOV_A_M, largest);
}

/// From the last element down, so that of equal ones the first is what remains.
static void emitAsLoop(CodeBuilder &code, const Storage &values) {
  int64_t bytes = values.bytes;
  std::optional<Cell> bias;
  if (!biasIsHarmless(values))
    bias = emitBias(code, values);
  Cell p = code.pointerP();
  Cell largest = code.cells("largest", 1), number = code.cells("number", 1);
  Cell best = code.cells("best", bytes), value = code.cells("value", bytes);
  std::string loop = code.unique("argmax"), next = code.unique("next");
  code.addressOf(MOV_A_K, values.element(values.size));
  code(MOV_M_A, p);
  code(MOV_A_K, values.size);
  code(MOV_M_A, number);
  // The first value is no less than that.
  for (int64_t byte = 0; byte < bytes; ++byte)
    code(CLEAR_M, best.at(byte));
  code.undef(largest);
  code.label(loop, values.size);
  for (int64_t byte = bytes; byte-- > 0;) {
    code(DEC_M, p);
    code.indirect(IDXM_A_M, p, values.cells);
    // With the sign turned, signed numbers are in unsigned order.
    if (values.range.min < 0 && byte == bytes - 1)
      code(XOR_A_K, 128);
    code(MOV_M_A, value.at(byte));
  }
  if (bias) {
    subtractBias(code, bias, value, bytes);
    code(MOV_A_M, value);
  }
  for (int64_t byte = 0; byte < bytes; ++byte) {
    if (byte > 0)
      code(MOV_A_M, value.at(byte));
    code(byte ? SUBC_A_M : SUB_A_M, best.at(byte));
  }
  code.skipIfFlag(kCarryFlag, false);
  code(GOTO_K, next);
  copy(code, best, value, bytes);
  copy(code, largest, number, 1);
  code.label(next);
  code(DZSN_M, number);
  code(GOTO_K, loop);
  code(MOV_A_M, largest);
  code(SUB_A_K, 1);
}

namespace {
struct ArgmaxMethod : Method {
  ArgmaxMethod(StringRef name) : Method("lowbit.argmax", name) {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    // The model's class, its first result, is handed back in A.
    if (isa_and_nonnull<func::ReturnOp>(op->getNextNode()) && op->hasOneUse() &&
        op->use_begin()->getOperandNumber() == 0)
      assignment.set(op->getResult(0),
                     StorageAssignment::getByteFormat(op->getResult(0))
                         .in(lowbit::Place::Accumulator));
    else
      assignment.setBytes(op->getResult(0), "class");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto argmax = cast<lowbit::ArgmaxOp>(op);
    CodeBuilder &code = emission.code;
    const Storage values = emission.getStorage(argmax.getInput());
    // Unrolled code compares unsigned numbers, and destroys them.
    bool unrolls = isUnrolled(op) && isTakenOnce(argmax.getInput()) &&
                   values.range.min >= 0 && !values.isPacked();
    if (values.size == 1)
      code(MOV_A_K, 0);
    else if (unrolls)
      emitUnrolled(code, values);
    else if (values.isPacked())
      emitPackedLoop(code, values);
    else
      emitAsLoop(code, values);
    if (lowbit::getStorage(argmax.getResult()).getPlace() ==
        lowbit::Place::Accumulator)
      return success();
    Storage result = emission.getStorage(argmax.getResult());
    emission.begin(result);
    code(MOV_M_A, result.cells);
    return success();
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeArgmaxMethod(StringRef name) {
  return std::make_unique<ArgmaxMethod>(name);
}
