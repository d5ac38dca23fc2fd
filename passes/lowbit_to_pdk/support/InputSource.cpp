//===- InputSource.cpp - Where a layer's inputs come from -----------------===//

#include "passes/lowbit_to_pdk/support/InputSource.h"

#include "passes/lowbit_to_pdk/support/Elementwise.h"

using namespace pdkc;
using namespace pdkc::pdk;

bool pdkc::canPreprocess(lowbit::RequantOp op) {
  lowbit::Interval raw = lowbit::getRange(op.getInput());
  return op.getMultiplier() == 1 && op.getMin() >= 0 && op.getMax() <= 255 &&
         raw.min >= -128 && raw.max <= (raw.min < 0 ? 127 : 255) &&
         op.getShift() < 8 && raw.max + int64_t(op.getOffset()) <= 510 &&
         (op.getOffset() == 0 || op.getOffset() % 256 != 0);
}

/// Takes off A, above which the carry may be a ninth bit, what ties demand.
static void emitByteTies(CodeBuilder &code, lowbit::RequantOp op,
                         bool mayCarry) {
  lowbit::Ties ties = op.getTies();
  if (ties == lowbit::Ties::Up)
    return;
  int64_t bytes = mayCarry ? 2 : 1;
  Cell value = code.cells("value", bytes);
  code(MOV_M_A, value);
  if (mayCarry) {
    code(CLEAR_M, value.at(1));
    code(SLC_M, value.at(1));
  }
  emitTies(code, value, bytes, op.getShift(), ties);
  if (ties == lowbit::Ties::Odd) {
    // A tie at 0 goes below.
    std::string done = code.unique("tied");
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, done);
    for (int64_t byte = 0; byte < bytes; ++byte)
      code(CLEAR_M, value.at(byte));
    code.label(done);
  }
  if (mayCarry)
    code(SR_M, value.at(1));
  code(MOV_A_M, value);
}

/// A = clamp((A + offset) >> shift): A is a raw byte, signed where the range
/// has a negative part.
static void preprocessByte(CodeBuilder &code, lowbit::RequantOp op) {
  assert(canPreprocess(op));
  lowbit::Interval raw = lowbit::getRange(op.getInput());
  int64_t offset = op.getOffset(), shift = op.getShift();
  int64_t low = raw.min + offset, high = raw.max + offset;
  bool mayCarry = false;
  if (high <= 0) {
    code(MOV_A_K, op.getMin());
    return;
  }
  if (low < 0) {
    // Below zero everything becomes 0, before the shift or after.
    if (raw.min != 0)
      code(ADD_A_K, -raw.min);
    code(SUB_A_K, -low);
    code.skipIfFlag(kCarryFlag, false);
    code(MOV_A_K, 0);
    low = 0;
  } else if (offset % 256 != 0) {
    mayCarry = high > 255;
    if (mayCarry && raw.min < 0) {
      // Bring the byte into unsigned order first: the carry must be true.
      code(ADD_A_K, -raw.min);
      code(ADD_A_K, low);
    } else {
      code(ADD_A_K, offset);
    }
  }
  if (mayCarry && shift == 0) {
    code.skipIfFlag(kCarryFlag, false);
    code(MOV_A_K, 255);
    high = 255;
  }
  emitByteTies(code, op, mayCarry);
  if (shift >= 4 && !mayCarry) {
    code(SWAP_A);
    code(AND_A_K, 15);
    for (int64_t i = 4; i < shift; ++i)
      code(SR_A);
  } else {
    for (int64_t i = 0; i < shift; ++i)
      code(i == 0 && mayCarry ? SRC_A : SR_A);
  }
  low = std::max<int64_t>(0, lowbit::shiftDown(low, shift, op.getTies()));
  high = lowbit::shiftDown(high, shift, op.getTies());
  if (high > op.getMax()) {
    code(SUB_A_K, op.getMax());
    code.skipIfFlag(kCarryFlag, true);
    code(MOV_A_K, 0);
    code(ADD_A_K, op.getMax());
  }
  if (low < op.getMin()) {
    code(SUB_A_K, op.getMin());
    code.skipIfFlag(kCarryFlag, false);
    code(MOV_A_K, 0);
    code(ADD_A_K, op.getMin());
  }
}

void Preprocessing::emit(CodeBuilder &code, int64_t element) const {
  if (requant)
    return preprocessByte(code, requant);
  if (argument) {
    stream->store(code, *argument);
    addConstant(code, -lowest, *argument, 2);
  } else if (lowest % 256 != 0) {
    code(ADD_A_K, -lowest & 255);
  }
  if (sequence && sequence->isCalled)
    code(CALL_K, sequence->routine);
  else if (sequence)
    sequence->apply();
  else
    StepFunctions::call(code, functions[getNumber(element)]);
}

void InputSource::preprocess(CodeBuilder &code, int64_t element) const {
  if (preprocessing)
    preprocessing->emit(code, element);
}

void InputSource::begin(CodeBuilder &code, int64_t places) const {
  if (packed)
    packed->begin(code);
  if (preprocessing && preprocessing->sequence)
    preprocessing->sequence->isCalled |= places > 1;
}

void InputSource::seek(int64_t element) const {
  if (preprocessing && preprocessing->sequence)
    preprocessing->sequence->seek(element);
}

void InputSource::take(CodeBuilder &code, int64_t element) const {
  if (packed)
    packed->next(code);
  else
    stream->takeLow(code);
  preprocess(code, element);
}

/// A loop costs five words and a cell; up to six calls are no dearer.
static void emitDiscard(CodeBuilder &code, int64_t count, bool isCall,
                        llvm::function_ref<void()> take) {
  if (count <= 6 && isCall) {
    for (int64_t i = 0; i < count; ++i)
      take();
    return;
  }
  Cell left = code.cells("left", 1);
  for (; count > 0; count -= 255) {
    std::string loop = code.unique("discard");
    code(MOV_A_K, std::min<int64_t>(count, 255));
    code(MOV_M_A, left);
    code.label(loop, std::min<int64_t>(count, 255));
    take();
    code(DZSN_M, left);
    code(GOTO_K, loop);
  }
}

void InputSource::discard(CodeBuilder &code, int64_t count) const {
  if (packed)
    emitDiscard(code, count, /*isCall=*/false, [&] { packed->next(code); });
  else
    stream->discard(code, count);
}

void StreamedInput::takeLow(CodeBuilder &code) const {
  code(CALL_K, code.getNextInput());
}

void StreamedInput::store(CodeBuilder &code, Cell value) const {
  code(MOV_M_A, value);
  if (bytes > 1) {
    code(MOV_A_M, code.pointerP());
    code(MOV_M_A, value.at(1));
  }
}

void StreamedInput::discard(CodeBuilder &code, int64_t count) const {
  emitDiscard(code, count, /*isCall=*/true, [&] { takeLow(code); });
}
