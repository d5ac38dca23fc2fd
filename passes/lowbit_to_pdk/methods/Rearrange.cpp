//===- Rearrange.cpp - Selections, concatenations, copies -----------------===//
//
// Elements that are where they are wanted cost nothing; the others are copied.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/InputSource.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Place;
using lowbit::StorageAttr;

//===----------------------------------------------------------------------===//
// lowbit.select
//===----------------------------------------------------------------------===//

/// Whether the selection is nothing but a look at neighbouring elements, or
/// at one of them, by operations that can read it in place.
static bool isView(lowbit::SelectOp op) {
  ArrayRef<int64_t> indices = op.getIndices();
  bool areNeighbours = true;
  for (auto [i, index] : llvm::enumerate(indices))
    areNeighbours &= index == indices[0] + int64_t(i);
  return (areNeighbours || llvm::all_equal(indices)) &&
         llvm::all_of(op->getUsers(), llvm::IsaPred<lowbit::ScaleOp>);
}

namespace {
struct SelectMethod : Method {
  SelectMethod() : Method("lowbit.select", "unrolled") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto select = cast<lowbit::SelectOp>(op);
    StorageAttr values = lowbit::getStorage(select.getInput());
    ArrayRef<int64_t> indices = select.getIndices();
    if (!isView(select)) {
      assignment.setInNewBuffer(select.getResult(), values, "selected");
      return success();
    }
    assignment.set(select.getResult(),
                   values.in(values.getBuffer(),
                             values.getAt() + indices[0] * values.getBytes(),
                             /*fresh=*/false,
                             /*splat=*/indices.size() > 1 &&
                                 llvm::all_equal(indices)));
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto select = cast<lowbit::SelectOp>(op);
    CodeBuilder &code = emission.code;
    Storage values = emission.getStorage(select.getInput());
    if (values.bias)
      emission.setBias(select.getResult(), values.bias->cells);
    Storage result = emission.getStorage(select.getResult());
    if (result.cells.cells == values.cells.cells)
      return success();
    emission.begin(result);
    for (auto [i, index] : llvm::enumerate(select.getIndices()))
      copy(code, result.element(i), values.element(index), values.bytes);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// lowbit.concat, lowbit.copy
//===----------------------------------------------------------------------===//

/// Parts that are not where they are wanted are copied before.
struct ConcatMethod : Method {
  ConcatMethod() : Method("lowbit.concat", "in-place") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto concat = cast<lowbit::ConcatOp>(op);
    Value result = concat.getResult();
    StorageAttr format = StorageAssignment::getWideFormat(result);
    if (format.getBytes() == 1)
      assignment.setBytes(result, "concat");
    else
      assignment.setInNewBuffer(result, format, "concat");
    StorageAttr whole = lowbit::getStorage(result);
    bool isFresh = whole.getFresh();
    int64_t at = whole.getAt();
    OpBuilder builder(op);
    for (OpOperand &part : op->getOpOperands()) {
      Value value = part.get();
      StorageAttr is = lowbit::getStorage(value);
      int64_t size = cast<RankedTensorType>(value.getType()).getNumElements();
      if (is.getBuffer() != whole.getBuffer() || is.getAt() != at) {
        auto copy = lowbit::CopyOp::create(builder, op->getLoc(),
                                           value.getType(), value);
        assignment.set(copy.getResult(),
                       whole.in(whole.getBuffer(), at, isFresh));
        isFresh = false;
        part.set(copy.getResult());
      }
      at += size * whole.getBytes();
    }
    assignment.set(result, whole.in(whole.getBuffer(), whole.getAt(),
                                    /*fresh=*/false));
    return success();
  }

  LogicalResult emit(Operation *, Emission &) const override {
    return success();
  }
};

struct CopyMethod : Method {
  CopyMethod() : Method("lowbit.copy", "loop") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    // Others than the model's inputs have their places from who asked for them.
    Value result = op->getResult(0);
    if (!isa<BlockArgument>(op->getOperand(0)))
      return success();
    lowbit::Interval range = lowbit::getRange(result);
    if (range.max - range.min <= 255)
      assignment.setBytes(result, "raw");
    else
      assignment.setInNewBuffer(
          result, StorageAssignment::getWideFormat(result), "raw");
    return success();
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto copyOp = cast<lowbit::CopyOp>(op);
    if (emission.isStream(copyOp.getInput()))
      emitArriving(copyOp, emission);
    else
      emitStored(copyOp, emission);
    return success();
  }

  static void emitArriving(lowbit::CopyOp op, Emission &emission) {
    CodeBuilder &code = emission.code;
    Storage result = emission.getStorage(op.getResult());
    StreamedInput input(op.getInput());
    if (op.getResult().use_empty())
      return input.discard(code, result.size);
    emission.begin(result);
    if (result.bytes == 1 && result.offset == 0) {
      emitLoop(
          code, result, 0, result.size, [&] { input.takeLow(code); },
          [] { return Cell(); });
      return;
    }
    Cell value = code.cells("value", std::max(input.bytes, result.bytes));
    emitLoop(
        code, result, 0, result.size, [&] { input.take(code, value); },
        [&] {
          addConstant(code, result.offset, value, result.bytes);
          if (result.bytes == 1)
            code(MOV_A_M, value);
          return value;
        });
  }

  static void emitStored(lowbit::CopyOp op, Emission &emission) {
    CodeBuilder &code = emission.code;
    Storage result = emission.getStorage(op.getResult());
    Storage values = emission.getStorage(op.getInput());
    emission.begin(result);
    Cell value = code.cells("value", std::max(values.bytes, result.bytes));
    auto load = beginReading(code, values, 0, value, emitBias(code, values));
    emitLoop(code, result, 0, values.size, load, [&] {
      extend(code, values, value, result.bytes);
      addConstant(code, result.offset - values.offset, value, result.bytes);
      if (result.bytes == 1)
        code(MOV_A_M, value);
      return value;
    });
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeSelectMethod() {
  return std::make_unique<SelectMethod>();
}
std::unique_ptr<Method> pdkc::makeConcatMethod() {
  return std::make_unique<ConcatMethod>();
}
std::unique_ptr<Method> pdkc::makeCopyMethod() {
  return std::make_unique<CopyMethod>();
}
