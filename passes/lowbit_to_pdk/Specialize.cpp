//===- Specialize.cpp - Operations in the form that methods write ---------===//

#include "passes/Passes.h"
#include "passes/lowbit_to_pdk/Method.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSPECIALIZE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitSpecialize : pdkc::impl::LowbitSpecializeBase<LowbitSpecialize> {
  void runOnOperation() override {
    // What methods of regions and concatenations decide is which other
    // operations there are.
    auto decides = [](Operation *op) {
      return isa<lowbit::FusedOp, lowbit::ConcatOp>(op);
    };
    if (failed(specialise(decides)) ||
        failed(specialise([&](Operation *op) { return !decides(op); })))
      return signalPassFailure();
  }

  /// From the last operation to the first: methods may replace what is behind
  /// the operation, and what is around it.
  LogicalResult specialise(function_ref<bool(Operation *)> isMeant) {
    MethodRegistry &methods = MethodRegistry::get(&getContext());
    SmallVector<std::pair<Operation *, const Method *>> found;
    getOperation().walk([&](Operation *op) {
      if (const Method *method = isMeant(op) ? methods.find(op) : nullptr)
        found.push_back({op, method});
    });
    for (auto [op, method] : llvm::reverse(found))
      if (failed(method->specialise(op)))
        return failure();
    return success();
  }
};

} // namespace
