//===- Allocate.cpp - Cells get addresses in RAM --------------------------===//
//
// First fit over the cells, the most constrained first; where that does not
// fit, what ended highest is placed earlier and it is tried again. The cells
// that a module's instructions of short reach name end up in one part at the
// bottom, so that the rest may lie anywhere when the module is linked behind
// another one.
//
//===----------------------------------------------------------------------===//

#include "passes/Passes.h"
#include "passes/pdk/Allocation.h"
#include "passes/pdk/ResourceError.h"
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
struct ReservedMemory {
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
  /// The bytes from the first on that have to lie low or at even addresses: an
  /// even number, behind which no cell goes on, or all.
  int64_t getNearBytes(const Placement &placement) const;
  /// Lets every cell lie anywhere: what the cells would need then.
  void ignoreReach() { reach.assign(cells.size(), 1 << 16); }
  /// The error of the cell that run found no address within reach for.
  LogicalResult emitReachError(ProgramOp program);

private:
  void computeReach(ProgramOp program);
  /// What is not bound to lie low or even begins at `lowestFar` or above.
  Placement place(ArrayRef<unsigned> order, int64_t lowestFar = 0);
  bool isNear(unsigned cell) const {
    return !CellsOp(cells[cell]).getStack() &&
           (isShort[cell] || align[cell] > 1);
  }
  /// Whether the cell may lie there beside what has its place already.
  bool fits(const Placement &placement, unsigned cell, int64_t address) const;
  void put(Placement &placement, unsigned cell, int64_t address) const;

  SmallVector<CellsOp> cells;
  const Interference &interference;
  int64_t first;              ///< lowest address
  SmallVector<int64_t> reach; ///< highest address that a cell may begin at
  SmallVector<int64_t> align;
  SmallVector<bool> isShort; ///< named by instructions of short reach
  /// The last cell that no address was within reach for, and the lowest that
  /// is free.
  std::pair<unsigned, int64_t> unreachable;
};

struct PdkAllocate : pdkc::impl::PdkAllocateBase<PdkAllocate> {
  using PdkAllocateBase::PdkAllocateBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<ProgramOp>())
      if (failed(allocate(program,
                          getChildAnalysis<ProgramLiveness>(program), reserve)))
        return signalPassFailure();
  }

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
    isShort.push_back(false);
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
    isShort[cell] |= form == OperandForm::MemoryBit;
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

Placement Allocator::place(ArrayRef<unsigned> order, int64_t lowestFar) {
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
    int64_t lowest = isNear(cell) ? first : std::max(first, lowestFar);
    int64_t address = llvm::alignTo(lowest, align[cell]);
    while (!fits(placement, cell, address))
      address += align[cell];
    if (address > reach[cell]) {
      unreachable = {cell, address};
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
  SmallVector<unsigned> bestOrder = order;
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
    if (last.end < best.end) {
      best = last;
      bestOrder = order;
    }
  }
  if (best.end == INT64_MAX)
    return best;
  // Nothing else shares bytes with what lies low, where that costs nothing.
  int64_t nearEnd = first;
  for (auto [i, address] : llvm::enumerate(best.addresses))
    if (isNear(i))
      nearEnd =
          std::max(nearEnd, address + int64_t(CellsOp(cells[i]).getSize()));
  Placement apart = place(bestOrder, llvm::alignTo(nearEnd, 2));
  return apart.end <= best.end && getNearBytes(apart) < getNearBytes(best)
             ? apart
             : best;
}

int64_t Allocator::getNearBytes(const Placement &placement) const {
  int64_t end = first;
  // A cell that goes on behind the end moves it, and so other cells into it.
  for (bool isMoved = true; isMoved;) {
    isMoved = false;
    for (auto [i, address] : llvm::enumerate(placement.addresses)) {
      int64_t cellEnd = address + int64_t(CellsOp(cells[i]).getSize());
      if (address < first || cellEnd <= end || (address >= end && !isNear(i)))
        continue;
      end = std::min<int64_t>(llvm::alignTo(cellEnd, 2), placement.end);
      isMoved = true;
    }
  }
  return end - first;
}

