//===- ElementLowering.cpp - What is done with each element ---------------===//
//
// Requantisation by a shift has code of its own; everything else that makes a
// byte of an integer is a step function.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/ModelLowering.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

LogicalResult ModelLowering::lowerElementwise(Operation *op) {
  auto found = vectors.find(op->getOperand(0));
  Interval results = lowbit::getRange(op->getResult(0));
  auto requant = dyn_cast<lowbit::RequantOp>(op);
  bool isByte = results.max - results.min <= 255;
  if (found == vectors.end() || (isByte && !requant) ||
      (isByte && (requant.getMultiplier() != 1 ||
                  requant.getMax() - requant.getMin() > 255)))
    return lowerSteps(op, found == vectors.end() ? nullptr : &found->second);
  const Vector sums = found->second;
  if (isByte) {
    lowerShift(requant, sums);
    return success();
  }
  if (!requant || requant.getMultiplier() != 1 ||
      getBytes({0, results.max - results.min}) > 4)
    return op->emitError("results of ")
           << results.min << " to " << results.max
           << " do not fit a byte; quantise the activations to fewer bits";
  lowerWideShift(requant, sums);
  return success();
}

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

void ModelLowering::lowerShift(lowbit::RequantOp op, const Vector &sums) {
  auto makeResult = [&] {
    auto place = getInPlace(op);
    // Over the sums, unless these are needed behind.
    bool staysBehind = !op.getInput().hasOneUse() ||
                       sums.cells.cells.getDefiningOp<CellsOp>().getExported();
    if (!place || places.contains(op.getResult()))
      return makeBytes(op.getResult(), "act",
                       staysBehind ? Value() : sums.cells.cells);
    Vector result = describeBytes(op.getResult());
    result.cells = *place;
    return result;
  };
  auto key = getKey(op);
  SharedRequant *shared = key ? &sharedRequants[*key] : nullptr;
  if (shared && shared->uses >= 2) {
    if (shared->routine.empty()) {
      shared->routine = code.unique("requant");
      shared->sums = sums;
      shared->sums.range = shared->range;
      shared->result = makeResult();
    }
    code(CALL_K, shared->routine);
    Vector &result = vectors[op.getResult()];
    result = describeBytes(op.getResult());
    result.cells = shared->result.cells;
    return;
  }
  Vector result = makeResult();
  int64_t missing =
      op.getOffset() - (op.getMin() << op.getShift()) - sums.offset;
  // Among the sums' own bytes, and beside other parts of a concatenation, there
  // is more that is still needed.
  if (result.cells.cells != sums.cells.cells &&
      !places.contains(op.getResult()))
    code.undef(result.cells);
  // Unrolled code destroys the sums.
  emitRequant(code, sums, Requantisation(op, result.offset), result,
              op.getInput().hasOneUse() ? getTraversal(op) : Traversal::Loop,
              missing);
  vectors[op.getResult()] = result;
}

/// Results of more than a byte, counted from the lowest.
void ModelLowering::lowerWideShift(lowbit::RequantOp op, const Vector &sums) {
  Interval range = lowbit::getRange(op.getInput());
  Interval results = lowbit::getRange(op.getResult());
  int64_t shift = op.getShift(), offset = op.getOffset();
  Vector result;
  result.size = sums.size;
  result.offset = -results.min;
  result.range = {0, results.max - results.min};
  result.bytes = getBytes(result.range);
  // The shifted sum counts from `lowest`, so it is never negative; nor does a
  // tie make it so, if to count from there leaves them even.
  int64_t lowest = (range.min + offset) >> shift;
  int64_t highest = (range.max + offset) >> shift;
  lowest -= lowbit::moveTies(op.getTies(), lowest) == lowbit::Ties::Odd;
  int64_t counted = getBytes({0, range.max + offset - (lowest << shift)});
  int64_t bytes = std::max({sums.bytes, counted, shift / 8 + result.bytes});
  result.cells = code.cells("shifted", result.sizeInBytes());
  code.undef(result.cells);
  Cell value = code.cells("value", bytes);
  std::optional<Cell> excess = emitExcess(code, sums);
  auto load = beginReading(code, sums, 0, value, excess);
  emitLoop(code, result, 0, sums.size, load, [&] {
    extend(code, sums, value, counted);
    addConstant(code, offset - sums.offset - (lowest << shift), value,
                std::max(sums.bytes, counted));
    for (int64_t byte = std::max(sums.bytes, counted); byte < bytes; ++byte)
      code(CLEAR_M, value.at(byte));
    emitTies(code, value, bytes, shift, lowbit::moveTies(op.getTies(), lowest));
    return emitShiftAndClamp(code, value, bytes, shift,
                             {results.min - lowest, results.max - lowest},
                             highest - lowest);
  });
  vectors[op.getResult()] = result;
}

