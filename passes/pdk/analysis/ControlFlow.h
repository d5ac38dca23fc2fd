//===- ControlFlow.h - Where control goes in a pdk program ------*- C++ -*-===//
//
// Instructions of a program in order, with their successors: the next one, the
// one behind it after a skip, the target of a goto. Calls run on behind the
// call; what the callee does is summed up by the analyses themselves. Passes
// have it from MLIR's AnalysisManager, for a pdk.program.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_ANALYSIS_CONTROLFLOW_H
#define PDKC_PASSES_PDK_ANALYSIS_CONTROLFLOW_H

#include "dialects/pdk/PdkDialect.h"
#include "llvm/ADT/StringMap.h"

namespace pdkc {

/// One node a pdk operation of a routine (labels and undefs too).
struct FlowNode {
  mlir::Operation *op;
  const pdk::Instruction *row = nullptr; ///< null where it is no instruction
  llvm::SmallVector<unsigned, 2> successors; ///< numbers of nodes
  /// First node of the routine that this calls, where it calls one of the
  /// program's own.
  int callee = -1;
  bool callsOutside = false; ///< a routine of the user's program
  bool returnsInP = false;   ///< which returns its high byte in p
  bool callsTable = false;
  bool returns = false;
};

class ControlFlow {
public:
  /// Of a pdk.program. Where control would run past the end of a routine or
  /// goes where no instruction is, that is an error, and this is not valid.
  explicit ControlFlow(mlir::Operation *program);
  bool isValid() const { return valid; }

  llvm::ArrayRef<FlowNode> getNodes() const { return nodes; }
  /// The number of the node that is this operation of a routine.
  unsigned getNumber(mlir::Operation *op) const;
  /// First node of each routine.
  llvm::ArrayRef<unsigned> getEntries() const { return entries; }

  /// Bytes on the stack at the deepest point, by calls and pushaf from the
  /// entry routine on, the call of the entry itself not counted. Fails at
  /// recursion, and where a routine does not take down what it pushes.
  mlir::FailureOr<unsigned> getStackDepth() const;

private:
  mlir::LogicalResult build(pdk::ProgramOp program);

  bool valid = false;
  llvm::SmallVector<FlowNode> nodes;
  llvm::SmallVector<unsigned> entries;
};

} // namespace pdkc

#endif // PDKC_PASSES_PDK_ANALYSIS_CONTROLFLOW_H
