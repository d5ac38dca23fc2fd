//===- PairWalk.cpp - The sums of two inputs, one after the other ---------===//
//
// A search, step by step, over all states: the weights that A has, and which of
// those that are wanted it had already.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/PairWalk.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cassert>
#include <vector>

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace {
using Weights = std::pair<int64_t, int64_t>;

/// The weights from -most to most, both, as a number.
struct Grid {
  int64_t most;
  int64_t side() const { return 2 * most + 1; }
  bool holds(Weights weights) const {
    return std::abs(weights.first) <= most && std::abs(weights.second) <= most;
  }
  size_t number(Weights weights) const {
    return (weights.first + most) * side() + weights.second + most;
  }
  Weights weights(size_t number) const {
    return {int64_t(number) / side() - most, int64_t(number) % side() - most};
  }
};
} // namespace

/// States that are searched at most; enough for 16 pairs of weights up to 2.
static constexpr size_t kMostStates = 25 << 16;

std::pair<int64_t, int64_t> PairWalk::getStart() const {
  if (needsDouble[0])
    return {2, 0};
  return {0, needsDouble[1] ? 2 : 1};
}

static Weights apply(PairStep step, Weights weights) {
  if (step.kind == PairStep::Negate)
    return {-weights.first, -weights.second};
  int64_t change =
      (step.isDouble ? 2 : 1) * (step.kind == PairStep::Subtract ? -1 : 1);
  (step.input ? weights.second : weights.first) += change;
  return weights;
}

/// The moves from the walk's start through all `goals`, appended to its steps
/// without taps.
static void findMoves(const Grid &grid, ArrayRef<Weights> goals,
                      PairWalk &walk) {
  SmallVector<PairStep> moves = {{PairStep::Negate}};
  for (unsigned input : {0, 1})
    for (bool isDouble : {false, true})
      if (!isDouble || walk.needsDouble[input])
        for (auto kind : {PairStep::Add, PairStep::Subtract})
          moves.push_back({kind, input, isDouble});
  size_t places = grid.side() * grid.side();
  std::vector<uint32_t> goalAt(places, 0); // a bit each
  for (auto [i, goal] : llvm::enumerate(goals))
    goalAt[grid.number(goal)] = 1u << i;
  uint32_t all = (1u << goals.size()) - 1;
  constexpr uint8_t kUnseen = 255, kStart = 254;
  // By state the move that led there.
  std::vector<uint8_t> cameBy(places << goals.size(), kUnseen);
  auto getState = [&](size_t place, uint32_t seen) {
    return (size_t(seen) * places) + place;
  };
  size_t place = grid.number(walk.getStart());
  size_t state = getState(place, goalAt[place]);
  std::vector<size_t> border = {state}, next;
  cameBy[state] = kStart;
  bool isFound = all == goalAt[place];
  // And the state it came from.
  std::vector<size_t> before(isFound ? 1 : cameBy.size(), 0);
  while (!isFound) {
    assert(!border.empty() && "every pair of weights is in reach");
    next.clear();
    for (size_t from : border) {
      Weights weights = grid.weights(from % places);
      uint32_t seen = from / places;
      for (auto [number, move] : llvm::enumerate(moves)) {
        Weights to = apply(move, weights);
        if (!grid.holds(to))
          continue;
        size_t toPlace = grid.number(to);
        size_t reached = getState(toPlace, seen | goalAt[toPlace]);
        if (cameBy[reached] != kUnseen)
          continue;
        cameBy[reached] = number;
        before[reached] = from;
        next.push_back(reached);
        if ((seen | goalAt[toPlace]) == all) {
          state = reached;
          isFound = true;
          break;
        }
      }
      if (isFound)
        break;
    }
    std::swap(border, next);
  }
  for (; cameBy[state] != kStart; state = before[state])
    walk.steps.push_back(moves[cameBy[state]]);
  std::reverse(walk.steps.begin(), walk.steps.end());
}

std::optional<PairWalk>
pdkc::findPairWalk(ArrayRef<std::pair<int64_t, int64_t>> wanted) {
  llvm::SmallMapVector<Weights, SmallVector<size_t>, 16> rowsOf;
  Grid grid{2};
  for (auto [row, weights] : llvm::enumerate(wanted)) {
    rowsOf[weights].push_back(row);
    grid.most = std::max(
        {grid.most, std::abs(weights.first), std::abs(weights.second)});
  }
  if (rowsOf.empty() || rowsOf.size() > 16 ||
      (size_t(grid.side() * grid.side()) << rowsOf.size()) > kMostStates)
    return std::nullopt;
  SmallVector<Weights> goals;
  for (auto &[weights, rows] : rowsOf)
    goals.push_back(weights);
  std::optional<PairWalk> best;
  size_t bestCost = 0;
  for (bool first : {false, true})
    for (bool second : {false, true}) {
      PairWalk walk;
      walk.needsDouble[0] = first;
      walk.needsDouble[1] = second;
      findMoves(grid, goals, walk);
      size_t cost = walk.steps.size() + 3 * first + 2 * second;
      if (best && cost >= bestCost)
        continue;
      best = walk;
      bestCost = cost;
    }
  // Each row taps where A has its weights for the first time.
  PairWalk result = *best;
  result.steps.clear();
  Weights weights = best->getStart();
  auto tap = [&] {
    auto found = rowsOf.find(weights);
    if (found == rowsOf.end())
      return;
    for (size_t row : found->second) {
      PairStep step{PairStep::Tap};
      step.row = row;
      result.steps.push_back(step);
    }
    found->second.clear();
  };
  tap();
  for (PairStep step : best->steps) {
    result.steps.push_back(step);
    weights = apply(step, weights);
    tap();
  }
  return result;
}
