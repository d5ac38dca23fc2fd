//===- Looped.cpp - The methods with weights in nested loops --------------===//

#include "passes/lowbit_to_pdk/methods/LoopedEngine.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;

namespace {
struct LoopedMethod : DenseMethod {
  LoopedMethod(StringRef name, StringRef description)
      : DenseMethod(name, name, description) {}

  bool accepts(Operation *, const Target &target) const override {
    return getName() != "looped-inline" || target.readsStack();
  }

  std::unique_ptr<DenseEngine>
  makeEngine(ArrayRef<DenseLayer> layers, const Target &target) const override {
    if (llvm::any_of(layers, [](const DenseLayer &layer) {
          return layer.inputRange.min < 0 || layer.inputRange.max > 255;
        }))
      return nullptr;
    LoopedEngine::Form form;
    form.unrollsRows = getName() == "looped-unrolled";
    form.skipsZeros = form.unrollsRows || getName() == "looped-skip";
    form.wordBits = target.getDataBits();
    form.usesStack = target.readsStack();
    form.fetchesInline = getName() == "looped-inline";
    return LoopedEngine::create(layers, form);
  }

  LogicalResult refuse(lowbit::DenseOp dense,
                       const DenseLayer &layer) const override {
    auto [low, high] = layer.inputRange;
    if (low < 0 || high > 255)
      return dense.emitError("takes inputs of 0 to 255, not ")
             << low << " to " << high;
    return dense.emitError("weights of ")
           << dense.getCodebook().front() << " to "
           << dense.getCodebook().back() << " with " << layer.getNumRead()
           << " inputs are more than a loop can take: the span of weights and "
              "0 must be at most 255, and where zeros are skipped the inputs "
              "255; use narrower weights";
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeLoopedMethod(StringRef name,
                                               StringRef description) {
  return std::make_unique<LoopedMethod>(name, description);
}
