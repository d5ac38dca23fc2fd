//===- Search.h - The best plan for a device --------------------*- C++ -*-===//

#ifndef PDKC_COMPILER_PLANNING_SEARCH_H
#define PDKC_COMPILER_PLANNING_SEARCH_H

#include "compiler/Measure.h"

namespace pdkc {

enum class PlanGoal {
  Best, ///< the best that is found
  Fit,  ///< the first that fits; there is one where Best finds one
  Near  ///< one that is not far from the best, in less time
};

/// What a plan costs, or at least; smaller is better, member by member.
struct PlanResult {
  bool fails = true;
  int64_t excessWords = 0; ///< beyond what the device has
  int64_t excessPause = 0; ///< bits beyond what the firmware's sender promises
  double excessCycles = 0; ///< beyond what is allowed on average
  double first = 0, second = 0; ///< cycles and words, or the other way round
  int64_t bytes = 0;            ///< of RAM at least, or 0
  int64_t words = 0;

  bool fits() const {
    return !fails && !excessWords && !excessPause && excessCycles == 0;
  }
  bool operator<(const PlanResult &other) const {
    return std::tie(fails, excessWords, excessPause, excessCycles, first,
                    second, bytes) <
           std::tie(other.fails, other.excessWords, other.excessPause,
                    other.excessCycles, other.first, other.second, other.bytes);
  }
};

/// How a plan was found.
struct SearchSummary {
  bool fits = false; ///< else the rest says nothing
  /// Cycles, or words, that the plan is estimated at, and that no plan is
  /// below; the same where the search came to its end.
  double estimate = 0, bound = 0;
  int64_t nodes = 0;     ///< plans and beginnings of plans that were looked at
  int64_t estimates = 0; ///< plans whose operations were priced
  int64_t programs = 0;  ///< plans whose whole programs were made

  /// How far the plan may be from the best, as a part of its estimate.
  double getGap() const {
    return bound < estimate ? (estimate - bound) / estimate : 0;
  }
};

/// Marks the operations of a prepared module with the best methods found; what
/// the program costs then. Where no choice gives a program, with methods that
/// say why.
PlanResult search(mlir::ModuleOp module, const CompileOptions &options,
                  const Samples &samples, PlanGoal goal,
                  SearchSummary &summary);

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_SEARCH_H
