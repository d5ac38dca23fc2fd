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

/// Offsets within the cells, immediates within a byte, bits 0 to 7.
static LogicalResult verifyOperands(InstructionOp op) {
  int64_t number = op.getNumber();
  if (op.getBitNumber() < 0 || op.getBitNumber() > 7)
    return op->emitOpError("bit ") << op.getBitNumber() << " is not in 0 to 7";
  if (Value value = op.getCellsOrNull()) {
    auto cells = value.getDefiningOp<CellsOp>();
    OperandForm form = getInstruction(op.getOpcode()).form;
    if (cells.getStack() && form != OperandForm::Immediate)
      return op->emitOpError("accesses the stack; only its address is of use");
    // One past the end is a fine address, but no fine access.
    int64_t needed = form == OperandForm::Immediate ? 0
                     : form == OperandForm::Pointer ? 2
                                                    : 1;
    if (number < 0 || number + needed > int64_t(cells.getSize()))
      return op->emitOpError("offset ")
             << number << " is outside the " << cells.getSize()
             << " bytes of cells \"" << cells.getName() << "\"";
    return success();
  }
  if (getInstruction(op.getOpcode()).form == OperandForm::Immediate &&
      !op.getTargetName().empty() && number != 0 && number != 1)
    return op->emitOpError("an address has no byte ") << number;
  if (number < 0 || number > 255)
    return op->emitOpError("operand ") << number << " is not in 0 to 255";
  return success();
}

/// Every name that a goto or call uses must be there, and only once.
LogicalResult ProgramOp::verify() {
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
    if (!isa<CellsOp, RoutineOp, ExternalOp, TableOp, WordsOp>(op))
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
