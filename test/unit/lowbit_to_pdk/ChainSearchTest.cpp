//===- ChainSearchTest.cpp - Straight-line programs give the sums ---------===//
//
// The programs of findChains and findBlocks are evaluated step by step on
// random inputs: the sums must be the matrix product plus the excess that the
// search reports, and where it is used the accumulator must be the true value
// within a byte, so that eight bits are enough.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/ChainSearch.h"

#include "gtest/gtest.h"

#include <random>

using namespace pdkc;
using lowbit::Step;
using Numbers = llvm::SmallVector<int64_t>;

namespace {

/// Runs steps on inputs, with A both as a true value and modulo 256.
class Evaluator {
public:
  Evaluator(const ChainProblem &problem, llvm::ArrayRef<int64_t> inputs)
      : problem(problem), inputs(inputs), sums(problem.rows, 0) {}

  void run(llvm::ArrayRef<int32_t> steps) {
    ASSERT_EQ(steps.size() % 2, 0u);
    for (size_t i = 0; i < steps.size(); i += 2) {
      ASSERT_NO_FATAL_FAILURE(step(Step(steps[i]), steps[i + 1]))
          << "step " << i / 2;
    }
    EXPECT_EQ(taken, problem.isStream ? problem.inputs : 0);
  }

  const Numbers &getSums() const { return sums; }

private:
  int64_t getInput(int32_t i) {
    EXPECT_GE(i, 0);
    // Of a stream only what has arrived can be used.
    EXPECT_LT(i, problem.isStream ? taken : problem.inputs);
    return inputs[i];
  }

  void step(Step kind, int32_t operand) {
    switch (kind) {
    case Step::Const:
      a = operand;
      byte = uint8_t(operand);
      break;
    case Step::Load:
      a = getInput(operand);
      byte = uint8_t(a);
      break;
    case Step::Add:
      a += getInput(operand);
      byte += uint8_t(inputs[operand]);
      break;
    case Step::Sub:
      a -= getInput(operand);
      byte -= uint8_t(inputs[operand]);
      break;
    case Step::Double:
      a *= 2;
      byte *= 2;
      break;
    case Step::Offset:
      a += operand;
      byte += uint8_t(operand);
      break;
    case Step::Accumulate:
    case Step::Deduct:
      ASSERT_GE(operand, 0);
      ASSERT_LT(operand, problem.rows);
      ASSERT_GE(a, 0);
      ASSERT_LE(a, 255);
      ASSERT_EQ(a, byte);
      sums[operand] += kind == Step::Accumulate ? a : -a;
      break;
    case Step::DoubleSums:
      for (int64_t &sum : sums)
        sum *= 2;
      break;
    case Step::Take:
      ASSERT_TRUE(problem.isStream);
      ASSERT_EQ(operand, taken) << "inputs arrive in their order";
      ++taken;
      break;
    }
  }

  const ChainProblem &problem;
  llvm::ArrayRef<int64_t> inputs;
  Numbers sums;
  int64_t a = 0;
  uint8_t byte = 0;
  int64_t taken = 0;
};

} // namespace

static void check(const ChainProblem &problem, const ChainProgram &program,
                  std::mt19937 &random) {
  int64_t rows = problem.rows, inputs = problem.inputs;
  int64_t least = problem.minInput, most = problem.maxInput;
  llvm::ArrayRef<int64_t> weights = problem.weights;
  SCOPED_TRACE(testing::Message()
               << rows << " rows, " << inputs << " inputs of " << least
               << " to " << most
               << (problem.isStream ? ", stream" : ", in RAM"));
  ASSERT_EQ(int64_t(program.excess.size()), rows);
  for (int sample = 0; sample < 12; ++sample) {
    Numbers values;
    for (int64_t i = 0; i < inputs; ++i)
      values.push_back(sample == 0   ? least
                       : sample == 1 ? most
                       : sample < 6
                           ? (random() % 2 ? most : least)
                           : least + int64_t(random() % (most - least + 1)));
    Evaluator evaluator(problem, values);
    ASSERT_NO_FATAL_FAILURE(evaluator.run(program.steps));
    for (int64_t row = 0; row < rows; ++row) {
      int64_t product = 0;
      for (int64_t i = 0; i < inputs; ++i)
        product += weights[row * inputs + i] * values[i];
      ASSERT_EQ(evaluator.getSums()[row] - program.excess[row], product)
          << "row " << row;
    }
  }
}

