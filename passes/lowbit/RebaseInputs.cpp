//===- RebaseInputs.cpp - Let every layer's inputs count from 0 up --------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/NarrowRanges.h"
#include "llvm/ADT/MapVector.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITREBASEINPUTS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitRebaseInputs
    : pdkc::impl::LowbitRebaseInputsBase<LowbitRebaseInputs> {
  void runOnOperation() override {
    getOperation().walk([](lowbit::RequantOp op) {
      foldMultiplier(op);
      tightenClip(op);
    });
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      rebased.clear();
      WalkResult result = func.walk([&](lowbit::DenseOp op) {
        return failed(rebase(op)) ? WalkResult::interrupt()
                                  : WalkResult::advance();
      });
      if (result.wasInterrupted())
        return signalPassFailure();
      for (Operation &op :
           llvm::make_early_inc_range(llvm::reverse(func.front())))
        if (isOpTriviallyDead(&op))
          op.erase();
      // Parts of a concatenation moved by themselves: their hull is another.
      narrowRanges(func);
    }
  }

  static void foldMultiplier(lowbit::RequantOp op);
  static void tightenClip(lowbit::RequantOp op);
  LogicalResult rebase(lowbit::DenseOp op);
  Value getRebased(Value value);

  /// A layer's inputs, and what they are from 0 up.
  llvm::MapVector<Value, Value> rebased;
};

} // namespace

/// Sums times a multiplier are sums of weights times the multiplier.
void LowbitRebaseInputs::foldMultiplier(lowbit::RequantOp op) {
  auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
  int64_t multiplier = op.getMultiplier();
  if (!dense || multiplier <= 0 || multiplier == 1 || dense.getSums() ||
      !dense.getResult().hasOneUse())
    return;
  // Wider weights cost more than a product a row.
  ArrayRef<int64_t> weights = dense.getCodebook();
  constexpr int64_t kWidestSpan = 15;
  if ((weights.back() - weights.front()) * multiplier > kWidestSpan)
    return;
  SmallVector<int64_t> codebook(weights), bias(dense.getBias());
  for (int64_t &value : codebook)
    value *= multiplier;
  for (int64_t &value : bias)
    value *= multiplier;
  lowbit::Interval range = lowbit::getRange(dense.getResult());
  dense.setCodebook(codebook);
  dense.setBias(bias);
  dense.getResult().setType(lowbit::getTensorType(
      op.getContext(), dense.getResult().getType().getShape(),
      {range.min * multiplier, range.max * multiplier}));
  op.setMultiplier(1);
}

/// The proven range may be narrower than the clip.
void LowbitRebaseInputs::tightenClip(lowbit::RequantOp op) {
  lowbit::Interval range = lowbit::getRange(op.getResult());
  op.setMin(std::max(op.getMin(), range.min));
  op.setMax(std::min(op.getMax(), range.max));
}

