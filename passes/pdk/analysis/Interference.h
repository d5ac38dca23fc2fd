//===- Interference.h - Which bytes must not share an address ---*- C++ -*-===//
//
// Two bytes are kept apart where one is written while the other is needed.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_ANALYSIS_INTERFERENCE_H
#define PDKC_PASSES_PDK_ANALYSIS_INTERFERENCE_H

#include "passes/pdk/analysis/Liveness.h"

namespace pdkc {

/// What must not share an address. The bytes of all cells are numbered through,
/// cell by cell.
struct Interference {
  llvm::SmallVector<unsigned> firstByte; ///< by cell
  /// By byte: the bytes that are needed when it is written, or are written when
  /// it is needed. Its own cell's may be among them.
  std::vector<llvm::BitVector> conflicts;
  /// Cells x that lie within bytes of cells y (see pdk.cells):
  /// address(x) <= address(y) + offset or x begins at none of these bytes.
  struct Within {
    unsigned inner, outer; ///< cells, by their numbers
    int64_t offset, size;  ///< of the bytes of the outer ones
  };
  llvm::SmallVector<Within> within;
};

/// Attribute of cells that hold something at the start, as exported ones do,
/// but are not looked at in the end.
constexpr llvm::StringLiteral kGivenAttr = "given";

/// Fails with an error where a byte is read that no instruction before wrote,
/// or p is expected to survive a call of the user's code.
mlir::FailureOr<Interference>
computeInterference(const ProgramLiveness &liveness);

/// Bytes of which any two are of the same cells or conflict: no fewer are
/// needed. Greedy, the busiest first.
llvm::BitVector findClique(const Interference &interference,
                           llvm::ArrayRef<pdk::CellsOp> cells);

} // namespace pdkc

#endif // PDKC_PASSES_PDK_ANALYSIS_INTERFERENCE_H
