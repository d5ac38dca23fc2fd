//===- Planner.cpp - How each layer is computed ---------------------------===//
//
// Every operation with a choice has two: dense layers a packed engine or
// straight-line code, others a loop or unrolled code. From the best of a few
// uniform plans one choice after the other is turned round as long as that
// helps.
//
//===----------------------------------------------------------------------===//

#include "compiler/Planner.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace pdkc;

namespace {

/// One choice an operation, in program order: true for straight-line code.
using Choices = SmallVector<bool>;

/// What a plan costs; smaller is better, member by member.
struct Cost {
  bool fails = true;
  int64_t excessWords = 0; ///< beyond what the device has
  double first = 0, second = 0;

  bool operator<(const Cost &other) const {
    return std::tie(fails, excessWords, first, second) <
           std::tie(other.fails, other.excessWords, other.first,
                    other.second);
  }
};

class Planner {
public:
  Planner(ModuleOp module, const CompileOptions &options,
          const Samples &samples)
      : module(module), options(options), samples(samples) {}

  LogicalResult run();

private:
  static SmallVector<Operation *> getChoosers(ModuleOp module);
  static void apply(ModuleOp module, const Choices &choices);
  Cost evaluate(const Choices &choices);

  ModuleOp module;
  const CompileOptions &options;
  const Samples &samples;
};

} // namespace

SmallVector<Operation *> Planner::getChoosers(ModuleOp module) {
  SmallVector<Operation *> choosers;
  module.walk([&](Operation *op) {
    // What is done to the model's inputs is done as they arrive.
    bool ofInput = isa<lowbit::RequantOp>(op) &&
                   isa<BlockArgument>(op->getOperand(0));
    if (isa<lowbit::DenseOp, lowbit::RequantOp, lowbit::ArgmaxOp>(op) &&
        !ofInput)
      choosers.push_back(op);
  });
  return choosers;
}

void Planner::apply(ModuleOp module, const Choices &choices) {
  Builder builder(module.getContext());
  for (auto [op, straight] : llvm::zip(getChoosers(module), choices)) {
    if (auto dense = dyn_cast<lowbit::DenseOp>(op)) {
      dense.setMethod(straight ? "straight" : "packed");
      continue;
    }
    op->removeAttr("unrolled");
    if (straight)
      op->setAttr("unrolled", builder.getUnitAttr());
  }
}

/// Inferences that a plan is measured with; more would not change a choice.
static constexpr int64_t kMeasuredSamples = 12;

Cost Planner::evaluate(const Choices &choices) {
  OwningOpRef<ModuleOp> copy = module.clone();
  apply(*copy, choices);
  // Plans that fail are no error of the user's unless all do.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  Cost cost;
  if (failed(lowerPlan(*copy, options)))
    return cost;
  auto layout = layOut(*copy->getOps<pdk::ProgramOp>().begin());
  if (failed(layout))
    return cost;
  int64_t words = layout->words.size();
  cost.fails = false;
  cost.excessWords = std::max<int64_t>(
      0, words + kWordsForC + options.reserveWords -
             int64_t(layout->device->usableWords));
  auto program = makeStandalone(*layout);
  double cycles = 1e18;
  if (cost.excessWords == 0 && succeeded(program))
    cycles =
        measure(*layout, *program, samples, kMeasuredSamples).cycles.mean;
  cost.first = options.forSize ? words : cycles;
  cost.second = options.forSize ? cycles : words;
  return cost;
}

LogicalResult Planner::run() {
  SmallVector<Operation *> choosers = getChoosers(module);
  size_t count = choosers.size();
  Choices best(count, false);
  Cost bestCost = evaluate(best);
  Choices layersOnly;
  for (Operation *op : choosers)
    layersOnly.push_back(isa<lowbit::DenseOp>(op));
  for (const Choices &start : {layersOnly, Choices(count, true)}) {
    Cost cost = evaluate(start);
    if (cost < bestCost) {
      best = start;
      bestCost = cost;
    }
  }
  for (bool improved = true; improved;) {
    improved = false;
    for (size_t i = 0; i < count; ++i) {
      Choices other = best;
      other[i] = !other[i];
      Cost cost = evaluate(other);
      if (cost < bestCost) {
        best = other;
        bestCost = cost;
        improved = true;
      }
    }
  }
  // Where nothing gives a program, the one for size says why.
  apply(module, best);
  return success();
}

LogicalResult pdkc::plan(ModuleOp module, const CompileOptions &options,
                         const Samples &samples) {
  return Planner(module, options, samples).run();
}
