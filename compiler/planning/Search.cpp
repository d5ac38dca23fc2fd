//===- Search.cpp - The best plan for a device ----------------------------===//
//
// Best first: of plans and beginnings of plans, in which only some units have
// their options, the one that costs the least at least (PlanBounds.h) comes
// next. A beginning is gone on with by each option of the next unit; a plan's
// operations are priced (CostModel.h), from which bounds learn. When a plan's
// price is no more than all bounds that are left, no other plan is better. The
// search is cut where it takes too many steps, or too many cycles in the
// simulator: then it ends among the options whose cycles are known. The least
// bound says how far the best plan found may be from the best one.
//
// First each option is priced once in a plan and, of layers, once together with
// all that may share their engine, so that bounds have something to learn from.
//
// Prices are exact but for RAM and the firmware around, so whole programs have
// the last word. Bytes are part of the prices as soon as one does not fit.
//
//===----------------------------------------------------------------------===//

#include "compiler/planning/Search.h"

#include "compiler/Phases.h"
#include "compiler/planning/PlanBounds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace mlir;
using namespace pdkc;

/// Whole programs that are tried; so many of them in the order of their prices,
/// and where none fits, those of the fewest bytes.
static constexpr int64_t kMostTried = 12, kTriedInOrder = 6;
/// Plans in which an option is tried that the first one has no place for.
static constexpr size_t kMostBases = 3;

namespace {

/// What a search may take at most.
struct Effort {
  /// Inferences that a plan is measured with; more would not change a choice.
  int64_t samples = 12;
  /// Nodes that are looked at for a goal, and plans that are priced.
  int64_t nodes = 20000, estimates = 400;
  /// Cycles that are simulated, from where on no more plans are priced.
  double cycles = 30e6;
  /// Of the programs that fit so many are compared.
  size_t finalists = 3;
  /// Each option is priced among the same others, so that bounds learn from
  /// what differs; else only those that no plan has had yet.
  bool triesAll = true;

  static Effort get(PlanGoal goal) {
    Effort effort;
    if (goal == PlanGoal::Near)
      effort = {6, 2000, 30, 10e6, 2, false};
    return effort;
  }
};

/// A plan, or the beginning of one.
struct Node {
  PlanResult bound;
  size_t decided = 0; ///< units with an option
  Choices choices;

  /// Of equal ones the longer comes first.
  bool isAfter(const Node &other) const {
    if (bound < other.bound || other.bound < bound)
      return other.bound < bound;
    return std::tie(other.decided, choices) < std::tie(decided, other.choices);
  }
};

/// For one device and of one kind of prices: with bytes or without.
class Search {
public:
  Search(const PlanSpace &space, ModuleOp module, const CompileOptions &options,
         const Samples &samples, PlanGoal goal, const Effort &effort,
         CostModel &costs, bool hasBytes, SearchSummary &summary)
      : space(space), options(options), samples(samples), goal(goal),
        effort(effort),
        target{pdk::findDevice(options.device), options.undocumented},
        costs(costs), hasBytes(hasBytes), summary(summary),
        bounds(space, getAvailableWords(options, *target.device),
               options.maxCycles && goal == PlanGoal::Best
                   ? double(options.maxCycles)
                   : std::numeric_limits<double>::infinity(),
               target.device->ramBytes),
        assign(module.getContext(), options, buildStoragePipeline),
        write(module.getContext(), options,
              [](OpPassManager &manager, const PipelineOptions &options) {
                manager.addPass(
                    createLowbitToPdk({options.mcu, options.undocumented}));
              }),
        place(module.getContext(), options, buildPlacePipeline) {}

  /// Before run(); see PlanBounds.
  void countAsShared() { bounds.countAsShared(); }
  /// The plan, and what its whole program costs. Nothing where bytes are asked
  /// for and prices have none.
  std::optional<std::pair<PlanResult, Choices>> run();
  /// What the plan's whole program costs.
  PlanResult compile(const Choices &choices);

private:
  /// Which operations' cycles are to be known.
  using Wanted = llvm::function_ref<bool(const OperationPrice &)>;

