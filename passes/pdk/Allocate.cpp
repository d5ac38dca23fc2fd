//===- Allocate.cpp - Cells get addresses in RAM --------------------------===//
//
// First fit over the cells, the most constrained first; where that does not
// fit, what ended highest is placed earlier and it is tried again.
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/pdk/analysis/Interference.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace pdkc {
#define GEN_PASS_DEF_PDKALLOCATE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// What is not the program's own to place.
struct Surroundings {
  int64_t first = 2; ///< lowest address; RAM 0 and 1 are p
  int64_t forC = 2;  ///< static bytes of the C program that it is linked with
  int64_t entry = 2; ///< the call of the module's entry
};

struct Placement {
  SmallVector<int64_t> addresses; ///< by cell; -1 where not placed
  int64_t end = 0;                ///< first byte above all
  /// By address: the bytes that lie there, by their numbers.
  std::vector<llvm::BitVector> bytesAt;
};

class Allocator {
public:
  Allocator(ProgramOp program, const Interference &interference, int64_t first)
      : cells(getCells(program)), interference(interference), first(first) {
    computeReach(program);
  }

  /// The best placement found.
  Placement run(int64_t available);
  /// Lets every cell lie anywhere: what the cells would need then.
  void ignoreReach() { reach.assign(cells.size(), 1 << 16); }
  /// A cell that no address is within reach for, if any; set by run.
  CellsOp unreachable;

private:
  void computeReach(ProgramOp program);
  Placement place(ArrayRef<unsigned> order);
  /// Whether the cell may lie there beside what has its place already.
  bool fits(const Placement &placement, unsigned cell, int64_t address) const;
  void put(Placement &placement, unsigned cell, int64_t address) const;

  SmallVector<CellsOp> cells;
  const Interference &interference;
  int64_t first;              ///< lowest address
  SmallVector<int64_t> reach; ///< highest address that a cell may begin at
  SmallVector<int64_t> align;
};

struct PdkAllocate : pdkc::impl::PdkAllocateBase<PdkAllocate> {
  using PdkAllocateBase::PdkAllocateBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<ProgramOp>())
      if (failed(allocate(program)))
        return signalPassFailure();
  }

  LogicalResult allocate(ProgramOp program);
};

} // namespace

/// The operand classes of the instructions bound where their cells may lie.
void Allocator::computeReach(ProgramOp program) {
  InstructionSet set = findDevice(program.getDevice())->set;
  DenseMap<Operation *, unsigned> numberOf;
  for (auto [i, op] : llvm::enumerate(cells)) {
    numberOf[op] = i;
    reach.push_back(255);
    align.push_back(op.getAlign());
  }
  program.walk([&](InstructionOp op) {
    Value value = op.getCellsOrNull();
    OperandForm form = getInstruction(op.getOpcode()).form;
    if (!value || form == OperandForm::Immediate)
      return;
    CellRange range = getCellRange(value);
    unsigned cell = numberOf[range.cells];
    reach[cell] =
        std::min<int64_t>(reach[cell], getMaxOperand(op.getOpcode(), set) -
                                           range.offset - op.getNumber());
    if (form == OperandForm::Pointer)
      align[cell] = 2;
  });
}

bool Allocator::fits(const Placement &placement, unsigned cell,
                     int64_t address) const {
  unsigned byte = interference.firstByte[cell];
  CellsOp op = cells[cell];
  auto end =
      std::min<int64_t>(address + op.getSize(), placement.bytesAt.size());
  for (int64_t at = address; at < end; ++at)
    if (interference.conflicts[byte++].anyCommon(placement.bytesAt[at]))
      return false;
  for (auto [inner, outer, offset, size] : interference.within) {
    if (inner != cell && outer != cell)
      continue;
    int64_t in = inner == cell ? address : placement.addresses[inner];
    int64_t out = outer == cell ? address : placement.addresses[outer];
    if (in < 0 || out < 0)
      continue;
    if (in > out + offset && in < out + offset + size)
      return false;
  }
  return true;
}

void Allocator::put(Placement &placement, unsigned cell,
                    int64_t address) const {
  CellsOp op = cells[cell];
  int64_t end = address + op.getSize();
  placement.addresses[cell] = address;
  placement.end = std::max(placement.end, end);
  if (end > int64_t(placement.bytesAt.size()))
    placement.bytesAt.resize(end,
                             llvm::BitVector(interference.conflicts.size()));
  unsigned byte = interference.firstByte[cell];
  for (int64_t at = address; at < end; ++at)
    placement.bytesAt[at].set(byte++);
}

