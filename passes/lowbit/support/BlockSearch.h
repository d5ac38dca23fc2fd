//===- BlockSearch.h - Blocks of rows on one walk ---------------*- C++ -*-===//
//
// Rows ask for sums of inputs, each added or taken off once. They are cut into
// blocks; an accumulator walks from one block to the next, a step for each
// input in which they differ, and is added to the block's row there, or taken
// off: rows can ask for a block or for its negative.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_BLOCKSEARCH_H
#define PDKC_PASSES_LOWBIT_SUPPORT_BLOCKSEARCH_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace pdkc {

/// By row the inputs that are added, and those that are taken off.
struct BlockDigits {
  int64_t rows, inputs;
  size_t words; ///< of a set of inputs, 64 to a word
  std::vector<uint64_t> added, deducted;

  BlockDigits(int64_t rows, int64_t inputs)
      : rows(rows), inputs(inputs), words((inputs + 63) / 64),
        added(rows * words, 0), deducted(rows * words, 0) {}

  void set(int64_t row, int64_t input, bool isAdded) {
    (isAdded ? added : deducted)[row * words + input / 64] |= uint64_t(1)
                                                              << (input % 64);
  }
  int64_t count() const;
};

struct BlockProblem {
  const BlockDigits &digits;
  /// Whether there can be a block of so many inputs added and taken off; and
  /// its negative, where blocks can be turned.
  llvm::function_ref<bool(int64_t added, int64_t deducted)> fits;
  int64_t accumulateCost; ///< of adding a block to its row
  int64_t beginCost;      ///< of a new beginning, besides the block's inputs
  bool canTurn;           ///< whether a block's negative can be taken off
};

/// Where the walk stops, and how it gets there.
struct BlockWalk {
  struct Stop {
    bool isFresh; ///< from no inputs, not from the last stop
    llvm::SmallVector<std::pair<int64_t, bool>, 4> steps; ///< input, if added
    int64_t row;
    bool isDeducted;
  };
  std::vector<Stop> stops;
  int64_t cost = 0;
};

/// The cheapest walk that is found in so many trials for each of the rows'
/// inputs, which are the same on every machine.
BlockWalk findBlockWalk(const BlockProblem &problem, int64_t trials);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_BLOCKSEARCH_H
