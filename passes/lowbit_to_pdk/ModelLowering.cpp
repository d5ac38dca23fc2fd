//===- ModelLowering.cpp - A model's way onto the device ------------------===//

#include "passes/lowbit_to_pdk/ModelLowering.h"

#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/StraightLine.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Accumulators are at most this long.
static constexpr int64_t kMaxBytes = 4;

static int64_t getSize(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

ModelLowering::ModelLowering(func::FuncOp func, StringRef device,
                             bool allowsUndocumented)
    : func(func), allowsUndocumented(allowsUndocumented), builder(func),
      code(builder, func.getLoc(), func.getSymName(), device), functions(code) {
}

Traversal pdkc::getTraversal(Operation *op) {
  return op->hasAttr("unrolled") ? Traversal::Unrolled : Traversal::Loop;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// Where the operation's one operand comes from.
FailureOr<InputSource> ModelLowering::getSource(Operation *op) {
  Value input = op->getOperand(0);
  InputSource source;
  source.size = getSize(input);
  source.range = lowbit::getRange(input);
  // The model's bytes may be signed, for engines that take them so;
  // convolutions take whatever a byte holds.
  bool isConv = isa<lowbit::ConvOp>(op);
  bool takesSigned = isa<BlockArgument>(input) && isa<lowbit::DenseOp>(op);
  if (!isConv && (source.range.min < (takesSigned ? -128 : 0) ||
                  source.range.max > (source.range.min < 0 ? 127 : 255)))
    return op->emitError("takes inputs of 0 to 255, not ")
           << source.range.min << " to " << source.range.max;
  if (auto found = vectors.find(input); found != vectors.end()) {
    source.vector = found->second;
    // Sums stay where the next layer's will be, and may have an excess.
    if (found->second.bytes != 1 || found->second.excess)
      return op->emitError("inputs must be requantised to a byte first");
    return source;
  }
  Operation *preprocessing = getPreprocessing(op);
  if (!isStreamed(op)) {
    auto found = vectors.find(preprocessing->getOperand(0));
    assert(found != vectors.end() && "the model's input is in RAM");
    source.vector = found->second;
  }
  if (preprocessing) {
    auto prepared = getPreprocessingOf(preprocessing);
    if (failed(prepared))
      return failure();
    source.preprocessing = std::move(*prepared);
  }
  return source;
}

FailureOr<std::pair<int64_t, lowbit::Interval>>
ModelLowering::getOffset(Value sums) {
  lowbit::Interval range = lowbit::getRange(sums);
  int64_t offset = 0;
  if (sums.hasOneUse()) {
    Operation *user = *sums.user_begin();
    // A decision that is a loop compares signed numbers.
    bool isUnsigned = isa<lowbit::StepsOp, lowbit::ScaleOp, lowbit::MaxPoolOp,
                          lowbit::ByteOp>(user) ||
                      (isa<lowbit::ArgmaxOp>(user) &&
                       getTraversal(user) == Traversal::Unrolled);
    if (isUnsigned)
      offset = -range.min;
    if (auto requant = dyn_cast<lowbit::RequantOp>(user))
      offset =
          requant.getMultiplier() == 1
              ? requant.getOffset() - (requant.getMin() << requant.getShift())
              : -range.min;
  }
  range = {range.min + offset, range.max + offset};
  if (getBytes(range) > kMaxBytes)
    return sums.getDefiningOp()->emitError("sums of ")
           << range.min << " to " << range.max << " need "
           << lowbit::getWidth(range) << " bits, there are " << 8 * kMaxBytes
           << "; use narrower inputs, weights or biases";
  return std::make_pair(offset, range);
}

LogicalResult ModelLowering::lowerLayer(Operation *op) {
  Value result = op->getResult(0);
  auto source = getSource(op);
  auto offsetAndRange = getOffset(result);
  if (failed(source) || failed(offsetAndRange))
    return failure();
  auto [offset, range] = *offsetAndRange;
  Vector &sums = vectors[result];
  if (auto chains = dyn_cast<lowbit::ChainsOp>(op)) {
    sums =
        emitStraightLine(code, chains, *source, offset, getBytes(range), range);
  } else {
    auto [engine, number] = engineOf[op];
    sums = engines[engine]->emitLayer(code, number, *source, range);
  }
  sums.offset = offset;
  return success();
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

/// Bytes of the model's input that nobody takes as they arrive.
void ModelLowering::storeInput() {
  Vector raw = makeBytes(func.getArgument(0), "raw");
  code.undef(raw.cells);
  emitLoop(
      code, raw, 0, raw.size, [&] { code(CALL_K, code.getNextInput()); },
      [] { return Cell(); });
  vectors[func.getArgument(0)] = raw;
}

/// Whether an element takes more than a byte.
static bool isWide(Value value) {
  lowbit::Interval range = lowbit::getRange(value);
  return range.max - range.min > 255;
}

void ModelLowering::placeConcats() {
  for (auto concat : func.getOps<lowbit::ConcatOp>()) {
    if (isWide(concat.getResult()))
      continue;
    Cell cells = code.cells("concat", getSize(concat.getResult()));
    int64_t offset = 0;
    for (Value part : concat.getInputs()) {
      Operation *op = part.getDefiningOp();
      if ((isElementwise(op) || isa_and_nonnull<lowbit::ByteOp>(op)) &&
          describeBytes(part).offset ==
              describeBytes(concat.getResult()).offset)
        places.try_emplace(part, cells.at(offset));
      offset += getSize(part);
    }
    places[concat.getResult()] = cells;
  }
}

Vector ModelLowering::describeBytes(Value value) {
  Vector result;
  result.size = getSize(value);
  result.range = lowbit::getRange(value);
  if (result.range.min >= -128 &&
      result.range.max <= (result.range.min < 0 ? 127 : 255))
    return result;
  result.offset = -result.range.min;
  result.range = {0, result.range.max - result.range.min};
  return result;
}

Vector ModelLowering::makeBytes(Value value, StringRef name, Value within) {
  Vector result = describeBytes(value);
  auto place = places.find(value);
  if (place == places.end()) {
    result.cells = code.cells(name, result.size, 1, within);
    return result;
  }
  result.cells = place->second;
  if (!std::exchange(isBegun[result.cells.cells], true))
    code.undef(result.cells);
  return result;
}

/// Parts of bytes are there already, but for those that are no activations or
/// are part of another concatenation, too.
void ModelLowering::lowerConcat(lowbit::ConcatOp op) {
  Vector all;
  if (isWide(op.getResult())) {
    all = describeBytes(op.getResult());
    all.bytes = getBytes(all.range);
    all.cells = code.cells("concat", all.sizeInBytes());
    code.undef(all.cells);
  } else {
    all = makeBytes(op.getResult(), "concat");
  }
  int64_t begin = 0;
  for (Value part : op.getInputs()) {
    const Vector &vector = vectors.find(part)->second;
    Cell place = all.element(begin);
    if (vector.cells.cells != place.cells ||
        vector.cells.offset != place.offset) {
      Cell value = code.cells("value", std::max(vector.bytes, all.bytes));
      auto load =
          beginReading(code, vector, 0, value, emitExcess(code, vector));
      emitLoop(code, all, begin, begin + vector.size, load, [&] {
        extend(code, vector, value, all.bytes);
        addConstant(code, all.offset - vector.offset, value, all.bytes);
        if (all.bytes == 1)
          code(MOV_A_M, value);
        return value;
      });
    }
    begin += vector.size;
  }
  vectors[op.getResult()] = all;
}

bool ModelLowering::isView(lowbit::SelectOp op) {
  ArrayRef<int64_t> indices = op.getIndices();
  bool areNeighbours = true;
  for (auto [i, index] : llvm::enumerate(indices))
    areNeighbours &= index == indices[0] + int64_t(i);
  return (areNeighbours || llvm::all_equal(indices)) &&
         llvm::all_of(op->getUsers(), llvm::IsaPred<lowbit::ScaleOp>);
}

void ModelLowering::lowerSelect(lowbit::SelectOp op) {
  const Vector values = vectors.find(op.getInput())->second;
  Vector result = values;
  result.size = op.getIndices().size();
  if (isView(op)) {
    result.cells = values.element(op.getIndices()[0]);
    vectors[op.getResult()] = result;
    return;
  }
  result.cells = code.cells("selected", result.sizeInBytes());
  code.undef(result.cells);
  for (auto [i, index] : llvm::enumerate(op.getIndices()))
    for (int64_t byte = 0; byte < values.bytes; ++byte) {
      code(MOV_A_M, values.element(index).at(byte));
      code(MOV_M_A, result.element(i).at(byte));
    }
  vectors[op.getResult()] = result;
}

LogicalResult ModelLowering::lowerReturn(func::ReturnOp op) {
  if (!classIsInA) {
    auto found = vectors.find(op.getOperand(0));
    lowbit::Interval range = lowbit::getRange(op.getOperand(0));
    if (found == vectors.end() || found->second.size != 1 || range.min < 0 ||
        range.max > 255)
      return op.emitError("a model ends with one class of 0 to 255");
    const Vector &vector = found->second;
    subtractExcess(code, emitExcess(code, vector), vector.cells, vector.bytes);
    code(MOV_A_M, vector.cells);
    if (vector.offset)
      code(SUB_A_K, vector.offset);
  }
  code(RET);
  return success();
}

LogicalResult ModelLowering::lower(Operation *op) {
  code.setLoc(op->getLoc());
  // Already done, with the convolution before.
  if (isa<lowbit::RequantOp, lowbit::StepsOp, lowbit::MaxPoolOp>(op) &&
      isFused.contains(op))
    return success();
  // What is done to the model's input is done by the layer that takes it.
  for (Operation *user : op->getUsers())
    if (isElementwise(op) && getPreprocessing(user) == op) {
      auto conv = dyn_cast<lowbit::ConvOp>(user);
      if (conv ? preprocessesInputs(conv)
               : isStreamed(user) || isa<lowbit::DenseOp>(user))
        return success();
    }
  for (Value operand : op->getOperands())
    assert((isElementwise(op) ||
            isa<lowbit::DenseOp, lowbit::ChainsOp, lowbit::ConvOp>(op) ||
            classIsInA || vectors.contains(operand)) &&
           "operands come first");
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<lowbit::DenseOp, lowbit::ChainsOp>(
          [&](Operation *) { return lowerLayer(op); })
      .Case([&](lowbit::ConvOp conv) { return lowerConv(conv); })
      .Case([&](lowbit::MaxPoolOp pool) { return lowerMaxPool(pool); })
      .Case<lowbit::RequantOp, lowbit::StepsOp>(
          [&](Operation *) { return lowerElementwise(op); })
      .Case([&](lowbit::ScaleOp scale) { return lowerScale(scale); })
      .Case([&](lowbit::ByteOp byte) {
        lowerByte(byte);
        return success();
      })
      .Case([&](lowbit::ConcatOp concat) {
        lowerConcat(concat);
        return success();
      })
      .Case([&](lowbit::SelectOp select) {
        lowerSelect(select);
        return success();
      })
      .Case([&](lowbit::ArgmaxOp argmax) {
        const Vector &values = vectors.find(argmax.getInput())->second;
        bool canUnroll = argmax.getInput().hasOneUse() && values.range.min >= 0;
        emitArgmax(code, values,
                   canUnroll ? getTraversal(op) : Traversal::Loop);
        if (isa_and_nonnull<func::ReturnOp>(op->getNextNode())) {
          classIsInA = true;
          return success();
        }
        Vector result = makeBytes(argmax.getResult(), "class");
        code(MOV_M_A, result.cells);
        vectors[argmax.getResult()] = result;
        return success();
      })
      .Case([&](func::ReturnOp ret) { return lowerReturn(ret); })
      .Default([&](Operation *) {
        return op->emitError("has no lowering to the device");
      });
}

LogicalResult ModelLowering::run() {
  if (failed(makeEngines()))
    return failure();
  placeConcats();
  findSharedRequants(); // of what goes to no place of its own
  code.routine((func.getSymName() + "_infer").str(), /*exported=*/true);
  Value argument = func.getArgument(0);
  bool isBuffer = func->hasAttr(kBufferAttr);
  if (isBuffer) {
    Vector input = makeBytes(argument, "input");
    input.cells.cells.getDefiningOp<CellsOp>().setExported(true);
    vectors[argument] = input;
  } else if (!argument.hasOneUse() || (!isElementwise(*argument.user_begin()) &&
                                       !isStreamed(*argument.user_begin()))) {
    storeInput();
  }
  Operation *end = func.front().getTerminator();
  for (Operation &op : func.front()) {
    if (failed(lower(&op)))
      return failure();
    // Before a decision makes use of the cells.
    if (end->getNumOperands() > 1 && op.getNumResults() == 1 &&
        op.getResult(0) == end->getOperand(1) &&
        failed(emitOutput(op.getResult(0))))
      return failure();
  }
  emitSharedRequants();
  for (const auto &engine : engines)
    engine->emitShared(code);
  for (const auto &write : routines)
    write();
  functions.emitRoutines();
  if (!isBuffer)
    code.external(code.getNextInput());
  return success();
}
