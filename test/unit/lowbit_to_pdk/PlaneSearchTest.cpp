//===- PlaneSearchTest.cpp - Bit planes and walks give the sums -----------===//
//
// findPlanes' codes must give the values; findWalk's walks, gone step by step
// in eight bits, the sums of the sets, in as few steps as an exhaustive search
// of walks that tap each once, where that is possible; findPlaneSteps'
// instructions, carried out on A and carry, what a row's sum is requantised to.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/PlaneSearch.h"
#include "passes/lowbit_to_pdk/support/PlaneSum.h"

#include "gtest/gtest.h"

#include <deque>
#include <random>

using namespace pdkc;
using lowbit::Walk;
using Numbers = llvm::SmallVector<int64_t>;

static int64_t decode(const PlaneCode &planes, uint32_t code) {
  int64_t value = planes.coefficients.front();
  for (size_t k = 1; k < planes.coefficients.size(); ++k)
    value += code >> (k - 1) & 1 ? planes.coefficients[k] : 0;
  return value;
}

TEST(PlaneSearch, PlanesGiveTheValues) {
  struct Case {
    Numbers values;
    size_t planes;
  };
  Numbers int4, bytes;
  for (int64_t i = -8; i < 8; ++i)
    int4.push_back(i);
  for (int64_t i = -128; i < 128; ++i)
    bytes.push_back(i);
  const Case cases[] = {{{3}, 1},
                        {{-1, 1}, 1},
                        {{0, 1}, 1},
                        {{-1, 0, 1}, 2},
                        {{-2, -1, 1, 2}, 2},
                        {{-3, -1, 1, 3}, 2},
                        {{-5, 0, 2, 7}, 2},
                        {{-5, 0, 1, 7}, 3},
                        {{-4, -3, -2, -1, 0, 1, 2, 3}, 3},
                        {int4, 4},
                        {bytes, 8},
                        {{-100, 0, 100}, 2},
                        {{-8, -4, -2, -1, 1, 2, 4, 8}, 4}};
  for (const Case &each : cases) {
    std::vector<PlaneCode> found = findPlanes(each.values);
    // Each plane either way round; of many only the highest.
    ASSERT_EQ(found.size(), each.planes > 4 ? 2 : size_t(1) << each.planes)
        << each.values.front();
    for (const PlaneCode &planes : found) {
      EXPECT_EQ(planes.coefficients.size(), each.planes + 1);
      for (size_t i = 0; i < each.values.size(); ++i)
        EXPECT_EQ(decode(planes, planes.codes[i]), each.values[i]);
    }
  }
  EXPECT_TRUE(findPlanes({-200, 200}).empty());
}

/// The taps after the walk.
static std::vector<uint8_t> go(llvm::ArrayRef<int32_t> walk,
                               const std::vector<uint8_t> &inputs,
                               size_t taps) {
  std::vector<uint8_t> result(taps, 0);
  std::vector<bool> isTapped(taps, false);
  uint8_t total = 0, a = 0;
  for (uint8_t input : inputs)
    total += input;
  for (size_t i = 0; i < walk.size(); i += 2) {
    int32_t operand = walk[i + 1];
    switch (Walk(walk[i])) {
    case Walk::Load:
      a = inputs.at(operand);
      break;
    case Walk::Add:
      a += inputs.at(operand);
      break;
    case Walk::Sub:
      a -= inputs.at(operand);
      break;
    case Walk::Total:
      a = total;
      break;
    case Walk::Clear:
      a = 0;
      break;
    case Walk::Recall:
      EXPECT_TRUE(isTapped.at(operand));
      a = result[operand];
      break;
    case Walk::Tap:
      EXPECT_FALSE(isTapped.at(operand));
      isTapped[operand] = true;
      result[operand] = a;
      break;
    case Walk::AddTap:
      EXPECT_TRUE(isTapped.at(operand));
      result[operand] += a;
      break;
    }
  }
  EXPECT_EQ(std::count(isTapped.begin(), isTapped.end(), true), long(taps));
  return result;
}

