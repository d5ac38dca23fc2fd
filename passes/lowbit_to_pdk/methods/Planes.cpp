//===- Planes.cpp - Sums of bit planes, modulo 256 ------------------------===//
//
// A lowbit.planes becomes
//
//   total = sum of all inputs; above the limit: digits, below
//   walk                       // N(r, k) for all rows and planes
//   each row: A = what becomes of total and N(r, k); result[r] = A
//
// Where the total exceeds the limit, the walk, a routine then, is gone for each
// digit of the inputs, the highest first, and a loop over the rows puts
// together
//
//   sum[r] = sum[r] * 2^digits + c[0] * total + sum over k of c[k] * N(r, k)
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/PlaneSum.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;
using lowbit::Walk;

namespace {
struct PlanesMethod : Method {
  PlanesMethod() : Method("lowbit.planes", "planes") {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override;
  LogicalResult emit(Operation *op, Emission &emission) const override;
};
} // namespace

LogicalResult PlanesMethod::assignStorage(Operation *op,
                                          StorageAssignment &assignment) const {
  auto planes = cast<lowbit::PlanesOp>(op);
  lowbit::StorageAttr input = lowbit::getStorage(planes.getInput());
  if (input.getPlace() != lowbit::Place::Buffer || input.getBits() != 8 ||
      input.getBase() != 0 || input.getBias() != 0 || input.getSplat())
    return op->emitError("takes inputs that are bytes in RAM, as they are");
  if (planes.getMin()) {
    if (*planes.getMax() - *planes.getMin() > 255)
      return op->emitError("has results that do not fit a byte");
    assignment.setBytes(planes.getResult(), "act");
    return success();
  }
  auto format = StorageAssignment::getSumFormat(planes.getResult());
  if (failed(format))
    return failure();
  assignment.setSums(planes.getResult(), *format, "sum");
  return success();
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

namespace {

class PlanesWriter {
public:
  PlanesWriter(lowbit::PlanesOp op, Emission &emission);
  void run();

private:
  /// Leaves the sum of all inputs in `total`; goes to the label where it
  /// exceeds the limit.
  void emitTotal(StringRef above);
  void emitWalk();
  void emitRows();
  void emitRowInBytes(int64_t row);
  /// The same by digits.
  void emitDigits();
  void emitDigit(int64_t digit, const Storage &saved);
  void emitGather(const Storage &sums);

  Cell getSum(int64_t row, size_t number) const {
    return number == 0 ? total : taps.at(row * planes + number - 1);
  }
  /// The codes that the row's weights have.
  SmallVector<uint32_t> getCodes();

  lowbit::PlanesOp op;
  Emission &emission;
  CodeBuilder &code;
  int64_t rows, planes, inputs;
  bool isGuarded, isRequantised;
  const Storage input, result;
  Cell taps, total;
  std::string walk; ///< the routine, where it is one
};

} // namespace

PlanesWriter::PlanesWriter(lowbit::PlanesOp op, Emission &emission)
    : op(op), emission(emission), code(emission.code), rows(op.getNumRows()),
      planes(op.getNumPlanes()), inputs(op.getNumInputs()),
      isGuarded(op.getDigits().has_value()), isRequantised(op.getMin()),
      input(emission.getStorage(op.getInput())),
      result(emission.getStorage(op.getResult())) {}

void PlanesWriter::emitTotal(StringRef above) {
  int64_t limit = op.getLimit(), most = lowbit::getRange(op.getInput()).max;
  Cell over;
  if (isGuarded) {
    over = code.cells("over", 1);
    code(CLEAR_M, over);
  }
  code(MOV_A_M, input.element(0));
  for (int64_t i = 1; i < inputs; ++i) {
    code(ADD_A_M, input.element(i));
    if (isGuarded && (i + 1) * most > 255)
      code(ADDC_M, over);
  }
  code(MOV_M_A, total);
  if (!isGuarded)
    return;
  if (limit < 255) {
    code(MOV_A_K, limit);
    code(SUB_A_M, total);
    code(ADDC_M, over);
  }
  code(MOV_A_M, over);
  code.skipIfFlag(kZeroFlag, true);
  code(GOTO_K, above);
}

void PlanesWriter::emitWalk() {
  ArrayRef<int32_t> steps = op.getWalk();
  for (size_t i = 0; i < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    switch (Walk(steps[i])) {
    case Walk::Load:
      code(MOV_A_M, input.element(operand));
      break;
    case Walk::Add:
      code(ADD_A_M, input.element(operand));
      break;
    case Walk::Sub:
      code(SUB_A_M, input.element(operand));
      break;
    case Walk::Total:
      code(MOV_A_M, total);
      break;
    case Walk::Clear:
      code(MOV_A_K, 0);
      break;
    case Walk::Recall:
      code(MOV_A_M, taps.at(operand));
      break;
    case Walk::Tap:
      code(MOV_M_A, taps.at(operand));
      break;
    }
  }
}

SmallVector<uint32_t> PlanesWriter::getCodes() {
  SmallVector<uint32_t> codes(rows * inputs, 0);
  for (auto [tap, inputsOf] : llvm::enumerate(op.getTaps()))
    for (auto [i, isIn] : llvm::enumerate(inputsOf))
      codes[tap / planes * inputs + i] |= uint32_t(isIn) << (tap % planes);
  return codes;
}

/// Of a sum in bytes of its own.
void PlanesWriter::emitRowInBytes(int64_t row) {
  Interval sums = op.getSumRange();
  int64_t constant = op.getBias()[row];
  auto getCell = [&](size_t number) { return getSum(row, number); };
  if (!isRequantised) {
    emitPlaneSum(code, result.element(row), result.bytes, op.getCoefficients(),
                 constant + result.offset, getCell);
    return;
  }
  int64_t missing = -lowbit::shiftUp(*op.getMin(), op.getShift());
  Storage complete;
  complete.range = {sums.min + missing, sums.max + missing};
  complete.bytes = getBytes(complete.range);
  Cell value = code.cells("value", complete.bytes);
  emitPlaneSum(code, value, complete.bytes, op.getCoefficients(),
               constant + missing, getCell);
  emitRequantOfOne(code, complete, value,
                   Requantisation(op.getShift(), *op.getMin() + result.offset,
                                  *op.getMax() + result.offset));
  code(MOV_M_A, result.element(row));
}

void PlanesWriter::emitRows() {
  emission.begin(result);
  PlaneRowSteps steps(rows);
  if (isRequantised) {
    SmallVector<int64_t> constants(op.getBias());
    for (int64_t &constant : constants)
      constant -= lowbit::shiftUp(*op.getMin(), op.getShift());
    steps = findPlaneRowSteps(op.getCoefficients(), constants, getCodes(),
                              op.getLimit(), op.getShift(),
                              *op.getMax() - *op.getMin());
  }
  for (int64_t row = 0; row < rows; ++row) {
    if (!steps[row]) {
      emitRowInBytes(row);
      continue;
    }
    emitPlaneSteps(code, *steps[row],
                   [&](size_t number) { return getSum(row, number); });
    if (int64_t least = (*op.getMin() + result.offset) & 255)
      code(ADD_A_K, least);
    code(MOV_M_A, result.element(row));
  }
}

/// Takes the digit of each input and goes the walk.
void PlanesWriter::emitDigit(int64_t digit, const Storage &saved) {
  int64_t bits = *op.getDigits();
  bool isHighest = digit + 1 == op.getNumDigits();
  Cell value = code.cells("value", 1);
  code(CLEAR_M, total);
  auto load = beginReading(code, saved, 0, value, std::nullopt);
  emitLoop(code, input, 0, inputs, load, [&] {
    code(MOV_A_M, value);
    int64_t shift = digit * bits;
    if (shift >= 4) {
      code(SWAP_A);
      if (isHighest)
        code(AND_A_K, 15);
      shift -= 4;
    }
    for (int64_t i = 0; i < shift; ++i)
      code(SR_A);
    if (!isHighest)
      code(AND_A_K, (1 << bits) - 1);
    code(ADD_M_A, total);
    return Cell();
  });
  code(CALL_K, walk);
}

/// sums = sums * 2^bits + what the walk's sums are worth.
void PlanesWriter::emitGather(const Storage &sums) {
  Storage rowsTaps;
  rowsTaps.cells = taps;
  rowsTaps.size = rows;
  rowsTaps.bytes = planes;
  Cell value = code.cells("value", sums.bytes);
  Cell part = code.cells("part", sums.bytes);
  Cell row = code.cells("row", planes);
  auto loadTaps = beginReading(code, rowsTaps, 0, row, std::nullopt);
  auto loadSum = beginReading(code, sums, 0, value, std::nullopt,
                              code.cells("from", 2, 2));
  emitLoop(
      code, sums, 0, rows,
      [&] {
        loadTaps();
        loadSum();
      },
      [&] {
        emitPlaneSum(
            code, part, sums.bytes, op.getCoefficients(), 0,
            [&](size_t number) { return number ? row.at(number - 1) : total; });
        for (int64_t i = 0; i < int64_t(*op.getDigits()); ++i)
          for (int64_t byte = 0; byte < sums.bytes; ++byte)
            code(byte ? SLC_M : SL_M, value.at(byte));
        for (int64_t byte = 0; byte < sums.bytes; ++byte) {
          code(MOV_A_M, part.at(byte));
          code(byte ? ADDC_M_A : ADD_M_A, value.at(byte));
        }
        if (sums.bytes == 1)
          code(MOV_A_M, value);
        return value;
      });
}

void PlanesWriter::emitDigits() {
  auto copyAll = [&](const Storage &from, const Storage &to) {
    Cell value = code.cells("value", 1);
    auto load = beginReading(code, from, 0, value, std::nullopt);
    emitLoop(code, to, 0, inputs, load, [&] {
      code(MOV_A_M, value);
      return Cell();
    });
  };
  Storage saved = input;
  saved.cells = code.cells("saved", inputs);
  code.undef(saved.cells);
  copyAll(input, saved);

  // Sums without their biases, where the results are if they are sums.
  Storage sums = result;
  if (isRequantised) {
    sums = Storage();
    sums.size = rows;
    sums.range = op.getSumRange(/*hasBias=*/false);
    sums.bytes = getBytes(lowbit::hull(sums.range, op.getSumRange()));
    sums.cells = code.cells("sums", rows * sums.bytes);
    code.undef(sums.cells);
  } else {
    emission.begin(result);
  }
  Storage bytes = sums;
  bytes.size = rows * sums.bytes;
  bytes.bytes = 1;
  emitLoop(
      code, bytes, 0, bytes.size, [] {},
      [&] {
        code(MOV_A_K, 0);
        return Cell();
      });
  std::string gather = code.unique("gather");
  for (int64_t digit = op.getNumDigits(); digit-- > 0;) {
    emitDigit(digit, saved);
    code(CALL_K, gather);
  }
  emission.addRoutine([*this, gather, sums]() mutable {
    code.routine(gather);
    emitGather(sums);
    code(RET);
  });
  // Others may need the inputs as they were.
  if (!op.getInput().hasOneUse() || !lowbit::getProducer(op.getInput()) ||
      isa<lowbit::ConcatOp, lowbit::SelectOp>(
          lowbit::getProducer(op.getInput())))
    copyAll(saved, input);

  SmallVector<int64_t> constants(op.getBias());
  if (!isRequantised) {
    for (int64_t &constant : constants)
      constant += result.offset;
    addToElements(code, sums, constants);
    return;
  }
  int64_t missing = -lowbit::shiftUp(*op.getMin(), op.getShift());
  if (llvm::all_equal(constants)) {
    missing += constants.front();
  } else {
    addToElements(code, sums, constants);
    sums.range = op.getSumRange();
  }
  emission.begin(result);
  emitRequant(code, sums,
              Requantisation(op.getShift(), *op.getMin() + result.offset,
                             *op.getMax() + result.offset),
              result, Traversal::Loop, missing);
}

void PlanesWriter::run() {
  taps = code.cells("taps", rows * planes);
  bool needsTotal = isGuarded || op.getCoefficients().front() != 0;
  for (size_t i = 0; i < op.getWalk().size(); i += 2)
    needsTotal |= Walk(op.getWalk()[i]) == Walk::Total;
  std::string above, done;
  if (isGuarded) {
    above = code.unique("above");
    done = code.unique("done");
    walk = code.unique("walk");
  }
  if (needsTotal) {
    total = code.cells("total", 1);
    emitTotal(above);
  }
  if (!isGuarded) {
    emitWalk();
    emitRows();
    return;
  }
  code(CALL_K, walk);
  emitRows();
  code(GOTO_K, done);
  code.label(above);
  emitDigits();
  code.label(done);
  emission.addRoutine([*this]() mutable {
    code.routine(walk);
    emitWalk();
    code(RET);
  });
}

LogicalResult PlanesMethod::emit(Operation *op, Emission &emission) const {
  PlanesWriter(cast<lowbit::PlanesOp>(op), emission).run();
  return success();
}

std::unique_ptr<Method> pdkc::makePlanesMethod() {
  return std::make_unique<PlanesMethod>();
}
