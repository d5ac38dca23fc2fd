//===- Liveness.cpp - What is needed where in a pdk program ---------------===//

#include "passes/pdk/analysis/Liveness.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using llvm::BitVector;

SmallVector<CellsOp> pdkc::getCells(ProgramOp program) {
  return llvm::to_vector(program.getBody().getOps<CellsOp>());
}

//===----------------------------------------------------------------------===//
// Sets of places
//===----------------------------------------------------------------------===//

Places &Places::operator|=(const Places &other) {
  registers |= other.registers;
  bytes |= other.bytes;
  return *this;
}

Places &Places::operator&=(const Places &other) {
  registers &= other.registers;
  bytes &= other.bytes;
  return *this;
}

Places &Places::operator-=(const Places &other) {
  registers &= ~other.registers;
  bytes.reset(other.bytes);
  return *this;
}

void Places::reset() {
  registers = 0;
  bytes.reset();
}

bool Places::contains(const Places &other) const {
  return !(other.registers & ~registers) && !other.bytes.test(bytes);
}

static void add(Places &places, ByteRange range) {
  places.bytes.set(range.begin, range.end);
}

//===----------------------------------------------------------------------===//
// What a node does by itself
//===----------------------------------------------------------------------===//

Access ProgramLiveness::makeAccess(const FlowNode &node) const {
  Access access;
  if (auto undef = dyn_cast<UndefOp>(node.op)) {
    // A kill, although nothing is written.
    access.writes = getRange(undef.getCells());
    return access;
  }
  if (!node.row)
    return access;
  auto instruction = cast<InstructionOp>(node.op);
  const Instruction &row = *node.row;
  access.registers = instruction.getRegisterUse();
  if (node.callsOutside)
    access.registers.writes |= Accumulator | AllFlags;
  if (node.returnsInP)
    for (CellsOp op : cells)
      if (op.isPointerP())
        access.writes = getRange(op.getResult()).slice(0, 1);
  if (node.callsTable) {
    access.registers.reads |= Accumulator;
    access.registers.writes |= Accumulator;
  }
  Value value = instruction.getCellsOrNull();
  if (value && row.form != OperandForm::Immediate) {
    ByteRange range = getRange(value).slice(
        instruction.getNumber(), row.form == OperandForm::Pointer ? 2 : 1);
    if (row.has(ReadsM))
      access.reads.push_back(range);
    if (row.has(WritesM)) {
      access.writes = range;
      access.mayWrite.push_back(range);
    }
  }
  if (Value pointee = instruction.getPointeeOrNull()) {
    ByteRange range = getRange(pointee);
    if (ArrayRef<int64_t> reached = instruction.getPointeeRange();
        !reached.empty())
      range = range.slice(reached[0], reached[1]);
    if (row.has(ReadsPointee))
      access.reads.push_back(range);
    if (row.has(WritesPointee))
      access.mayWrite.push_back(range);
    CellsOp op = cells[cellsOfByte[range.begin]];
    if (Value outer = op.getWithin())
      access.spared = getRange(outer);
  }
  return access;
}

//===----------------------------------------------------------------------===//
// The solution
//===----------------------------------------------------------------------===//

ProgramLiveness::ProgramLiveness(Operation *program, AnalysisManager &analyses)
    : flow(analyses.getAnalysis<ControlFlow>()) {
  if (!flow.isValid())
    return;
  cells = pdkc::getCells(cast<ProgramOp>(program));
  for (CellsOp op : cells) {
    unsigned begin = cellsOfByte.size();
    cellsOfByte.append(op.getSize(), firstByte.size());
    firstByte.push_back(begin);
    ranges[op.getResult()] = {begin, unsigned(cellsOfByte.size())};
  }
  for (auto part : cast<ProgramOp>(program).getBody().getOps<PartOp>())
    ranges[part.getResult()] =
        getRange(part.getCells()).slice(part.getOffset(), part.getSize());
  unsigned numBytes = getNumBytes();
  ArrayRef<FlowNode> nodes = flow.getNodes();
  accesses.reserve(nodes.size());
  predecessors.resize(nodes.size());
  for (auto [i, node] : llvm::enumerate(nodes)) {
    accesses.push_back(makeAccess(node));
    for (unsigned successor : node.successors)
      predecessors[successor].push_back(i);
    if (node.callee >= 0 && !llvm::is_contained(callees, node.callee))
      callees.push_back(node.callee);
  }
  liveIn.assign(nodes.size(), Places(numBytes));
  for (unsigned callee : callees) {
    needs[callee] = leaving[callee] = Places(numBytes);
    forEachReturn(callee,
                  [&](unsigned node) { calleesOf[node].push_back(callee); });
  }
  leavingProgram = Places(numBytes);
  leavingProgram.registers = Accumulator;
  for (CellsOp op : cells)
    if (op.getExported())
      add(leavingProgram, getRange(op.getResult()));
  forEachReturn(flow.getEntries().front(),
                [&](unsigned node) { endsProgram.insert(node); });

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
  Places out(numBytes);
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [i, node] : llvm::enumerate(nodes)) {
      if (node.callee < 0)
        continue;
      computeLiveOut(i, out);
      Places &after = leaving.find(node.callee)->second;
      changed |= !after.contains(out);
      after |= out;
    }
    if (changed)
      solve();
  }
}

