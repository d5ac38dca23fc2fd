//===- Liveness.cpp - Which bytes of cells are needed where ---------------===//

#include "passes/pdk/Liveness.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using llvm::BitVector;

SmallVector<CellsOp> pdkc::getCells(ProgramOp program) {
  return llvm::to_vector(program.getBody().getOps<CellsOp>());
}

namespace {

/// What one node reads, surely writes, and perhaps writes, as bytes of cells.
struct Access {
  BitVector reads, writes, mayWrite;
};

class Liveness {
public:
  Liveness(ProgramOp program, const ControlFlow &flow)
      : flow(flow), cells(getCells(program)) {
    for (CellsOp op : cells) {
      numberOf[op.getResult()] = firstByte.size();
      firstByte.push_back(numBytes);
      for (int64_t i = 0; i < int64_t(op.getSize()); ++i)
        cellsOfByte.push_back(firstByte.size() - 1);
      numBytes += op.getSize();
    }
    for (const FlowNode &node : flow.getNodes()) {
      accesses.push_back(getAccess(node));
      if (node.callee >= 0 && !llvm::is_contained(callees, node.callee))
        callees.push_back(node.callee);
    }
    for (unsigned callee : callees)
      forEachReturn(callee,
                    [&](unsigned node) { calleesOf[node].push_back(callee); });
    exported.resize(numBytes);
    for (CellsOp op : cells)
      if (op.getExported())
        addRange(exported, op.getResult(), 0, op.getSize());
    forEachReturn(flow.getEntries().front(),
                  [&](unsigned node) { endsProgram.insert(node); });
  }

  FailureOr<Interference> run();

private:
  /// The nodes at which a routine that begins at `entry` returns.
  void forEachReturn(unsigned entry, function_ref<void(unsigned)> visit) {
    SmallVector<unsigned> work = {entry};
    DenseSet<unsigned> seen = {entry};
    while (!work.empty()) {
      unsigned number = work.pop_back_val();
      if (flow.getNodes()[number].returns)
        visit(number);
      for (unsigned successor : flow.getNodes()[number].successors)
        if (seen.insert(successor).second)
          work.push_back(successor);
    }
  }
  Access getAccess(const FlowNode &node);
  void addRange(BitVector &set, Value value, int64_t offset, int64_t size);
  /// Solves for live-in and live-out; `leaving` is live at each routine's end.
  void solve();
  void addInterference(Interference &result, unsigned node);

  const ControlFlow &flow;
  SmallVector<CellsOp> cells;
  DenseMap<Value, unsigned> numberOf;
  SmallVector<unsigned> firstByte, cellsOfByte;
  unsigned numBytes = 0;
  std::vector<Access> accesses;
  std::vector<BitVector> liveIn, liveOut;
  /// What each routine surely writes before it returns.
  void computeKills();

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

void Liveness::addRange(BitVector &set, Value value, int64_t offset,
                        int64_t size) {
  unsigned begin = firstByte[numberOf.lookup(value)] + offset;
  set.set(begin, begin + size);
}

Access Liveness::getAccess(const FlowNode &node) {
  Access access{BitVector(numBytes), BitVector(numBytes), BitVector(numBytes)};
  if (auto undef = dyn_cast<UndefOp>(node.op)) {
    // A kill, although nothing is written.
    addRange(access.writes, undef.getCells(), 0,
             undef.getCells().getDefiningOp<CellsOp>().getSize());
    return access;
  }
  auto instruction = dyn_cast<InstructionOp>(node.op);
  if (!instruction)
    return access;
  const Instruction &row = getInstruction(instruction.getOpcode());
  Value value = instruction.getCellsOrNull();
  if (value && row.form != OperandForm::Immediate) {
    int64_t size = row.form == OperandForm::Pointer ? 2 : 1;
    if (row.has(ReadsM))
      addRange(access.reads, value, instruction.getNumber(), size);
    if (row.has(WritesM)) {
      addRange(access.writes, value, instruction.getNumber(), size);
      access.mayWrite |= access.writes;
    }
  }
  if (Value pointee = instruction.getPointeeOrNull()) {
    int64_t size = pointee.getDefiningOp<CellsOp>().getSize();
    addRange(row.has(WritesA) ? access.reads : access.mayWrite, pointee, 0,
             size);
  }
  return access;
}

void Liveness::solve() {
  size_t count = flow.getNodes().size();
  liveIn.assign(count, BitVector(numBytes));
  liveOut.assign(count, BitVector(numBytes));
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = count; i-- > 0;) {
      const FlowNode &node = flow.getNodes()[i];
      BitVector out(numBytes);
      for (unsigned successor : node.successors)
        out |= liveIn[successor];
      if (auto found = calleesOf.find(i); found != calleesOf.end())
        for (unsigned callee : found->second)
          if (auto after = leaving.find(callee); after != leaving.end())
            out |= after->second;
      if (endsProgram.contains(i))
        out |= exported;
      BitVector in = out;
      in.reset(accesses[i].writes);
      if (node.callee >= 0)
        in.reset(kills.find(node.callee)->second);
      in |= accesses[i].reads;
      if (node.callee >= 0)
        if (auto found = needs.find(node.callee); found != needs.end())
          in |= found->second;
      if (in != liveIn[i] || out != liveOut[i]) {
        liveIn[i] = std::move(in);
        liveOut[i] = std::move(out);
        changed = true;
      }
    }
  }
}

