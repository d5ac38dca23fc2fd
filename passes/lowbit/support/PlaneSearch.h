//===- PlaneSearch.h - Bit planes, and a walk that sums them ----*- C++ -*-===//
//
// A codebook becomes an affine sum of bit planes; and an 8-bit accumulator
// walks from one sum of inputs to the next, an addition or subtraction of an
// input at a time, so that all planes of all rows are worked out
// (lowbit.planes).
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_PLANESEARCH_H
#define PDKC_PASSES_LOWBIT_SUPPORT_PLANESEARCH_H

#include "dialects/lowbit/LowbitDialect.h"

namespace pdkc {

/// value = coefficients[0] + sum over k of coefficients[1 + k], where bit k of
/// the value's code is set.
struct PlaneCode {
  llvm::SmallVector<int64_t> coefficients;
  llvm::SmallVector<uint32_t> codes; ///< by value
};

/// Ways to write the values, which rise, with the fewest planes that are found:
/// they differ in which of a plane's two bits is the set one. None where that
/// takes more than 8 planes.
std::vector<PlaneCode> findPlanes(llvm::ArrayRef<int64_t> values);

/// A set of inputs, 64 to a word.
using InputSet = llvm::SmallVector<uint64_t, 1>;

/// What is to be summed: set t into tap t.
struct WalkProblem {
  llvm::ArrayRef<InputSet> sets;
  int64_t inputs;
  bool hasTotal; ///< the sum of all inputs is known
};

struct WalkProgram {
  llvm::SmallVector<int32_t> walk; ///< of lowbit.planes
  int64_t cost = 0;                ///< steps
};

/// Trials in 10 to 20 ms, behind which little is found.
constexpr int64_t kWalkTrials = 250000;

/// The shortest walk that is found in so many trials, which are the same on
/// every machine.
WalkProgram findWalk(const WalkProblem &problem, int64_t trials = kWalkTrials);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_PLANESEARCH_H
