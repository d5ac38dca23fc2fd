//===- SplitInputs.cpp - Wide inputs, byte by byte ------------------------===//
//
// The engines multiply bytes. Sums over wider inputs are sums over each of
// their bytes, times its place's value. Step functions give bytes, too: wider
// results are put together.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/NarrowRanges.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <map>

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSPLITINPUTS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace {

struct LowbitSplitInputs
    : pdkc::impl::LowbitSplitInputsBase<LowbitSplitInputs> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      bytesOf.clear();
      for (auto op : llvm::to_vector(func.getOps<lowbit::DenseOp>()))
        split(op);
      for (auto op : llvm::to_vector(func.getOps<lowbit::StepsOp>()))
        join(op);
      for (Operation &op :
           llvm::make_early_inc_range(llvm::reverse(func.front())))
        if (isOpTriviallyDead(&op))
          op.erase();
      narrowRanges(func);
    }
  }

  void split(lowbit::DenseOp op);
  void join(lowbit::StepsOp op);
  /// The bytes of the value less `base`, the lowest first.
  SmallVector<Value> getBytes(Value value, int64_t base, int64_t count);
  SmallVector<Value> makeBytes(Value value, int64_t base, int64_t count);

  std::map<std::tuple<void *, int64_t, int64_t>, SmallVector<Value>> bytesOf;
};

} // namespace

static constexpr int64_t kByte = 255;

static RankedTensorType getType(Value like, Interval range) {
  return lowbit::getTensorType(
      like.getContext(), cast<RankedTensorType>(like.getType()).getShape(),
      range);
}

SmallVector<Value> LowbitSplitInputs::getBytes(Value value, int64_t base,
                                               int64_t count) {
  auto [found, isNew] =
      bytesOf.try_emplace({value.getAsOpaquePointer(), base, count});
  if (isNew)
    found->second = makeBytes(value, base, count);
  return found->second;
}

SmallVector<Value> LowbitSplitInputs::makeBytes(Value value, int64_t base,
                                                int64_t count) {
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  Location loc = value.getLoc();
  SmallVector<Value> result;
  if (auto concat = value.getDefiningOp<lowbit::ConcatOp>()) {
    SmallVector<SmallVector<Value>> parts(count);
    for (Value part : concat.getInputs())
      for (auto [byte, each] : llvm::enumerate(getBytes(part, base, count)))
        parts[byte].push_back(each);
    // Behind the bytes of all parts.
    builder.setInsertionPoint(concat);
    for (ArrayRef<Value> each : parts)
      result.push_back(lowbit::ConcatOp::create(
          builder, loc, getType(value, {0, kByte}), each));
    return result;
  }
  if (auto steps = value.getDefiningOp<lowbit::StepsOp>()) {
    Interval range = lowbit::getRange(value);
    for (int64_t byte = 0; byte < count; ++byte) {
      SmallVector<int64_t> starts, values, sizes;
      for (const auto &function : steps.getFunctions()) {
        sizes.push_back(0);
        for (auto [start, whole] :
             llvm::zip_equal(function.starts, function.values)) {
          int64_t counted = std::clamp(whole, range.min, range.max) - base;
          int64_t part = counted >> (8 * byte) & kByte;
          if (sizes.back() && values.back() == part)
            continue;
          starts.push_back(start);
          values.push_back(part);
          ++sizes.back();
        }
      }
      result.push_back(lowbit::StepsOp::create(
          builder, loc, getType(value, {0, kByte}), steps.getInput(), starts,
          values, sizes, steps.getFunction()));
    }
    return result;
  }
  // A part of a wider concatenation may be a byte itself.
  Interval range = lowbit::getRange(value);
  if (base == 0 && range.max <= kByte)
    result.push_back(value);
  for (int64_t byte = result.size(); byte < count; ++byte)
    result.push_back(lowbit::ByteOp::create(
        builder, loc, getType(value, {0, kByte}), value, byte, base));
  return result;
}

void LowbitSplitInputs::split(lowbit::DenseOp op) {
  Interval range = lowbit::getRange(op.getInput());
  if (range.max - range.min <= kByte)
    return;
  int64_t count =
      llvm::divideCeil(lowbit::getWidth({0, range.max - range.min}), 8);
  int64_t rows = op.getNumRows();
  OpBuilder builder(op);
  SmallVector<int64_t> bias(op.getBias());
  for (auto [i, weight] : llvm::enumerate(op.getWeights()))
    bias[i / op.getNumInputs()] += range.min * weight;
  // One after the other, so that the same cells can hold each byte's sums.
  Value sums = op.getSums();
  for (auto [byte, input] :
       llvm::enumerate(getBytes(op.getInput(), range.min, count))) {
    SmallVector<Value> parts{lowbit::DenseOp::create(
        builder, op.getLoc(), getType(op.getResult(), {0, 0}), input,
        op.getCodes(), op.getCodebook(), SmallVector<int64_t>(rows, 0))};
    parts[0].getDefiningOp()->setDiscardableAttrs(
        op->getDiscardableAttrDictionary());
    SmallVector<int64_t> multiplier(rows, int64_t(1) << (8 * byte));
    if (sums) {
      parts.push_back(sums);
      multiplier.append(rows, 1);
    }
    if (byte)
      bias.assign(rows, 0);
    sums = lowbit::ScaleOp::create(builder, op.getLoc(),
                                   getType(op.getResult(), {0, 0}), parts,
                                   multiplier, bias);
  }
  Interval whole = lowbit::getRange(op.getResult());
  sums.getDefiningOp<lowbit::ScaleOp>().setWithin(
      ArrayRef<int64_t>{whole.min, whole.max});
  op.replaceAllUsesWith(sums);
  op.erase();
}

void LowbitSplitInputs::join(lowbit::StepsOp op) {
  Interval range = lowbit::getRange(op.getResult());
  if (range.max - range.min <= kByte || op->use_empty())
    return;
  int64_t count =
      llvm::divideCeil(lowbit::getWidth({0, range.max - range.min}), 8);
  SmallVector<Value> bytes = getBytes(op.getResult(), range.min, count);
  int64_t elements = op.getResult().getType().getNumElements();
  SmallVector<int64_t> multiplier;
  for (int64_t byte = 0; byte < count; ++byte)
    multiplier.append(elements, int64_t(1) << (8 * byte));
  OpBuilder builder(op);
  builder.setInsertionPointAfterValue(bytes.back());
  auto whole = lowbit::ScaleOp::create(
      builder, op.getLoc(), getType(op.getResult(), {0, 0}), bytes, multiplier,
      SmallVector<int64_t>(elements, range.min));
  whole.setWithin(ArrayRef<int64_t>{range.min, range.max});
  op.replaceAllUsesWith(whole.getResult());
}
