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
    MethodRegistry &methods = MethodRegistry::get(&getContext());
    WalkResult result = getOperation().walk([&](Operation *op) {
      const Method *method =
          isa<lowbit::LowbitDialect>(op->getDialect()) ? methods.find(op)
                                                       : nullptr;
      return method && failed(method->specialise(op))
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