  /// Prices the plan; true where all its operations have what is wanted.
  bool price(const Choices &choices, Wanted wanted);
  /// Whether more may be simulated.
  bool hasTime() const { return costs.getSimulated() < effort.cycles; }
  void priceOptions();
  void priceCycles();
  /// Adds the best plans for the goal to the estimates. Whether all that are
  /// left are no better.
  bool explore(bool forSize);
  void push(std::vector<Node> &queue, Node node, bool forSize);
  /// The best plan of those that are not tried yet, or the one of the fewest
  /// bytes; none where there is none.
  std::optional<Choices> findBest(bool forSize, bool byBytes = false) const;
  /// Notes that the plan is too slow between two inputs: others that take them
  /// by the same methods come behind all that do not.
  void noteSlow(const Choices &choices);
  bool isSlow(const Choices &choices) const;
  PlanResult getEstimate(const Choices &choices, bool forSize) const;

  const PlanSpace &space;
  const CompileOptions &options;
  const Samples &samples;
  PlanGoal goal;
  const Effort &effort;
  Target target;
  CostModel &costs;
  bool hasBytes;
  SearchSummary &summary;
  PlanBounds bounds;
  TrialPhase assign, write, place;

  struct Estimate {
    bool fails = false, isTried = false;
    double words = 0, cycles = 0;
    int64_t bytes = 0;
  };
  /// Plans whose price is known, or which fail.
  std::map<Choices, Estimate> estimates;
  int64_t estimated = 0; ///< plans that were priced by the search itself
  /// The plan that options are tried in, one at a time.
  Choices base;
  /// Whether bounds that are known became less.
  bool areBoundsLess = false;
  /// Units and their options that are too slow between two inputs.
  std::set<std::pair<unsigned, unsigned>> slow;
};

} // namespace

//===----------------------------------------------------------------------===//
// Prices
//===----------------------------------------------------------------------===//

bool Search::price(const Choices &choices, Wanted wanted) {
  ++summary.estimates;
  if (options.progress)
    options.progress(summary.estimates);
  OwningOpRef<ModuleOp> copy = space.apply(choices);
  if (failed(assign.run(*copy))) {
    estimates[choices].fails = true;
    return false;
  }
  SmallVector<OperationPrice> prices =
      costs.getPrices(*copy->getOps<func::FuncOp>().begin());
  bool fails = llvm::any_of(
      prices, [](const OperationPrice &price) { return price.fails; });
  if (hasBytes && !fails)
    costs.addBytes(prices, options.firmware.has_value(), options.reserveRam);
  areBoundsLess |= bounds.add(prices, choices);
  Estimate estimate;
  for (const OperationPrice &price : prices)
    estimate.words += price.words;
  // What the device has no room for cannot run: its words say how near it is.
  bool hasRoom = !bounds.rate(estimate.words, 0, 0, true).excessWords;
  costs.addCycles(prices, wanted);
  areBoundsLess |= bounds.add(prices, choices);
  bool isWhole = true;
  for (const OperationPrice &price : prices) {
    estimate.fails |= price.fails;
    estimate.cycles += price.cycles.value_or(0);
    estimate.bytes = std::max(estimate.bytes, price.bytes);
    isWhole &= price.cycles || goal == PlanGoal::Fit || !hasRoom;
  }
  if (!hasRoom)
    estimate.cycles = 0;
  if (estimate.fails || isWhole)
    estimates[choices] = estimate;
  return estimate.fails || isWhole;
}

/// Words, and bytes, of all options; of those of uniform plans the cycles as
/// well where there is no time to price them again.
void Search::priceOptions() {
  auto none = [](const OperationPrice &) { return false; };
  std::set<std::pair<unsigned, unsigned>> seen;
  auto isPossible = [&](const Choices &plan) {
    auto found = estimates.find(plan);
    return found == estimates.end() || !found->second.fails;
  };
  std::vector<Choices> uniform = space.getUniformPlans();
  for (const Choices &plan : uniform)
    price(plan, [&](const OperationPrice &price) {
      auto unit = space.getUnit(price.op);
      return !effort.triesAll && !options.forSize && unit && hasTime() &&
             seen.insert({*unit, plan[*unit]}).second;
    });
  auto tryAll = [&](const Choices &start) {
    for (auto [i, unit] : llvm::enumerate(space.getUnits()))
      for (unsigned option = 0; option < unit.options.size(); ++option) {
        if (bounds.isPossible(i, option) && (start != base || !effort.triesAll))
          continue;
        Choices other = start;
        other[i] = option;
        if (other == start)
          continue;
        price(other, none);
        if (base.empty() && isPossible(other))
          return;
      }
  };
  // Where the fewest layers have engines that they may share.
  auto countEngines = [&](const Choices &plan) {
    size_t count = 0;
    for (auto [unit, choice] : llvm::zip(space.getUnits(), plan))
      count += !unit.families[choice].empty();
    return count;
  };
  for (const Choices &plan : uniform)
    if (isPossible(plan) &&
        (base.empty() || countEngines(plan) < countEngines(base)))
      base = plan;
  // One layer may refuse what others need.
  for (size_t i = 0; base.empty() && i < uniform.size(); ++i) {
    tryAll(uniform[i]);
    for (const auto &[plan, estimate] : estimates)
      if (base.empty() && !estimate.fails)
        base = plan;
  }
  if (base.empty())
    return;
  tryAll(base);
  // What is refused there may be taken elsewhere, if seldom.
  size_t others = 0;
  for (const Choices &plan : uniform)
    if (isPossible(plan) && plan != base && others++ < kMostBases)
      tryAll(plan);
}

