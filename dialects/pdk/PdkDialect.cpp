//===- PdkDialect.cpp - The pdk dialect: verifiers ------------------------===//

#include "dialects/pdk/PdkDialect.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pdkc::pdk;

#include "dialects/pdk/PdkDialect.cpp.inc"
#include "dialects/pdk/PdkInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/pdk/PdkTypes.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/pdk/PdkOps.cpp.inc"

void PdkDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/pdk/PdkTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/pdk/PdkOps.cpp.inc"
      >();
}

std::optional<int64_t> CellRange::getAddress() const {
  std::optional<int64_t> address = CellsOp(cells).getAddress();
  return address ? std::optional<int64_t>(*address + offset) : std::nullopt;
}

CellRange pdkc::pdk::getCellRange(Value value) {
  CellRange range;
  if (auto part = value.getDefiningOp<PartOp>()) {
    range = getCellRange(part.getCells());
    range.offset += part.getOffset();
    range.size = part.getSize();
    range.name = part.getName();
    return range;
  }
  range.cells = value.getDefiningOp<CellsOp>();
  range.size = range.cells.getSize();
  range.name = range.cells.getName();
  return range;
}

static bool isInside(int64_t offset, int64_t size, int64_t whole) {
  return offset >= 0 && size >= 1 && size <= whole && offset <= whole - size;
}

/// What a pointer form reaches through its pointer.
static LogicalResult verifyPointee(InstructionOp op) {
  ArrayRef<int64_t> reached = op.getPointeeRange();
  Value pointee = op.getPointeeOrNull();
  if (!pointee) {
    if (!reached.empty())
      return op->emitOpError("has a range, but `into` no cells");
    return success();
  }
  const Instruction &row = op.getRow();
  if (!row.has(ReadsPointee) && !row.has(WritesPointee))
    return op->emitOpError("reaches no cells through its pointer");
  CellRange range = getCellRange(pointee);
  if (!reached.empty() && !isInside(reached[0], reached[1], range.size))
    return op->emitOpError("range ")
           << reached[0] << ", " << reached[1] << " is outside the "
           << range.size << " bytes of cells \"" << range.name << "\"";
  return success();
}

/// Offsets within the cells, immediates within a byte, bits 0 to 7.
static LogicalResult verifyOperands(InstructionOp op) {
  if (failed(verifyPointee(op)))
    return failure();
  int64_t number = op.getNumber();
  if (op.getBitNumber() < 0 || op.getBitNumber() > 7)
    return op->emitOpError("bit ") << op.getBitNumber() << " is not in 0 to 7";
  if (Value value = op.getCellsOrNull()) {
    CellRange range = getCellRange(value);
    OperandForm form = op.getRow().form;
    if (range.cells.getStack() && form != OperandForm::Immediate)
      return op->emitOpError("accesses the stack; only its address is of use");
    // One past the end is a fine address, but no fine access.
    int64_t needed = form == OperandForm::Immediate ? 0
                     : form == OperandForm::Pointer ? 2
                                                    : 1;
    if (number < 0 || number + needed > range.size)
      return op->emitOpError("offset ")
             << number << " is outside the " << range.size
             << " bytes of cells \"" << range.name << "\"";
    // Cells that hold a pointer get an even address.
    int64_t address = range.getAddress().value_or(range.offset) + number;
    if (form == OperandForm::Pointer && address % 2 != 0)
      return op->emitOpError("offset ")
             << number << " is no place for a pointer: its address is odd";
    return success();
  }
  if (getInstruction(op.getOpcode()).form == OperandForm::Immediate &&
      !op.getTargetName().empty() && number != 0 && number != 1)
    return op->emitOpError("an address has no byte ") << number;
  if (number < 0 || number > 255)
    return op->emitOpError("operand ") << number << " is not in 0 to 255";
  return success();
}

LogicalResult PartOp::verify() {
  Operation *source = getCells().getDefiningOp();
  if (!source || source->getBlock() != (*this)->getBlock() ||
      !source->isBeforeInBlock(*this))
    return emitOpError("is a part of what does not stand before it");
  CellRange range = getCellRange(getCells());
  if (!isInside(getOffset(), getSize(), range.size))
    return emitOpError("of ")
           << getSize() << " bytes from " << getOffset() << " is outside the "
           << range.size << " bytes of cells \"" << range.name << "\"";
  return success();
}

/// Every name that a goto or call uses must be there, and only once.
LogicalResult ProgramOp::verifyRegions() {
  if (!findDevice(getDevice()))
    return emitOpError("unknown device \"") << getDevice() << "\"";
  llvm::StringSet<> names;
  auto define = [&](Operation *op, StringRef name) -> LogicalResult {
    if (!names.insert(name).second)
      return op->emitOpError("redefines the name @") << name;
    return success();
  };
  for (Operation &op : getBody().front()) {
    if (auto symbol = dyn_cast<SymbolOpInterface>(op))
      names.insert(symbol.getName());
    if (!isa<CellsOp, PartOp, RoutineOp, ExternalOp, TableOp, WordsOp>(op))
      return op.emitOpError("does not belong into a program's body");
  }
  auto stacks = llvm::make_filter_range(
      getBody().getOps<CellsOp>(), [](CellsOp op) { return op.getStack(); });
  if (!llvm::hasNItemsOrLess(stacks, 1))
    return emitOpError("has more than one stack");
  WalkResult result = walk([&](LabelOp label) {
    return failed(define(label, label.getSymName())) ? WalkResult::interrupt()
                                                     : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  result = walk([&](InstructionOp op) {
    if (failed(verifyOperands(op)))
      return WalkResult::interrupt();
    StringRef target = op.getTargetName();
    if (!target.empty() && !names.contains(target)) {
      op->emitOpError("there is no label or routine @") << target;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult TableOp::verify() {
  if (getBytes().empty())
    return emitOpError("has no entries");
  if (getBytes().size() > 255)
    return emitOpError("has ")
           << getBytes().size() << " entries, but A counts to 255";
  for (int32_t byte : getBytes())
    if (byte < 0 || byte > 255)
      return emitOpError("entry ") << byte << " is not a byte";
  return success();
}

LogicalResult WordsOp::verify() {
  if (getWords().empty())
    return emitOpError("has no entries");
  auto program = (*this)->getParentOfType<ProgramOp>();
  const Device *device = findDevice(program.getDevice());
  unsigned bits = device ? getWordBits(device->set) : 16;
  for (int32_t word : getWords())
    if (word < 0 || word >> bits != 0)
      return emitOpError("entry ") << word << " is not of " << bits << " bits";
  return success();
}
