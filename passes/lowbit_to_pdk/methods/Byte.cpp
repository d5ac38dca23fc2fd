//===- Byte.cpp - One byte of each integer --------------------------------===//

#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

namespace {
struct ByteMethod : Method {
  ByteMethod() : Method("lowbit.byte", "loop") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    assignment.setBytes(op->getResult(0), "byte");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    emitBytes(cast<lowbit::ByteOp>(op), emission);
    return success();
  }

  static void emitBytes(lowbit::ByteOp op, Emission &emission);
};
} // namespace

void ByteMethod::emitBytes(lowbit::ByteOp op, Emission &emission) {
  CodeBuilder &code = emission.code;
  const Storage values = emission.getStorage(op.getInput());
  const Storage result = emission.getStorage(op.getResult());
  emission.begin(result);
  int64_t missing = -op.getBase() - values.offset;
  int64_t number = op.getNumber();
  Interval range = lowbit::getRange(op.getInput());
  if ((range.max - op.getBase()) >> (8 * number) == 0) {
    emitLoop(
        code, result, 0, values.size, [] {},
        [&] {
          code(MOV_A_K, 0);
          return Cell();
        });
    return;
  }
  std::optional<Cell> bias = emitBias(code, values);
  if (missing != 0 || bias) {
    Cell value = code.cells("value", std::max(values.bytes, number + 1));
    auto load = beginReading(code, values, 0, value, bias);
    emitLoop(code, result, 0, values.size, load, [&] {
      extend(code, values, value, number + 1);
      addConstant(code, missing, value, number + 1);
      code(MOV_A_M, value.at(number));
      return Cell();
    });
  } else {
    // As it is stored.
    Cell source = code.pointerP();
    code.addressOf(MOV_A_K, values.cells.at(number));
    code(MOV_M_A, source);
    Cell value = code.cells("value", 1);
    auto load = [&] {
      code.indirect(IDXM_A_M, source, values.cells);
      code(MOV_M_A, value);
      for (int64_t byte = 0; byte < values.bytes; ++byte)
        code(INC_M, source);
    };
    emitLoop(code, result, 0, values.size, load, [&] {
      code(MOV_A_M, value);
      return Cell();
    });
  }
}

std::unique_ptr<Method> pdkc::makeByteMethod() {
  return std::make_unique<ByteMethod>();
}
