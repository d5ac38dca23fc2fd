//===- PlaneSum.h - Rows from sums of bit planes ----------------*- C++ -*-===//
//
// A row's sum is c[0] * N[0] + c[1] * N[1] + ... + constant, where N are bytes:
// the sum of all inputs first, then those of the planes (lowbit.planes). It is
// put together in as many bytes as it takes; or, where it is requantised by a
// shift, in A alone, bit by bit from the lowest: what is shifted out is never
// needed again.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PLANESUM_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PLANESUM_H

#include "dialects/pdk/CodeBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <optional>
#include <vector>

namespace pdkc {

/// sum = the row's sum, modulo 256^bytes; N[k] is in getCell(k).
void emitPlaneSum(CodeBuilder &code, Cell sum, int64_t bytes,
                  llvm::ArrayRef<int64_t> coefficients, int64_t constant,
                  llvm::function_ref<Cell(size_t)> getCell);

/// A row that is requantised: min(max(floor(sum / 2^shift), 0), max).
struct PlaneRow {
  llvm::ArrayRef<int64_t> coefficients;
  int64_t constant;
  /// The codes of the row's weights: bit k says that an input is in N[1 + k].
  llvm::ArrayRef<uint32_t> codes;
  int64_t limit; ///< the sum of all inputs is at most this
  int64_t shift, max;
};

/// The instructions for a row in A: an operation each.
struct PlaneStep {
  enum Kind {
    LoadSum,
    AddSum,
    SubSum, ///< N[operand]
    Load,
    Add,
    Sub, ///< a constant
    Halve,
    HalveCarry,  ///< of 8 bits; of 9, carry on top
    NotNegative, ///< 0 where there was a borrow
    Cap,         ///< the operand where it is more
  } kind;
  int64_t operand = 0;
};

/// None where there is no such way that is known to be exact.
std::optional<llvm::SmallVector<PlaneStep>> findPlaneSteps(const PlaneRow &row);

/// For each row; none for those that are put together in bytes.
using PlaneRowSteps = std::vector<std::optional<llvm::SmallVector<PlaneStep>>>;
/// Of rows whose weights are such codes, one row after the other; `constants`
/// is what is added to each row's sum before the shift, and less the lowest
/// result.
PlaneRowSteps findPlaneRowSteps(llvm::ArrayRef<int64_t> coefficients,
                                llvm::ArrayRef<int64_t> constants,
                                llvm::ArrayRef<uint32_t> codes, int64_t limit,
                                int64_t shift, int64_t max);
/// Words and cycles of the steps.
int64_t getCost(llvm::ArrayRef<PlaneStep> steps);
void emitPlaneSteps(CodeBuilder &code, llvm::ArrayRef<PlaneStep> steps,
                    llvm::function_ref<Cell(size_t)> getCell);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PLANESUM_H