static void check(const Numbers &weights, int64_t rows, int64_t maxInput,
                  bool isStream, std::mt19937 &random) {
  ChainProblem problem{weights,  rows,     int64_t(weights.size()) / rows,
                       maxInput, isStream, int64_t(1 + random() % 3)};
  check(problem, findChains(problem), random);
  problem.isStream = false;
  for (int64_t minInput : {int64_t(0), -maxInput, -maxInput / 3}) {
    problem.minInput = minInput;
    auto blocks = findBlocks(problem, /*trials=*/30);
    // 127 beside 128.
    ASSERT_EQ(blocks.has_value(), maxInput <= 127);
    if (blocks)
      check(problem, *blocks, random);
  }
}

/// All kinds of weights with all kinds of inputs.
static void checkMany(llvm::ArrayRef<int64_t> codebook, unsigned seed) {
  std::mt19937 random(seed);
  for (int64_t maxInput : {1, 15, 62, 127, 255})
    for (bool isStream : {false, true})
      for (int i = 0; i < 6; ++i) {
        int64_t rows = 1 + random() % 6, inputs = 1 + random() % 14;
        Numbers weights;
        for (int64_t j = 0; j < rows * inputs; ++j)
          weights.push_back(codebook[random() % codebook.size()]);
        ASSERT_NO_FATAL_FAILURE(
            check(weights, rows, maxInput, isStream, random));
      }
}

TEST(ChainSearch, Ternary) { checkMany({-1, 0, 1}, 1); }
TEST(ChainSearch, Signs) { checkMany({-1, 1}, 2); }
TEST(ChainSearch, PowersOfTwo) {
  checkMany({-8, -4, -2, -1, 1, 2, 4, 8}, 3);
}
TEST(ChainSearch, Int4) {
  checkMany({-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7}, 4);
}
TEST(ChainSearch, Irregular) { checkMany({-5, 0, 2, 7}, 5); }
/// Larger than a byte can hold times any input.
TEST(ChainSearch, LargeWeights) { checkMany({-300, -129, 0, 1, 64, 257}, 6); }

TEST(ChainSearch, Zeros) {
  std::mt19937 random(7);
  check(Numbers(12, 0), 3, 15, false, random);
  check(Numbers(12, 0), 3, 15, true, random);
}

/// Inputs that are always 0.
TEST(ChainSearch, NoInput) {
  std::mt19937 random(8);
  check({1, -1, 2, 0}, 2, 0, false, random);
  check({1, -1, 2, 0}, 2, 0, true, random);
}

/// Rows that are equal, or each other's negative, cost accumulations only: 5
/// inputs are summed once.
TEST(ChainSearch, RowsShare) {
  Numbers weights;
  for (int64_t row = 0; row < 4; ++row)
    weights.append(5, row % 2 ? -1 : 1);
  ChainProblem problem{weights, 4, 5, 15, false, 2};
  ChainProgram program = findChains(problem);
  // Load, four additions, four accumulations of 2.
  EXPECT_EQ(program.cost, 5 + 4 * 2);
}

/// The cost is that of the steps: two cycles to add to a sum of two bytes.
TEST(ChainSearch, BlocksCost) {
  std::mt19937 random(9);
  Numbers weights;
  for (int i = 0; i < 8 * 70; ++i)
    weights.push_back(int64_t(random() % 5) - 2);
  ChainProblem problem{weights, 8, 70, 31, false, 2, -31};
  int64_t before = INT64_MAX;
  for (int64_t trials : {0, 30, 300}) {
    auto program = findBlocks(problem, trials);
    ASSERT_TRUE(program);
    int64_t cost = 0;
    for (size_t i = 0; i < program->steps.size(); i += 2) {
      Step step = Step(program->steps[i]);
      cost += step == Step::DoubleSums                           ? 8 * 2
              : step == Step::Accumulate || step == Step::Deduct ? 2
                                                                 : 1;
    }
    EXPECT_EQ(program->cost, cost);
    EXPECT_LT(cost, before);
    before = cost;
    check(problem, *program, random);
  }
}

/// Rows that are equal, or each other's negative, walk once: a constant, four
/// inputs of 31, and four accumulations of 2.
TEST(ChainSearch, BlocksAreShared) {
  Numbers weights;
  for (int64_t sign : {1, -1, -1, 1})
    weights.append({sign, -sign, sign, -sign});
  ChainProblem problem{weights, 4, 4, 31, false, 2, -31};
  EXPECT_EQ(findBlocks(problem)->cost, 1 + 4 + 4 * 2);
}
