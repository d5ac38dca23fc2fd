//===- NarrowRanges.cpp - Prove the range of every tensor -----------------===//

#include "passes/lowbit/support/NarrowRanges.h"
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
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      narrowRanges(func);
      if (remarks)
        remark(func);
    }
  }

  static void remark(func::FuncOp func) {
    for (Operation &op : func.front().without_terminator()) {
      lowbit::Interval range = lowbit::getRange(op.getResult(0));
      op.emitRemark() << op.getName() << ": " << lowbit::getWidth(range)
                      << " bits for " << range.min << " to " << range.max;
    }
  }
};

} // namespace

void pdkc::narrowRanges(func::FuncOp func) {
  auto ranges = lowbit::inferRanges(func);
  Block &body = func.front();
  for (Operation &op : body.without_terminator()) {
    Value result = op.getResult(0);
    result.setType(lowbit::getTensorType(
        func.getContext(), cast<RankedTensorType>(result.getType()).getShape(),
        lowbit::hull(ranges[result])));
  }
  func.setType(FunctionType::get(func.getContext(), body.getArgumentTypes(),
                                 body.getTerminator()->getOperandTypes()));
}
