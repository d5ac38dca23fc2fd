//===- WindowLowering.cpp - Convolutions and pooling ----------------------===//
//
// A convolution's sums are made one at a time; where an elementwise operation
// and pooling follow, they take each sum as it comes, and only the pool's
// results go to RAM.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/ConvLoop.h"
#include "passes/lowbit_to_pdk/ModelLowering.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Interval;

/// The tensor's only user, if it is of that kind.
template <typename Op> static Op getOnlyUser(Value value) {
  return value.hasOneUse() ? dyn_cast<Op>(*value.user_begin()) : Op();
}

//===----------------------------------------------------------------------===//
// What is done with one sum
//===----------------------------------------------------------------------===//

/// By channel, the number of the function that all its elements go through;
/// none where they differ.
static std::optional<SmallVector<int64_t>> getByChannel(lowbit::StepsOp steps,
                                                        int64_t channels) {
  SmallVector<int64_t> numbers;
  int64_t elements = steps.getInput().getType().getNumElements();
  for (int64_t i = 0; i < elements; ++i) {
    if (i % (elements / channels) == 0)
      numbers.push_back(steps.getFunctionOf(i));
    if (steps.getFunctionOf(i) != numbers.back())
      return std::nullopt;
  }
  return numbers;
}

bool ModelLowering::canFuse(Operation *op, int64_t channels) {
  Interval results = lowbit::getRange(op->getResult(0));
  if (results.max - results.min > 255)
    return false;
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  return !steps || getByChannel(steps, channels);
}

