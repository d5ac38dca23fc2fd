//===- Liveness.h - What is needed where in a pdk program -------*- C++ -*-===//
//
// Liveness of places, which are every byte of every cell, A, and each flag,
// over the instructions of a program. Formulas, with `out` what is needed
// behind a node and `in` what is needed before it:
//
//   out(n) = union of in(s) over n's successors s;
//            where n returns, leaving(r) for each routine r that n ends
//   in(n)  = (out(n) - writes(n)) + reads(n);
//            of a call of r, writes also holds kills(r), reads needs(r)
//
//   needs(r)    what r reads before it writes it
//   kills(r)    what r writes on each way to its return
//   leaving(r)  union of out(c) over the calls c of r; for the first routine of
//               the program A, in which C takes its result, and exported cells
//
// A routine of the user's program destroys A and the flags (and p; where that
// is needed, Interference.h has an error). A table takes the number of an entry
// in A and returns the entry there.
//
// Passes have it from MLIR's AnalysisManager, for a pdk.program.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_ANALYSIS_LIVENESS_H
#define PDKC_PASSES_PDK_ANALYSIS_LIVENESS_H

#include "mlir/Pass/AnalysisManager.h"
#include "passes/pdk/analysis/ControlFlow.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseSet.h"

namespace pdkc {

/// The cells of a program in their order.
llvm::SmallVector<pdk::CellsOp> getCells(pdk::ProgramOp program);

/// Neighbouring bytes, by their numbers.
struct ByteRange {
  unsigned begin = 0, end = 0; ///< end: behind the last one

  ByteRange slice(int64_t offset, int64_t size) const {
    return {unsigned(begin + offset), unsigned(begin + offset + size)};
  }
};

/// A set of places.
struct Places {
  uint8_t registers = 0; ///< pdk::Register bits
  /// The bytes of all cells, numbered through cell by cell.
  llvm::BitVector bytes;

  explicit Places(unsigned numBytes = 0, bool value = false)
      : registers(value ? pdk::Accumulator | pdk::AllFlags : 0),
        bytes(numBytes, value) {}
  bool operator==(const Places &other) const {
    return registers == other.registers && bytes == other.bytes;
  }
  bool operator!=(const Places &other) const { return !(*this == other); }
  Places &operator|=(const Places &other);
  Places &operator&=(const Places &other);
  Places &operator-=(const Places &other);
  /// Makes it empty.
  void reset();
  bool contains(const Places &other) const;
};

/// What one node reads, surely writes, and perhaps writes by itself: of a call
/// of the program's own routines not what is done there.
struct Access {
  pdk::RegisterUse registers;
  llvm::SmallVector<ByteRange, 2> reads, mayWrite;
  ByteRange writes;
  /// Bytes that what it perhaps writes need not keep away from: a loop writes
  /// an element here after it has read that element there, which is not below.
  ByteRange spared;
};

class ProgramLiveness {
public:
  ProgramLiveness(mlir::Operation *program, mlir::AnalysisManager &analyses);
  bool
  isInvalidated(const mlir::AnalysisManager::PreservedAnalyses &preserved) {
    return !preserved.isPreserved<ProgramLiveness>() ||
           !preserved.isPreserved<ControlFlow>();
  }
  /// Not where the control flow is not; nothing else may be asked then.
  bool isValid() const { return flow.isValid(); }

  const ControlFlow &getFlow() const { return flow; }
  llvm::ArrayRef<pdk::CellsOp> getCells() const { return cells; } ///< in order
  unsigned getNumBytes() const { return cellsOfByte.size(); }
  /// The number of the first byte of the i-th cells.
  unsigned getFirstByte(unsigned i) const { return firstByte[i]; }
  /// The cells' number that a byte belongs to.
  unsigned getCellsOfByte(unsigned byte) const { return cellsOfByte[byte]; }
  /// The bytes of a value of !pdk.cells, of a part those of its cells.
  ByteRange getRange(mlir::Value cells) const { return ranges.lookup(cells); }

  /// By node of the control flow.
  const Places &getLiveIn(unsigned node) const { return liveIn[node]; }
  Places getLiveOut(unsigned node) const;
  const Access &getAccess(unsigned node) const { return accesses[node]; }

  /// Whether it is needed behind an operation of a routine: behind a call when
  /// that has returned, behind a skip whether it skips or not.
  bool isLiveAfter(mlir::Operation *op, pdk::Register reg) const;
  bool isLiveAfter(mlir::Operation *op, mlir::Value cells,
                   int64_t offset) const;

  /// Of an operation of a routine, a call with all that is called: what it
  /// reads before it writes it; what it surely writes, or undefines; and what
  /// it perhaps writes.
  Places getReads(mlir::Operation *op) const;
  Places getKills(mlir::Operation *op) const;
  Places getWrites(mlir::Operation *op) const;

  /// As in `A C x[0] y[1-3]`.
  void print(const Places &places, llvm::raw_ostream &out) const;

private:
  llvm::BitVector getReachable(llvm::ArrayRef<unsigned> entries) const;
  /// The nodes at which a routine that begins at `entry` returns.
  void forEachReturn(unsigned entry,
                     llvm::function_ref<void(unsigned)> visit) const;
  Access makeAccess(const FlowNode &node) const;

  /// Updates the nodes given, and whatever comes before a node that changes,
  /// until nothing changes any more.
  void propagate(llvm::BitVector pending,
                 llvm::function_ref<bool(unsigned)> update) const;
  void computeKills();
  /// Solves for what is needed before each node, from what is known already.
  void solve();
  void computeLiveOut(unsigned node, Places &out) const;

  const ControlFlow &flow;
  llvm::SmallVector<pdk::CellsOp> cells;
  llvm::DenseMap<mlir::Value, ByteRange> ranges;
  llvm::SmallVector<unsigned> firstByte, cellsOfByte;

  /// By node.
  std::vector<Access> accesses;
  std::vector<Places> liveIn;
  std::vector<llvm::SmallVector<unsigned, 2>> predecessors;

  /// By node that returns: the callees from which control comes there.
  llvm::DenseMap<unsigned, llvm::SmallVector<unsigned>> calleesOf;
  /// Nodes that calls go to; a label within a routine may be one.
  llvm::SmallVector<unsigned> callees;
  /// By callee, see above.
  llvm::DenseMap<unsigned, Places> needs, kills, leaving;
  /// What C needs when the first routine returns, and where that is.
  Places leavingProgram;
  llvm::DenseSet<unsigned> endsProgram;
};

} // namespace pdkc

#endif // PDKC_PASSES_PDK_ANALYSIS_LIVENESS_H
