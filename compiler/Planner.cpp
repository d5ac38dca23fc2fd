//===- Planner.cpp - How each layer is computed ---------------------------===//
//
// Dense layers choose a method, requantisations and the decision a loop or
// unrolled code. From the best of a few uniform plans one choice after the
// other is changed as long as that helps.
//
//===----------------------------------------------------------------------===//

#include "compiler/Planner.h"

#include "compiler/Phases.h"
#include "compiler/planning/Search.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/Method.h"

#include "mlir/IR/Diagnostics.h"
#include <map>

using namespace mlir;
using namespace pdkc;

/// Refuses at once what no method can make fit, so that a huge network costs no
/// search: a weight other than 0 takes a bit of a word's data at the very least
/// (in tables of ±1; straight-line code takes more), a row a byte for its sum.
static LogicalResult checkBounds(ModuleOp module,
                                 const CompileOptions &options) {
  const pdk::Device &device = *pdk::findDevice(options.device);
  bool readsWords =
      options.undocumented || pdk::isAvailable(pdk::LDTABL_M, device.set);
  int64_t bits = readsWords ? pdk::getWordBits(device.set) : 8;
  int64_t weights = 0;
  for (auto func : module.getOps<func::FuncOp>()) {
    for (auto conv : func.getOps<lowbit::ConvOp>()) {
      int64_t words = conv.getCodes().getNumElements() + // a word each
                      getReservedWords(options);
      if (words > int64_t(device.usableWords))
        return conv.emitError("does not fit the code memory of the ")
               << device.name << ": needs " << words
               << " words or more for this convolution's weights (reserved "
               << getReservedWords(options) << "), has " << device.usableWords
               << "; use fewer weights, or a larger device";
    }
    // All but dense layers take their inputs from RAM.
    for (Operation &op : func.front().without_terminator()) {
      if (isa<lowbit::DenseOp>(op) || isElementwise(&op))
        continue;
      int64_t bytes = 0;
      for (Value input : op.getOperands())
        bytes += cast<RankedTensorType>(input.getType()).getNumElements();
      if (bytes > int64_t(device.ramBytes))
        return op.emitError("does not fit the RAM of the ")
               << device.name << ": needs " << bytes
               << " bytes or more for the node's inputs, has "
               << device.ramBytes << "; use fewer inputs, or a larger device";
    }
    for (auto dense : func.getOps<lowbit::DenseOp>()) {
      weights += llvm::count_if(dense.getWeights(),
                                [](int64_t weight) { return weight != 0; });
      int64_t words = weights / bits + getReservedWords(options);
      if (words > int64_t(device.usableWords))
        return dense.emitError("does not fit the code memory of the ")
               << device.name << ": needs " << words
               << " words or more up to this layer (reserved "
               << getReservedWords(options) << "), has " << device.usableWords
               << "; use fewer weights, or a larger device";
      if (dense.getNumRows() > int64_t(device.ramBytes))
        return dense.emitError("does not fit the RAM of the ")
               << device.name << ": needs " << dense.getNumRows()
               << " bytes or more for the layer's sums, has " << device.ramBytes
               << "; use fewer neurons, or a larger device";
    }
  }
  return success();
}

FailureOr<UndocumentedUse> pdkc::plan(ModuleOp module,
                                      const CompileOptions &options,
                                      const Samples &samples) {
  if (failed(checkBounds(module, options)))
    return failure();
  TimingScope timer = startTimer(options, "Plan");
  UndocumentedUse use;
  if (!options.undocumented) {
    search(module, options, samples);
    return use;
  }
  OwningOpRef<ModuleOp> other = module.clone();
  CompileOptions documented = options;
  documented.undocumented = false;
  PlanResult without = search(module, documented, samples);
  PlanResult with = search(*other, options, samples);
  if (!without.fails)
    use.wordsWithout = without.words;
  use.isUsed = with < without;
  if (use.isUsed)
    module.getBodyRegion().takeBody(other->getBodyRegion());
  return use;
}
