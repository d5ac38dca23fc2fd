//===- PlanBounds.h - What plans cost at least ------------------*- C++ -*-===//
//
// A unit's price depends on its own option, on which layers share its engine,
// and on how its neighbours are computed. Of each option the least words,
// cycles and bytes are kept of what was seen, in all and for each such
// surrounding:
//
//   words(plan)  >= sum over the units of their least words
//   cycles(plan) >= sum over the units of their least cycles
//   bytes(plan)  >= maximum over the units of their least bytes
//
// For units that have an option already, in their surrounding if that is known
// and was seen; for the others, over all combinations of their options at once:
// of the sums of words and cycles those are kept that no other one beats in
// both. What these bounds say is as true as that no unit costs less where it
// was not seen yet.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_PLANNING_PLANBOUNDS_H
#define PDKC_COMPILER_PLANNING_PLANBOUNDS_H

#include "compiler/planning/CostModel.h"
#include "compiler/planning/PlanSpace.h"
#include "compiler/planning/Search.h"

#include <limits>
#include <unordered_map>

namespace pdkc {

class PlanBounds {
public:
  /// `available` words, cycles (infinite: any number) and bytes; plans of more
  /// bytes fail.
  PlanBounds(const PlanSpace &space, int64_t availableWords,
             double availableCycles, int64_t availableBytes);

  /// From now on routines that operations may share count as if all did: no
  /// plan is overlooked for what it shares, and more have to be priced.
  void countAsShared() { sharesAll = true; }

  /// Adds what was seen of a plan. True where what is known already became
  /// less.
  bool add(llvm::ArrayRef<OperationPrice> prices, const Choices &choices);

  /// The order in which units get their options: those that decide what others
  /// become come first, then layers.
  llvm::ArrayRef<unsigned> getOrder() const { return order; }
  /// What a plan costs at least, of which the first `decided` units in the
  /// order have their options.
  PlanResult get(const Choices &choices, size_t decided, bool forSize);
  /// Whether some plan with this option may fit the device, and the option is
  /// possible at all.
  bool mayFit(unsigned unit, unsigned option) const;
  bool isPossible(unsigned unit, unsigned option) const {
    return least[unit][option].words < kUnknown;
  }
  /// Whether options whose cycles are not known are left out, instead of taken
  /// for ones that cost none.
  void leaveOutUnknown(bool isLeftOut) {
    unknownCycles = isLeftOut ? kUnknown : 0;
    isStale = true;
  }
  /// Infinite where they are not known.
  double getCycles(unsigned unit, unsigned option) const {
    return least[unit][option].cycles;
  }

  PlanResult rate(double words, double cycles, int64_t bytes,
                  bool forSize) const;

private:
  /// Words that a plan for speed may take beyond those of its units as they
  /// were seen, before it counts as too large: what units share is dealt out
  /// otherwise among others.
  int64_t getTolerance() const { return availableWords / 50; }

  bool sharesAll = false;
  static constexpr double kUnknown = std::numeric_limits<double>::infinity();
  struct Least {
    double words = kUnknown, cycles = kUnknown;
    int64_t bytes = std::numeric_limits<int64_t>::max();

    /// Whether what was known became less.
    bool add(const Least &seen);
  };
  struct Point {
    double words, cycles;
  };

  std::optional<uint64_t> getSurrounding(unsigned unit, const Choices &choices,
                                         size_t decided) const;
  void buildFrontiers();

  const PlanSpace &space;
  int64_t availableWords;
  double availableCycles;
  int64_t availableBytes;
  llvm::SmallVector<unsigned> order, placeOf;
  size_t layers = 0; ///< come first in the order, with those that decide
  /// By unit and option.
  std::vector<std::vector<Least>> least;
  std::unordered_map<uint64_t, Least> around;
  /// By number of units decided, of all others: fewer words, more cycles.
  std::vector<std::vector<Point>> frontiers;
  bool isStale = true;
  double unknownCycles = 0;
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_PLANBOUNDS_H