BitVector ProgramLiveness::getReachable(ArrayRef<unsigned> entries) const {
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

void ProgramLiveness::forEachReturn(
    unsigned entry, function_ref<void(unsigned)> visit) const {
  BitVector reached = getReachable(entry);
  for (unsigned number : reached.set_bits())
    if (flow.getNodes()[number].returns)
      visit(number);
}

void ProgramLiveness::propagate(BitVector pending,
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

void ProgramLiveness::computeKills() {
  ArrayRef<FlowNode> nodes = flow.getNodes();
  // The greatest solution: everything, until a path shows otherwise.
  Places all(getNumBytes(), true), written(getNumBytes());
  for (unsigned callee : callees)
    kills[callee] = all;
  std::vector<Places> surely(nodes.size(), all);
  auto update = [&](unsigned i) {
    if (nodes[i].returns)
      written.reset();
    else
      written = all;
    for (unsigned successor : nodes[i].successors)
      written &= surely[successor];
    written.registers |= accesses[i].registers.writes;
    add(written, accesses[i].writes);
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

void ProgramLiveness::computeLiveOut(unsigned number, Places &out) const {
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
    out |= leavingProgram;
}

void ProgramLiveness::solve() {
  Places in(getNumBytes());
  propagate(BitVector(flow.getNodes().size(), true), [&](unsigned i) {
    computeLiveOut(i, in);
    const Access &access = accesses[i];
    in.registers &= ~access.registers.writes;
    in.bytes.reset(access.writes.begin, access.writes.end);
    int callee = flow.getNodes()[i].callee;
    if (callee >= 0) {
      in -= kills.find(callee)->second;
      in |= needs.find(callee)->second;
    }
    in.registers |= access.registers.reads;
    for (ByteRange range : access.reads)
      add(in, range);
    if (in == liveIn[i])
      return false;
    liveIn[i] = in;
    return true;
  });
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

Places ProgramLiveness::getLiveOut(unsigned node) const {
  Places out(getNumBytes());
  computeLiveOut(node, out);
  return out;
}

bool ProgramLiveness::isLiveAfter(Operation *op, Register reg) const {
  return getLiveOut(flow.getNumber(op)).registers & reg;
}

bool ProgramLiveness::isLiveAfter(Operation *op, Value cells,
                                  int64_t offset) const {
  return getLiveOut(flow.getNumber(op))
      .bytes.test(getRange(cells).begin + offset);
}

Places ProgramLiveness::getReads(Operation *op) const {
  unsigned number = flow.getNumber(op);
  int callee = flow.getNodes()[number].callee;
  Places places =
      callee >= 0 ? needs.find(callee)->second : Places(getNumBytes());
  places.registers |= accesses[number].registers.reads;
  for (ByteRange range : accesses[number].reads)
    add(places, range);
  return places;
}

Places ProgramLiveness::getKills(Operation *op) const {
  unsigned number = flow.getNumber(op);
  int callee = flow.getNodes()[number].callee;
  Places places =
      callee >= 0 ? kills.find(callee)->second : Places(getNumBytes());
  places.registers |= accesses[number].registers.writes;
  add(places, accesses[number].writes);
  return places;
}

Places ProgramLiveness::getWrites(Operation *op) const {
  Places places(getNumBytes());
  auto addNode = [&](unsigned number) {
    places.registers |= accesses[number].registers.writes;
    for (ByteRange range : accesses[number].mayWrite)
      add(places, range);
    if (flow.getNodes()[number].callsOutside)
      for (CellsOp op : cells)
        if (op.isPointerP())
          places.bytes.set(getRange(op.getResult()).begin);
  };
  // The operation itself, and all that is reached from a call.
  unsigned number = flow.getNumber(op);
  addNode(number);
  SmallVector<unsigned> work;
  auto addCallee = [&](unsigned number) {
    if (int callee = flow.getNodes()[number].callee; callee >= 0)
      work.push_back(callee);
  };
  addCallee(number);
  BitVector reached(flow.getNodes().size());
  while (!work.empty()) {
    unsigned number = work.pop_back_val();
    if (reached.test(number))
      continue;
    reached.set(number);
    addNode(number);
    addCallee(number);
    work.append(flow.getNodes()[number].successors);
  }
  return places;
}

void ProgramLiveness::print(const Places &places, raw_ostream &out) const {
  constexpr std::pair<Register, StringLiteral> kRegisters[] = {
      {Accumulator, "A"}, {FlagZ, "Z"}, {FlagC, "C"}, {FlagAC, "AC"},
      {FlagOV, "OV"}};
  llvm::ListSeparator separator(" ");
  for (auto [reg, name] : kRegisters)
    if (places.registers & reg)
      out << separator << name;
  for (CellsOp op : cells) {
    ByteRange range = getRange(op.getResult());
    // Runs of neighbouring bytes.
    for (unsigned byte = range.begin; byte < range.end; ++byte) {
      if (!places.bytes.test(byte))
        continue;
      unsigned last = byte;
      while (last + 1 < range.end && places.bytes.test(last + 1))
        ++last;
      out << separator << op.getName() << "[" << byte - range.begin;
      if (last != byte)
        out << "-" << last - range.begin;
      out << "]";
      byte = last;
    }
  }
}
