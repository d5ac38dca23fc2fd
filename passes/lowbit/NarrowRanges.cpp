//===- NarrowRanges.cpp - Prove the range of every tensor -----------------===//

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITNARROWRANGES
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitNarrowRanges
    : pdkc::impl::LowbitNarrowRangesBase<LowbitNarrowRanges> {
  using LowbitNarrowRangesBase::LowbitNarrowRangesBase;

  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      narrow(func);
  }

  void narrow(func::FuncOp func) {
    auto ranges = lowbit::inferRanges(func);
    Block &body = func.getBody().front();
    for (Operation &op : body.without_terminator()) {
      Value result = op.getResult(0);
      lowbit::Interval range = lowbit::hull(ranges[result]);
      result.setType(lowbit::getTensorType(
          &getContext(), cast<RankedTensorType>(result.getType()).getShape(),
          range));
      if (remarks)
        op.emitRemark() << op.getName() << ": " << lowbit::getWidth(range)
                        << " bits for " << range.min << " to " << range.max;
    }
    func.setType(FunctionType::get(&getContext(), body.getArgumentTypes(),
                                   body.getTerminator()->getOperandTypes()));
  }
};

} // namespace
