//===- CycleBounds.h - Longest times between events -------------*- C++ -*-===//
//
// How many cycles a program takes at most between two events, an event being a
// call of one of a few routines. The longest path through the instructions,
// loops taken as often as their labels say (pdk.label trips).
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_ANALYSIS_CYCLEBOUNDS_H
#define PDKC_PASSES_PDK_ANALYSIS_CYCLEBOUNDS_H

#include "passes/pdk/analysis/ControlFlow.h"

#include <map>
#include <optional>

namespace pdkc {

class CycleBounds {
public:
  /// `events` are names of routines. Recursion must be ruled out before
  /// (ControlFlow::getStackDepth).
  CycleBounds(const ControlFlow &flow, llvm::ArrayRef<llvm::StringRef> events);

  /// No bound: a loop on the way does not say how often it is taken. Or one of
  /// minutes.
  static constexpr int64_t kUnbounded = 1000000000;

  /// Cycles from the return of event `from` to the call of event `to`, neither
  /// included, on the longest path without an event between them. Nothing where
  /// there is no such path.
  std::optional<int64_t> getLongest(llvm::StringRef from, llvm::StringRef to);

  /// Cycles from the first instruction of the first routine to its return,
  /// that included, at most; a routine of the user's program takes as many as
  /// given.
  int64_t getLongestRun(int64_t outside);

private:
  /// Longest times from some nodes to each node; kNever where there is no way.
  using Times = llvm::DenseMap<unsigned, int64_t>;
  /// What is between a routine's entry, its return and the events within.
  struct Summary {
    int64_t through, toEvent, fromEvent, between;
  };

  Summary summarise(unsigned entry, int64_t limit = INT64_MAX);
  Summary summariseCallee(const FlowNode &call);
  int64_t getTrips(unsigned node) const;
  void propagate(llvm::ArrayRef<unsigned> nodes, Times &times);
  void propagateLoop(llvm::ArrayRef<unsigned> nodes, Times &times);
  std::optional<unsigned> findHeader(llvm::ArrayRef<unsigned> nodes,
                                     const Times &times);
  /// The node's cycles up to its i-th successor.
  int64_t getCycles(unsigned node, unsigned successor);
  bool isEvent(unsigned node) const;

  const ControlFlow &flow;
  llvm::StringMap<unsigned> events; ///< entry nodes
  unsigned from = 0, to = 0;        ///< of the current question
  int64_t outside = kUnbounded;     ///< cycles of the user's routines
  /// By entry and the limit of its trips.
  std::map<std::pair<unsigned, int64_t>, Summary> summaries;
  int64_t limit = INT64_MAX;        ///< of the routine being summed up
  llvm::DenseSet<unsigned> blocked; ///< headers of the loops being unrolled
};

} // namespace pdkc

#endif // PDKC_PASSES_PDK_ANALYSIS_CYCLEBOUNDS_H
