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
// Layers that share routines (Planes.h) call them for all but the walk.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/Planes.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/PlaneSum.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;
using lowbit::Walk;

namespace {
struct PlanesMethod : Method {
  PlanesMethod(StringRef name) : Method("lowbit.planes", name) {}

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override;
  LogicalResult emit(Operation *op, Emission &emission) const override;
};
} // namespace

static bool isShared(lowbit::PlanesOp op) {
  return lowbit::getMethod(op) == kSharedPlanes;
}

/// Whether nobody else needs the inputs as they were.
static bool mayLoseInputs(lowbit::PlanesOp op) {
  return op.getInput().hasOneUse() && lowbit::getProducer(op.getInput()) &&
         !isa<lowbit::ConcatOp, lowbit::SelectOp>(
             lowbit::getProducer(op.getInput()));
}

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
    // In place, so that the next layer finds its inputs where this one did.
    if (isShared(planes) && mayLoseInputs(planes) &&
        !assignment.hasPlace(planes.getResult()) &&
        planes.getNumRows() <= planes.getNumInputs()) {
      assignment.set(planes.getResult(),
                     StorageAssignment::getByteFormat(planes.getResult())
                         .in(input.getBuffer(), input.getAt(),
                             /*fresh=*/false));
      return success();
    }
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

static std::optional<int64_t> getNumber(lowbit::PlanesOp op, StringRef name) {
  auto number = op->getAttrOfType<IntegerAttr>(name);
  return number ? std::optional<int64_t>(number.getInt()) : std::nullopt;
}

namespace {

class PlanesWriter {
public:
  PlanesWriter(lowbit::PlanesOp op, Emission &emission);
  void run();

private:
  /// What is written here; or in a routine of that number, where there is one,
  /// which is called.
  void write(std::optional<int64_t> number, StringRef stem,
             std::function<void(PlanesWriter &)> body);
  Cell makeCells(std::optional<int64_t> number, StringRef name, int64_t size);
  /// Leaves the sum of all inputs in `total`, and `over` other than 0 where it
  /// exceeds the limit.
  void emitTotal();
  void emitWalk();
  void emitRows();
  void emitRowInBytes(int64_t row);
  /// The same by digits.
  void emitDigits();
  void emitDigit(int64_t digit);
  void emitGather();
  void emitEnd();
  void copyAll(const Storage &from, const Storage &to);

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
  /// Of routines that others share, for inputs and for rows.
  std::optional<int64_t> inputRoutine, rowRoutine;
  Interval sumRange, plainRange; ///< of rows, with their biases and without
  const Storage input, result;
  Cell taps, total, over;
  Storage saved, sums;
  std::string walk; ///< the routine, where it is one
};

} // namespace

PlanesWriter::PlanesWriter(lowbit::PlanesOp op, Emission &emission)
    : op(op), emission(emission), code(emission.code), rows(op.getNumRows()),
      planes(op.getNumPlanes()), inputs(op.getNumInputs()),
      isGuarded(op.getDigits().has_value()), isRequantised(op.getMin()),
      inputRoutine(getNumber(op, kInputRoutineAttr)),
      rowRoutine(getNumber(op, kRoutineAttr)), sumRange(op.getSumRange()),
      plainRange(op.getSumRange(/*hasBias=*/false)),
      input(emission.getStorage(op.getInput())),
      result(emission.getStorage(op.getResult())) {
  if (auto range = op->getAttrOfType<DenseI64ArrayAttr>(kRoutineSumsAttr))
    sumRange = plainRange = {range[0], range[1]};
}

void PlanesWriter::write(std::optional<int64_t> number, StringRef stem,
                         std::function<void(PlanesWriter &)> body) {
  if (!number)
    return body(*this);
  auto routine = [*this, body]() mutable {
    body(*this);
    code(RET);
  };
  code(CALL_K, emission.getSharedRoutine(*number, stem, routine));
}

Cell PlanesWriter::makeCells(std::optional<int64_t> number, StringRef name,
                             int64_t size) {
  return number ? emission.getSharedCells(*number, name, size)
                : code.cells(name, size);
}