LogicalResult Allocator::emitReachError(ProgramOp program) {
  auto [cell, address] = unreachable;
  CellsOp op = cells[cell];
  int64_t size = op.getSize();
  ResourceError error(op, Resource::ReachableRam,
                      *findDevice(program.getDevice()), address + size,
                      reach[cell] + size);
  error.detail = (" up to the end of cells \"" + op.getName() + "\"").str();
  error.advice = "use fewer or narrower neurons, or a larger device";
  for (auto [i, other] : llvm::enumerate(cells))
    if (i != cell && reach[i] <= reach[cell])
      error.addUse(other.getLoc(), other.getSize(),
                   "in cells \"" + other.getName() + "\"");
  return error.emit();
}

/// Names cells that are needed at once: their sum is no more than is needed.
static void addCells(ResourceError &error, MutableArrayRef<CellsOp> cells,
                     const Interference &interference) {
  llvm::BitVector chosen = findClique(interference, cells);
  for (auto [cell, first] : llvm::zip(cells, interference.firstByte)) {
    int64_t bytes = 0;
    for (unsigned byte : llvm::seq(first, unsigned(first + cell.getSize())))
      bytes += chosen.test(byte);
    if (bytes)
      error.addUse(cell.getLoc(), bytes, "in cells \"" + cell.getName() + "\"");
  }
}

LogicalResult pdkc::allocate(ProgramOp program, const ProgramLiveness &liveness,
                             int64_t reserve) {
  if (!liveness.isValid())
    return failure();
  auto depth = liveness.getFlow().getStackDepth();
  auto interference = computeInterference(liveness);
  if (failed(depth) || failed(interference))
    return failure();

  const Device &device = *findDevice(program.getDevice());
  SmallVector<CellsOp> cells = getCells(program);
  ReservedMemory reserved;
  auto *stack = llvm::find_if(cells, [](CellsOp op) { return op.getStack(); });
  if (stack != cells.end()) {
    bool hasP = llvm::any_of(cells, [](CellsOp op) { return op.isPointerP(); });
    reserved = {hasP ? 2 : 0, 0, 0};
  }
  // The stack begins at an even address above the C program's bytes.
  auto getStack = [&](int64_t end) -> int64_t {
    return llvm::alignTo(end + reserved.forC + reserve, 2);
  };
  auto getTop = [&](int64_t end) -> int64_t {
    return getStack(end) + reserved.entry + *depth;
  };
  int64_t available = device.ramBytes;
  while (getTop(available) > int64_t(device.ramBytes) && available > 0)
    --available;
  Allocator allocator(program, *interference, reserved.first);
  Placement placement = allocator.run(available);
  if (placement.end == INT64_MAX) {
    // Too little RAM, or only too little within reach?
    Allocator anywhere = allocator;
    anywhere.ignoreReach();
    placement = anywhere.run(available);
    if (placement.end <= available)
      return allocator.emitReachError(program);
  }
  if (placement.end > available) {
    ResourceError error(program, Resource::Ram, device, getTop(placement.end),
                        device.ramBytes);
    llvm::raw_string_ostream detail(error.detail);
    detail << " (p " << reserved.first << ", cells "
           << placement.end - reserved.first << ", C " << reserved.forC;
    if (reserve)
      detail << ", reserved " << int64_t(reserve);
    detail << ", stack " << reserved.entry + *depth << ")";
    error.advice = "use fewer or narrower neurons, or a larger device";
    addCells(error, cells, *interference);
    return error.emit();
  }
  Builder builder(program.getContext());
  for (auto [cell, address] : llvm::zip(cells, placement.addresses))
    cell.setAddress(cell.getStack() ? getStack(placement.end) : address);
  if (stack != cells.end())
    stack->setSize(std::max<int64_t>(*depth, 1));
  program->setAttr("static_bytes",
                   builder.getI64IntegerAttr(placement.end - reserved.first));
  program->setAttr("near_bytes", builder.getI64IntegerAttr(
                                     allocator.getNearBytes(placement)));
  program->setAttr("stack_bytes",
                   builder.getI64IntegerAttr(reserved.entry + *depth));
  return success();
}