TEST(PlaneSearch, WalksTapTheSums) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 60; ++trial) {
    int64_t inputs = 1 + random() % 100, taps = 1 + random() % 40;
    bool hasTotal = random() % 2;
    unsigned density = 1 + random() % 4;
    std::vector<InputSet> sets(taps, InputSet((inputs + 63) / 64, 0));
    for (InputSet &set : sets)
      for (int64_t i = 0; i < inputs; ++i)
        if (random() % 5 < density)
          set[i / 64] |= uint64_t(1) << (i % 64);
    // Some twice, and one empty.
    sets.back() = sets.front();
    if (trial % 3 == 0)
      sets.front().assign(sets.front().size(), 0);
    WalkProgram program = findWalk({sets, inputs, hasTotal}, 20000);
    EXPECT_EQ(program.cost * 2, int64_t(program.walk.size()));
    std::vector<uint8_t> values(inputs);
    for (uint8_t &value : values)
      value = random();
    std::vector<uint8_t> sums = go(program.walk, values, taps);
    for (int64_t tap = 0; tap < taps; ++tap) {
      uint8_t sum = 0;
      for (int64_t i = 0; i < inputs; ++i)
        if (sets[tap][i / 64] >> (i % 64) & 1)
          sum += values[i];
      EXPECT_EQ(sums[tap], sum);
    }
    for (size_t i = 0; i < program.walk.size(); i += 2)
      EXPECT_TRUE(hasTotal || Walk(program.walk[i]) != Walk::Total);
  }
}

/// The fewest steps of walks that tap each sum as a whole, by going through all
/// that the accumulator and the taps can be.
static int64_t getFewest(llvm::ArrayRef<unsigned> sets, unsigned inputs,
                         bool hasTotal) {
  unsigned all = (1u << inputs) - 1, done = (1u << sets.size()) - 1;
  std::vector<int64_t> steps(size_t(all + 1) << sets.size(), -1);
  std::deque<std::pair<unsigned, unsigned>> open;
  auto reach = [&](unsigned a, unsigned tapped, int64_t cost) {
    int64_t &known = steps[size_t(tapped) * (all + 1) + a];
    if (known < 0) {
      known = cost;
      open.push_back({a, tapped});
    }
  };
  reach(0, 0, 1); // clear
  for (unsigned i = 0; i < inputs; ++i)
    reach(1u << i, 0, 1);
  if (hasTotal)
    reach(all, 0, 1);
  while (!open.empty()) {
    auto [a, tapped] = open.front();
    open.pop_front();
    int64_t cost = steps[size_t(tapped) * (all + 1) + a] + 1;
    if (tapped == done)
      return cost - 1;
    for (unsigned i = 0; i < inputs; ++i) {
      reach(a ^ 1u << i, tapped, cost);
      reach(1u << i, tapped, cost);
    }
    if (hasTotal)
      reach(all, tapped, cost);
    reach(0, tapped, cost);
    for (unsigned tap = 0; tap < sets.size(); ++tap) {
      if (tapped >> tap & 1)
        reach(sets[tap], tapped, cost);
      else if (sets[tap] == a)
        reach(a, tapped | 1u << tap, cost);
    }
  }
  return -1;
}

TEST(PlaneSearch, SmallWalksAreShort) {
  std::mt19937 random(2);
  for (int trial = 0; trial < 40; ++trial) {
    unsigned inputs = 1 + random() % 7, taps = 1 + random() % 6;
    bool hasTotal = random() % 2;
    llvm::SmallVector<unsigned> bits;
    std::vector<InputSet> sets;
    for (unsigned tap = 0; tap < taps; ++tap) {
      bits.push_back(random() % (1u << inputs));
      sets.push_back({bits.back()});
    }
    EXPECT_LE(findWalk({sets, inputs, hasTotal}, 20000).cost,
              getFewest(bits, inputs, hasTotal));
  }
}

/// Sums that have parts in common, which no sum is alone: these are added where
/// they are tapped, {0, 1, 2} and {3, 4, 5} four times each.
TEST(PlaneSearch, PartsAreShared) {
  std::vector<InputSet> sets;
  for (int64_t i = 0; i < 4; ++i) {
    sets.push_back({uint64_t(7) | uint64_t(7) << (6 + 3 * i)});
    sets.push_back({uint64_t(7 << 3) | uint64_t(7) << (6 + 3 * i)});
  }
  // Six parts of three inputs, two taps or additions for each sum.
  EXPECT_EQ(findWalk({sets, 18, false}).cost, 6 * 3 + 8 * 2);
}

