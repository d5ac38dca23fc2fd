//===- MaxPool.cpp - The largest elements of windows ----------------------===//
//
// A loop over channels, windows and their elements, whose places are a list in
// code memory. Behind a convolution in one lowbit.fused the convolution's
// method pools (Conv.cpp).
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/PoolWindows.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/WeightStream.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Place;

/// The largest is found among unsigned numbers: what is added to be one.
static int64_t getLift(lowbit::Interval stored) {
  return -std::min<int64_t>(stored.min, 0);
}

/// best = the larger one of best and value; both are unsigned.
static void emitMax(CodeBuilder &code, Cell best, Cell value, int64_t bytes) {
  std::string below = code.unique("below");
  for (int64_t byte = 0; byte < bytes; ++byte) {
    code(MOV_A_M, value.at(byte));
    code(byte ? SUBC_A_M : SUB_A_M, best.at(byte));
  }
  code.skipIfFlag(kCarryFlag, false);
  code(GOTO_K, below);
  copy(code, best, value, bytes);
  code.label(below);
}

static void emitPool(lowbit::MaxPoolOp pool, Emission &emission) {
  CodeBuilder &code = emission.code;
  const Storage values = emission.getStorage(pool.getInput());
  const Storage result = emission.getStorage(pool.getResult());
  PoolWindows windows = findPoolWindows(pool);
  emission.begin(result);
  int64_t lift = getLift(values.range);

  auto stream = std::make_shared<WeightStream>(
      WeightStream::Format{8, emission.target.getTableBits()});
  for (int64_t element : windows.elements)
    stream->appendByte(uint8_t(element * values.bytes));
  stream->makeCells(code, "windows", /*countsCodes=*/false);
  std::optional<Cell> bias = emitBias(code, values);
  Cell value = code.cells("value", values.bytes);
  Cell best = code.cells("best", values.bytes);
  Cell p = code.pointerP();
  Cell channel;
  if (windows.channels > 1) {
    channel = code.cells("channel", 1);
    code.addressOf(MOV_A_K, values.cells);
    code(MOV_M_A, channel);
  }
  auto store = beginStoring(code, result);
  emitTimes(code, "channels", windows.channels, [&] {
    stream->begin(code);
    emitTimes(code, "positions", windows.getNumWindows(), [&] {
      for (int64_t byte = 0; byte < values.bytes; ++byte)
        code(CLEAR_M, best.at(byte));
      emitTimes(code, "pool", windows.size, [&] {
        stream->nextByte(code);
        if (channel.cells)
          code(ADD_A_M, channel);
        else
          code.addressOf(ADD_A_K, values.cells);
        code(MOV_M_A, p);
        for (int64_t byte = 0; byte < values.bytes; ++byte) {
          code.indirect(IDXM_A_M, p, values.cells);
          code(MOV_M_A, value.at(byte));
          if (byte + 1 < values.bytes)
            code(INC_M, p);
        }
        subtractBias(code, bias, value, values.bytes);
        addConstant(code, lift, value, values.bytes);
        emitMax(code, best, value, values.bytes);
      });
      store(best);
    });
    if (channel.cells) {
      code(MOV_A_K, windows.pitch * values.bytes);
      code(ADD_M_A, channel);
    }
  });
  emission.addRoutine([stream, &code] { stream->emitShared(code); });
}

namespace {
struct MaxPoolMethod : Method {
  MaxPoolMethod() : Method("lowbit.maxpool", "loop") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto pool = cast<lowbit::MaxPoolOp>(op);
    lowbit::StorageAttr values = lowbit::getStorage(pool.getInput());
    if (values.getPlace() == Place::Element) {
      // Of sums on their way to the activation, or of what comes of them.
      if (isElementwise(*pool->user_begin()))
        assignment.set(pool.getResult(), values);
      else
        assignment.setBytes(pool.getResult(), "act");
      return success();
    }
    PoolWindows windows = findPoolWindows(pool);
    if (windows.size > 255 || windows.getNumWindows() > 255)
      return pool.emitError("has ")
             << windows.getNumWindows() << " windows of up to " << windows.size
             << " elements; at most 255 of 255 can be";
    int64_t lift = getLift(Storage(pool.getInput()).range);
    assignment.setInNewBuffer(
        pool.getResult(),
        lowbit::StorageAttr::get(op->getContext(), Place::Buffer,
                                 values.getBytes(), values.getBase() - lift),
        "largest");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    emitPool(cast<lowbit::MaxPoolOp>(op), emission);
    return success();
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeMaxPoolMethod() {
  return std::make_unique<MaxPoolMethod>();
}
