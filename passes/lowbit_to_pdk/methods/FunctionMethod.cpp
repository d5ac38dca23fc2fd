//===- FunctionMethod.cpp - Step functions of a tensor's elements ---------===//
//
// For each function a routine (support/StepFunctions.h), which a loop over its
// elements calls; or one piece of code for all.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/PoolWindows.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/FunctionSequence.h"
#include "passes/lowbit_to_pdk/support/WeightStream.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

/// The operation's method; of what is no function elsewhere, the first that it
/// has as one.
static const FunctionMethod &getFunctionMethod(Operation *op) {
  MethodRegistry &registry = MethodRegistry::get(op->getContext());
  if (const Method *method = registry.find(op))
    if (auto *found = dynamic_cast<const FunctionMethod *>(method))
      return *found;
  for (const Method *method : registry.getMethods(op))
    if (auto *found = dynamic_cast<const FunctionMethod *>(method))
      return *found;
  llvm_unreachable("step functions without a method");
}

static LogicalResult refuse(Operation *op) {
  return op->emitError("its step functions cannot be computed by the method '")
         << getFunctionMethod(op).getName()
         << "': they have too many steps and are no lines; quantise what they "
            "take to fewer values, to a byte at best";
}

std::optional<StepFunctions::Callee>
FunctionMethod::find(StepTable function, StepFunctions &functions) const {
  if (!readsLine())
    function.line.reset();
  return functions.find(function, getName(),
                        [&] { return makeRoutine(function, functions); });
}

/// By function its routine; fails where the method cannot give one.
static FailureOr<SmallVector<StepFunctions::Callee>>
findAll(Operation *op, ArrayRef<StepTable> tables, StepFunctions &functions) {
  SmallVector<StepFunctions::Callee> callees;
  for (const StepTable &table : tables) {
    auto callee = getFunctionMethod(op).find(table, functions);
    if (!callee)
      return refuse(op);
    callees.push_back(*callee);
  }
  return callees;
}

SmallVector<StepTable>
pdkc::getFunctions(Operation *op, SmallVector<int64_t> &numbers) {
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
  int64_t base = lowbit::getStorage(op->getResult(0)).getBase();
  for (StepTable &table : tables) {
    for (int64_t &value : table.values)
      value -= base;
    if (table.line)
      table.line = table.line->raised(-base);
  }
  if (auto steps = dyn_cast<lowbit::StepsOp>(op))
    numbers.assign(steps.getFunction().begin(), steps.getFunction().end());
  return tables;
}

/// Whether the operation has several functions, which its method computes by
/// one piece of code.
static bool isJoined(Operation *op) {
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  return steps && steps.getSizes().size() > 1 && getFunctionMethod(op).joins();
}

SmallVector<int64_t> pdkc::getRoutineNumbers(Operation *op) {
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  return !steps || isJoined(op) ? SmallVector<int64_t>()
                                : SmallVector<int64_t>(steps.getFunction());
}

FailureOr<Preprocessing> Emission::getPreprocessing(Operation *op) {
  Preprocessing result;
  Interval raw = lowbit::getRange(op->getOperand(0));
  auto requant = dyn_cast<lowbit::RequantOp>(op);
  if (requant && canPreprocess(requant)) {
    result.requant = requant;
    return result;
  }
  result.lowest = raw.min;
  // A signed byte or what spans no more is told by its low byte.
  if (raw.max - raw.min > 255) {
    assert(isStream(op->getOperand(0)) && "bytes are read from RAM");
    result.stream.emplace(lowbit::getOutside(op->getOperand(0)));
    result.argument = functions.getArgument(raw);
  }
  SmallVector<StepTable> tables = getFunctions(op, result.numbers);
  if (isJoined(op)) {
    auto created = FunctionSequence::create(op, getFunctionMethod(op), tables,
                                            result.numbers, functions);
    if (!created)
      return refuse(op);
    auto sequence = std::make_shared<Preprocessing::Sequence>();
    sequence->seek = [created = *created](int64_t element) {
      created.seek(element);
    };
    sequence->apply = [created = *created] { created.apply(); };
    sequence->routine = code.unique("element_function");
    addRoutine([sequence, &code = code] {
      if (!sequence->isCalled)
        return;
      code.routine(sequence->routine);
      sequence->apply();
      code(RET);
    });
    result.sequence = std::move(sequence);
    return result;
  }
  auto callees = findAll(op, tables, functions);
  if (failed(callees))
    return failure();
  result.functions = std::move(*callees);
  return result;
}

