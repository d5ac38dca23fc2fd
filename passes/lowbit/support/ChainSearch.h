//===- ChainSearch.h - Sums of inputs shared by rows ------------*- C++ -*-===//
//
// Finds straight-line programs of a dense layer, in which an accumulator walks
// from sum to sum of inputs, a step of one addition at a time, and rows
// accumulate it where it is what they need. Either inputs are taken in groups:
// within a group each row needs one linear form of the group's inputs, equal up
// to sign for many rows. Or each row's inputs are cut into blocks as it suits
// the walk, which goes through all inputs again and again.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_CHAINSEARCH_H
#define PDKC_PASSES_LOWBIT_SUPPORT_CHAINSEARCH_H

#include "dialects/lowbit/LowbitDialect.h"

#include <optional>

namespace pdkc {

/// What a dense layer asks for.
struct ChainProblem {
  llvm::ArrayRef<int64_t> weights; ///< rows by inputs
  int64_t rows, inputs;
  int64_t maxInput; ///< inputs lie in minInput to this, which span at most 255
  bool isStream;    ///< inputs arrive in order and are stored at a price
  int64_t accumulateCost; ///< cycles to add A to a sum
  int64_t minInput = 0;   ///< 0 or less
};

/// Steps of lowbit.chains and what they add to each row on top of the products.
struct ChainProgram {
  llvm::SmallVector<int32_t> steps;
  llvm::SmallVector<int64_t> excess; ///< by row, to be taken off the bias
  int64_t cost = 0;                  ///< cycles (and words)
};

/// The cheapest program over all group sizes.
ChainProgram findChains(const ChainProblem &problem);

/// Trials of a search for blocks by digit of a weight, behind which little is
/// found.
constexpr int64_t kBlockTrials = 1000;

/// The cheapest program of blocks that is found in so many trials, which are
/// the same on every machine, for inputs that can be read at any time; none
/// where an input has no room in a byte beside others.
std::optional<ChainProgram> findBlocks(const ChainProblem &problem,
                                       int64_t trials = kBlockTrials);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_CHAINSEARCH_H
