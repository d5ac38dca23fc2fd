//===- Liveness.h - Which bytes of cells are needed where -------*- C++ -*-===//
//
// Liveness of every byte of every cell over the instructions of a program, and
// from it which bytes must not share an address.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_ANALYSIS_LIVENESS_H
#define PDKC_PASSES_PDK_ANALYSIS_LIVENESS_H

#include "passes/pdk/analysis/ControlFlow.h"
#include "llvm/ADT/BitVector.h"

namespace pdkc {

/// What must not share an address. The bytes of all cells are numbered through,
/// cell by cell.
struct Interference {
  llvm::SmallVector<unsigned> firstByte; ///< by cell
  /// By byte: the bytes that are needed when it is written, or are written when
  /// it is needed. Its own cell's may be among them.
  std::vector<llvm::BitVector> conflicts;
  /// Cells x that lie within y (see pdk.cells): address(x) <= address(y) or
  /// no byte in common.
  llvm::SmallVector<std::pair<unsigned, unsigned>> within;
};

/// The cells of a program in their order.
llvm::SmallVector<pdk::CellsOp> getCells(pdk::ProgramOp program);

/// Fails with an error where a byte is read that no instruction before wrote,
/// or p is expected to survive a call of the user's code.
mlir::FailureOr<Interference> computeInterference(pdk::ProgramOp program,
                                                  const ControlFlow &flow);

} // namespace pdkc

#endif // PDKC_PASSES_PDK_ANALYSIS_LIVENESS_H