void ModelLowering::lowerByte(lowbit::ByteOp op) {
  const Vector values = vectors.find(op.getInput())->second;
  Vector result = makeBytes(op.getResult(), "byte");
  if (!places.contains(op.getResult()))
    code.undef(result.cells);
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
    vectors[op.getResult()] = result;
    return;
  }
  std::optional<Cell> excess = emitExcess(code, values);
  if (missing != 0 || excess) {
    Cell value = code.cells("value", std::max(values.bytes, number + 1));
    auto load = beginReading(code, values, 0, value, excess);
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
  vectors[op.getResult()] = result;
}

std::optional<ModelLowering::RequantKey>
ModelLowering::getKey(lowbit::RequantOp op) {
  auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
  // Only loops are shared; unrolled code is there to be fast.
  if (!dense || !dense.getResult().hasOneUse() || op.getMultiplier() != 1 ||
      places.contains(op.getResult()) ||
      getTraversal(op) == Traversal::Unrolled)
    return std::nullopt;
  return RequantKey{engineOf[dense].first, dense.getNumRows(),
                    Requantisation(op, describeBytes(op.getResult()).offset),
                    getInPlace(op).has_value()};
}

void ModelLowering::findSharedRequants() {
  for (auto op : func.getOps<lowbit::RequantOp>()) {
    auto key = getKey(op);
    if (!key)
      continue;
    Interval range = getOffset(op.getInput())->second;
    SharedRequant &shared = sharedRequants[*key];
    shared.range = shared.uses++ ? lowbit::hull(shared.range, range) : range;
  }
}

void ModelLowering::emitSharedRequants() {
  for (auto &[key, shared] : sharedRequants) {
    if (shared.uses < 2)
      continue;
    code.routine(shared.routine);
    if (shared.result.cells.cells != shared.sums.cells.cells)
      code.undef(shared.result.cells);
    emitRequant(code, shared.sums, std::get<Requantisation>(key), shared.result,
                Traversal::Loop);
    code(RET);
  }
}

//===----------------------------------------------------------------------===//
// Step functions
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<StepTable>>
ModelLowering::getFunctions(Operation *op, SmallVector<int64_t> &numbers) {
  Interval range = lowbit::getRange(op->getOperand(0));
  SmallVector<StepTable> tables;
  if (auto requant = dyn_cast<lowbit::RequantOp>(op)) {
    auto table = makeStepTable(requant, 256);
    assert(table && "a byte has no more values");
    tables.push_back(*table);
  } else {
    for (const auto &pieces : cast<lowbit::StepsOp>(op).getFunctions())
      tables.push_back(makeStepTable(pieces, range));
  }
  // As they are stored.
  int64_t offset = describeBytes(op->getResult(0)).offset;
  for (StepTable &table : tables)
    for (int64_t &value : table.values)
      value += offset;
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  if (!steps)
    return tables;
  numbers.assign(steps.getFunction().begin(), steps.getFunction().end());
  return tables;
}

/// Each element's function on the element's own range, as far as it is known.
static SmallVector<StepTable> getOwnFunctions(Operation *op,
                                              ArrayRef<StepTable> tables,
                                              ArrayRef<int64_t> numbers) {
  lowbit::Intervals ranges(numbers.size(), lowbit::getRange(op->getOperand(0)));
  if (auto dense = op->getOperand(0).getDefiningOp<lowbit::DenseOp>()) {
    lowbit::Intervals input(dense.getNumInputs(),
                            lowbit::getRange(dense.getInput()));
    ranges = lowbit::inferRanges(dense, {&input});
  }
  SmallVector<StepTable> result;
  for (auto [number, range] : llvm::zip_equal(numbers, ranges)) {
    const StepTable &table = tables[number];
    result.push_back(makeStepTable({table.starts, table.values}, range));
  }
  return result;
}

StringRef ModelLowering::getMethod(Operation *op) {
  auto method = op->getAttrOfType<StringAttr>("method");
  return method ? method.getValue() : "compare";
}

InFlightDiagnostic ModelLowering::refuseFunctions(Operation *op) {
  return op->emitError("its step functions cannot be computed by the method '")
         << getMethod(op) << "'";
}

FailureOr<Preprocessing> ModelLowering::getPreprocessingOf(Operation *op) {
  Preprocessing result;
  Interval raw = lowbit::getRange(op->getOperand(0));
  auto requant = dyn_cast<lowbit::RequantOp>(op);
  if (requant && canPreprocess(requant)) {
    result.requant = requant;
    return result;
  }
  result.lowest = raw.min;
  auto tables = getFunctions(op, result.numbers);
  if (failed(tables))
    return failure();
  for (const StepTable &table : *tables) {
    auto callee = functions.find(table, getMethod(op));
    if (!callee)
      return refuseFunctions(op);
    result.functions.push_back(*callee);
  }
  return result;
}