/// The value less the lowest that its type holds. What only layers read, behind
/// concatenations or not, is computed so from the start.
Value LowbitRebaseInputs::getRebased(Value value) {
  auto found = rebased.find(value);
  if (found != rebased.end())
    return found->second;
  lowbit::Interval range = lowbit::getRange(value);
  MLIRContext *context = value.getContext();
  auto type = lowbit::getTensorType(
      context, cast<RankedTensorType>(value.getType()).getShape(),
      {0, range.max - range.min});
  OpBuilder builder(context);
  builder.setInsertionPointAfterValue(value);
  Operation *op = value.getDefiningOp();
  Location loc = value.getLoc();
  auto integer = [&](int64_t number) {
    return builder.getI64IntegerAttr(number);
  };
  Value result;
  if (auto concat = dyn_cast_or_null<lowbit::ConcatOp>(op)) {
    SmallVector<Value> parts;
    int64_t max = 0;
    for (Value input : concat.getInputs()) {
      parts.push_back(getRebased(input));
      max = std::max(max, lowbit::getRange(parts.back()).max);
    }
    builder.setInsertionPoint(op);
    for (Value part : parts)
      if (part.getDefiningOp() && op->isBeforeInBlock(part.getDefiningOp()))
        builder.setInsertionPointAfterValue(part);
    result = lowbit::ConcatOp::create(
        builder, loc, lowbit::getTensorType(context, type.getShape(), {0, max}),
        parts);
    result.getDefiningOp()->setDiscardableAttrs(
        concat->getDiscardableAttrDictionary());
  } else if (range.min == 0 && !isa_and_nonnull<lowbit::DenseOp>(op)) {
    result = value;
  } else if (auto requant = dyn_cast_or_null<lowbit::RequantOp>(op)) {
    result = lowbit::RequantOp::create(
        builder, loc, type, requant.getInput(), requant.getMultiplierAttr(),
        integer(requant.getOffset() -
                lowbit::shiftUp(range.min, requant.getShift())),
        requant.getShiftAttr(), integer(requant.getMin() - range.min),
        integer(requant.getMax() - range.min),
        lowbit::TiesAttr::get(context,
                              lowbit::moveTies(requant.getTies(), range.min)));
    result.getDefiningOp()->setDiscardableAttrs(
        requant->getDiscardableAttrDictionary());
  } else if (auto steps = dyn_cast_or_null<lowbit::StepsOp>(op)) {
    SmallVector<int64_t> values(steps.getValues());
    for (int64_t &number : values)
      number = std::clamp(number, range.min, range.max) - range.min;
    auto copy = cast<lowbit::StepsOp>(builder.clone(*op));
    copy.setValues(values);
    SmallVector<std::optional<lowbit::Line>> lines;
    for (const auto &function : steps.getFunctions())
      lines.push_back(function.line ? function.line->raised(-range.min)
                                    : std::nullopt);
    copy.setLines(lowbit::encodeLines(lines));
    copy.getResult().setType(type);
    result = copy.getResult();
  } else {
    result = lowbit::RequantOp::create(
        builder, loc, type, value, integer(1), integer(-range.min), integer(0),
        integer(0), integer(range.max - range.min));
  }
  rebased[value] = result;
  return result;
}

/// What a concatenation is made of, through concatenations; else the value.
static SmallVector<Value> getParts(Value value) {
  auto concat = value.getDefiningOp<lowbit::ConcatOp>();
  if (!concat)
    return {value};
  SmallVector<Value> parts;
  for (Value input : concat.getInputs())
    llvm::append_range(parts, getParts(input));
  return parts;
}

LogicalResult LowbitRebaseInputs::rebase(lowbit::DenseOp op) {
  Value input = op.getInput();
  lowbit::Interval whole = lowbit::getRange(input);
  auto concat = input.getDefiningOp<lowbit::ConcatOp>();
  SmallVector<Value> parts = getParts(input);
  SmallVector<int64_t> weights = op.getWeights(), bias(op.getBias());
  int64_t column = 0;
  for (Value part : parts) {
    lowbit::Interval range = lowbit::getRange(part);
    if (range.max - range.min > 255)
      return op.emitError("inputs of ")
             << range.min << " to " << range.max << " need "
             << lowbit::getWidth({0, range.max - range.min})
             << " bits, there are 8; quantise the activations to fewer bits";
    int64_t size = cast<RankedTensorType>(part.getType()).getNumElements();
    for (int64_t row = 0; row < op.getNumRows(); ++row)
      for (int64_t i = column; i < column + size; ++i)
        bias[row] += range.min * weights[row * op.getNumInputs() + i];
    column += size;
  }
  bool isSums = isa_and_nonnull<lowbit::DenseOp>(input.getDefiningOp());
  if (!concat && whole.min == 0 && !isSums)
    return success();
  op.getInputMutable().assign(getRebased(input));
  op.setBias(bias);
  return success();
}
