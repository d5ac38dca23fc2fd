//===- PlanSpace.cpp - The choices that make a plan -----------------------===//

#include "compiler/planning/PlanSpace.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace pdkc;

/// An element of what is done between layers that are one operation counts as
/// so many weights.
static constexpr double kWeightsOfElement = 8;

PlanSpace::PlanSpace(ModuleOp module, const Target &target) : module(module) {
  MethodRegistry &registry = MethodRegistry::get(module.getContext());
  DenseMap<Operation *, unsigned> numberOf;
  for (Operation &op : (*module.getOps<func::FuncOp>().begin()).front()) {
    unsigned number = units.size();
    numberOf[&op] = number;
    PlanUnit &unit = units.emplace_back();
    locations.push_back(FileLineColLoc::get(module.getContext(), "unit",
                                            number, 0));
    unit.options.emplace_back();
    unit.families.emplace_back();
    op.walk<WalkOrder::PreOrder>([&](Operation *inner) {
      auto methods = registry.getMethods(inner, target);
      // What is taken in any case needs no choice.
      if (!lowbit::getMethod(inner).empty() || methods.empty() ||
          (methods.size() == 1 && methods[0] == registry.find(inner)))
        return;
      unit.choosers.push_back(inner);
      std::vector<SmallVector<StringRef>> options;
      std::vector<StringRef> families;
      for (auto [option, family] : llvm::zip(unit.options, unit.families))
        for (const Method *method : methods) {
          options.push_back(option);
          options.back().push_back(method->getName());
          StringRef other = method->getFamily();
          families.push_back(other.empty() ? family : other);
        }
      unit.options = std::move(options);
      unit.families = std::move(families);
    });
    for (Value operand : op.getOperands())
      if (Operation *producer = operand.getDefiningOp()) {
        unsigned other = numberOf.lookup(producer);
        unit.neighbours.push_back(other);
        units[other].neighbours.push_back(number);
      }
    unit.decides = isa<lowbit::ConcatOp>(op) && unit.options.size() > 1;
  }
  // The layer behind a concatenation may go to what makes the parts.
  for (unsigned number = 0; number < units.size(); ++number) {
    if (!units[number].decides)
      continue;
    SmallVector<unsigned> around = units[number].neighbours;
    for (unsigned one : around)
      for (unsigned other : around)
        if (one != other && !llvm::is_contained(units[one].neighbours, other))
          units[one].neighbours.push_back(other);
  }
}

void PlanSpace::choose(const Choices &choices) const {
  for (auto [unit, choice] : llvm::zip(units, choices))
    for (auto [op, method] : llvm::zip(unit.choosers, unit.options[choice]))
      lowbit::setMethod(op, method);
}

OwningOpRef<ModuleOp> PlanSpace::apply(const Choices &choices) const {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(
      cast<ModuleOp>(module->clone(mapping)));
  for (auto [unit, choice] : llvm::zip(units, choices))
    for (auto [op, method] : llvm::zip(unit.choosers, unit.options[choice]))
      lowbit::setMethod(mapping.lookup(op), method);
  auto func = *copy->getOps<func::FuncOp>().begin();
  for (auto [op, location] : llvm::zip(func.front(), locations))
    op.walk([&](Operation *inner) { inner->setLoc(location); });
  return copy;
}

std::optional<unsigned> PlanSpace::getUnit(Operation *op) const {
  auto *found = llvm::find(locations, op->getLoc());
  return found == locations.end()
             ? std::nullopt
             : std::optional<unsigned>(found - locations.begin());
}

SmallVector<std::pair<unsigned, double>>
PlanSpace::getParts(Operation *op) const {
  if (auto unit = getUnit(op))
    return {{*unit, 1}};
  SmallVector<std::pair<unsigned, double>> parts;
  double sum = 0;
  if (isa<lowbit::FusedOp>(op))
    op->walk([&](Operation *inner) {
      auto unit = getUnit(inner);
      if (!unit || isa<lowbit::YieldOp>(inner))
        return;
      auto dense = dyn_cast<lowbit::DenseOp>(inner);
      double weight =
          dense ? double(dense.getNumRows()) * dense.getNumInputs()
                : kWeightsOfElement *
                      cast<RankedTensorType>(inner->getResult(0).getType())
                          .getNumElements();
      parts.push_back({*unit, weight});
      sum += weight;
    });
  for (auto &[unit, weight] : parts)
    weight /= sum;
  return parts;
}

/// The option of whose methods each is the one that `isWanted` or the first.
static unsigned
findOption(const PlanUnit &unit,
           llvm::function_ref<bool(size_t chooser, StringRef)> isWanted) {
  unsigned best = 0;
  size_t most = 0;
  for (auto [i, option] : llvm::enumerate(unit.options)) {
    size_t count = 0;
    for (auto [chooser, method] : llvm::enumerate(option))
      if (isWanted(chooser, method))
        count += option.size() + 1;
      else
        count += method == unit.options[0][chooser];
    if (count > most) {
      most = count;
      best = i;
    }
  }
  return best;
}

Choices PlanSpace::getUniform(StringRef method) const {
  Choices plan;
  for (const PlanUnit &unit : units)
    plan.push_back(findOption(
        unit, [&](size_t, StringRef name) { return name == method; }));
  // What a layer's method shares with others' is worth having all of it.
  StringRef family;
  for (auto [unit, choice] : llvm::zip(units, plan))
    if (llvm::is_contained(unit.options[choice], method))
      family = unit.families[choice];
  for (auto [unit, choice] : llvm::zip(units, plan)) {
    auto found = llvm::find(unit.families, family);
    if (!family.empty() && unit.families[choice] != family &&
        found != unit.families.end())
      choice = found - unit.families.begin();
  }
  return plan;
}

/// Words of the name that are words of the other.
static size_t countCommonWords(StringRef name, StringRef other) {
  SmallVector<StringRef> words, others;
  name.split(words, '-');
  other.split(others, '-');
  return llvm::count_if(
      words, [&](StringRef word) { return llvm::is_contained(others, word); });
}

Choices PlanSpace::getAlike(StringRef method) const {
  Choices plan = getUniform(method);
  StringRef family;
  for (auto [unit, choice] : llvm::zip(units, plan))
    if (llvm::is_contained(unit.options[choice], method))
      family = unit.families[choice];
  if (family.empty())
    return plan;
  for (auto [unit, choice] : llvm::zip(units, plan)) {
    size_t most = 0;
    for (auto [i, option] : llvm::enumerate(unit.options)) {
      if (unit.families[i] != family)
        continue;
      for (StringRef name : option)
        if (size_t common = countCommonWords(name, method); common > most) {
          most = common;
          choice = i;
        }
    }
  }
  return plan;
}

std::vector<Choices> PlanSpace::getUniformPlans() const {
  std::vector<Choices> plans;
  auto add = [&](Choices plan) {
    if (!llvm::is_contained(plans, plan))
      plans.push_back(std::move(plan));
  };
  add(Choices(units.size(), 0));
  Choices second;
  for (const PlanUnit &unit : units)
    second.push_back(findOption(unit, [&](size_t chooser, StringRef name) {
      for (const auto &option : unit.options)
        if (option[chooser] != unit.options[0][chooser])
          return option[chooser] == name;
      return false;
    }));
  add(second);
  for (const PlanUnit &unit : units)
    for (const auto &option : unit.options)
      for (StringRef name : option)
        add(getUniform(name));
  for (const PlanUnit &unit : units)
    for (const auto &option : unit.options)
      for (StringRef name : option)
        add(getAlike(name));
  return plans;
}
