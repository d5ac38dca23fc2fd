//===- Liveness.h - Which bytes of cells are needed where -------*- C++ -*-===//
//
// Liveness of every byte of every cell over the instructions of a program, and
// from it which bytes must not share an address.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_LIVENESS_H
#define PDKC_PASSES_PDK_LIVENESS_H

#include "passes/pdk/ControlFlow.h"
#include "llvm/ADT/BitVector.h"

#include <set>

namespace pdkc {

/// Distances that cells must not have: `forbidden[{x, y}]` holds every
/// address(y) - address(x) at which a byte of x and one of y that are needed at
/// the same time would coincide. Keys have x < y, numbers of cells.
struct Interference {
  std::map<std::pair<unsigned, unsigned>, std::set<int64_t>> forbidden;
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

#endif // PDKC_PASSES_PDK_LIVENESS_H
