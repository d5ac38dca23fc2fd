//===- PairWalk.h - The sums of two inputs, one after the other -*- C++ -*-===//
//
// A holds v x + w y for two inputs x and y. By one addition, subtraction or
// negation at a time it goes to all pairs of weights (v, w) that are wanted, in
// the order that takes fewest steps.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PAIRWALK_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PAIRWALK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>

namespace pdkc {

struct PairStep {
  enum Kind { Add, Subtract, Negate, Tap } kind;
  unsigned input = 0;    ///< of Add and Subtract: 0 or 1
  bool isDouble = false; ///< of Add and Subtract: twice the input
  size_t row = 0;        ///< of Tap: A is what this row wants
};

struct PairWalk {
  bool needsDouble[2] = {false, false}; ///< cells that hold 2 x, 2 y
  /// What A is at first, the input of the last double that is needed twice, or
  /// else the second input once.
  llvm::SmallVector<PairStep, 0> steps;

  std::pair<int64_t, int64_t> getStart() const;
};

/// By row its weights. None where they are too many, or too large.
std::optional<PairWalk>
findPairWalk(llvm::ArrayRef<std::pair<int64_t, int64_t>> wanted);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PAIRWALK_H
