//===- Fuse.cpp - What is computed together -------------------------------===//

#include "passes/Passes.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/PoolWindows.h"
#include "passes/lowbit/support/Streaming.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITFUSE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

/// Whether each channel's sums can go through the operation one by one: bytes
/// come of them, and one function a channel.
static bool canFollow(Operation *op, int64_t channels) {
  lowbit::Interval results = lowbit::getRange(op->getResult(0));
  if (results.max - results.min > 255)
    return false;
  auto steps = dyn_cast<lowbit::StepsOp>(op);
  return !steps || getFunctionsByChannel(steps, channels);
}

/// Whether the pool takes a convolution's results as they come, channel by
/// channel; windows and their elements are counted in a byte.
static bool canPool(lowbit::MaxPoolOp pool, int64_t channels) {
  std::optional<PoolWindows> windows = findPoolWindows(pool, channels);
  return windows && windows->size <= 255 && windows->getNumWindows() <= 255;
}

/// A convolution with what takes its sums one by one; and in a buffer's case
/// with what makes its inputs, where that is the same for all of them.
static SmallVector<Operation *> getConvGroup(lowbit::ConvOp conv) {
  SmallVector<Operation *> group;
  Operation *preprocessing = getPreprocessing(conv);
  auto steps = dyn_cast_or_null<lowbit::StepsOp>(preprocessing);
  bool isBuffer = conv->getParentOfType<func::FuncOp>()->hasAttr(
      lowbit::LowbitDialect::kBufferAttr);
  if (preprocessing && isBuffer && (!steps || steps.getFunction().empty()))
    group.push_back(preprocessing);
  group.push_back(conv);
  int64_t channels = conv.getResultShape().front();
  if (!conv.getResult().hasOneUse())
    return group;
  Operation *elementwise = *conv->user_begin();
  if (!isElementwise(elementwise) || !canFollow(elementwise, channels))
    return group;
  group.push_back(elementwise);
  if (!elementwise->hasOneUse())
    return group;
  auto pool = dyn_cast<lowbit::MaxPoolOp>(*elementwise->user_begin());
  if (pool && canPool(pool, channels))
    group.push_back(pool);
  return group;
}

/// A dense layer, in straight-line form or not, with what makes its inputs of
/// the model's. Straight-line code reads them many times: only as they arrive.
static SmallVector<Operation *> getDenseGroup(Operation *layer) {
  SmallVector<Operation *> group{layer};
  Operation *preprocessing = getPreprocessing(layer);
  if (preprocessing && (isa<lowbit::DenseOp>(layer) || isStreamed(layer)))
    group.insert(group.begin(), preprocessing);
  return group;
}

/// Puts a chain of operations, each the next one's first operand, into one.
static void fuse(ArrayRef<Operation *> group) {
  Operation *first = group.front(), *last = group.back();
  Value input = first->getOperand(0), result = last->getResult(0);
  SmallVector<Location> locs;
  for (Operation *op : group)
    locs.push_back(op->getLoc());
  OpBuilder builder(last);
  auto fused = lowbit::FusedOp::create(
      builder, FusedLoc::get(builder.getContext(), locs), result.getType(),
      input);
  result.replaceAllUsesWith(fused.getResult());
  Block &body = fused.getBody().emplaceBlock();
  first->setOperand(0, body.addArgument(input.getType(), input.getLoc()));
  for (Operation *op : group)
    op->moveBefore(&body, body.end());
  builder.setInsertionPointToEnd(&body);
  lowbit::YieldOp::create(builder, last->getLoc(), result);
}

namespace {

struct LowbitFuse : pdkc::impl::LowbitFuseBase<LowbitFuse> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (failed(checkModel(func)))
        return signalPassFailure();
      SmallVector<SmallVector<Operation *>> groups;
      for (Operation &op : func.front())
        if (auto conv = dyn_cast<lowbit::ConvOp>(op))
          groups.push_back(getConvGroup(conv));
        else if (isa<lowbit::DenseOp, lowbit::ChainsOp>(op))
          groups.push_back(getDenseGroup(&op));
      for (ArrayRef<Operation *> group : groups)
        if (group.size() > 1)
          fuse(group);
    }
  }
};

} // namespace
