//===- Liveness.cpp - Which bytes of cells are needed where ---------------===//

#include "passes/pdk/analysis/Liveness.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using llvm::BitVector;

SmallVector<CellsOp> pdkc::getCells(ProgramOp program) {
  return llvm::to_vector(program.getBody().getOps<CellsOp>());
}

namespace {

/// Bytes, by their numbers.
struct Range {
  unsigned begin = 0, end = 0;
};

/// What one node reads, surely writes, and perhaps writes.
struct Access {
  SmallVector<Range, 2> reads, mayWrite;
  Range writes;
  /// Bytes that what it perhaps writes need not keep away from: a loop writes
  /// an element here after it has read that element there, which is not below.
  Range spared;
};

class Liveness {
public:
  Liveness(ProgramOp program, const ControlFlow &flow);

  FailureOr<Interference> run();

private:
  /// The nodes at which a routine that begins at `entry` returns.
  void forEachReturn(unsigned entry, function_ref<void(unsigned)> visit) {
    BitVector reached = getReachable(entry);
    for (unsigned number : reached.set_bits())
      if (flow.getNodes()[number].returns)
        visit(number);
  }
  BitVector getReachable(ArrayRef<unsigned> entries) const;
  Access getAccess(const FlowNode &node) const;
  Range getRange(Value cells, int64_t offset, int64_t size) const;
  Range getRange(Value value) const {
    return getRange(value, 0, value.getDefiningOp<CellsOp>().getSize());
  }

  /// Updates the nodes given, and whatever comes before a node that changes,
  /// until nothing changes any more.
  void propagate(BitVector pending, function_ref<bool(unsigned)> update) const;
  /// What each routine surely writes before it returns.
  void computeKills();
  /// What is needed behind a node.
  void getLiveOut(unsigned node, BitVector &out) const;
  /// Solves for what is needed before each node, from what is known already.
  void solve();

  const ControlFlow &flow;
  SmallVector<CellsOp> cells;
  DenseMap<Value, unsigned> numberOf;
  SmallVector<unsigned> firstByte, cellsOfByte;
  unsigned numBytes = 0;

  /// By node.
  std::vector<Access> accesses;
  std::vector<BitVector> liveIn;
  std::vector<SmallVector<unsigned, 2>> predecessors;

  /// By node that returns: the callees from which control comes there.
  DenseMap<unsigned, SmallVector<unsigned>> calleesOf;
  /// Nodes that calls go to; a label within a routine may be one.
  SmallVector<unsigned> callees;
  /// By callee: what is needed when it is called, what is surely written by
  /// the time it returns. And what callers need behind their calls.
  DenseMap<unsigned, BitVector> needs, kills, leaving;
  /// Bytes that C sees, needed wherever the entry returns; and where that is.
  BitVector exported;
  DenseSet<unsigned> endsProgram;
};

} // namespace

Liveness::Liveness(ProgramOp program, const ControlFlow &flow)
    : flow(flow), cells(getCells(program)) {
  for (CellsOp op : cells) {
    numberOf[op.getResult()] = firstByte.size();
    cellsOfByte.append(op.getSize(), firstByte.size());
    firstByte.push_back(numBytes);
    numBytes += op.getSize();
  }
  ArrayRef<FlowNode> nodes = flow.getNodes();
  predecessors.resize(nodes.size());
  for (auto [i, node] : llvm::enumerate(nodes)) {
    accesses.push_back(getAccess(node));
    for (unsigned successor : node.successors)
      predecessors[successor].push_back(i);
    if (node.callee >= 0 && !llvm::is_contained(callees, node.callee))
      callees.push_back(node.callee);
  }
  liveIn.assign(nodes.size(), BitVector(numBytes));
  for (unsigned callee : callees) {
    needs[callee] = leaving[callee] = BitVector(numBytes);
    forEachReturn(callee,
                  [&](unsigned node) { calleesOf[node].push_back(callee); });
  }
  exported.resize(numBytes);
  for (CellsOp op : cells)
    if (op.getExported()) {
      Range range = getRange(op.getResult());
      exported.set(range.begin, range.end);
    }
  forEachReturn(flow.getEntries().front(),
                [&](unsigned node) { endsProgram.insert(node); });
}

BitVector Liveness::getReachable(ArrayRef<unsigned> entries) const {
  SmallVector<unsigned> work(entries);
  BitVector reached(flow.getNodes().size());
  while (!work.empty()) {
    unsigned number = work.pop_back_val();
    if (reached.test(number))
      continue;
    reached.set(number);
    work.append(flow.getNodes()[number].successors);
  }
  return reached;
}

Range Liveness::getRange(Value value, int64_t offset, int64_t size) const {
  unsigned begin = firstByte[numberOf.lookup(value)] + offset;
  return {begin, unsigned(begin + size)};
}

Access Liveness::getAccess(const FlowNode &node) const {
  Access access;
  if (auto undef = dyn_cast<UndefOp>(node.op)) {
    // A kill, although nothing is written.
    access.writes = getRange(undef.getCells());
    return access;
  }
  auto instruction = dyn_cast<InstructionOp>(node.op);
  if (!instruction)
    return access;
  const Instruction &row = *node.row;
  Value value = instruction.getCellsOrNull();
  if (value && row.form != OperandForm::Immediate) {
    Range range = getRange(value, instruction.getNumber(),
                           row.form == OperandForm::Pointer ? 2 : 1);
    if (row.has(ReadsM))
      access.reads.push_back(range);
    if (row.has(WritesM)) {
      access.writes = range;
      access.mayWrite.push_back(range);
    }
  }
  if (Value pointee = instruction.getPointeeOrNull()) {
    if (row.has(ReadsPointee))
      access.reads.push_back(getRange(pointee));
    if (row.has(WritesPointee))
      access.mayWrite.push_back(getRange(pointee));
    if (Value outer = pointee.getDefiningOp<CellsOp>().getWithin())
      access.spared = getRange(outer);
  }
  return access;
}

