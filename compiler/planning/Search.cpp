//===- Search.cpp - The best plan for a device ----------------------------===//
//
// Each operation that can be computed in several ways is a choice. Plans are
// compared by their estimates (CostModel.h), which are exact but for RAM and the
// firmware around; from the best of a few uniform plans one or two choices at a
// time are changed as long as that helps. Then whole programs judge, the best
// estimates first.
//
//===----------------------------------------------------------------------===//

#include "compiler/planning/Search.h"

#include "compiler/Phases.h"
#include "compiler/planning/CostModel.h"
#include "passes/lowbit_to_pdk/Method.h"

#include <map>

using namespace mlir;
using namespace pdkc;

/// Inferences that a plan is measured with; more would not change a choice.
static constexpr int64_t kMeasuredSamples = 12;
/// Whole programs that are tried, and of those that fit how many are compared.
static constexpr size_t kMostTried = 200, kFinalists = 3;

namespace {

/// One choice an operation, in program order: the number of its option.
using Choices = std::vector<unsigned>;

class Search {
public:
  Search(ModuleOp module, const CompileOptions &options, const Samples &samples,
         PlanGoal goal)
      : module(module), options(options), samples(samples), goal(goal),
        target{pdk::findDevice(options.device), options.undocumented},
        costs(target, samples, kMeasuredSamples),
        assign(module.getContext(), options, buildStoragePipeline),
        write(module.getContext(), options,
              [](OpPassManager &manager, const PipelineOptions &options) {
                manager.addPass(
                    createLowbitToPdk({options.mcu, options.undocumented}));
              }),
        place(module.getContext(), options, buildPlacePipeline) {}

  PlanResult run();

private:
  SmallVector<Operation *> getChoosers(ModuleOp module) const;
  OwningOpRef<ModuleOp> apply(const Choices &choices);
  PlanResult rate(int64_t words, double cycles) const;
  const PlanResult &estimate(const Choices &choices);
  PlanResult compile(const Choices &choices);
  std::vector<Choices> getUniformPlans() const;
  /// Changes up to so many choices at a time as long as that helps.
  bool improve(Choices &best, unsigned atATime);

  ModuleOp module;
  const CompileOptions &options;
  const Samples &samples;
  PlanGoal goal;
  Target target;
  CostModel costs;
  TrialPhase assign, write, place;
  /// By chooser the names of the methods.
  std::vector<SmallVector<StringRef>> methods;
  std::map<Choices, PlanResult> estimates;
};

} // namespace

SmallVector<Operation *> Search::getChoosers(ModuleOp module) const {
  SmallVector<Operation *> choosers;
  module.walk([&](Operation *op) {
    // A method that the user wrote into a .mlir file stands.
    if (lowbit::getMethod(op).empty() &&
        MethodRegistry::get(op->getContext()).getMethods(op, target).size() > 1)
      choosers.push_back(op);
  });
  return choosers;
}

OwningOpRef<ModuleOp> Search::apply(const Choices &choices) {
  OwningOpRef<ModuleOp> copy = module.clone();
  for (auto [i, op] : llvm::enumerate(getChoosers(*copy)))
    lowbit::setMethod(op, methods[i][choices[i]]);
  return copy;
}

PlanResult Search::rate(int64_t words, double cycles) const {
  PlanResult result;
  result.fails = false;
  result.words = words;
  int64_t available =
      int64_t(target.device->usableWords) - getReservedWords(options);
  result.excessWords = std::max<int64_t>(0, words - available);
  result.first = options.forSize ? words : cycles;
  result.second = options.forSize ? cycles : words;
  return result;
}

const PlanResult &Search::estimate(const Choices &choices) {
  auto [found, isNew] = estimates.try_emplace(choices);
  if (!isNew)
    return found->second;
  OwningOpRef<ModuleOp> copy = apply(choices);
  if (failed(assign.run(*copy)))
    return found->second;
  PlanCost cost = costs.getCost(*copy->getOps<func::FuncOp>().begin());
  if (!cost.fails)
    found->second = rate(cost.words, cost.cycles);
  return found->second;
}

PlanResult Search::compile(const Choices &choices) {
  OwningOpRef<ModuleOp> copy = apply(choices);
  if (failed(assign.run(*copy)) || failed(write.run(*copy)) ||
      failed(place.run(*copy)))
    return {};
  auto programOp = *copy->getOps<pdk::ProgramOp>().begin();
  auto layout = layOut(programOp);
  if (failed(layout))
    return {};
  int64_t words = layout->words.size();
  PlanResult result = rate(words, 1e18);
  if (auto serial = getSerialSummary(programOp))
    result.excessPause =
        std::max<int64_t>(0, serial->timing.pause - serial->byteGap);
  auto program = makeStandalone(*layout);
  if (result.excessWords)
    return result;
  if (failed(program))
    return {};
  if (goal == PlanGoal::Fit)
    return result;
  double cycles = measure(*layout, *program, samples, options.undocumented,
                          kMeasuredSamples)
                      .cycles.mean;
  int64_t excessPause = result.excessPause;
  result = rate(words, cycles);
  result.excessPause = excessPause;
  return result;
}

