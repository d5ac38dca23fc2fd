//===- PairWalkTest.cpp - Each row taps its weights of both inputs --------===//
//
// The walk is gone through with the weights that A has; and its length is that
// of a search of another kind: permutations of the pairs that are wanted, with
// the distances between them.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/PairWalk.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

using namespace pdkc;

namespace {
using Weights = std::pair<int64_t, int64_t>;

/// Steps that are no taps; checks that all rows have their weights.
size_t follow(const PairWalk &walk, const std::vector<Weights> &wanted) {
  Weights weights = walk.getStart();
  std::vector<int> taps(wanted.size(), 0);
  size_t moves = 0;
  for (const PairStep &step : walk.steps) {
    if (step.kind == PairStep::Tap) {
      EXPECT_EQ(weights, wanted.at(step.row));
      ++taps[step.row];
      continue;
    }
    ++moves;
    if (step.kind == PairStep::Negate) {
      weights = {-weights.first, -weights.second};
      continue;
    }
    EXPECT_TRUE(!step.isDouble || walk.needsDouble[step.input]);
    (step.input ? weights.second : weights.first) +=
        (step.isDouble ? 2 : 1) * (step.kind == PairStep::Add ? 1 : -1);
  }
  EXPECT_EQ(taps, std::vector<int>(wanted.size(), 1));
  return moves;
}

/// Moves by one input once or by a negation, without doubles.
size_t getDistance(Weights from, Weights to) {
  auto apart = [](Weights a, Weights b) {
    return size_t(std::abs(a.first - b.first) + std::abs(a.second - b.second));
  };
  return std::min(apart(from, to), apart({-from.first, -from.second}, to) + 1);
}

TEST(PairWalkTest, GoesToAllRows) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> choose(0, 3), count(1, 40);
  const int64_t codebook[] = {-2, -1, 1, 2};
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<Weights> wanted(count(random));
    for (Weights &weights : wanted)
      weights = {codebook[choose(random)], codebook[choose(random)]};
    auto walk = findPairWalk(wanted);
    ASSERT_TRUE(walk);
    follow(*walk, wanted);
  }
}

TEST(PairWalkTest, IsAsShortAsAnyOrder) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int> choose(-2, 2);
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<Weights> wanted(5);
    for (Weights &weights : wanted)
      weights = {choose(random), choose(random)};
    auto walk = findPairWalk(wanted);
    ASSERT_TRUE(walk);
    size_t cost = follow(*walk, wanted) + 3 * walk->needsDouble[0] +
                  2 * walk->needsDouble[1];
    std::set<Weights> distinct(wanted.begin(), wanted.end());
    std::vector<Weights> order(distinct.begin(), distinct.end());
    size_t least = SIZE_MAX;
    do {
      Weights at = {0, 1};
      size_t length = 0;
      for (Weights next : order) {
        length += getDistance(at, next);
        at = next;
      }
      least = std::min(least, length);
    } while (std::next_permutation(order.begin(), order.end()));
    // With doubles it may be shorter still.
    EXPECT_LE(cost, least);
    if (!walk->needsDouble[0] && !walk->needsDouble[1])
      EXPECT_EQ(cost, least);
  }
}

TEST(PairWalkTest, RefusesWhatIsTooMuch) {
  EXPECT_FALSE(findPairWalk({}));
  std::vector<Weights> many;
  for (int64_t i = -2; i <= 2; ++i)
    for (int64_t j = -2; j <= 2; ++j)
      many.push_back({i, j});
  EXPECT_FALSE(findPairWalk(many));
  EXPECT_FALSE(findPairWalk(std::vector<Weights>{{1000, 1}}));
}
} // namespace