void Liveness::propagate(BitVector pending,
                         function_ref<bool(unsigned)> update) const {
  // From the end on, as most nodes come right before what they depend on.
  while (pending.any())
    for (int i = pending.find_last(); i >= 0; i = pending.find_prev(i)) {
      pending.reset(i);
      if (update(i))
        for (unsigned predecessor : predecessors[i])
          pending.set(predecessor);
    }
}

void Liveness::computeKills() {
  ArrayRef<FlowNode> nodes = flow.getNodes();
  // The greatest solution: everything, until a path shows otherwise.
  BitVector all(numBytes, true), written;
  for (unsigned callee : callees)
    kills[callee] = all;
  std::vector<BitVector> surely(nodes.size(), all);
  auto update = [&](unsigned i) {
    if (nodes[i].returns)
      written.reset();
    else
      written = all;
    for (unsigned successor : nodes[i].successors)
      written &= surely[successor];
    written.set(accesses[i].writes.begin, accesses[i].writes.end);
    if (nodes[i].callee >= 0)
      written |= kills.find(nodes[i].callee)->second;
    if (written == surely[i])
      return false;
    surely[i] = written;
    return true;
  };
  BitVector inCallees = getReachable(callees);
  for (bool changed = true; changed;) {
    changed = false;
    propagate(inCallees, update);
    for (unsigned callee : callees) {
      changed |= kills[callee] != surely[callee];
      kills[callee] = surely[callee];
    }
  }
}

void Liveness::getLiveOut(unsigned number, BitVector &out) const {
  const FlowNode &node = flow.getNodes()[number];
  out.reset();
  for (unsigned successor : node.successors)
    out |= liveIn[successor];
  if (!node.returns)
    return;
  if (auto found = calleesOf.find(number); found != calleesOf.end())
    for (unsigned callee : found->second)
      out |= leaving.find(callee)->second;
  if (endsProgram.contains(number))
    out |= exported;
}

void Liveness::solve() {
  BitVector in(numBytes);
  propagate(BitVector(flow.getNodes().size(), true), [&](unsigned i) {
    getLiveOut(i, in);
    const Access &access = accesses[i];
    in.reset(access.writes.begin, access.writes.end);
    int callee = flow.getNodes()[i].callee;
    if (callee >= 0) {
      in.reset(kills.find(callee)->second);
      in |= needs.find(callee)->second;
    }
    for (Range range : access.reads)
      in.set(range.begin, range.end);
    if (in == liveIn[i])
      return false;
    liveIn[i] = in;
    return true;
  });
}

FailureOr<Interference> Liveness::run() {
  computeKills();
  // First what each routine needs by itself.
  for (bool changed = true; changed;) {
    changed = false;
    solve();
    for (unsigned callee : callees) {
      changed |= needs[callee] != liveIn[callee];
      needs[callee] = liveIn[callee];
    }
  }
  // Then with what the callers need behind their calls.
  BitVector out(numBytes);
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [i, node] : llvm::enumerate(flow.getNodes())) {
      if (node.callee < 0)
        continue;
      getLiveOut(i, out);
      BitVector &after = leaving.find(node.callee)->second;
      changed |= out.test(after);
      after |= out;
    }
    if (changed)
      solve();
  }

  const BitVector &atStart = liveIn[flow.getEntries().front()];
  for (unsigned byte : atStart.set_bits()) {
    CellsOp op = cells[cellsOfByte[byte]];
    // C fills what it exports. The high byte of p is 0 by contract.
    if (op.getExported())
      continue;
    if (op.isPointerP() && byte - firstByte[cellsOfByte[byte]] == 1)
      continue;
    return op.emitError("byte ")
           << byte - firstByte[cellsOfByte[byte]] << " of cells \""
           << op.getName() << "\" is read before it is written";
  }
  Interference result;
  result.firstByte = firstByte;
  result.conflicts.assign(numBytes, BitVector(numBytes));
  for (auto [i, node] : llvm::enumerate(flow.getNodes())) {
    if (!node.callsOutside && accesses[i].mayWrite.empty())
      continue;
    getLiveOut(i, out);
    for (CellsOp op : cells)
      if (node.callsOutside && op.isPointerP() &&
          out.test(getRange(op.getResult()).begin))
        return node.op->emitError("p does not survive a call of the user's "
                                  "code, but is needed behind it");
    out.reset(accesses[i].spared.begin, accesses[i].spared.end);
    for (Range range : accesses[i].mayWrite)
      for (unsigned byte = range.begin; byte < range.end; ++byte)
        result.conflicts[byte] |= out;
  }
  for (unsigned byte = 0; byte < numBytes; ++byte)
    for (unsigned other : result.conflicts[byte].set_bits())
      result.conflicts[other].set(byte);
  for (CellsOp op : cells)
    if (op.getWithin())
      result.within.push_back(
          {numberOf.lookup(op.getResult()), numberOf.lookup(op.getWithin())});
  return result;
}

FailureOr<Interference> pdkc::computeInterference(ProgramOp program,
                                                  const ControlFlow &flow) {
  return Liveness(program, flow).run();
}
