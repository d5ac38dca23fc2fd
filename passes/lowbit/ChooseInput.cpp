//===- ChooseInput.cpp - How the model's inputs come ----------------------===//

#include "passes/Passes.h"
#include "passes/lowbit/support/SlidingWindows.h"
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

/// Whether a layer cannot take the inputs, or one of several, as they arrive.
/// The parts of a concatenation before a layer can be stored as they do.
bool LowbitChooseInput::needsBuffer(func::FuncOp func) {
  auto getUser = [](Value value) {
    return value.hasOneUse() ? *value.user_begin() : nullptr;
  };
  return llvm::any_of(func.getArguments(), [&](Value input) {
    if (input.use_empty())
      return false;
    Operation *layer = getUser(input);
    if (isElementwise(layer))
      layer = getUser(layer->getResult(0));
    if (func.getNumArguments() > 1 && isa_and_nonnull<lowbit::ConcatOp>(layer))
      layer = getUser(layer->getResult(0));
    auto conv = dyn_cast_or_null<lowbit::ConvOp>(layer);
    return !(conv && canSlide(conv)) &&
           !isa_and_nonnull<lowbit::DenseOp, lowbit::ChainsOp>(layer);
  });
}