void Liveness::addInterference(Interference &result, unsigned number) {
  const FlowNode &node = flow.getNodes()[number];
  const BitVector &written = accesses[number].mayWrite;
  if (written.none())
    return;
  Value pointee;
  if (auto instruction = dyn_cast<InstructionOp>(node.op))
    pointee = instruction.getPointeeOrNull();
  for (unsigned a : written.set_bits()) {
    CellsOp owner = cells[cellsOfByte[a]];
    for (unsigned b : liveOut[number].set_bits()) {
      unsigned x = cellsOfByte[a], y = cellsOfByte[b];
      if (x == y)
        continue;
      // A loop that writes an element here after it has read that element
      // there: allowed, if here is not above there.
      if (pointee == owner.getResult() && owner.getWithin() &&
          owner.getWithin() == cells[y].getResult())
        continue;
      int64_t inX = a - firstByte[x], inY = b - firstByte[y];
      if (x < y)
        result.forbidden[{x, y}].insert(inX - inY);
      else
        result.forbidden[{y, x}].insert(inY - inX);
    }
  }
}

void Liveness::computeKills() {
  ArrayRef<FlowNode> nodes = flow.getNodes();
  // The greatest solution: everything, until a path shows otherwise.
  BitVector all(numBytes, true);
  for (unsigned callee : callees)
    kills[callee] = all;
  std::vector<BitVector> surely(nodes.size(), all);
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = nodes.size(); i-- > 0;) {
      BitVector written = nodes[i].returns ? BitVector(numBytes) : all;
      for (unsigned successor : nodes[i].successors)
        written &= surely[successor];
      written |= accesses[i].writes;
      if (nodes[i].callee >= 0)
        written |= kills.find(nodes[i].callee)->second;
      changed |= written != surely[i];
      surely[i] = std::move(written);
    }
    for (unsigned callee : callees)
      kills[callee] = surely[callee];
  }
}

FailureOr<Interference> Liveness::run() {
  computeKills();
  // First what each routine needs by itself, callees before callers: as often
  // as the call graph may be deep.
  for (size_t round = 0; round < flow.getEntries().size(); ++round) {
    solve();
    bool changed = false;
    for (unsigned callee : callees) {
      BitVector &need = needs.try_emplace(callee, numBytes).first->second;
      changed |= need != liveIn[callee];
      need = liveIn[callee];
    }
    if (!changed)
      break;
  }
  // Then with what the callers need behind their calls.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [i, node] : llvm::enumerate(flow.getNodes())) {
      if (node.callee < 0)
        continue;
      BitVector &after =
          leaving.try_emplace(unsigned(node.callee), numBytes).first->second;
      BitVector joined = after;
      joined |= liveOut[i];
      changed |= joined != after;
      after = joined;
    }
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
  for (size_t i = 0; i < flow.getNodes().size(); ++i) {
    const FlowNode &node = flow.getNodes()[i];
    if (node.callsOutside)
      for (unsigned byte : liveOut[i].set_bits()) {
        CellsOp op = cells[cellsOfByte[byte]];
        if (op.isPointerP() && byte == firstByte[cellsOfByte[byte]])
          return node.op->emitError("p does not survive a call of the user's "
                                    "code, but is needed behind it");
      }
    addInterference(result, i);
  }
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