Placement Allocator::place(ArrayRef<unsigned> order) {
  Placement placement;
  placement.end = first;
  placement.addresses.assign(cells.size(), -1);
  for (unsigned cell : order)
    if (auto fixed = cells[cell].getAddress())
      put(placement, cell, *fixed);
  for (unsigned cell : order) {
    // The stack comes above all others, when they have their places.
    if (placement.addresses[cell] >= 0 || cells[cell].getStack())
      continue;
    int64_t address = llvm::alignTo(first, align[cell]);
    while (address <= reach[cell] && !fits(placement, cell, address))
      address += align[cell];
    if (address > reach[cell]) {
      unreachable = cells[cell];
      placement.end = INT64_MAX;
      return placement;
    }
    put(placement, cell, address);
  }
  return placement;
}

Placement Allocator::run(int64_t available) {
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, cells.size()));
  // Narrow reach first, then large before small.
  llvm::stable_sort(order, [&](unsigned a, unsigned b) {
    CellsOp opA = cells[a], opB = cells[b];
    return std::make_pair(reach[a], -int64_t(opA.getSize())) <
           std::make_pair(reach[b], -int64_t(opB.getSize()));
  });
  Placement best = place(order), last = best;
  for (unsigned attempt = 0; attempt < 100 && best.end > available; ++attempt) {
    // What ended highest, or found no place, goes first.
    unsigned highest = 0;
    int64_t top = -1;
    for (auto [i, cell] : llvm::enumerate(order)) {
      if (cells[cell].getStack())
        continue;
      int64_t end = last.addresses[cell] < 0
                        ? INT64_MAX
                        : last.addresses[cell] + int64_t(cells[cell].getSize());
      if (end > top) {
        top = end;
        highest = i;
      }
    }
    if (highest == 0)
      break; // nothing new to try
    std::rotate(order.begin(), order.begin() + highest,
                order.begin() + highest + 1);
    last = place(order);
    if (last.end < best.end)
      best = last;
  }
  return best;
}

LogicalResult PdkAllocate::allocate(ProgramOp program) {
  auto &liveness = getChildAnalysis<ProgramLiveness>(program);
  if (!liveness.isValid())
    return failure();
  auto depth = liveness.getFlow().getStackDepth();
  auto interference = computeInterference(liveness);
  if (failed(depth) || failed(interference))
    return failure();

  const Device &device = *findDevice(program.getDevice());
  SmallVector<CellsOp> cells = getCells(program);
  Surroundings around;
  auto *stack = llvm::find_if(cells, [](CellsOp op) { return op.getStack(); });
  if (stack != cells.end()) {
    bool hasP = llvm::any_of(cells, [](CellsOp op) { return op.isPointerP(); });
    around = {hasP ? 2 : 0, 0, 0};
  }
  // The stack begins at an even address above the C program's bytes.
  auto getStack = [&](int64_t end) -> int64_t {
    return llvm::alignTo(end + around.forC + reserve, 2);
  };
  auto getTop = [&](int64_t end) -> int64_t {
    return getStack(end) + around.entry + *depth;
  };
  int64_t available = device.ramBytes;
  while (getTop(available) > int64_t(device.ramBytes) && available > 0)
    --available;
  Allocator allocator(program, *interference, around.first);
  Placement placement = allocator.run(available);
  if (placement.end == INT64_MAX) {
    // Too little RAM, or only too little within reach?
    CellsOp op = allocator.unreachable;
    allocator.ignoreReach();
    placement = allocator.run(available);
    if (placement.end <= available)
      return op.emitError("no address within reach is free for cells \"")
             << op.getName() << "\" on the " << device.name;
  }
  if (placement.end > available) {
    auto diagnostic = program.emitError("does not fit the RAM of the ")
                      << device.name << ": needs " << getTop(placement.end)
                      << " bytes (p " << around.first << ", cells "
                      << placement.end - around.first << ", C " << around.forC;
    if (reserve)
      diagnostic << ", reserved " << int64_t(reserve);
    diagnostic << ", stack " << around.entry + *depth << "), has "
               << device.ramBytes
               << "; use fewer or narrower neurons, or a larger device";
    return failure();
  }
  Builder builder(program.getContext());
  for (auto [cell, address] : llvm::zip(cells, placement.addresses))
    cell.setAddress(cell.getStack() ? getStack(placement.end) : address);
  if (stack != cells.end())
    stack->setSize(std::max<int64_t>(*depth, 1));
  program->setAttr("static_bytes",
                   builder.getI64IntegerAttr(placement.end - around.first));
  program->setAttr("stack_bytes",
                   builder.getI64IntegerAttr(around.entry + *depth));
  return success();
}
