//===- Shift.cpp - Requantisation by a shift ------------------------------===//
//
// Elements are shifted and clamped, in a loop or each by itself; what is no
// shift to bytes is a step function.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;
using lowbit::Place;

bool pdkc::isUnrolled(Operation *op) {
  return lowbit::getMethod(op) == "unrolled";
}

bool pdkc::isMadeInPlace(Operation *op, const Engines &engines) {
  lowbit::DenseOp next = getInPlaceTaker(op);
  return next && engines.find(next).engine->engine->getArena().holdsInputs;
}

/// Whether the results are bytes.
static bool isToBytes(lowbit::RequantOp op) {
  Interval results = lowbit::getRange(op.getResult());
  return results.max - results.min <= 255;
}

/// Whether the operation prepares the model's inputs as they arrive or are
/// read.
static bool isPreparation(lowbit::RequantOp op) {
  bool isBuffer = op->getParentOfType<func::FuncOp>()->hasAttr(
      lowbit::LowbitDialect::kBufferAttr);
  return !getProducer(op.getInput()) &&
         (!isBuffer || isa<lowbit::FusedOp>(op->getParentOp()));
}

/// Whether the operation is a shift of integers that are stored, or that come
/// one by one behind a convolution.
static bool isStoredShift(lowbit::RequantOp op) {
  return !isPreparation(op) && op.getMultiplier() == 1 &&
         (!isToBytes(op) || op.getMax() - op.getMin() <= 255);
}

bool pdkc::isShift(lowbit::RequantOp op) {
  return isStoredShift(op) || (isPreparation(op) && canPreprocess(op));
}

