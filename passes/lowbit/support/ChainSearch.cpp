//===- ChainSearch.cpp - Sums of inputs shared by rows --------------------===//

#include "passes/lowbit/support/ChainSearch.h"

#include "llvm/ADT/STLExtras.h"
#include <array>

using namespace pdkc;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using lowbit::Step;

namespace {

/// Coefficients of a group's inputs.
using Form = SmallVector<int64_t, 8>;

/// A row that needs a form, or its negative.
struct Sum {
  int64_t row;
  bool negated;
};

/// The accumulator: a form plus a constant.
struct State {
  Form form;
  int64_t constant = 0;
};

/// The beginning of a path to a form: a few steps, and the accumulator then.
struct Start {
  SmallVector<int32_t, 4> steps;
  State state;
};

struct Need {
  Form form; ///< first coefficient other than 0 is positive
  SmallVector<Sum> sums;
  /// The shortest path that does not begin with what A holds, and its length in
  /// steps; to the form and to its negative.
  std::array<Start, 2> fresh;
  std::array<int64_t, 2> freshLength;
};

class GroupSearch {
public:
  GroupSearch(const ChainProblem &problem, int64_t first, int64_t size)
      : problem(problem), first(first), size(size) {}

  /// Appends the group's steps.
  void run(ChainProgram &program);

private:
  void collect();
  void add(int64_t row, const Form &form);
  /// How many steps a path takes that begins so.
  int64_t getLength(const Start &start, const Form &form) const;
  /// Appends the path's steps; the accumulator at its end.
  State appendPath(const Start &start, const Form &form,
                   SmallVectorImpl<int32_t> &steps) const;
  /// What has to be added for the form's value to lie in a byte whatever the
  /// inputs are.
  int64_t getShift(const Form &form, int64_t constant) const;
  /// The start, of those that do not use what A holds, for the shortest path.
  Start findFresh(const Form &form) const;
  int64_t getMin(const Form &form) const;
  int64_t getMax(const Form &form) const;

  const ChainProblem &problem;
  int64_t first, size;
  SmallVector<Need, 0> needs;
};

} // namespace

int64_t GroupSearch::getMin(const Form &form) const {
  int64_t min = 0;
  for (int64_t c : form)
    min += c * (c < 0 ? problem.maxInput : problem.minInput);
  return min;
}

int64_t GroupSearch::getMax(const Form &form) const {
  int64_t max = 0;
  for (int64_t c : form)
    max += c * (c < 0 ? problem.minInput : problem.maxInput);
  return max;
}

static Form negated(Form form) {
  for (int64_t &c : form)
    c = -c;
  return form;
}

void GroupSearch::add(int64_t row, const Form &form) {
  const int64_t *lead = llvm::find_if(form, [](int64_t c) { return c != 0; });
  if (lead == form.end())
    return;
  bool isNegated = *lead < 0;
  Form normal = isNegated ? negated(form) : form;
  auto *need = llvm::find_if(
      needs, [&](const Need &need) { return need.form == normal; });
  if (need == needs.end()) {
    needs.push_back({normal, {}, {}, {}});
    need = &needs.back();
  }
  need->sums.push_back({row, isNegated});
}

/// Each row's weights of the group, cut into forms whose values fit a byte.
void GroupSearch::collect() {
  int64_t budget =
      255 / std::max<int64_t>(problem.maxInput - problem.minInput, 1);
  for (int64_t row = 0; row < problem.rows; ++row) {
    Form form(size, 0);
    int64_t used = 0;
    for (int64_t i = 0; i < size; ++i) {
      int64_t weight = problem.weights[row * problem.inputs + first + i];
      int64_t sign = weight < 0 ? -1 : 1, left = std::abs(weight);
      while (left > 0) {
        if (used == budget || (left > budget - used && left <= budget)) {
          add(row, form);
          form.assign(size, 0);
          used = 0;
        }
        int64_t part = std::min(left, budget - used);
        form[i] += sign * part;
        used += part;
        left -= part;
      }
    }
    add(row, form);
  }
}

int64_t GroupSearch::getShift(const Form &form, int64_t constant) const {
  int64_t low = constant + getMin(form), high = constant + getMax(form);
  return low < 0 ? -low : high > 255 ? 255 - high : 0;
}

int64_t GroupSearch::getLength(const Start &start, const Form &form) const {
  int64_t length = start.steps.size() / 2;
  for (int64_t i = 0; i < size; ++i)
    length += std::abs(form[i] - start.state.form[i]);
  return length + (getShift(form, start.state.constant) != 0);
}

