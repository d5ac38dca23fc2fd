//===- Search.h - The best plan for a device --------------------*- C++ -*-===//

#ifndef PDKC_COMPILER_PLANNING_SEARCH_H
#define PDKC_COMPILER_PLANNING_SEARCH_H

#include "compiler/Measure.h"

namespace pdkc {

enum class PlanGoal {
  Best, ///< the best that is found
  Fit   ///< the first that fits; there is one where Best finds one
};

/// What a plan's whole program costs; smaller is better, member by member.
struct PlanResult {
  bool fails = true;
  int64_t excessWords = 0; ///< beyond what the device has
  int64_t excessPause = 0; ///< bits beyond what the firmware's sender promises
  double first = 0, second = 0; ///< cycles and words, or the other way round
  bool isBound = false;         ///< it costs as much or more
  int64_t words = 0;

  bool fits() const { return !fails && !excessWords && !excessPause; }
  bool operator<(const PlanResult &other) const {
    return std::tie(fails, excessWords, excessPause, first, second) <
           std::tie(other.fails, other.excessWords, other.excessPause,
                    other.first, other.second);
  }
};

/// Marks the operations of a prepared module with the best methods found; what
/// the program costs then. Where no choice gives a program, with methods that
/// say why.
PlanResult search(mlir::ModuleOp module, const CompileOptions &options,
                  const Samples &samples, PlanGoal goal);

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_SEARCH_H