/// Bits by which results can be packed, 1, 2 or 4; 0 where they cannot: a dense
/// layer alone takes them, and finds them in RAM.
static int64_t getPackedBits(lowbit::RequantOp op) {
  Interval results = lowbit::getRange(op.getResult());
  auto dense = dyn_cast_or_null<lowbit::DenseOp>(getOnlyUser(op.getResult()));
  if (!isStoredShift(op) || results.min < 0 || results.max > 15 || !dense ||
      dense.getInput() != op.getResult() ||
      isa<lowbit::FusedOp>(op->getParentOp()) ||
      op.getResult().getType().getNumElements() > 255)
    return 0;
  return results.max > 3 ? 4 : results.max > 1 ? 2 : 1;
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

static LogicalResult assignShift(lowbit::RequantOp op,
                                 StorageAssignment &assignment) {
  Value result = op.getResult();
  lowbit::StorageAttr sums = lowbit::getStorage(op.getInput());
  StorageAssignment::Routine *routine = assignment.getRoutine(op);
  if (routine) {
    Builder builder(op.getContext());
    op->setAttr(kRoutineAttr, builder.getI64IntegerAttr(routine->number));
    op->setAttr(kRoutineSumsAttr, builder.getDenseI64ArrayAttr(
                                  {routine->sums.min, routine->sums.max}));
    if (routine->result) {
      assignment.set(result, routine->result);
      return success();
    }
  }
  // Over the sums, unless these are needed behind.
  bool staysBehind = !isTakenOnce(op.getInput()) ||
                     sums.getPlace() != Place::Buffer ||
                     assignment.isExported(sums.getBuffer());
  int64_t within = staysBehind ? -1 : sums.getBuffer();
  if (arePacked(op)) {
    assignment.setInNewBuffer(
        result,
        lowbit::StorageAttr::get(op.getContext(), Place::Buffer, 0, 0, false,
                                 false, getPackedBits(op), 0, 0, 0),
        "act", within);
  } else if (sums.getPlace() == Place::Element) {
    assignment.setBytes(result, "act");
  } else if (!assignment.hasPlace(result) &&
             isMadeInPlace(op, assignment.getEngines())) {
    assignment.set(result, StorageAssignment::getByteFormat(result)
                               .in(sums.getBuffer(), 0, /*fresh=*/false));
  } else {
    assignment.setBytes(result, "act", within);
  }
  if (routine)
    routine->result = lowbit::getStorage(result);
  return success();
}

static LogicalResult assign(lowbit::RequantOp op,
                            StorageAssignment &assignment) {
  Interval results = lowbit::getRange(op.getResult());
  if (!isStoredShift(op)) {
    if (isToBytes(op)) {
      assignment.setBytes(op.getResult(), "act");
      return success();
    }
  } else if (isToBytes(op)) {
    return assignShift(op, assignment);
  } else if (getBytes({0, results.max - results.min}) <= 4) {
    assignment.setInNewBuffer(op.getResult(),
                              StorageAssignment::getWideFormat(op.getResult()),
                              "shifted");
    return success();
  }
  return op->emitError("results of ")
         << results.min << " to " << results.max
         << " do not fit a byte; quantise the activations to fewer bits";
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

static void emitShift(lowbit::RequantOp op, Emission &emission) {
  CodeBuilder &code = emission.code;
  Storage sums = emission.getStorage(op.getInput());
  Storage result = emission.getStorage(op.getResult());
  Requantisation requant(op, result.offset);
  if (auto routine = op->getAttrOfType<IntegerAttr>(kRoutineAttr)) {
    auto range = op->getAttrOfType<DenseI64ArrayAttr>(kRoutineSumsAttr);
    sums.range = {range[0], range[1]};
    code(CALL_K,
         emission.getSharedRoutine(
             routine.getInt(), "requant",
             [&emission, &code, sums, result, requant] {
               emission.begin(result);
               emitRequant(code, sums, requant, result, Traversal::Loop);
               code(RET);
             }));
    return;
  }
  emission.begin(result);
  int64_t missing =
      op.getOffset() - op.getMin() * (int64_t(1) << op.getShift()) -
      sums.offset;
  // Unrolled code destroys the sums.
  bool unrolls = isUnrolled(op) && isTakenOnce(op.getInput());
  emitRequant(code, sums, requant, result,
              unrolls ? Traversal::Unrolled : Traversal::Loop, missing);
}

/// Results of more than a byte, counted from the lowest.
static void emitWideShift(lowbit::RequantOp op, Emission &emission) {
  CodeBuilder &code = emission.code;
  const Storage sums = emission.getStorage(op.getInput());
  const Storage result = emission.getStorage(op.getResult());
  Interval range = lowbit::getRange(op.getInput());
  Interval results = lowbit::getRange(op.getResult());
  int64_t shift = op.getShift(), offset = op.getOffset();
  // The shifted sum counts from `lowest`, so it is never negative; nor does a
  // tie make it so, if to count from there leaves them even.
  int64_t step = int64_t(1) << shift;
  int64_t lowest = (range.min + offset) >> shift;
  int64_t highest = (range.max + offset) >> shift;
  lowest -= lowbit::moveTies(op.getTies(), lowest) == lowbit::Ties::Odd;
  int64_t counted = getBytes({0, range.max + offset - lowest * step});
  int64_t bytes = std::max({sums.bytes, counted, shift / 8 + result.bytes});
  emission.begin(result);
  Cell value = code.cells("value", bytes);
  std::optional<Cell> bias = emitBias(code, sums);
  auto load = beginReading(code, sums, 0, value, bias);
  emitLoop(code, result, 0, sums.size, load, [&] {
    extend(code, sums, value, counted);
    addConstant(code, offset - sums.offset - lowest * step, value,
                std::max(sums.bytes, counted));
    for (int64_t byte = std::max(sums.bytes, counted); byte < bytes; ++byte)
      code(CLEAR_M, value.at(byte));
    emitTies(code, value, bytes, shift, lowbit::moveTies(op.getTies(), lowest));
    return emitShiftAndClamp(code, value, bytes, shift,
                             {results.min - lowest, results.max - lowest},
                             highest - lowest);
  });
}

LogicalResult pdkc::checkRoutine(Operation *op) {
  auto sums = op->getAttrOfType<DenseI64ArrayAttr>(kRoutineSumsAttr);
  if (op->hasAttr(kRoutineAttr) &&
      (!op->getAttrOfType<IntegerAttr>(kRoutineAttr) || !sums ||
       sums.size() != 2 || sums[0] > sums[1]))
    return op->emitError("'")
           << kRoutineAttr << "' is a number and comes with '"
           << kRoutineSumsAttr << "', the ends of a range";
  return success();
}

namespace {
struct ShiftMethod : Method {
  ShiftMethod(StringRef name) : Method("lowbit.requant", name) {}

  bool accepts(Operation *op, const Target &) const override {
    auto requant = cast<lowbit::RequantOp>(op);
    if (getName() == kPackedLoop)
      return getPackedBits(requant);
    // A few instructions in place are no loop that could be unrolled.
    return isStoredShift(requant) ||
           (isShift(requant) && getName() == "loop");
  }

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override {
    auto requant = cast<lowbit::RequantOp>(op);
    if (getName() == kPackedLoop && !getPackedBits(requant))
      return op->emitError("has results that cannot be packed: they are 0 to "
                           "15 at most, at most 255, and inputs of a dense "
                           "layer");
    return assign(requant, assignment);
  }

  LogicalResult emit(Operation *op, Emission &emission) const override {
    auto requant = cast<lowbit::RequantOp>(op);
    if (failed(checkRoutine(op)))
      return failure();
    if (!isStoredShift(requant))
      return emitStepFunctions(op, emission);
    isToBytes(requant) ? emitShift(requant, emission)
                       : emitWideShift(requant, emission);
    return success();
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeShiftMethod(StringRef name) {
  return std::make_unique<ShiftMethod>(name);
}