/// The model's inputs, as they arrive.
static LogicalResult emitArriving(Operation *op, Emission &emission) {
  CodeBuilder &code = emission.code;
  auto preprocessing = emission.getPreprocessing(op);
  if (failed(preprocessing))
    return failure();
  Storage result = emission.getStorage(op->getResult(0));
  emission.begin(result);
  if (preprocessing->sequence)
    preprocessing->sequence->seek(0);
  for (int64_t begin = 0, end; begin < result.size; begin = end) {
    end = begin + 1;
    while (end < result.size &&
           (preprocessing->sequence ||
            preprocessing->getNumber(end) == preprocessing->getNumber(begin)))
      ++end;
    emitLoop(
        code, result, begin, end, [&] { code(CALL_K, code.getNextInput()); },
        [&] {
          preprocessing->emit(code, begin);
          return Cell();
        });
  }
  return success();
}

LogicalResult pdkc::emitStepFunctions(Operation *op, Emission &emission) {
  if (emission.isStream(op->getOperand(0)))
    return emitArriving(op, emission);
  CodeBuilder &code = emission.code;
  StepFunctions &functions = emission.functions;
  Interval range = lowbit::getRange(op->getOperand(0));
  const Storage values = emission.getStorage(op->getOperand(0));
  SmallVector<int64_t> numbers;
  SmallVector<StepTable> tables = getFunctions(op, numbers);
  std::optional<Cell> bias = emitBias(code, values);
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
  const Storage result = emission.getStorage(op->getResult(0));
  emission.begin(result);

  if (isJoined(op)) {
    auto sequence = FunctionSequence::create(op, getFunctionMethod(op), tables,
                                             numbers, functions);
    if (!sequence)
      return refuse(op);
    sequence->seek(0);
    auto load = beginReading(code, values, 0, value, bias);
    emitLoop(code, result, 0, values.size, load, [&] {
      prepare();
      sequence->apply();
      return Cell();
    });
    return success();
  }
  auto found = findAll(op, tables, functions);
  if (failed(found))
    return failure();
  SmallVector<StepFunctions::Callee> callees = std::move(*found);
  auto getNumber = [&](int64_t element) {
    return numbers.empty() ? 0 : numbers[element];
  };
  for (int64_t begin = 0, end; begin < values.size; begin = end) {
    end = begin + 1;
    while (end < values.size && getNumber(end) == getNumber(begin))
      ++end;
    auto load = beginReading(code, values, begin, value, bias);
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
// One sum at a time
//===----------------------------------------------------------------------===//

FailureOr<ElementCode> pdkc::beginElements(Operation *op, const Storage &sums,
                                           int64_t channels, Emission &emission,
                                           std::function<void()> *restart) {
  CodeBuilder &code = emission.code;
  auto begin = [&](std::function<void()> first) {
    if (restart)
      *restart = std::move(first);
    else
      first();
  };
  StepFunctions &functions = emission.functions;
  Interval results = lowbit::getRange(op->getResult(0));
  auto stepsOp = dyn_cast<lowbit::StepsOp>(op);
  if (results.max - results.min > 255 ||
      (stepsOp && !getFunctionsByChannel(stepsOp, channels)))
    return op->emitError("cannot take a convolution's sums one by one: results "
                         "need a byte, and channels one function each");
  ElementCode element;
  auto requant = dyn_cast<lowbit::RequantOp>(op);
  if (requant && requant.getMultiplier() == 1 &&
      requant.getMax() - requant.getMin() <= 255) {
    Cell value = element.value = code.cells("sum", sums.bytes);
    int64_t stored = -lowbit::getStorage(requant.getResult()).getBase();
    element.apply = [&code, sums, value, requant, stored]() mutable {
      emitRequantOfOne(code, sums, value, Requantisation(requant, stored));
    };
    return element;
  }
  Interval range = lowbit::getRange(op->getOperand(0));
  assert(sums.offset == -range.min && "sums are arguments of functions");
  SmallVector<int64_t> numbers;
  SmallVector<StepTable> tables = getFunctions(op, numbers);
  bool isByte = sums.bytes == 1;
  Cell value = element.value =
      isByte ? code.cells("sum", 1) : functions.getArgument(range);
  auto load = [&code, isByte, value] {
    if (isByte)
      code(MOV_A_M, value);
  };
  if (tables.size() > 1)
    numbers = *getFunctionsByChannel(cast<lowbit::StepsOp>(op), channels);
  if (isJoined(op)) {
    SmallVector<StepTable> ofChannel;
    for (int64_t number : numbers)
      ofChannel.push_back(tables[number]);
    auto joined = getFunctionMethod(op).join(ofChannel, range, functions);
    if (!joined)
      return refuse(op);
    // The number counts on at a channel's end.
    begin([&code, number = joined->number] {
      code(CLEAR_M, number);
      code(INC_M, number);
    });
    element.apply = [load, joined = *joined] {
      load();
      joined.apply([] {});
    };
    element.endChannel = [&code, number = joined->number] {
      code(INC_M, number);
    };
    return element;
  }
  auto found = findAll(op, tables, functions);
  if (failed(found))
    return failure();
  SmallVector<StepFunctions::Callee> callees = std::move(*found);
  if (callees.size() == 1) {
    element.apply = [&code, load, callee = callees[0]] {
      load();
      StepFunctions::call(code, callee);
    };
    return element;
  }
  // A routine that goes on to the channel's function.
  Cell number = code.cells("channel", 1);
  std::string choice = code.unique("channel_function");
  begin([&code, number] { code(CLEAR_M, number); });
  element.apply = [&code, load, choice] {
    load();
    code(CALL_K, choice);
  };
  element.endChannel = [&code, number] { code(INC_M, number); };
  emission.addRoutine([&code, numbers, callees, number, choice] {
    SmallVector<std::string> targets, constants;
    for (const StepFunctions::Callee &callee : callees)
      constants.push_back(callee.name.empty() ? code.unique("constant") : "");
    for (int64_t kind : numbers)
      targets.push_back(callees[kind].name.empty() ? constants[kind]
                                                   : callees[kind].name);
    code.routine(choice);
    emitChoice(code, number, targets, 0, targets.size());
    for (auto [callee, name] : llvm::zip(callees, constants))
      if (!name.empty() && llvm::is_contained(targets, name)) {
        code.routine(name);
        code(RET_K, callee.value);
      }
  });
  return element;
}

//===----------------------------------------------------------------------===//
// The method
//===----------------------------------------------------------------------===//

bool FunctionMethod::accepts(Operation *op, const Target &) const {
  auto requant = dyn_cast<lowbit::RequantOp>(op);
  return !requant || !isShift(requant);
}

LogicalResult
FunctionMethod::assignStorage(Operation *op,
                              StorageAssignment &assignment) const {
  Interval results = lowbit::getRange(op->getResult(0));
  if (results.max - results.min > 255)
    return op->emitError("results of ")
           << results.min << " to " << results.max
           << " do not fit a byte; quantise the activations to fewer bits";
  assignment.setBytes(op->getResult(0), "act");
  return success();
}

LogicalResult FunctionMethod::emit(Operation *op, Emission &emission) const {
  return emitStepFunctions(op, emission);
}