/// A after the steps, with a carry of its own.
static uint8_t carryOut(llvm::ArrayRef<PlaneStep> steps,
                        llvm::ArrayRef<uint8_t> sums) {
  uint8_t a = 0;
  bool carry = false;
  auto add = [&](uint8_t value) {
    carry = a + value > 255;
    a += value;
  };
  auto subtract = [&](uint8_t value) {
    carry = a < value;
    a -= value;
  };
  for (const PlaneStep &step : steps)
    switch (step.kind) {
    case PlaneStep::LoadSum:
      a = sums[step.operand];
      break;
    case PlaneStep::AddSum:
      add(sums[step.operand]);
      break;
    case PlaneStep::SubSum:
      subtract(sums[step.operand]);
      break;
    case PlaneStep::Load:
      a = step.operand;
      break;
    case PlaneStep::Add:
      add(step.operand);
      break;
    case PlaneStep::Sub:
      subtract(step.operand);
      break;
    case PlaneStep::Halve:
      carry = a & 1;
      a >>= 1;
      break;
    case PlaneStep::HalveCarry: {
      bool low = a & 1;
      a = a >> 1 | carry << 7;
      carry = low;
      break;
    }
    case PlaneStep::NotNegative:
      if (carry)
        a = 0;
      break;
    case PlaneStep::Cap:
      a = std::min<int64_t>(a, step.operand);
      break;
    }
  return a;
}

/// Rows of every kind of codebook, sums of every size that the limit allows.
TEST(PlaneSum, StepsRequantiseTheSum) {
  std::mt19937 random(3);
  const Numbers codebooks[] = {
      {-1, 1},       {-1, 0, 1}, {-2, -1, 1, 2},           {-3, -1, 1, 3},
      {-5, 0, 2, 7}, {0, 1},     {-3, -2, -1, 0, 1, 2, 3}, {1, 2, 4}};
  int64_t found = 0, rows = 0;
  for (const Numbers &values : codebooks)
    for (const PlaneCode &planes : findPlanes(values))
      for (int trial = 0; trial < 60; ++trial) {
        int64_t shift = random() % 7;
        int64_t limit = trial % 2 ? 255 : random() % 256;
        int64_t constant = trial % 3 == 0 ? 0 : int64_t(random() % 80) - 40;
        int64_t max = trial % 5 == 0 ? 15 : 255;
        auto steps = findPlaneSteps(
            {planes.coefficients, constant, planes.codes, limit, shift, max});
        ++rows;
        if (!steps)
          continue;
        ++found;
        for (int sample = 0; sample < 300; ++sample) {
          // How much of the inputs has each value as weight.
          Numbers parts(values.size(), 0);
          int64_t left = sample % 3 ? limit : random() % (limit + 1);
          for (int64_t &part : parts) {
            part = random() % 3 ? random() % (left + 1) : 0;
            left -= part;
          }
          if (sample % 4 == 0)
            parts[random() % parts.size()] += left;
          llvm::SmallVector<uint8_t> sums(planes.coefficients.size(), 0);
          int64_t sum = constant;
          for (size_t i = 0; i < values.size(); ++i) {
            sum += values[i] * parts[i];
            sums[0] += parts[i];
            for (size_t k = 1; k < sums.size(); ++k)
              if (planes.codes[i] >> (k - 1) & 1)
                sums[k] += parts[i];
          }
          ASSERT_EQ(carryOut(*steps, sums),
                    std::clamp<int64_t>(sum >> shift, 0, max))
              << values.front() << " shift " << shift << " limit " << limit
              << " constant " << constant << " sum " << sum;
        }
      }
  // The test is of something.
  EXPECT_GT(found, rows / 5);
}

/// The seed's rows take ten cycles, the store among them.
TEST(PlaneSum, TheSeedsRowsAreShort) {
  int64_t least = INT64_MAX;
  for (const PlaneCode &planes : findPlanes({-2, -1, 1, 2}))
    if (auto steps =
            findPlaneSteps({planes.coefficients, 0, planes.codes, 255, 3, 127}))
      least = std::min(least, getCost(*steps));
  EXPECT_EQ(least, 9);
}
