//===- StorageAssignment.cpp - Buffers for a function's tensors -----------===//

#include "passes/lowbit_to_pdk/StorageAssignment.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"

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
      if ((isElementwise(op) || isa_and_nonnull<lowbit::ByteOp>(op)) &&
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
    if (!dense || getOnlyUser(dense.getResult()) != op ||
        op.getMultiplier() != 1 || hasPlace(op.getResult()) || isUnrolled(op) ||
        arePacked(op))
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

/// The model's input: a buffer that C fills, or a stream, which an elementwise
/// operation or a layer takes as it comes, or which is stored first.
LogicalResult StorageAssignment::assignInput() {
  Value input = func.getArgument(0);
  StorageAttr format = getByteFormat(input);
  if (func->hasAttr(lowbit::LowbitDialect::kBufferAttr)) {
    set(input, format.in(addBuffer("input", getSize(input), 1, -1, true), 0,
                         /*fresh=*/false));
    return success();
  }
  Operation *user = getOnlyUser(input);
  if (!user || !(isElementwise(user) || isStreamed(user))) {
    OpBuilder builder(func.getBody());
    auto copy = lowbit::CopyOp::create(builder, func.getLoc(), input.getType(),
                                       input);
    input.replaceAllUsesExcept(copy.getResult(), copy);
  }
  set(input, format.in(Place::Stream));
  return success();
}

/// What C is handed beside the class, in integers of 8 or 16 bits as they are.
LogicalResult StorageAssignment::copyOutput(Value value, unsigned result) {
  Interval range = lowbit::getRange(value);
  if (range.min < INT16_MIN ||
      range.max > (range.min < 0 ? INT16_MAX : UINT16_MAX))
    return value.getDefiningOp()->emitError("outputs of ")
           << range.min << " to " << range.max << " do not fit 16 bits";
  OpBuilder builder(func.getContext());
  builder.setInsertionPointAfterValue(value);
  auto copy = lowbit::CopyOp::create(builder, value.getLoc(), value.getType(),
                                     value);
  func.front().getTerminator()->setOperand(result, copy.getResult());
  int64_t bytes = getBytes(range);
  int64_t buffer = addBuffer("output", getSize(value) * bytes, 1, -1, true);
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
  if (failed(checkModel(func)))
    return failure();
  if (failed(engines.build(func, target)))
    return failure();
  for (const auto &engine : engines.getAll()) {
    SumArena arena = engine->engine->getArena();
    engine->buffer = addBuffer(arena.name, arena.size, arena.align);
  }
  placeConcats();
  if (failed(findRoutines()) || failed(assignInput()))
    return failure();
  Operation *end = func.front().getTerminator();
  for (Operation &op : llvm::make_early_inc_range(func.front())) {
    if (&op == end)
      break;
    if (failed(assign(&op)))
      return failure();
    // Before a decision makes use of the cells.
    for (unsigned i = 1; i < end->getNumOperands(); ++i)
      if (end->getOperand(i) == op.getResult(0) &&
          failed(copyOutput(op.getResult(0), i)))
        return failure();
  }
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
