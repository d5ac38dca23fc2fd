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
#include <queue>

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
  /// What the plan is estimated at; where that is no less than the limit, a
  /// bound will do.
  const PlanResult &estimate(const Choices &choices, const PlanResult &limit);
  PlanResult compile(const Choices &choices);
  std::vector<Choices> getUniformPlans() const;
  /// Changes up to so many choices at a time as long as that helps.
  bool improve(Choices &best, unsigned atATime);
  std::pair<PlanResult, Choices> judge();
  /// The first of the uniform plans that fits; fails where none does.
  std::pair<PlanResult, Choices> findFit();
  /// Estimates plans, from the uniform ones to the best.
  void explore();

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

const PlanResult &Search::estimate(const Choices &choices,
                                   const PlanResult &limit) {
  auto [found, isNew] = estimates.try_emplace(choices);
  PlanResult &result = found->second;
  if (!isNew && !(result.isBound && result < limit))
    return result;
  OwningOpRef<ModuleOp> copy = apply(choices);
  result = PlanResult();
  if (failed(assign.run(*copy)))
    return result;
  PlanCost cost = costs.getCost(
      *copy->getOps<func::FuncOp>().begin(), [&](const PlanCost &cost) {
        return limit < rate(cost.words, cost.cycles);
      });
  result = cost.fails ? PlanResult() : rate(cost.words, cost.cycles);
  result.isBound = cost.isBound;
  return result;
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
  auto consider = [&](const Choices &other) {
    const PlanResult &limit = estimates.find(best)->second;
    if (!(estimate(other, limit) < limit))
      return;
    best = other;
    improved = true;
  };
  for (size_t i = 0; i < methods.size(); ++i)
    for (unsigned option = 0; option < methods[i].size(); ++option) {
      Choices other = best;
      other[i] = option;
      if (atATime == 1)
        consider(other);
      // Of two layers, which may share an engine.
      for (size_t j = i + 1; atATime == 2 && j < methods.size(); ++j)
        for (unsigned second = 0; second < methods[j].size(); ++second) {
          other = best;
          other[i] = option;
          other[j] = second;
          consider(other);
        }
    }
  return improved;
}

/// Whole programs of the plans, those with the best estimates first.
std::pair<PlanResult, Choices> Search::judge() {
  using Candidate = std::pair<PlanResult, Choices>;
  auto isAfter = [](const Candidate &a, const Candidate &b) {
    return std::tie(b.first, b.second) < std::tie(a.first, a.second);
  };
  std::priority_queue<Candidate, std::vector<Candidate>, decltype(isAfter)>
      candidates(isAfter);
  for (const auto &[plan, result] : estimates)
    if (!result.fails)
      candidates.push({result, plan});
  PlanResult best;
  Choices chosen;
  auto tryWhole = [&](const Choices &plan) {
    PlanResult whole = compile(plan);
    if (chosen.empty() || whole < best) {
      best = whole;
      chosen = plan;
    }
    return whole.fits();
  };
  size_t fitting = 0, wanted = goal == PlanGoal::Fit ? 1 : kFinalists;
  for (size_t tried = 0; !candidates.empty() && tried < kMostTried;) {
    auto [result, plan] = candidates.top();
    candidates.pop();
    // No program is smaller than its estimate: none behind comes any closer.
    if (!best.fails && result.excessWords &&
        result.excessWords >= best.excessWords)
      break;
    if (result.isBound) {
      PlanResult exact = estimate(plan, PlanResult());
      if (!exact.fails)
        candidates.push({exact, plan});
      continue;
    }
    ++tried;
    if (tryWhole(plan) && ++fitting == wanted)
      break;
  }
  // Estimates know nothing of RAM, of which these may need less. So they fit
  // here where findFit says so.
  for (const Choices &plan : getUniformPlans())
    if (!best.fits() && estimates.find(plan)->second.fits())
      tryWhole(plan);
  return {best, chosen};
}

std::pair<PlanResult, Choices> Search::findFit() {
  for (const Choices &plan : getUniformPlans())
    if (estimate(plan, PlanResult()).fits())
      if (PlanResult whole = compile(plan); whole.fits())
        return {whole, plan};
  return {};
}

void Search::explore() {
  Choices best;
  const PlanResult none;
  for (Choices plan : getUniformPlans()) {
    estimate(plan, best.empty() ? none : estimates.find(best)->second);
    while (improve(plan, 1))
      ;
    if (best.empty() ||
        estimates.find(plan)->second < estimates.find(best)->second)
      best = plan;
  }
  while (improve(best, 2) || improve(best, 1))
    ;
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
  std::pair<PlanResult, Choices> result;
  if (goal == PlanGoal::Fit)
    result = findFit();
  if (!result.first.fits()) {
    explore();
    result = judge();
  }
  auto &[found, chosen] = result;
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
