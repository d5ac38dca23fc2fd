//===- StorageAssignment.cpp - Buffers for a function's tensors -----------===//

#include "passes/lowbit_to_pdk/StorageAssignment.h"

#include "dialects/lowbit/ModelInterface.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Planes.h"

#include <map>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Place;
using lowbit::StorageAttr;

/// Accumulators are at most this long.
static constexpr int64_t kMaxBytes = 4;

static int64_t getSize(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

/// Whether an element takes more than a byte.
static bool isWide(Value value) {
  Interval range = lowbit::getRange(value);
  return range.max - range.min > 255;
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

StorageAttr StorageAssignment::getByteFormat(Value value) {
  Interval range = lowbit::getRange(value);
  bool fits = range.min >= -128 && range.max <= (range.min < 0 ? 127 : 255);
  return StorageAttr::get(value.getContext(), Place::Buffer, 1,
                          fits ? 0 : range.min);
}

StorageAttr StorageAssignment::getWideFormat(Value value) {
  Interval range = lowbit::getRange(value);
  return StorageAttr::get(value.getContext(), Place::Buffer,
                          getBytes({0, range.max - range.min}), range.min);
}

FailureOr<StorageAttr> StorageAssignment::getSumFormat(Value sums) {
  sums = getFinalSums(sums);
  Interval range = lowbit::getRange(sums);
  int64_t offset = 0;
  if (Operation *user = getOnlyUser(sums)) {
    // A decision that is a loop compares signed numbers.
    bool isUnsigned = isa<lowbit::StepsOp, lowbit::ScaleOp, lowbit::MaxPoolOp,
                          lowbit::ByteOp>(user) ||
                      (isa<lowbit::ArgmaxOp>(user) && isUnrolled(user));
    if (isUnsigned)
      offset = -range.min;
    if (auto requant = dyn_cast<lowbit::RequantOp>(user))
      offset =
          requant.getMultiplier() == 1
              ? requant.getOffset() - requant.getMin() *
                                          (int64_t(1) << requant.getShift())
              : -range.min;
  }
  range = {range.min + offset, range.max + offset};
  if (getBytes(range) > kMaxBytes)
    return sums.getDefiningOp()->emitError("sums of ")
           << range.min << " to " << range.max << " need "
           << lowbit::getWidth(range) << " bits, there are " << 8 * kMaxBytes
           << "; use narrower inputs, weights or biases";
  return StorageAttr::get(sums.getContext(), Place::Buffer, getBytes(range),
                          -offset);
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

StorageAssignment::StorageAssignment(func::FuncOp func, const Target &target)
    : func(func), target(target) {}

int64_t StorageAssignment::addBuffer(StringRef name, int64_t size,
                                     int64_t align, int64_t within,
                                     bool isExported) {
  MLIRContext *context = func.getContext();
  buffers.push_back(lowbit::RamAttr::get(context,
                                         StringAttr::get(context, name), size,
                                         align, within, isExported));
  return buffers.size() - 1;
}

void StorageAssignment::set(Value value, StorageAttr storage) {
  auto type = cast<RankedTensorType>(value.getType());
  value.setType(
      RankedTensorType::get(type.getShape(), type.getElementType(), storage));
}

/// Whether the tensor is used up within lowbit.fused.
static bool isWithinGroup(Value value) {
  Operation *op = value.getDefiningOp();
  return op && isa<lowbit::FusedOp>(op->getParentOp()) &&
         !llvm::any_of(op->getUsers(), llvm::IsaPred<lowbit::YieldOp>);
}

/// The tensor as it is known outside of lowbit.fused.
static Value getKnown(Value value) {
  return getGroup(value.getDefiningOp())->getResult(0);
}

void StorageAssignment::setInNewBuffer(Value value, StorageAttr format,
                                       StringRef name, int64_t within) {
  if (isWithinGroup(value))
    return set(value, format.in(Place::Element));
  int64_t size = format.getBytesOf(getSize(value));
  set(value, format.in(addBuffer(name, size, 1, within), 0, /*fresh=*/true));
}

void StorageAssignment::setSums(Value value, StorageAttr format,
                                StringRef name) {
  if (auto chains = value.getDefiningOp<lowbit::ChainsOp>();
      chains && chains.getSums()) {
    StorageAttr sums = lowbit::getStorage(chains.getSums());
    return set(value, sums.in(sums.getBuffer(), sums.getAt(), /*fresh=*/false));
  }
  for (Operation *next = getAccumulator(value); next;
       next = getAccumulator(next->getResult(0))) {
    auto dense = dyn_cast<lowbit::DenseOp>(next);
    auto [engine, layer] = dense ? engines.find(dense) : Engines::Place{};
    if (engine)
      return set(value, format.in(engine->buffer,
                                  engine->engine->getSums(layer).at,
                                  /*fresh=*/true));
  }
  setInNewBuffer(value, format, name);
}

bool StorageAssignment::hasPlace(Value value) const {
  return places.contains(getKnown(value));
}

void StorageAssignment::setBytes(Value value, StringRef name, int64_t within) {
  StorageAttr format = getByteFormat(value);
  auto place = places.find(getKnown(value));
  if (isWithinGroup(value) || place == places.end())
    return setInNewBuffer(value, format, name, within);
  auto [buffer, at] = place->second;
  set(value, format.in(buffer, at, begun.insert(buffer).second));
}

/// Parts of concatenations that are made as bytes go where they are wanted, but
/// for those that are part of another concatenation, too.
void StorageAssignment::placeConcats() {
  for (auto concat : func.getOps<lowbit::ConcatOp>()) {
    if (isWide(concat.getResult()))
      continue;
    int64_t buffer = addBuffer("concat", getSize(concat.getResult())), at = 0;
    for (Value part : concat.getInputs()) {
      Operation *op = getProducer(part);
      if ((isElementwise(op) ||
           isa_and_nonnull<lowbit::ByteOp, lowbit::CopyOp>(op)) &&
          getByteFormat(part).getBase() ==
              getByteFormat(concat.getResult()).getBase())
        places.try_emplace(part, buffer, at);
      at += getSize(part);
    }
    places[concat.getResult()] = {buffer, 0};
  }
}

//===----------------------------------------------------------------------===//
// Routines of several requantisations
//===----------------------------------------------------------------------===//

LogicalResult StorageAssignment::findRoutines() {
  // Engine, rows, what is done, whether in place.
  using Key = std::tuple<Engines::Engine *, int64_t, Requantisation, bool>;
  auto isBefore = [&](const Key &a, const Key &b) {
    auto number = [&](const Key &key) {
      return llvm::find_if(engines.getAll(),
                           [&](const auto &each) {
                             return each.get() == std::get<0>(key);
                           }) -
             engines.getAll().begin();
    };
    return std::make_tuple(number(a), std::get<1>(a), std::get<2>(a),
                           std::get<3>(a)) <
           std::make_tuple(number(b), std::get<1>(b), std::get<2>(b),
                           std::get<3>(b));
  };
  std::map<Key, SmallVector<lowbit::RequantOp>, decltype(isBefore)> alike(
      isBefore);
  for (auto op : func.getOps<lowbit::RequantOp>()) {
    auto dense =
        dyn_cast_or_null<lowbit::DenseOp>(getProducer(op.getInput()));
    // Only loops are shared; unrolled code is there to be fast.
    if (!dense || !engines.find(dense).engine ||
        getOnlyUser(dense.getResult()) != op || op.getMultiplier() != 1 ||
        hasPlace(op.getResult()) || isUnrolled(op) || arePacked(op))
      continue;
    int64_t stored = -getByteFormat(op.getResult()).getBase();
    alike[{engines.find(dense).engine, dense.getNumRows(),
           Requantisation(op, stored), isMadeInPlace(op, engines)}]
        .push_back(op);
  }
  for (auto &[key, ops] : alike) {
    if (ops.size() < 2)
      continue;
    std::optional<Interval> sums;
    for (lowbit::RequantOp op : ops) {
      auto format = getSumFormat(getYielded(op.getInput()));
      if (failed(format))
        return failure();
      Interval range = lowbit::getRange(op.getInput());
      range.min -= format->getBase();
      range.max -= format->getBase();
      sums = sums ? lowbit::hull(*sums, range) : range;
      routineOf[op] = routines.size();
    }
    routines.push_back({int64_t(routines.size()), *sums, {}});
  }
  return success();
}

StorageAssignment::Routine *
StorageAssignment::getRoutine(lowbit::RequantOp op) {
  auto found = routineOf.find(op);
  return found == routineOf.end() ? nullptr : &routines[found->second];
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

/// The model's inputs: a buffer that C fills, or a stream, which elementwise
/// operations or layers take as it comes, or what stores it.
void StorageAssignment::assignInputs() {
  bool isBuffer = func->hasAttr(lowbit::LowbitDialect::kBufferAttr);
  lowbit::InputLayout layout = lowbit::InputLayout::get(func);
  StorageAttr format = StorageAttr::get(func.getContext(), Place::Buffer,
                                        layout.bytes, /*base=*/0);
  int64_t buffer =
      isBuffer ? addBuffer("input", layout.getTotalBytes(), 1, -1, true) : 0;
  int64_t at = 0;
  for (Value input : func.getArguments()) {
    set(input, isBuffer ? format.in(buffer, at, /*fresh=*/false)
                        : format.in(Place::Stream));
    at += format.getBytesOf(getSize(input));
  }
}

/// Whether the operation takes a stream's values as they arrive.
static bool takesStream(Operation *op) {
  auto fused = dyn_cast<lowbit::FusedOp>(op);
  return isElementwise(op) || isa<lowbit::CopyOp>(op) ||
         isStreamed(fused ? fused.getLayer() : op);
}

/// An error where a stream's inputs are not taken once each, in their order.
static LogicalResult checkArrival(func::FuncOp func) {
  unsigned next = 0;
  for (Operation &op : func.front())
    for (Value operand : op.getOperands()) {
      auto argument = dyn_cast<BlockArgument>(operand);
      if (!argument)
        continue;
      if (argument.getArgNumber() != next++ || !takesStream(&op))
        return op.emitError("cannot take input ")
               << argument.getArgNumber()
               << " here: as a stream each comes once, in its order, value by "
                  "value; see --lowbit-store-inputs";
    }
  return success();
}

/// What C is handed beside the class, in integers of one of its types.
LogicalResult StorageAssignment::copyOutput(Value value, unsigned result) {
  Interval range = lowbit::getRange(value);
  int64_t bytes = lowbit::getBytesInC(range);
  if (bytes > kMaxBytes)
    return emitError(value.getLoc(), "outputs of ")
           << range.min << " to " << range.max << " do not fit 32 bits";
  OpBuilder builder(func.getContext());
  builder.setInsertionPointAfterValue(value);
  auto copy = lowbit::CopyOp::create(builder, value.getLoc(), value.getType(),
                                     value);
  func.front().getTerminator()->setOperand(result, copy.getResult());
  int64_t buffer = addBuffer(lowbit::getOutputSymbol(func, result),
                             getSize(value) * bytes, 1, -1, true);
  set(copy.getResult(),
      StorageAttr::get(func.getContext(), Place::Buffer, bytes, 0)
          .in(buffer, 0, /*fresh=*/true));
  return success();
}

LogicalResult StorageAssignment::assignFused(lowbit::FusedOp fused) {
  Block &body = fused.getBody().front();
  for (auto [argument, input] :
       llvm::zip_equal(body.getArguments(), fused.getInputs()))
    argument.setType(input.getType());
  for (Operation &op : body.without_terminator())
    if (failed(assign(&op)))
      return failure();
  fused.getResult().setType(
      cast<RankedTensorType>(body.getTerminator()->getOperand(0).getType()));
  return success();
}

LogicalResult StorageAssignment::assign(Operation *op) {
  if (auto fused = dyn_cast<lowbit::FusedOp>(op))
    return assignFused(fused);
  const Method *method = MethodRegistry::get(op->getContext()).find(op);
  if (!method)
    return op->emitError("has no lowering to the device");
  return method->assignStorage(op, *this);
}

LogicalResult StorageAssignment::run() {
  if (failed(lowbit::checkModel(func)))
    return failure();
  if (failed(engines.build(func, target)))
    return failure();
  for (const auto &engine : engines.getAll()) {
    SumArena arena = engine->engine->getArena();
    engine->buffer = addBuffer(arena.name, arena.size, arena.align);
  }
  placeConcats();
  bool isBuffer = func->hasAttr(lowbit::LowbitDialect::kBufferAttr);
  if ((!isBuffer && failed(checkArrival(func))) || failed(findRoutines()))
    return failure();
  assignInputs();
  Operation *end = func.front().getTerminator();
  // Before a decision makes use of the cells.
  auto copyOutputs = [&](Value value) {
    for (unsigned i = 1; i < end->getNumOperands(); ++i)
      if (end->getOperand(i) == value && failed(copyOutput(value, i)))
        return failure();
    return success();
  };
  // Copies are put behind what they are of, and have their storage.
  auto ops = llvm::make_early_inc_range(
      llvm::make_range(func.front().begin(), end->getIterator()));
  for (Value argument : func.getArguments())
    if (failed(copyOutputs(argument)))
      return failure();
  for (Operation &op : ops)
    if (failed(assign(&op)) || failed(copyOutputs(op.getResult(0))))
      return failure();
  numberPlaneRoutines(func, routines.size());
  Value result = end->getOperand(0);
  Interval range = lowbit::getRange(result);
  if (getSize(result) != 1 || range.min < 0 ||
      range.max > 255)
    return end->emitError("a model ends with one class of 0 to 255");
  MLIRContext *context = func.getContext();
  func.setType(FunctionType::get(context,
                                 func.front().getArgumentTypes(),
                                 end->getOperandTypes()));
  func->setAttr(
      lowbit::LowbitDialect::kRamAttr,
      ArrayAttr::get(context, SmallVector<Attribute>(buffers.begin(),
                                                     buffers.end())));
  return success();
}