/// Layers share an engine only where all are of one method: each is tried for
/// all operations that have it.
std::vector<Choices> Search::getUniformPlans() const {
  std::vector<Choices> plans = {Choices(methods.size(), 0),
                                Choices(methods.size(), 1)};
  SmallVector<StringRef> seen;
  for (ArrayRef<StringRef> names : methods)
    for (StringRef name : names) {
      if (llvm::is_contained(seen, name))
        continue;
      seen.push_back(name);
      Choices plan(methods.size(), 0);
      for (auto [choice, options] : llvm::zip(plan, methods))
        if (auto *found = llvm::find(options, name); found != options.end())
          choice = found - options.begin();
      plans.push_back(plan);
    }
  return plans;
}

bool Search::improve(Choices &best, unsigned atATime) {
  bool improved = false;
  for (size_t i = 0; i < methods.size(); ++i)
    for (unsigned option = 0; option < methods[i].size(); ++option) {
      Choices other = best;
      other[i] = option;
      if (atATime == 1) {
        if (estimate(other) < estimate(best)) {
          best = other;
          improved = true;
        }
        continue;
      }
      for (size_t j = i + 1; j < methods.size(); ++j)
        for (unsigned second = 0; second < methods[j].size(); ++second) {
          other[j] = second;
          if (estimate(other) < estimate(best)) {
            best = other;
            improved = true;
          }
          other[j] = best[j];
        }
    }
  return improved;
}

PlanResult Search::run() {
  for (Operation *op : getChoosers(module)) {
    auto &names = methods.emplace_back();
    for (const Method *method :
         MethodRegistry::get(op->getContext()).getMethods(op, target))
      names.push_back(method->getName());
  }
  // Plans that fail are no error of the user's unless all do.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  Choices best;
  for (Choices plan : getUniformPlans()) {
    estimate(plan);
    while (improve(plan, 1))
      ;
    if (best.empty() || estimate(plan) < estimate(best))
      best = plan;
  }
  while (improve(best, 2) || improve(best, 1))
    ;
  std::vector<const std::pair<const Choices, PlanResult> *> candidates;
  for (const auto &each : estimates)
    if (!each.second.fails)
      candidates.push_back(&each);
  llvm::stable_sort(candidates, [](const auto *a, const auto *b) {
    return a->second < b->second;
  });
  if (getenv("PDKC_DEBUG")) { llvm::errs() << estimates.size() << " estimates, written " << costs.numWritten << " known " << costs.numKnown << "\n"; for (auto &e : estimates) if (e.second.fails) { llvm::errs() << "fails: "; for (auto [k,c] : llvm::enumerate(e.first)) llvm::errs() << methods[k][c] << " "; llvm::errs() << "\n"; } }
  PlanResult found;
  Choices chosen;
  size_t fitting = 0, wanted = goal == PlanGoal::Fit ? 1 : kFinalists;
  for (size_t i = 0; i < candidates.size() && i < kMostTried; ++i) {
    PlanResult result = compile(candidates[i]->first);
    if (getenv("PDKC_DEBUG")) { llvm::errs() << "try "; for (auto [k,c] : llvm::enumerate(candidates[i]->first)) llvm::errs() << methods[k][c] << " "; llvm::errs() << "est " << candidates[i]->second.words << " " << candidates[i]->second.first << " " << candidates[i]->second.second << " got " << result.fails << " " << result.words << " " << result.first << " " << result.second << "\n"; }
    if (chosen.empty() || result < found) {
      found = result;
      chosen = candidates[i]->first;
    }
    if (result.fits() && ++fitting == wanted)
      break;
  }
  // Where nothing gives a program, the method that takes all layers says why.
  if (found.fails) {
    chosen.assign(methods.size(), 0);
    for (auto [choice, names] : llvm::zip(chosen, methods))
      if (auto *found = llvm::find(names, "looped"); found != names.end())
        choice = found - names.begin();
  }
  for (auto [i, op] : llvm::enumerate(getChoosers(module)))
    lowbit::setMethod(op, methods[i][chosen[i]]);
  return found;
}

PlanResult pdkc::search(ModuleOp module, const CompileOptions &options,
                        const Samples &samples, PlanGoal goal) {
  return Search(module, options, samples, goal).run();
}
