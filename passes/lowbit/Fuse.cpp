//===- Fuse.cpp - What is computed together -------------------------------===//

#include "dialects/lowbit/ModelInterface.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/PoolWindows.h"
#include "passes/lowbit/support/SlidingWindows.h"
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

/// The dense layer that a sum over all positions is.
static lowbit::DenseOp replaceByDense(lowbit::ConvOp conv) {
  int64_t channels = conv.getShape().front();
  int64_t inputs = conv.getInput().getType().getNumElements();
  SmallVector<int8_t> codes;
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t input = 0; input < inputs; ++input)
      codes.push_back(input / (inputs / channels) == channel);
  OpBuilder builder(conv);
  auto type = RankedTensorType::get({channels, inputs}, builder.getI8Type());
  auto dense = lowbit::DenseOp::create(
      builder, conv.getLoc(), conv.getResult().getType(), conv.getInput(),
      DenseIntElementsAttr::get(type, ArrayRef<int8_t>(codes)),
      ArrayRef<int64_t>({0, 1}), conv.getBias());
  conv.getResult().replaceAllUsesWith(dense.getResult());
  conv.erase();
  return dense;
}

/// A convolution with what takes its sums one by one; and, unless it reads a
/// copy, with what makes its inputs, where that is the same for all of them.
static SmallVector<Operation *> getConvGroup(lowbit::ConvOp conv) {
  SmallVector<Operation *> group;
  Operation *preprocessing = getPreprocessing(conv);
  auto steps = dyn_cast_or_null<lowbit::StepsOp>(preprocessing);
  bool isBuffer = conv->getParentOfType<func::FuncOp>()->hasAttr(
      lowbit::LowbitDialect::kBufferAttr);
  if (preprocessing && (isBuffer || isStreamed(conv)) &&
      (!steps || steps.getFunction().empty()))
    group.push_back(preprocessing);
  group.push_back(conv);
  // All that comes of pixels that arrive is used at once.
  if (isStreamed(conv)) {
    while (conv) {
      SlidingChain chain = *findSlidingChain(conv);
      if (chain.poolsSums())
        group.push_back(chain.pool);
      group.push_back(chain.activation);
      if (chain.pool && !chain.poolsSums())
        group.push_back(chain.pool);
      conv = dyn_cast<lowbit::ConvOp>(chain.fed);
      if (conv && isSumOfAll(conv)) {
        chain.fed = replaceByDense(conv);
        conv = nullptr;
      }
      group.push_back(chain.fed);
      // No other way is smaller, or much faster.
      auto dense = dyn_cast<lowbit::DenseOp>(chain.fed);
      if (dense && isSumOfAll(dense) && lowbit::getMethod(dense).empty())
        lowbit::setMethod(dense, "turns");
    }
    return group;
  }
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
  // Sums that are added to come in their own order.
  if (pool && !conv.getSums() && canPool(pool, channels))
    group.push_back(pool);
  // Whether it is fed with the results or finds them stored is a method.
  Operation *last = group.back();
  auto dense = last->hasOneUse()
                   ? dyn_cast<lowbit::DenseOp>(*last->user_begin())
                   : lowbit::DenseOp();
  if (dense && dense.getInput() == last->getResult(0))
    group.push_back(dense);
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

namespace {

struct LowbitFuse : pdkc::impl::LowbitFuseBase<LowbitFuse> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (failed(lowbit::checkModel(func)))
        return signalPassFailure();
      SmallVector<SmallVector<Operation *>> groups;
      // Of what comes behind, an operation may become another one.
      for (Operation &op : func.front()) {
        if (llvm::any_of(groups, [&](ArrayRef<Operation *> group) {
              return llvm::is_contained(group, &op);
            }))
          continue;
        if (auto conv = dyn_cast<lowbit::ConvOp>(op))
          groups.push_back(getConvGroup(conv));
        else if (isa<lowbit::DenseOp, lowbit::ChainsOp>(op))
          groups.push_back(getDenseGroup(&op));
      }
      for (ArrayRef<Operation *> group : groups)
        if (group.size() > 1)
          fuse(group);
    }
  }
};

} // namespace
