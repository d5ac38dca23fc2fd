//===- Interference.cpp - Which bytes must not share an address -----------===//

#include "passes/pdk/analysis/Interference.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using llvm::BitVector;

/// Whether the cells hold something at the start. C fills what it exports.
static bool isFilled(CellsOp op) {
  return op.getExported() || op->hasAttr(kGivenAttr);
}

/// Every byte that is needed at the start is there at the start.
static LogicalResult checkStart(const ProgramLiveness &liveness) {
  const Places &atStart =
      liveness.getLiveIn(liveness.getFlow().getEntries().front());
  for (unsigned byte : atStart.bytes.set_bits()) {
    unsigned number = liveness.getCellsOfByte(byte);
    unsigned offset = byte - liveness.getFirstByte(number);
    CellsOp op = liveness.getCells()[number];
    // The high byte of p is 0 by contract.
    if (isFilled(op) || (op.isPointerP() && offset == 1))
      continue;
    return op.emitError("byte ") << offset << " of cells \"" << op.getName()
                                 << "\" is read before it is written";
  }
  return success();
}

/// The user's code may destroy p, unless it returns something there.
static LogicalResult checkCallOutside(const ProgramLiveness &liveness,
                                      const FlowNode &node, const Places &out) {
  for (auto [i, op] : llvm::enumerate(liveness.getCells()))
    if (!node.returnsInP && CellsOp(op).isPointerP() &&
        out.bytes.test(liveness.getFirstByte(i)))
      return node.op->emitError("p does not survive a call of the user's "
                                "code, but is needed behind it");
  return success();
}

FailureOr<Interference>
pdkc::computeInterference(const ProgramLiveness &liveness) {
  if (failed(checkStart(liveness)))
    return failure();
  Interference result;
  unsigned numBytes = liveness.getNumBytes();
  result.conflicts.assign(numBytes, BitVector(numBytes));
  for (auto [i, node] : llvm::enumerate(liveness.getFlow().getNodes())) {
    const Access &access = liveness.getAccess(i);
    if (!node.callsOutside && access.mayWrite.empty())
      continue;
    Places out = liveness.getLiveOut(i);
    if (node.callsOutside && failed(checkCallOutside(liveness, node, out)))
      return failure();
    out.bytes.reset(access.spared.begin, access.spared.end);
    for (ByteRange range : access.mayWrite)
      for (unsigned byte = range.begin; byte < range.end; ++byte)
        result.conflicts[byte] |= out.bytes;
  }
  // What is filled is there together before anything is written.
  BitVector filled =
      liveness.getLiveIn(liveness.getFlow().getEntries().front()).bytes;
  for (auto [i, op] : llvm::enumerate(liveness.getCells()))
    if (!isFilled(op))
      filled.reset(liveness.getFirstByte(i),
                   liveness.getFirstByte(i) + CellsOp(op).getSize());
  for (unsigned byte : filled.set_bits())
    result.conflicts[byte] |= filled;
  for (unsigned byte = 0; byte < numBytes; ++byte)
    for (unsigned other : result.conflicts[byte].set_bits())
      result.conflicts[other].set(byte);
  for (auto [i, op] : llvm::enumerate(liveness.getCells())) {
    result.firstByte.push_back(liveness.getFirstByte(i));
    if (Value outer = CellsOp(op).getWithin()) {
      CellRange range = getCellRange(outer);
      unsigned number =
          liveness.getCellsOfByte(liveness.getRange(outer).begin);
      result.within.push_back({unsigned(i), number, range.offset, range.size});
    }
  }
  return result;
}

BitVector pdkc::findClique(const Interference &interference,
                           llvm::ArrayRef<CellsOp> cells) {
  llvm::ArrayRef<BitVector> conflicts = interference.conflicts;
  llvm::ArrayRef<unsigned> firstByte = interference.firstByte;
  SmallVector<unsigned> counts;
  for (const BitVector &each : conflicts)
    counts.push_back(each.count());
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, conflicts.size()));
  llvm::stable_sort(
      order, [&](unsigned a, unsigned b) { return counts[a] > counts[b]; });
  BitVector others(conflicts.size(), true), chosen(conflicts.size());
  for (unsigned byte : order) {
    if (!others.test(byte))
      continue;
    chosen.set(byte);
    BitVector compatible = conflicts[byte];
    unsigned cell = llvm::upper_bound(firstByte, byte) - firstByte.begin() - 1;
    compatible.set(firstByte[cell],
                   firstByte[cell] + CellsOp(cells[cell]).getSize());
    others &= compatible;
  }
  return chosen;
}