FailureOr<ModelLowering::ElementCode>
ModelLowering::beginElements(Operation *op, const Vector &sums,
                             int64_t channels) {
  ElementCode element;
  auto requant = dyn_cast<lowbit::RequantOp>(op);
  if (requant && requant.getMultiplier() == 1 &&
      requant.getMax() - requant.getMin() <= 255) {
    Cell value = element.value = code.cells("sum", sums.bytes);
    int64_t stored = describeBytes(requant.getResult()).offset;
    element.apply = [this, sums, value, requant, stored]() mutable {
      emitRequantOfOne(code, sums, value, Requantisation(requant, stored));
    };
    return element;
  }
  Interval range = lowbit::getRange(op->getOperand(0));
  assert(sums.offset == -range.min && "sums are arguments of functions");
  SmallVector<int64_t> numbers;
  auto tables = getFunctions(op, numbers);
  if (failed(tables))
    return failure();
  bool isByte = sums.bytes == 1;
  Cell value = element.value =
      isByte ? code.cells("sum", 1) : functions.getArgument(range);
  auto load = [this, isByte, value] {
    if (isByte)
      code(MOV_A_M, value);
  };
  if (tables->size() > 1)
    numbers = *getByChannel(cast<lowbit::StepsOp>(op), channels);
  if (tables->size() > 1 && getMethod(op) == "multiply") {
    SmallVector<StepTable> ofChannel;
    for (int64_t number : numbers)
      ofChannel.push_back((*tables)[number]);
    auto products = functions.beginChannels(ofChannel, range);
    if (!products)
      return refuseFunctions(op);
    // The number counts on with each call: one back but at a channel's end.
    element.apply = [this, load, products = *products] {
      load();
      functions.callChannel(products);
      code(DEC_M, products.number);
    };
    element.endChannel = [this, number = products->number] {
      code(INC_M, number);
    };
    return element;
  }
  SmallVector<StepFunctions::Callee> callees;
  for (const StepTable &table : *tables) {
    auto callee = functions.find(table, getMethod(op));
    if (!callee)
      return refuseFunctions(op);
    callees.push_back(*callee);
  }
  if (callees.size() == 1) {
    element.apply = [this, load, callee = callees[0]] {
      load();
      StepFunctions::call(code, callee);
    };
    return element;
  }
  // A routine that goes on to the channel's function.
  Cell number = code.cells("channel", 1);
  std::string choice = code.unique("channel_function");
  code(CLEAR_M, number);
  element.apply = [this, load, choice] {
    load();
    code(CALL_K, choice);
  };
  element.endChannel = [this, number] { code(INC_M, number); };
  routines.push_back([this, numbers, callees, number, choice] {
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
// Operations
//===----------------------------------------------------------------------===//

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

/// The same of one byte, the value in A.
static void emitMaxOfByte(CodeBuilder &code, Cell best) {
  code(SUB_A_M, best);
  code.skipIfFlag(kCarryFlag, false);
  code(MOV_A_K, 0);
  code(ADD_M_A, best);
}

/// Sets a pointer to the vector's first byte; the function returned stores A or
/// the cells' bytes there and goes on.
static std::function<void(std::optional<Cell>)>
beginStoring(CodeBuilder &code, const Vector &result) {
  Cell target = code.cells("target", 2, 2);
  code.addressOf(MOV_A_K, result.cells);
  code(MOV_M_A, target);
  code(CLEAR_M, target.at(1));
  return [&code, &result, target](std::optional<Cell> value) {
    for (int64_t byte = 0; byte < result.bytes; ++byte) {
      if (value)
        code(MOV_A_M, value->at(byte));
      code.indirect(IDXM_M_A, target, result.cells);
      code(INC_M, target);
    }
  };
}

bool ModelLowering::preprocessesInputs(lowbit::ConvOp conv) {
  auto steps = dyn_cast_or_null<lowbit::StepsOp>(getPreprocessing(conv));
  return func->hasAttr(kBufferAttr) && (!steps || steps.getFunction().empty());
}

LogicalResult ModelLowering::lowerConv(lowbit::ConvOp conv) {
  int64_t channels = conv.getResultShape().front();
  int64_t positions = conv.getResult().getType().getNumElements() / channels;
  auto source = getSource(conv);
  auto offsetAndRange = getOffset(conv.getResult());
  if (failed(source) || failed(offsetAndRange))
    return failure();
  Vector sums;
  sums.size = conv.getResult().getType().getNumElements();
  std::tie(sums.offset, sums.range) = *offsetAndRange;
  sums.bytes = getBytes(sums.range);
  int64_t inputOffset = source->preprocessing
                            ? describeBytes(conv.getInput()).offset
                            : source->vector->offset;
  auto loop = ConvLoop::create(code, conv, *source, inputOffset, sums.offset,
                               sums.bytes);
  if (failed(loop))
    return failure();

  // What follows that takes the sums one by one.
  Value last = conv.getResult();
  Operation *elementwise = last.hasOneUse() &&
                                   isElementwise(*last.user_begin()) &&
                                   canFuse(*last.user_begin(), channels)
                               ? *last.user_begin()
                               : nullptr;
  std::optional<PoolWindows> windows;
  if (elementwise) {
    isFused.insert(elementwise);
    last = elementwise->getResult(0);
    if (auto pool = getOnlyUser<lowbit::MaxPoolOp>(last))
      windows = findPoolWindows(pool, channels);
    // Both are counted in a byte.
    if (windows && (windows->size > 255 || windows->getNumWindows() > 255))
      windows.reset();
    if (windows) {
      isFused.insert(*last.user_begin());
      last = last.user_begin()->getResult(0);
    }
  }
  ElementCode element;
  Vector result = sums;
  if (elementwise) {
    auto begun = beginElements(elementwise, sums, channels);
    if (failed(begun))
      return failure();
    element = *begun;
    result = makeBytes(last, "act");
  } else {
    element.value = code.cells("sum", sums.bytes);
    result.cells = code.cells("sums", sums.sizeInBytes());
  }
  if (!places.contains(last))
    code.undef(result.cells);

  SmallVector<int64_t, 0> order;
  if (windows)
    order = windows->elements;
  else
    order.append(llvm::iota_range<int64_t>(0, positions, false).begin(),
                 llvm::iota_range<int64_t>(0, positions, false).end());
  // The largest is found among unsigned bytes.
  int64_t lift = -std::min<int64_t>(result.range.min, 0);
  bool isPool = windows && windows->size > 1;
  Cell best;
  if (isPool)
    best = code.cells("largest", 1);
  auto store = beginStoring(code, result);
  auto useSum = [&] {
    if (!elementwise) {
      store(element.value);
      return;
    }
    element.apply();
    if (!isPool) {
      store(std::nullopt);
      return;
    }
    if (lift)
      code(ADD_A_K, lift);
    emitMaxOfByte(code, best);
  };
  auto beginElement = [&] {
    if (isPool)
      code(CLEAR_M, best);
  };
  auto endElement = [&] {
    if (!isPool)
      return;
    code(MOV_A_M, best);
    if (lift)
      code(SUB_A_K, lift);
    store(std::nullopt);
  };
  auto endChannel = [&] {
    if (element.endChannel)
      element.endChannel();
  };
  ConvLoop *convLoop = loop->get();
  convLoop->emit(element.value, order, windows ? windows->size : 1,
                 {useSum, beginElement, endElement, endChannel});
  routines.push_back([shared = std::shared_ptr<ConvLoop>(std::move(*loop))] {
    shared->emitShared();
  });
  vectors[last] = result;
  return success();
}

LogicalResult ModelLowering::lowerMaxPool(lowbit::MaxPoolOp pool) {
  const Vector values = vectors.find(pool.getInput())->second;
  PoolWindows windows = findPoolWindows(pool);
  if (windows.size > 255 || windows.getNumWindows() > 255)
    return pool.emitError("has ")
           << windows.getNumWindows() << " windows of up to " << windows.size
           << " elements; at most 255 of 255 can be";
  Vector result = values;
  result.excess.reset();
  result.maxExcess = 0;
  result.size = windows.channels * windows.getNumWindows();
  result.cells = code.cells("largest", result.sizeInBytes());
  // The largest is found among unsigned numbers.
  int64_t lift = -std::min<int64_t>(values.range.min, 0);
  result.offset += lift;
  result.range = {values.range.min + lift, values.range.max + lift};
  code.undef(result.cells);

  std::vector<int32_t> places;
  for (int64_t element : windows.elements)
    places.push_back(uint8_t(element * values.bytes));
  auto stream =
      std::make_shared<ByteStream>(code, "windows", std::move(places));
  std::optional<Cell> excess = emitExcess(code, values);
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
    stream->begin();
    emitTimes(code, "positions", windows.getNumWindows(), [&] {
      for (int64_t byte = 0; byte < values.bytes; ++byte)
        code(CLEAR_M, best.at(byte));
      emitTimes(code, "pool", windows.size, [&] {
        stream->next();
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
        subtractExcess(code, excess, value, values.bytes);
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
  routines.push_back([stream] { stream->emitShared(); });
  vectors[pool.getResult()] = result;
  return success();
}
