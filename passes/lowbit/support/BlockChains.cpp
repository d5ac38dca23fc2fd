//===- BlockChains.cpp - A layer as one walk of the accumulator -----------===//
//
// Weights are written in binary digits of 1, 0 and -1. Place by place, the
// highest first, each row's digits are cut into blocks, whose sums of inputs
// fit a byte beside a constant, on one walk. Between places all sums are
// doubled.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/BlockSearch.h"
#include "passes/lowbit/support/ChainSearch.h"

#include "llvm/ADT/STLExtras.h"

using namespace pdkc;
using llvm::SmallVector;
using lowbit::Step;

/// What A holds besides inputs: in the middle of a byte there is as much room
/// for those that are added as for those that are taken off.
static constexpr int64_t kMiddle = 128;

/// The digits of a number, the lowest place first; `isSparse`: no two beside
/// each other, which takes one more place at times.
static SmallVector<int64_t> getDigits(int64_t number, bool isSparse) {
  SmallVector<int64_t> digits;
  int64_t sign = number < 0 ? -1 : 1;
  while (number != 0) {
    int64_t digit = number % 2 == 0 ? 0 : isSparse ? 2 - (number & 3) : sign;
    digits.push_back(digit);
    number = (number - digit) / 2;
  }
  return digits;
}

static std::vector<BlockDigits> getPlaces(const ChainProblem &problem,
                                          bool isSparse) {
  std::vector<BlockDigits> places;
  for (auto [at, weight] : llvm::enumerate(problem.weights)) {
    int64_t row = at / problem.inputs, input = at % problem.inputs;
    for (auto [place, digit] : llvm::enumerate(getDigits(weight, isSparse))) {
      if (places.size() <= place)
        places.resize(place + 1, BlockDigits(problem.rows, problem.inputs));
      if (digit != 0)
        places[place].set(row, input, digit > 0);
    }
  }
  return places;
}

static int64_t getCost(const std::vector<BlockDigits> &places,
                       int64_t doubling) {
  int64_t cost = doubling * places.size();
  for (const BlockDigits &digits : places)
    cost += digits.count();
  return cost;
}

std::optional<ChainProgram> pdkc::findBlocks(const ChainProblem &problem,
                                             int64_t trials) {
  if (std::max(problem.maxInput, -problem.minInput) > 255 - kMiddle)
    return std::nullopt;
  std::vector<BlockDigits> places = getPlaces(problem, /*isSparse=*/false);
  std::vector<BlockDigits> sparse = getPlaces(problem, /*isSparse=*/true);
  int64_t doubling = problem.rows * problem.accumulateCost;
  if (getCost(sparse, doubling) < getCost(places, doubling))
    places = std::move(sparse);
  // A is a byte with the block in it, turned or not.
  auto fits = [&](int64_t added, int64_t deducted) {
    return std::max(added * problem.maxInput - deducted * problem.minInput,
                    deducted * problem.maxInput - added * problem.minInput) <=
           255 - kMiddle;
  };
  ChainProgram program;
  program.excess.assign(problem.rows, 0);
  auto append = [&](Step step, int64_t operand) {
    program.steps.append({int32_t(step), int32_t(operand)});
  };
  for (size_t place = places.size(); place-- > 0;) {
    BlockWalk walk = findBlockWalk({places[place], fits, problem.accumulateCost,
                                    /*beginCost=*/1, /*canTurn=*/true},
                                   trials);
    program.cost += walk.cost;
    for (const BlockWalk::Stop &stop : walk.stops) {
      if (stop.isFresh)
        append(Step::Const, kMiddle);
      for (auto [input, isAdded] : stop.steps)
        append(isAdded ? Step::Add : Step::Sub, input);
      append(stop.isDeducted ? Step::Deduct : Step::Accumulate, stop.row);
      program.excess[stop.row] +=
          (stop.isDeducted ? -kMiddle : kMiddle) * (int64_t(1) << place);
    }
    if (place == 0)
      break;
    append(Step::DoubleSums, 0);
    program.cost += doubling;
  }
  return program;
}
