//===- ChainSearch.cpp - Sums of inputs shared by rows --------------------===//

#include "passes/lowbit/ChainSearch.h"

#include "llvm/ADT/STLExtras.h"

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;
using lowbit::Step;

namespace {

/// Coefficients of a group's inputs.
using Form = SmallVector<int64_t, 8>;

/// A row that needs a form, or its negative.
struct Tap {
  int64_t row;
  bool negated;
};

struct Need {
  Form form; ///< first coefficient other than 0 is positive
  SmallVector<Tap> taps;
};

/// The accumulator: a form plus a constant.
struct State {
  Form form;
  int64_t constant = 0;
  bool isValid = false; ///< A holds something known
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
  /// Steps from the state to the form; `after` is the state then.
  SmallVector<int32_t> getPath(const State &from, const Form &form,
                               State &after) const;
  int64_t getMin(const Form &form) const;
  int64_t getMax(const Form &form) const;

  const ChainProblem &problem;
  int64_t first, size;
  SmallVector<Need> needs;
};

} // namespace

int64_t GroupSearch::getMin(const Form &form) const {
  int64_t min = 0;
  for (int64_t c : form)
    min += std::min<int64_t>(c, 0) * problem.maxInput;
  return min;
}

int64_t GroupSearch::getMax(const Form &form) const {
  int64_t max = 0;
  for (int64_t c : form)
    max += std::max<int64_t>(c, 0) * problem.maxInput;
  return max;
}

void GroupSearch::add(int64_t row, const Form &form) {
  const int64_t *lead = llvm::find_if(form, [](int64_t c) { return c != 0; });
  if (lead == form.end())
    return;
  bool negated = *lead < 0;
  Form normal = form;
  if (negated)
    for (int64_t &c : normal)
      c = -c;
  auto *need = llvm::find_if(
      needs, [&](const Need &need) { return need.form == normal; });
  if (need == needs.end()) {
    needs.push_back({normal, {}});
    need = &needs.back();
  }
  need->taps.push_back({row, negated});
}

/// Each row's weights of the group, cut into forms whose values fit a byte.
void GroupSearch::collect() {
  int64_t budget = 255 / std::max<int64_t>(problem.maxInput, 1);
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

SmallVector<int32_t> GroupSearch::getPath(const State &from, const Form &form,
                                          State &after) const {
  SmallVector<int32_t> best;
  auto consider = [&](ArrayRef<int32_t> prefix, Form have, int64_t constant) {
    SmallVector<int32_t> steps(prefix);
    for (int64_t i = 0; i < size; ++i) {
      for (; have[i] < form[i]; ++have[i])
        steps.append({int32_t(Step::Add), int32_t(first + i)});
      for (; have[i] > form[i]; --have[i])
        steps.append({int32_t(Step::Sub), int32_t(first + i)});
    }
    // The value must lie in a byte whatever the inputs are.
    int64_t low = constant + getMin(form), high = constant + getMax(form);
    int64_t shift = low < 0 ? -low : high > 255 ? 255 - high : 0;
    if (shift)
      steps.append({int32_t(Step::Offset), int32_t(shift)});
    if (best.empty() || steps.size() < best.size()) {
      best = steps;
      after = {form, constant + shift, true};
    }
  };
  auto doubled = [](Form form) {
    for (int64_t &c : form)
      c *= 2;
    return form;
  };
  if (from.isValid) {
    consider({}, from.form, from.constant);
    consider({int32_t(Step::Double), 0}, doubled(from.form), from.constant * 2);
  }
  for (int64_t i = 0; i < size; ++i) {
    Form unit(size, 0);
    unit[i] = 1;
    SmallVector<int32_t> load = {int32_t(Step::Load), int32_t(first + i)};
    consider(load, unit, 0);
    load.append({int32_t(Step::Double), 0});
    consider(load, doubled(unit), 0);
  }
  consider({int32_t(Step::Const), int32_t(-getMin(form))}, Form(size, 0),
           -getMin(form));
  return best;
}

void GroupSearch::run(ChainProgram &program) {
  collect();
  if (problem.isStream)
    for (int64_t i = 0; i < size; ++i) {
      program.steps.append({int32_t(Step::Take), int32_t(first + i)});
      // All but the last are stored; the last may be if it is used again.
      program.cost += i + 1 < size;
    }
  State state;
  if (problem.isStream) {
    // The last input is still in A.
    state.form.assign(size, 0);
    state.form[size - 1] = 1;
    state.isValid = true;
    program.steps.append({int32_t(Step::Load), int32_t(first + size - 1)});
  }
  // Nearest next; a form or its negative, whichever is nearer.
  while (!needs.empty()) {
    size_t nearest = 0;
    bool flip = false;
    SmallVector<int32_t> path;
    State after;
    for (auto [i, need] : llvm::enumerate(needs)) {
      for (bool negative : {false, true}) {
        Form form = need.form;
        if (negative)
          for (int64_t &c : form)
            c = -c;
        State reached;
        SmallVector<int32_t> steps = getPath(state, form, reached);
        bool isFirst = i == 0 && !negative;
        if (isFirst || steps.size() < path.size()) {
          nearest = i;
          flip = negative;
          path = steps;
          after = reached;
        }
      }
    }
    program.steps.append(path);
    program.cost += path.size() / 2;
    state = after;
    for (Tap tap : needs[nearest].taps) {
      bool untap = tap.negated != flip;
      program.steps.append(
          {int32_t(untap ? Step::Untap : Step::Tap), int32_t(tap.row)});
      program.excess[tap.row] += untap ? -state.constant : state.constant;
      program.cost += problem.tapCost;
    }
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