void PlanesWriter::emitTotal() {
  int64_t limit = op.getLimit(), most = lowbit::getRange(op.getInput()).max;
  if (isGuarded)
    code(CLEAR_M, over);
  code(MOV_A_M, input.element(0));
  for (int64_t i = 1; i < inputs; ++i) {
    code(ADD_A_M, input.element(i));
    if (isGuarded && (i + 1) * most > 255)
      code(ADDC_M, over);
  }
  code(MOV_M_A, total);
  if (isGuarded && limit < 255) {
    code(MOV_A_K, limit);
    code(SUB_A_M, total);
    code(ADDC_M, over);
  }
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
    case Walk::AddTap:
      code(ADD_M_A, taps.at(operand));
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
  int64_t constant = op.getBias()[row];
  auto getCell = [&](size_t number) { return getSum(row, number); };
  if (!isRequantised) {
    emitPlaneSum(code, result.element(row), result.bytes, op.getCoefficients(),
                 constant + result.offset, getCell);
    return;
  }
  int64_t missing = -lowbit::shiftUp(*op.getMin(), op.getShift());
  Storage complete;
  complete.range = {sumRange.min + missing, sumRange.max + missing};
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
  SmallVector<uint32_t> codes = getCodes();
  // Rows that others share are finished alike whatever their own codes are.
  if (rowRoutine) {
    SmallVector<uint32_t> used = getUsedCodes(op);
    codes.clear();
    for (int64_t row = 0; row < rows; ++row)
      codes.append(used);
  }
  PlaneRowSteps steps(rows);
  if (isRequantised) {
    SmallVector<int64_t> constants(op.getBias());
    for (int64_t &constant : constants)
      constant -= lowbit::shiftUp(*op.getMin(), op.getShift());
    steps =
        findPlaneRowSteps(op.getCoefficients(), constants, codes, op.getLimit(),
                          op.getShift(), *op.getMax() - *op.getMin());
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

void PlanesWriter::copyAll(const Storage &from, const Storage &to) {
  Cell value = code.cells("value", 1);
  auto load = beginReading(code, from, 0, value, std::nullopt);
  emitLoop(code, to, 0, inputs, load, [&] {
    code(MOV_A_M, value);
    return Cell();
  });
}

/// Puts the digit of each input in its place.
void PlanesWriter::emitDigit(int64_t digit) {
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
}

/// sums = sums * 2^bits + what the walk's sums are worth.
void PlanesWriter::emitGather() {
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

/// What becomes of the sums, which have no biases yet.
void PlanesWriter::emitEnd() {
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
    sums.range = sumRange;
  }
  emission.begin(result);
  emitRequant(code, sums,
              Requantisation(op.getShift(), *op.getMin() + result.offset,
                             *op.getMax() + result.offset),
              result, Traversal::Loop, missing);
}

void PlanesWriter::emitDigits() {
  saved = input;
  saved.cells = makeCells(inputRoutine, "saved", inputs);
  write(inputRoutine, "save", [](PlanesWriter &it) {
    it.code.undef(it.saved.cells);
    it.copyAll(it.input, it.saved);
  });
  // Sums without their biases, where the results are if they are sums.
  sums = result;
  if (isRequantised) {
    sums = Storage();
    sums.size = rows;
    sums.range = plainRange;
    sums.bytes = getBytes(lowbit::hull(plainRange, sumRange));
    sums.cells = makeCells(rowRoutine, "sums", rows * sums.bytes);
  }
  write(rowRoutine, "clear", [](PlanesWriter &it) {
    if (it.isRequantised)
      it.code.undef(it.sums.cells);
    else
      it.emission.begin(it.result);
    Storage bytes = it.sums;
    bytes.size = it.rows * it.sums.bytes;
    bytes.bytes = 1;
    emitLoop(
        it.code, bytes, 0, bytes.size, [] {},
        [&] {
          it.code(MOV_A_K, 0);
          return Cell();
        });
  });
  std::string gather;
  if (!rowRoutine) {
    gather = code.unique("gather");
    emission.addRoutine([*this, gather]() mutable {
      code.routine(gather);
      emitGather();
      code(RET);
    });
  }
  for (int64_t digit = op.getNumDigits(); digit-- > 0;) {
    write(inputRoutine, "digit" + std::to_string(digit),
          [digit](PlanesWriter &it) { it.emitDigit(digit); });
    code(CALL_K, walk);
    if (rowRoutine)
      write(rowRoutine, "gather", [](PlanesWriter &it) { it.emitGather(); });
    else
      code(CALL_K, gather);
  }
  if (!mayLoseInputs(op))
    copyAll(saved, input);
  write(rowRoutine, "end", [](PlanesWriter &it) { it.emitEnd(); });
}

void PlanesWriter::run() {
  taps = makeCells(rowRoutine, "taps", rows * planes);
  bool needsTotal = isGuarded || op.getCoefficients().front() != 0;
  for (size_t i = 0; i < op.getWalk().size(); i += 2)
    needsTotal |= Walk(op.getWalk()[i]) == Walk::Total;
  if (needsTotal) {
    total = makeCells(inputRoutine, "total", 1);
    if (isGuarded)
      over = makeCells(inputRoutine, "over", 1);
    write(inputRoutine, "total", [](PlanesWriter &it) { it.emitTotal(); });
  }
  auto writeRows = [&] {
    write(rowRoutine, "rows", [](PlanesWriter &it) { it.emitRows(); });
  };
  if (!isGuarded) {
    emitWalk();
    writeRows();
    return;
  }
  std::string above = code.unique("above"), done = code.unique("done");
  walk = code.unique("walk");
  code(MOV_A_M, over);
  code.skipIfFlag(kZeroFlag, true);
  code(GOTO_K, above);
  code(CALL_K, walk);
  writeRows();
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

//===----------------------------------------------------------------------===//
// Routines
//===----------------------------------------------------------------------===//

SmallVector<uint32_t> pdkc::getUsedCodes(lowbit::PlanesOp planes) {
  SmallVector<uint32_t> codes(planes.getNumRows() * planes.getNumInputs(), 0);
  for (auto [tap, inputsOf] : llvm::enumerate(planes.getTaps()))
    for (auto [i, isIn] : llvm::enumerate(inputsOf))
      codes[tap / planes.getNumPlanes() * planes.getNumInputs() + i] |=
          uint32_t(isIn) << (tap % planes.getNumPlanes());
  llvm::sort(codes);
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

/// What has to be the same for layers to share routines for their inputs, and
/// for their rows.
static std::vector<int64_t> getInputKey(lowbit::PlanesOp op) {
  lowbit::StorageAttr input = lowbit::getStorage(op.getInput());
  return {input.getBuffer(), input.getAt(),
          op.getNumInputs(), lowbit::getRange(op.getInput()).max,
          op.getLimit(),     int64_t(op.getDigits().value_or(0))};
}

static std::vector<int64_t> getRowKey(lowbit::PlanesOp op) {
  std::vector<int64_t> key = getInputKey(op);
  lowbit::StorageAttr result = lowbit::getStorage(op.getResult());
  llvm::append_range(key, ArrayRef<int64_t>{result.getBuffer(), result.getAt(),
                                            result.getBits(), result.getBase(),
                                            op.getNumRows(), op.getShift(),
                                            op.getMin().has_value(),
                                            op.getMin().value_or(0),
                                            op.getMax().value_or(0)});
  llvm::append_range(key, op.getCoefficients());
  llvm::append_range(key, op.getBias());
  llvm::append_range(key, getUsedCodes(op));
  return key;
}

void pdkc::numberPlaneRoutines(func::FuncOp func, int64_t first) {
  using Groups =
      llvm::MapVector<std::vector<int64_t>, SmallVector<lowbit::PlanesOp>,
                      std::map<std::vector<int64_t>, unsigned>>;
  Groups byInputs, byRows;
  for (auto op : func.getOps<lowbit::PlanesOp>())
    if (isShared(op)) {
      byInputs[getInputKey(op)].push_back(op);
      byRows[getRowKey(op)].push_back(op);
    }
  Builder builder(func.getContext());
  auto number = [&](Groups &groups, StringRef name) {
    for (auto &[key, ops] : groups) {
      if (ops.size() < 2)
        continue;
      std::optional<Interval> sums;
      for (lowbit::PlanesOp op : ops)
        for (bool hasBias : {false, true}) {
          Interval range = op.getSumRange(hasBias);
          sums = sums ? lowbit::hull(*sums, range) : range;
        }
      for (lowbit::PlanesOp op : ops) {
        op->setAttr(name, builder.getI64IntegerAttr(first));
        if (name == kRoutineAttr)
          op->setAttr(kRoutineSumsAttr,
                      builder.getDenseI64ArrayAttr({sums->min, sums->max}));
      }
      ++first;
    }
  };
  number(byInputs, kInputRoutineAttr);
  number(byRows, kRoutineAttr);
}

LogicalResult PlanesMethod::emit(Operation *op, Emission &emission) const {
  if (failed(checkRoutine(op)))
    return failure();
  PlanesWriter(cast<lowbit::PlanesOp>(op), emission).run();
  return success();
}

std::unique_ptr<Method> pdkc::makePlanesMethod(StringRef name) {
  return std::make_unique<PlanesMethod>(name);
}