State GroupSearch::appendPath(const Start &start, const Form &form,
                              SmallVectorImpl<int32_t> &steps) const {
  steps.append(start.steps);
  for (int64_t i = 0; i < size; ++i) {
    int64_t difference = form[i] - start.state.form[i];
    Step step = difference > 0 ? Step::Add : Step::Sub;
    for (int64_t j = 0; j < std::abs(difference); ++j)
      steps.append({int32_t(step), int32_t(first + i)});
  }
  int64_t shift = getShift(form, start.state.constant);
  if (shift)
    steps.append({int32_t(Step::Offset), int32_t(shift)});
  return {form, start.state.constant + shift};
}

/// The state and one step more.
static Start doubled(Start start) {
  start.steps.append({int32_t(Step::Double), 0});
  for (int64_t &c : start.state.form)
    c *= 2;
  start.state.constant *= 2;
  return start;
}

Start GroupSearch::findFresh(const Form &form) const {
  SmallVector<Start, 0> starts;
  for (int64_t i = 0; i < size; ++i) {
    Form unit(size, 0);
    unit[i] = 1;
    starts.push_back({{int32_t(Step::Load), int32_t(first + i)}, {unit}});
    starts.push_back(doubled(starts.back()));
  }
  int64_t constant = -getMin(form);
  starts.push_back(
      {{int32_t(Step::Const), int32_t(constant)}, {Form(size, 0), constant}});
  return *std::min_element(starts.begin(), starts.end(),
                           [&](const Start &a, const Start &b) {
                             return getLength(a, form) < getLength(b, form);
                           });
}

void GroupSearch::run(ChainProgram &program) {
  collect();
  for (Need &need : needs)
    for (bool negative : {false, true}) {
      Form form = negative ? negated(need.form) : need.form;
      need.fresh[negative] = findFresh(form);
      need.freshLength[negative] = getLength(need.fresh[negative], form);
    }
  // What A holds, as it is and doubled; nothing that is known at first.
  SmallVector<Start, 2> held;
  if (problem.isStream) {
    for (int64_t i = 0; i < size; ++i) {
      program.steps.append({int32_t(Step::Take), int32_t(first + i)});
      // All but the last are stored; the last may be if it is used again.
      program.cost += i + 1 < size;
    }
    // The last input is still in A.
    program.steps.append({int32_t(Step::Load), int32_t(first + size - 1)});
    Form form(size, 0);
    form[size - 1] = 1;
    Start last{{}, {form}};
    held = {last, doubled(last)};
  }
  // Nearest next; a form or its negative, whichever is nearer.
  while (!needs.empty()) {
    size_t nearest = 0;
    bool flip = false;
    int64_t length = INT64_MAX;
    const Start *best = nullptr;
    for (auto [i, need] : llvm::enumerate(needs))
      for (bool negative : {false, true}) {
        Form form = negative ? negated(need.form) : need.form;
        auto consider = [&, i = i](const Start &start, int64_t steps) {
          if (steps >= length)
            return;
          nearest = i;
          flip = negative;
          length = steps;
          best = &start;
        };
        for (const Start &start : held)
          consider(start, getLength(start, form));
        consider(need.fresh[negative], need.freshLength[negative]);
      }
    const Need &need = needs[nearest];
    Start reached{{},
                  appendPath(*best, flip ? negated(need.form) : need.form,
                             program.steps)};
    program.cost += length;
    for (Sum sum : need.sums) {
      bool deducts = sum.negated != flip;
      Step step = deducts ? Step::Deduct : Step::Accumulate;
      program.steps.append({int32_t(step), int32_t(sum.row)});
      program.excess[sum.row] +=
          deducts ? -reached.state.constant : reached.state.constant;
      program.cost += problem.accumulateCost;
    }
    held = {reached, doubled(reached)};
    needs.erase(needs.begin() + nearest);
  }
}

ChainProgram pdkc::findChains(const ChainProblem &problem) {
  ChainProgram best;
  int64_t largest = std::min<int64_t>(6, problem.inputs);
  for (int64_t size = 1; size <= largest; ++size) {
    ChainProgram program;
    program.excess.assign(problem.rows, 0);
    for (int64_t first = 0; first < problem.inputs; first += size)
      GroupSearch(problem, first, std::min(size, problem.inputs - first))
          .run(program);
    if (size == 1 || program.cost < best.cost)
      best = program;
  }
  return best;
}
