//===- Planner.cpp - How each layer is computed ---------------------------===//
//
// Dense layers choose a method, requantisations and the decision a loop or
// unrolled code. From the best of a few uniform plans one choice after the
// other is changed as long as that helps.
//
//===----------------------------------------------------------------------===//

#include "compiler/Planner.h"

#include "compiler/Phases.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/Method.h"

#include "mlir/IR/Diagnostics.h"
#include <map>

using namespace mlir;
using namespace pdkc;

namespace {

/// One choice an operation, in program order: the number of its option.
using Choices = std::vector<unsigned>;

/// The names of the methods that an operation may have on the target.
SmallVector<StringRef> getOptions(Operation *op, const Target &target) {
  SmallVector<StringRef> options;
  for (const Method *method :
       MethodRegistry::get(op->getContext()).getMethods(op))
    if (method->accepts(op, target))
      options.push_back(method->getName());
  return options;
}

/// What a plan costs; smaller is better, member by member.
struct Cost {
  bool fails = true;
  int64_t excessWords = 0; ///< beyond what the device has
  int64_t excessPause = 0; ///< bits beyond what the firmware's sender promises
  double first = 0, second = 0;
  int64_t words = 0;

  bool operator<(const Cost &other) const {
    return std::tie(fails, excessWords, excessPause, first, second) <
           std::tie(other.fails, other.excessWords, other.excessPause,
                    other.first, other.second);
  }
};

class Planner {
public:
  Planner(ModuleOp module, const CompileOptions &options,
          const Samples &samples)
      : module(module), options(options), samples(samples),
        target{pdk::findDevice(options.device), options.undocumented},
        lower(module.getContext(), options, buildLowerPipeline),
        place(module.getContext(), options, buildPlacePipeline) {}

  /// Marks the module's operations with the best choices; what they cost.
  Cost run();

private:
  SmallVector<Operation *> getChoosers(ModuleOp module) const;
  void apply(ModuleOp module, const Choices &choices) const;
  /// What a plan costs, or at least costs, where that is more than the best.
  /// Each is lowered and measured once.
  const Cost &getCost(const Choices &choices, const Cost &best);
  Cost evaluate(const Choices &choices, const Cost &best);

  ModuleOp module;
  const CompileOptions &options;
  const Samples &samples;
  Target target;
  TrialPhase lower, place;
  std::map<Choices, Cost> costs; ///< of the plans tried
};

} // namespace

SmallVector<Operation *> Planner::getChoosers(ModuleOp module) const {
  SmallVector<Operation *> choosers;
  module.walk([&](Operation *op) {
    // A method that the user wrote into a .mlir file stands.
    if (lowbit::getMethod(op).empty() && getOptions(op, target).size() > 1)
      choosers.push_back(op);
  });
  return choosers;
}

void Planner::apply(ModuleOp module, const Choices &choices) const {
  for (auto [op, choice] : llvm::zip(getChoosers(module), choices))
    lowbit::setMethod(op, getOptions(op, target)[choice]);
}

/// Inferences that a plan is measured with; more would not change a choice.
static constexpr int64_t kMeasuredSamples = 12;

const Cost &Planner::getCost(const Choices &choices, const Cost &best) {
  auto [found, isNew] = costs.try_emplace(choices);
  if (isNew)
    found->second = evaluate(choices, best);
  return found->second;
}

Cost Planner::evaluate(const Choices &choices, const Cost &best) {
  OwningOpRef<ModuleOp> copy = module.clone();
  apply(*copy, choices);
  // Plans that fail are no error of the user's unless all do.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  Cost cost;
  auto set = [&](int64_t words, double cycles) {
    cost.fails = false;
    cost.words = words;
    int64_t available = pdk::findDevice(options.device)->usableWords -
                        getReservedWords(options);
    cost.excessWords = std::max<int64_t>(0, words - available);
    cost.first = options.forSize ? words : cycles;
    cost.second = options.forSize ? cycles : words;
  };
  if (failed(lower.run(*copy)))
    return cost;
  auto programOp = *copy->getOps<pdk::ProgramOp>().begin();
  set(countWords(programOp), 0);
  if (best < cost)
    return cost;
  if (failed(place.run(*copy)))
    return Cost();
  auto layout = layOut(programOp);
  if (failed(layout))
    return Cost();
  if (auto serial = getSerialSummary(programOp))
    cost.excessPause =
        std::max<int64_t>(0, serial->timing.pause - serial->byteGap);
  int64_t words = layout->words.size();
  auto program = makeStandalone(*layout);
  set(words, 1e18);
  if (cost.excessWords == 0 && succeeded(program))
    set(words, measure(*layout, *program, samples, options.undocumented,
                       kMeasuredSamples,
                       [&](double cycles) {
                         set(words, cycles);
                         return best < cost;
                       })
                   .cycles.mean);
  return cost;
}

Cost Planner::run() {
  SmallVector<Operation *> choosers = getChoosers(module);
  size_t count = choosers.size();
  Choices best(count, 0);
  Cost bestCost = getCost(best, Cost());
  // Layers share an engine only where all are of one method: each is tried for
  // all layers that have it.
  SmallVector<Choices> starts = {Choices(count, 1)};
  Choices looped;
  for (StringRef method : {"straight", "packed-digits", "looped", "looped-skip",
                           "looped-unrolled", "looped-inline"}) {
    if (method == "looped-inline" && !options.undocumented)
      continue;
    Choices start(count, 0);
    for (auto [choice, op] : llvm::zip(start, choosers)) {
      auto names = getOptions(op, target);
      auto *found = llvm::find(names, method);
      if (found != names.end())
        choice = found - names.begin();
    }
    if (method == "looped")
      looped = start;
    starts.push_back(start);
  }
  for (const Choices &start : starts) {
    Cost cost = getCost(start, bestCost);
    if (cost < bestCost) {
      best = start;
      bestCost = cost;
    }
  }
  for (bool improved = !options.isQuick; improved;) {
    improved = false;
    for (size_t i = 0; i < count; ++i) {
      unsigned count = getOptions(choosers[i], target).size();
      for (unsigned option = 0; option < count; ++option) {
        if (option == best[i])
          continue;
        Choices other = best;
        other[i] = option;
        Cost cost = getCost(other, bestCost);
        if (cost < bestCost) {
          best = other;
          bestCost = cost;
          improved = true;
        }
      }
    }
  }
  // Where nothing gives a program, the method that takes all layers says why.
  apply(module, bestCost.fails ? looped : best);
  return bestCost;
}

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
    Planner(module, options, samples).run();
    return use;
  }
  OwningOpRef<ModuleOp> other = module.clone();
  CompileOptions documented = options;
  documented.undocumented = false;
  Cost without = Planner(module, documented, samples).run();
  Cost with = Planner(*other, options, samples).run();
  if (!without.fails)
    use.wordsWithout = without.words;
  use.isUsed = with < without;
  if (use.isUsed)
    module.getBodyRegion().takeBody(other->getBodyRegion());
  return use;
}
