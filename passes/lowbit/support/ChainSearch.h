//===- ChainSearch.h - Sums of inputs shared by rows ------------*- C++ -*-===//
//
// Finds the straight-line program of a dense layer: inputs are taken in groups;
// within a group each row needs one linear form of the group's inputs, equal up
// to sign for many rows; the accumulator walks through the forms, a step of one
// addition at a time, and rows accumulate it.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_CHAINSEARCH_H
#define PDKC_PASSES_LOWBIT_SUPPORT_CHAINSEARCH_H

#include "dialects/lowbit/LowbitDialect.h"

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

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_CHAINSEARCH_H
