//===- ElementLowering.cpp - What is done with each element ---------------===//
//
// Requantisation by a shift has code of its own; everything else that makes a
// byte of an integer is a step function.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/Streaming.h"
#include "passes/lowering/ModelLowering.h"

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
  if (!requant || requant.getMultiplier() != 1 || results.min < INT16_MIN ||
      results.max > UINT16_MAX)
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
    if (!place || places.contains(op.getResult()))
      return makeBytes(op.getResult(), "act",
                       sums.cells.cells.getDefiningOp<CellsOp>().getExported()
                           ? Value()
                           : sums.cells.cells);
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
  // Unrolled code destroys the sums.
  emitRequant(
      code, sums,
      {op.getShift(), op.getMin() + result.offset, op.getMax() + result.offset},
      result, op.getInput().hasOneUse() ? getTraversal(op) : Traversal::Loop,
      missing);
  vectors[op.getResult()] = result;
}

/// Two bytes of result: without clips, which its range makes needless.
void ModelLowering::lowerWideShift(lowbit::RequantOp op, const Vector &sums) {
  Vector result;
  result.size = sums.size;
  result.bytes = 2;
  result.range = lowbit::getRange(op.getResult());
  result.cells = code.cells("shifted", result.sizeInBytes());
  code.undef(result.cells);
  Cell value = code.cells("value", sums.bytes);
  // Counted from a multiple of the shift's step below all values.
  int64_t shift = op.getShift();
  Interval range = lowbit::getRange(op.getInput());
  int64_t lowest = (range.min + int64_t(op.getOffset())) >> shift;
  auto load = beginReading(code, sums, 0, value, emitExcess(code, sums));
  emitLoop(code, result, 0, sums.size, load, [&] {
    addConstant(code, op.getOffset() - sums.offset - (lowest << shift), value,
                sums.bytes);
    Cell rest = value.at(shift / 8);
    for (int64_t i = 0; i < shift % 8; ++i)
      for (int64_t byte = sums.bytes - shift / 8 - 1; byte >= 0; --byte)
        code(byte == sums.bytes - shift / 8 - 1 ? SR_M : SRC_M, rest.at(byte));
    addConstant(code, lowest, rest, 2);
    return rest;
  });
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
  int64_t offset = describeBytes(op.getResult()).offset;
  return RequantKey{engineOf[dense].first, dense.getNumRows(),
                    op.getShift(),         op.getMin() + offset,
                    op.getMax() + offset,  getInPlace(op).has_value()};
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
    auto [engine, rows, shift, min, max, inPlace] = key;
    emitRequant(code, shared.sums, {shift, min, max}, shared.result,
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
    SmallVector<StepTable> ofElement;
    for (int64_t number : numbers)
      ofElement.push_back((*tables)[number]);
    auto channels = functions.beginChannels(ofElement);
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
// Scales and outputs
//===----------------------------------------------------------------------===//

/// (n - lowest) * multiplier + rest, with the element's constants from
/// tables.
LogicalResult ModelLowering::lowerScale(lowbit::ScaleOp op) {
  auto found = vectors.find(op.getInput());
  const Vector values = found->second;
  Interval range = lowbit::getRange(op.getInput());
  Vector result;
  result.size = values.size;
  result.range = lowbit::getRange(op.getResult());
  // A decision compares unsigned numbers where it can.
  result.offset = -result.range.min;
  result.range = {0, result.range.max - result.range.min};
  result.bytes = getBytes(result.range);
  int64_t largest = 1;
  for (int64_t multiplier : op.getMultiplier()) {
    if (multiplier < 0)
      return op.emitError("multiplies by ")
             << multiplier << "; only positive numbers can be";
    largest = std::max(largest, multiplier);
  }
  int64_t valueBytes = getBytes({0, range.max - range.min});
  int64_t factorBytes = getBytes({0, largest});
  if (values.size > 255 || result.bytes > 4 || factorBytes > 3)
    return op.emitError("takes ")
           << values.size << " elements, factors of up to " << largest
           << " and results of " << 8 * result.bytes
           << " bits; at most 255, 24 bits and 32 bits can be";
  // A product may be longer than the result: its low bytes are right.
  const Multiply::Routine &routine =
      functions.getMultiply().get(valueBytes, factorBytes);
  SmallVector<std::string> tables;
  for (int64_t byte = 0; byte < factorBytes + result.bytes; ++byte) {
    SmallVector<int32_t> entries;
    for (auto [multiplier, bias] :
         llvm::zip(op.getMultiplier(), op.getBias())) {
      int64_t rest = multiplier * range.min + bias + result.offset;
      entries.push_back(byte < factorBytes
                            ? multiplier >> (8 * byte) & 255
                            : rest >> (8 * (byte - factorBytes)) & 255);
    }
    tables.push_back(functions.addTable("factors", entries));
  }
  result.cells = code.cells("scaled", result.sizeInBytes());
  code.undef(result.cells);
  Cell value = code.cells("value", values.bytes);
  Cell number = code.cells("number", 1);
  Cell sum = code.cells("sum", result.bytes);
  std::optional<Cell> excess = emitExcess(code, values);
  code(CLEAR_M, number);
  auto load = beginReading(code, values, 0, value, excess);
  emitLoop(code, result, 0, values.size, load, [&] {
    addConstant(code, -range.min - values.offset, value, values.bytes);
    for (int64_t byte = 0; byte < valueBytes; ++byte) {
      code(MOV_A_M, value.at(byte));
      code(MOV_M_A, routine.value.at(byte));
    }
    code(INC_M, number);
    for (int64_t byte = 0; byte < factorBytes; ++byte) {
      code(MOV_A_M, number);
      code(CALL_K, tables[byte]);
      code(MOV_M_A, routine.product.at(byte));
    }
    code(CALL_K, routine.name);
    for (int64_t byte = 0; byte < result.bytes; ++byte) {
      code(MOV_A_M, number);
      code(CALL_K, tables[factorBytes + byte]);
      if (byte < valueBytes + factorBytes)
        code(byte ? ADDC_A_M : ADD_A_M, routine.product.at(byte));
      else
        code(ADDC_A);
      code(MOV_M_A, sum.at(byte));
    }
    return sum;
  });
  vectors[op.getResult()] = result;
  return success();
}

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
