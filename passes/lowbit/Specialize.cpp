//===- Specialize.cpp - Dense layers as straight-line code ----------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/ChainSearch.h"
#include "passes/lowbit/support/Streaming.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSPECIALIZE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitSpecialize : pdkc::impl::LowbitSpecializeBase<LowbitSpecialize> {
  using LowbitSpecializeBase::LowbitSpecializeBase;

  void runOnOperation() override {
    WalkResult result = getOperation().walk([&](lowbit::DenseOp dense) {
      if (dense.getMethod() != "straight")
        return WalkResult::advance();
      return failed(specialize(dense)) ? WalkResult::interrupt()
                                       : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

  LogicalResult specialize(lowbit::DenseOp dense) {
    lowbit::Interval input = lowbit::getRange(dense.getInput());
    if (input.min < 0 || input.max > 255)
      return dense.emitError(
                 "straight-line code takes inputs of 0 to 255, not ")
             << input.min << " to " << input.max;
    SmallVector<int64_t> weights = dense.getWeights();
    // A byte holds so many steps of the largest input; a larger weight is that
    // many additions more. No device has room for thousands.
    int64_t budget = 255 / std::max<int64_t>(input.max, 1), additions = 0;
    for (int64_t weight : weights)
      if (weight != 0)
        additions += 1 + std::abs(weight) / budget;
    constexpr int64_t kMaxAdditions = 16384;
    if (additions > kMaxAdditions)
      return dense.emitError("straight-line code would take at least ")
             << additions << " additions, more than " << kMaxAdditions
             << "; use smaller weights or narrower inputs";
    ChainProblem problem{
        weights,
        dense.getNumRows(),
        dense.getNumInputs(),
        input.max,
        isStreamed(dense),
        int64_t(lowbit::getWidth(lowbit::getRange(dense.getResult())) + 7) / 8};
    ChainProgram program = findChains(problem);
    SmallVector<int64_t> bias(dense.getBias());
    for (auto [row, excess] : llvm::enumerate(program.excess))
      bias[row] -= excess;
    OpBuilder builder(dense);
    Value chains = lowbit::ChainsOp::create(
        builder, dense.getLoc(), dense.getResult().getType(), dense.getInput(),
        program.steps, bias);
    dense.replaceAllUsesWith(chains);
    dense.erase();
    return success();
  }
};

} // namespace
