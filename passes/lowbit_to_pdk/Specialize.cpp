//===- Specialize.cpp - Operations in the form that methods write ---------===//

#include "mlir/IR/Iterators.h"
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
    MethodRegistry &methods = MethodRegistry::get(&getContext());
    // Methods may replace the operation and what is around it, which comes
    // first here; what is behind they leave dead.
    SmallVector<std::pair<Operation *, const Method *>> found;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (const Method *method = methods.find(op))
        found.push_back({op, method});
    });
    for (auto [op, method] : found)
      if (!isOpTriviallyDead(op) && failed(method->specialise(op)))
        return signalPassFailure();
    getOperation().walk<WalkOrder::PostOrder, ReverseIterator>(
        [](Operation *op) {
          // What nobody reads is taken from a stream all the same.
          bool isTaken =
              isa<lowbit::CopyOp>(op) && isa<BlockArgument>(op->getOperand(0));
          if (isOpTriviallyDead(op) && !isTaken)
            op->erase();
        });
  }
};

} // namespace