/// Cycles of the options that may be in a plan that fits.
void Search::priceCycles() {
  if (!effort.triesAll)
    return;
  std::vector<Choices> uniform = space.getUniformPlans();
  auto isOf = [&](const OperationPrice &price, size_t unit) {
    return space.getUnit(price.op).value_or(unit) == unit;
  };
  auto tryOption = [&](size_t unit, unsigned option) {
    Choices plan = base;
    plan[unit] = option;
    if (bounds.mayFit(unit, option))
      price(plan,
            [&](const OperationPrice &price) { return isOf(price, unit); });
  };
  // Of many combinations of methods first the way to a good one, one method at
  // a time; then as many of the others as there is time for.
  for (auto [i, unit] : llvm::enumerate(space.getUnits())) {
    unsigned count = unit.options.size(), best = base[i];
    for (bool improved = true; improved;) {
      improved = false;
      unsigned from = best;
      for (unsigned option = 0; option < count; ++option) {
        if (!unit.areNear(from, option))
          continue;
        if (std::isinf(bounds.getCycles(i, option)))
          tryOption(i, option);
        if (bounds.getCycles(i, option) < bounds.getCycles(i, best)) {
          best = option;
          improved = true;
        }
      }
    }
  }
  for (auto [i, unit] : llvm::enumerate(space.getUnits()))
    for (unsigned option = 0; option < unit.options.size(); ++option)
      if (std::isinf(bounds.getCycles(i, option)) && hasTime())
        tryOption(i, option);
  // Layers once more, with all that may share their engines.
  std::set<std::pair<unsigned, unsigned>> shared;
  for (const Choices &plan : uniform)
    price(plan, [&](const OperationPrice &price) {
      auto unit = space.getUnit(price.op);
      return unit && hasTime() && space.getUnits()[*unit].isLayer() &&
             bounds.mayFit(*unit, plan[*unit]) &&
             shared.insert({*unit, plan[*unit]}).second;
    });
}

//===----------------------------------------------------------------------===//
// The search
//===----------------------------------------------------------------------===//

PlanResult Search::getEstimate(const Choices &choices, bool forSize) const {
  const Estimate &estimate = estimates.find(choices)->second;
  if (estimate.fails)
    return {};
  return bounds.rate(estimate.words, estimate.cycles, estimate.bytes, forSize);
}

std::optional<Choices> Search::findBest(bool forSize, bool byBytes) const {
  std::optional<Choices> best;
  PlanResult bestResult;
  bool isBestSlow = true;
  for (const auto &[plan, estimate] : estimates) {
    if (estimate.isTried)
      continue;
    PlanResult result = getEstimate(plan, forSize);
    if (result.fails)
      continue;
    bool isPlanSlow = isSlow(plan);
    if (best && isPlanSlow != isBestSlow) {
      if (isPlanSlow)
        continue;
    } else if (best && !(byBytes && result.excessWords == bestResult.excessWords &&
                          result.bytes != bestResult.bytes
                      ? result.bytes < bestResult.bytes
                      : result < bestResult))
      continue;
    best = plan;
    bestResult = result;
    isBestSlow = isPlanSlow;
  }
  return best;
}

