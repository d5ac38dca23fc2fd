//===- ZeroBase.cpp - Let every layer's inputs count from 0 up ------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITZEROBASE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitZeroBase : pdkc::impl::LowbitZeroBaseBase<LowbitZeroBase> {
  void runOnOperation() override {
    getOperation().walk([](lowbit::RequantOp op) { foldMultiplier(op); });
    WalkResult result = getOperation().walk([&](lowbit::DenseOp op) {
      return failed(rebase(op)) ? WalkResult::interrupt()
                                : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  /// Sums times a multiplier are sums of weights times the multiplier.
  static void foldMultiplier(lowbit::RequantOp op) {
    auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
    int64_t multiplier = op.getMultiplier();
    if (!dense || multiplier <= 0 || multiplier == 1 ||
        !dense.getResult().hasOneUse())
      return;
    Builder builder(op.getContext());
    SmallVector<int64_t> codebook(dense.getCodebook()), bias(dense.getBias());
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

  static LogicalResult rebase(lowbit::DenseOp op) {
    lowbit::Interval range = lowbit::getRange(op.getInput());
    if (range.max - range.min > 255)
      return op.emitError("inputs of ")
             << range.min << " to " << range.max << " need "
             << lowbit::getWidth({0, range.max - range.min})
             << " bits, there are 8; quantise the activations to fewer bits";
    // Sums become a layer's inputs by a requantisation, if only to a byte.
    bool ofLayer = op.getInput().getDefiningOp<lowbit::DenseOp>() != nullptr;
    if (range.min == 0 && !ofLayer)
      return success();
    // An engine can take the stream's bytes as they are.
    if (op.getMethod() == "packed-signed" && isa<BlockArgument>(op.getInput()))
      return success();
    MLIRContext *context = op.getContext();
    auto type =
        lowbit::getTensorType(context, op.getInput().getType().getShape(),
                              {0, range.max - range.min});
    auto requant = op.getInput().getDefiningOp<lowbit::RequantOp>();
    if (requant && requant.getResult().hasOneUse()) {
      requant.setOffset(requant.getOffset() -
                        (range.min << requant.getShift()));
      // The type may be narrower than the clip, or wider.
      requant.setMin(std::max(requant.getMin(), range.min) - range.min);
      requant.setMax(std::min(requant.getMax(), range.max) - range.min);
      requant.getResult().setType(type);
    } else {
      OpBuilder builder(op);
      auto integer = [&](int64_t value) {
        return builder.getI64IntegerAttr(value);
      };
      op.getInputMutable().assign(lowbit::RequantOp::create(
          builder, op.getLoc(), type, op.getInput(), integer(1),
          integer(-range.min), integer(0), integer(0),
          integer(range.max - range.min)));
    }
    SmallVector<int64_t> weights = op.getWeights(), bias(op.getBias());
    for (int64_t row = 0; row < op.getNumRows(); ++row)
      for (int64_t i = 0; i < op.getNumInputs(); ++i)
        bias[row] += range.min * weights[row * op.getNumInputs() + i];
    op.setBias(bias);
    return success();
  }
};

} // namespace