LogicalResult ModelLowering::lowerSteps(Operation *op, const Vector *found) {
  Interval range = lowbit::getRange(op->getOperand(0));
  Value resultValue = op->getResult(0);
  if (!found) {
    // The model's input, as it arrives.
    auto preprocessing = getPreprocessingOf(op);
    if (failed(preprocessing))
      return failure();
    Vector result = makeBytes(resultValue, "act");
    if (!places.contains(resultValue))
      code.undef(result.cells);
    for (int64_t begin = 0, end; begin < result.size; begin = end) {
      end = begin + 1;
      while (end < result.size &&
             preprocessing->getNumber(end) == preprocessing->getNumber(begin))
        ++end;
      emitLoop(
          code, result, begin, end, [&] { code(CALL_K, code.getNextInput()); },
          [&] {
            preprocessing->emit(code, begin);
            return Cell();
          });
    }
    vectors[resultValue] = result;
    return success();
  }
  const Vector values = *found;
  SmallVector<int64_t> numbers;
  auto tables = getFunctions(op, numbers);
  if (failed(tables))
    return failure();
  std::optional<Cell> excess = emitExcess(code, values);
  // Arguments count from the range's lower end.
  int64_t missing = -range.min - values.offset;
  Cell argument = functions.getArgument(range);
  Cell value = argument;
  int64_t argumentBytes = getBytes({0, range.max - range.min});
  if (argumentBytes < values.bytes)
    value = code.cells("value", values.bytes);
  auto prepare = [&] {
    addConstant(code, missing, value, values.bytes);
    if (argumentBytes == 1)
      code(MOV_A_M, value);
    else if (argumentBytes < values.bytes)
      for (int64_t byte = 0; byte < argumentBytes; ++byte) {
        code(MOV_A_M, value.at(byte));
        code(MOV_M_A, argument.at(byte));
      }
  };
  Vector result = makeBytes(resultValue, "act");
  if (!places.contains(resultValue))
    code.undef(result.cells);
  vectors[resultValue] = result;

  if (tables->size() > 1 && getMethod(op) == "multiply") {
    auto channels =
        functions.beginChannels(getOwnFunctions(op, *tables, numbers), range);
    if (!channels)
      return refuseFunctions(op);
    auto load = beginReading(code, values, 0, value, excess);
    emitLoop(code, result, 0, values.size, load, [&] {
      prepare();
      functions.callChannel(*channels);
      return Cell();
    });
    return success();
  }
  SmallVector<StepFunctions::Callee> callees;
  for (const StepTable &table : *tables) {
    auto callee = functions.find(table, getMethod(op));
    if (!callee)
      return refuseFunctions(op);
    callees.push_back(*callee);
  }
  auto getNumber = [&](int64_t element) {
    return numbers.empty() ? 0 : numbers[element];
  };
  for (int64_t begin = 0, end; begin < values.size; begin = end) {
    end = begin + 1;
    while (end < values.size && getNumber(end) == getNumber(begin))
      ++end;
    auto load = beginReading(code, values, begin, value, excess);
    auto work = [&] {
      prepare();
      StepFunctions::call(code, callees[getNumber(begin)]);
      return Cell();
    };
    if (end - begin > 1) {
      emitLoop(code, result, begin, end, load, work);
      continue;
    }
    load();
    work();
    code(MOV_M_A, result.element(begin));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

LogicalResult ModelLowering::emitOutput(Value value) {
  auto found = vectors.find(value);
  assert(found != vectors.end() && "logits are in RAM");
  const Vector values = found->second;
  Interval range = lowbit::getRange(value);
  if (range.min < INT16_MIN ||
      range.max > (range.min < 0 ? INT16_MAX : UINT16_MAX))
    return value.getDefiningOp()->emitError("outputs of ")
           << range.min << " to " << range.max << " do not fit 16 bits";
  Vector result;
  result.size = values.size;
  result.range = range;
  result.bytes = getBytes(range);
  result.cells = code.exportedCells("output", result.sizeInBytes());
  code.undef(result.cells);
  int64_t bytes = std::max(values.bytes, result.bytes);
  Cell copy = code.cells("value", bytes);
  auto load = beginReading(code, values, 0, copy, emitExcess(code, values));
  emitLoop(code, result, 0, values.size, load, [&] {
    for (int64_t byte = values.bytes; byte < bytes; ++byte)
      code(CLEAR_M, copy.at(byte));
    addConstant(code, -values.offset, copy, bytes);
    if (result.bytes == 1)
      code(MOV_A_M, copy);
    return copy;
  });
  return success();
}