void Search::noteSlow(const Choices &choices) {
  for (auto [i, unit] : llvm::enumerate(space.getUnits()))
    if (llvm::any_of(unit.choosers, [](Operation *op) {
          auto fused = dyn_cast<lowbit::FusedOp>(op->getParentOp());
          return llvm::any_of(fused ? fused->getOperands() : op->getOperands(),
                              llvm::IsaPred<BlockArgument>);
        }))
      slow.insert({i, choices[i]});
}

bool Search::isSlow(const Choices &choices) const {
  return llvm::any_of(slow, [&](std::pair<unsigned, unsigned> option) {
    return choices[option.first] == option.second;
  });
}

static bool isAfter(const Node &a, const Node &b) { return a.isAfter(b); }

void Search::push(std::vector<Node> &queue, Node node, bool forSize) {
  node.bound = bounds.get(node.choices, node.decided, forSize);
  if (node.bound.fails)
    return;
  queue.push_back(std::move(node));
  std::push_heap(queue.begin(), queue.end(), isAfter);
}

bool Search::explore(bool forSize) {
  std::vector<Node> queue;
  const Node root{{}, 0, Choices(space.getUnits().size(), 0)};
  // Without time for more of them only options whose cycles are known.
  bool isCut = !forSize && !hasTime();
  bounds.leaveOutUnknown(isCut);
  push(queue, root, forSize);
  ArrayRef<unsigned> order = bounds.getOrder();
  auto getBest = [&] {
    auto best = findBest(forSize);
    return best ? getEstimate(*best, forSize) : PlanResult();
  };
  PlanResult best = getBest();
  int64_t nodes = 0;
  while (!queue.empty()) {
    if (areBoundsLess) {
      areBoundsLess = false;
      for (Node &node : queue)
        node.bound = bounds.get(node.choices, node.decided, forSize);
      std::make_heap(queue.begin(), queue.end(), isAfter);
    }
    if (!(queue.front().bound < best) || nodes == effort.nodes ||
        estimated == effort.estimates || (!forSize && !isCut && !hasTime()))
      break;
    std::pop_heap(queue.begin(), queue.end(), isAfter);
    Node node = std::move(queue.back());
    queue.pop_back();
    ++nodes;
    PlanResult bound = bounds.get(node.choices, node.decided, forSize);
    if (node.bound < bound) {
      push(queue, std::move(node), forSize);
      continue;
    }
    if (node.decided < order.size()) {
      unsigned unit = order[node.decided++];
      for (unsigned option = 0; option < space.getUnits()[unit].options.size();
           ++option) {
        node.choices[unit] = option;
        push(queue, node, forSize);
      }
      continue;
    }
    if (estimates.count(node.choices))
      continue;
    // Cycles are needed where the words alone do not put it behind others.
    PlanResult next = queue.empty() || best < queue.front().bound
                          ? best
                          : queue.front().bound;
    std::optional<bool> isWorth;
    ++estimated;
    bool isKnown = price(node.choices, [&](const OperationPrice &) {
      if (!isWorth) {
        PlanResult least = bounds.get(node.choices, node.decided, forSize);
        isWorth = goal != PlanGoal::Fit && !least.excessWords &&
                  !(next < least);
      }
      return *isWorth;
    });
    if (isKnown)
      best = getBest();
    else
      push(queue, std::move(node), forSize);
  }
  summary.nodes += nodes;
  bool isExact = queue.empty() || !(queue.front().bound < best);
  if (!isExact && !forSize && !isCut && !hasTime())
    return explore(forSize);
  if (isCut) {
    bounds.leaveOutUnknown(false);
    queue.clear();
    push(queue, root, forSize);
    isExact = queue.empty() || !(queue.front().bound < best);
  }
  if (forSize == options.forSize) {
    summary.estimate = best.first;
    summary.bound = isExact ? best.first
                            : std::min(best.first, queue.front().bound.first);
  }
  return isExact;
}

//===----------------------------------------------------------------------===//
// Whole programs
//===----------------------------------------------------------------------===//

