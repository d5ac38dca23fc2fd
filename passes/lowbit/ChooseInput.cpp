//===- ChooseInput.cpp - How the model's inputs come ----------------------===//

#include "passes/Passes.h"
#include "passes/lowbit/support/Streaming.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITCHOOSEINPUT
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitChooseInput
    : pdkc::impl::LowbitChooseInputBase<LowbitChooseInput> {
  using LowbitChooseInputBase::LowbitChooseInputBase;

  void runOnOperation() override {
    if (input != "auto" && input != "buffer" && input != "stream") {
      getOperation().emitError("inputs come as auto, buffer or stream, not '")
          << input << "'";
      return signalPassFailure();
    }
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (input == "buffer" || (input == "auto" && needsBuffer(func)))
        func->setAttr(lowbit::LowbitDialect::kBufferAttr,
                      UnitAttr::get(&getContext()));
  }

  static bool needsBuffer(func::FuncOp func);
};

} // namespace

/// Whether the first layer cannot take the inputs as they arrive.
bool LowbitChooseInput::needsBuffer(func::FuncOp func) {
  Value argument = func.getArgument(0);
  Operation *layer = argument.hasOneUse() ? *argument.user_begin() : nullptr;
  if (isElementwise(layer) && layer->getResult(0).hasOneUse())
    layer = *layer->getResult(0).user_begin();
  return !isa_and_nonnull<lowbit::DenseOp, lowbit::ChainsOp>(layer);
}