PlanResult Search::compile(const Choices &choices) {
  ++summary.programs;
  OwningOpRef<ModuleOp> copy = space.apply(choices);
  if (failed(assign.run(*copy)) || failed(write.run(*copy)) ||
      failed(place.run(*copy)))
    return {};
  auto programOp = *copy->getOps<pdk::ProgramOp>().begin();
  auto layout = layOut(programOp);
  if (failed(layout))
    return {};
  int64_t words = layout->words.size();
  PlanResult result = bounds.rate(words, 1e18, 0, options.forSize);
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
  // What is allowed is so for all samples.
  int64_t most = options.maxCycles ? samples.getCount() : effort.samples;
  double cycles =
      measure(*layout, *program, samples, options.undocumented, most)
          .cycles.mean;
  int64_t excessPause = result.excessPause;
  result = bounds.rate(words, cycles, 0, options.forSize);
  result.excessPause = excessPause;
  return result;
}

std::optional<std::pair<PlanResult, Choices>> Search::run() {
  PlanResult best;
  Choices chosen;
  priceOptions();
  if (base.empty())
    return std::make_pair(best, chosen);
  bool forSize = options.forSize || goal == PlanGoal::Fit;
  bool hasCycles = goal == PlanGoal::Fit;
  size_t fitting = 0, wanted = goal == PlanGoal::Fit ? 1 : effort.finalists;
  for (int64_t tried = 0; tried < kMostTried && fitting < wanted; ++tried) {
    // The plan for speed is no slower than the smallest one, which is no larger
    // than that one, even where a search is cut.
    if (!fitting) {
      if (options.maxCycles && !hasCycles) {
        priceCycles();
        hasCycles = true;
      }
      bool isExact = (forSize || effort.triesAll) && explore(/*forSize=*/true);
      if (!forSize || (!isExact && goal == PlanGoal::Best)) {
        if (!hasCycles)
          priceCycles();
        hasCycles = true;
        explore(/*forSize=*/false);
      }
    }
    auto plan = findBest(forSize, !fitting && tried >= kTriedInOrder);
    if (!plan)
      break;
    PlanResult estimate = getEstimate(*plan, forSize);
    estimates[*plan].isTried = true;
    // None behind comes any closer.
    if (!best.fails && estimate.excessWords &&
        estimate.excessWords >= best.excessWords)
      break;
    PlanResult whole = compile(*plan);
    if (whole.fails && !hasBytes)
      return std::nullopt;
    // A firmware fails where no time between two inputs is known, too.
    if (whole.excessPause || (whole.fails && options.firmware))
      noteSlow(*plan);
    if (chosen.empty() || whole < best) {
      best = whole;
      chosen = *plan;
    }
    fitting += whole.fits();
  }
  return std::make_pair(best, chosen);
}

PlanResult pdkc::search(ModuleOp module, const CompileOptions &options,
                        const Samples &samples, PlanGoal goal,
                        SearchSummary &summary) {
  // Plans that fail are no error of the user's unless all do.
  ScopedDiagnosticHandler quiet(module.getContext(),
                                [](Diagnostic &) { return success(); });
  Target target{pdk::findDevice(options.device), options.undocumented};
  PlanSpace space(module, target);
  const Effort effort = Effort::get(goal);
  CostModel costs(target, samples, effort.samples);
  auto make = [&](PlanGoal goal, bool hasBytes) {
    return Search(space, module, options, samples, goal, effort, costs,
                  hasBytes, summary);
  };
  auto run = [&](PlanGoal goal, bool isShared = false) {
    auto runOne = [&](bool hasBytes) {
      Search search = make(goal, hasBytes);
      if (isShared)
        search.countAsShared();
      return search.run();
    };
    auto found = runOne(/*hasBytes=*/false);
    return found ? *found : *runOne(/*hasBytes=*/true);
  };
  auto [result, choices] = run(goal);
  // The smallest may be so by what its operations share; of many operations
  // that search may be cut before it comes as far.
  if (options.forSize && goal == PlanGoal::Best)
    if (auto other = run(goal, /*isShared=*/true); other.first < result) {
      result = other.first;
      choices = other.second;
    }
  // A search for the best may be cut before it comes to one that fits.
  bool isMade = !result.fails && !result.excessWords && !result.excessPause;
  if (goal != PlanGoal::Fit && !isMade) {
    double bound = summary.bound;
    if (auto other = run(PlanGoal::Fit); other.first.fits()) {
      choices = other.second;
      result = make(goal, /*hasBytes=*/true).compile(choices);
      summary.estimate = result.first;
    }
    summary.bound = bound;
  }
  // Where nothing gives a program, the method that takes all layers says why.
  space.choose(result.fails ? space.getUniform("looped") : choices);
  summary.fits = result.fits();
  return result;
}
