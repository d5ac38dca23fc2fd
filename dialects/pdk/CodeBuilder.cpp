//===- CodeBuilder.cpp - Writes instructions of the pdk dialect -----------===//

#include "dialects/pdk/CodeBuilder.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

CodeBuilder::CodeBuilder(OpBuilder &outer, Location loc, StringRef name,
                         StringRef device)
    : builder(outer), loc(loc) {
  program = ProgramOp::create(outer, loc, name, device);
  program.getBody().emplaceBlock();
}

CodeBuilder::CodeBuilder(OpBuilder &outer, ProgramOp program)
    : builder(outer), loc(program.getLoc()), program(program) {
  for (auto op : program.getBody().getOps<CellsOp>())
    if (op.isPointerP())
      p = op.getResult();
}

/// Cells stand before all code: after the last ones made.
void CodeBuilder::setInsertionPointToCells() {
  Block &body = program.getBody().front();
  auto place = body.begin();
  while (place != body.end() && isa<CellsOp, PartOp>(*place))
    ++place;
  builder.setInsertionPoint(&body, place);
}

Cell CodeBuilder::cells(const llvm::Twine &name, int64_t size, int64_t align,
                        Value within) {
  OpBuilder::InsertionGuard guard(builder);
  setInsertionPointToCells();
  auto op = CellsOp::create(builder, loc, CellsType::get(builder.getContext()),
                            name.str(), size, align, IntegerAttr(), within,
                            /*exported=*/false);
  return {op.getResult()};
}

Cell CodeBuilder::part(const llvm::Twine &name, Cell first, int64_t size) {
  OpBuilder::InsertionGuard guard(builder);
  setInsertionPointToCells();
  auto op = PartOp::create(builder, loc, CellsType::get(builder.getContext()),
                           name.str(), first.cells, first.offset, size);
  return {op.getResult()};
}

Cell CodeBuilder::exportedCells(const llvm::Twine &name, int64_t size) {
  Cell cell = cells(name, size);
  cell.cells.getDefiningOp<CellsOp>().setExported(true);
  return cell;
}

Cell CodeBuilder::pointerP() {
  if (!p) {
    p = cells("p", 2, 2).cells;
    p.getDefiningOp<CellsOp>().setAddress(0);
  }
  return {p};
}

Cell CodeBuilder::stack() {
  Cell stack = cells("stack", 2, 2);
  stack.cells.getDefiningOp<CellsOp>().setStack(true);
  return stack;
}

void CodeBuilder::routine(StringRef name, bool exported) {
  builder.setInsertionPointToEnd(&program.getBody().front());
  auto op = RoutineOp::create(builder, loc, name, exported);
  builder.setInsertionPointToEnd(&op.getBody().emplaceBlock());
}

void CodeBuilder::external(StringRef name, int64_t bytes) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&program.getBody().front());
  ExternalOp::create(builder, loc, name, bytes);
}

void CodeBuilder::table(StringRef name, ArrayRef<int32_t> bytes) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&program.getBody().front());
  TableOp::create(builder, loc, name, bytes);
}

void CodeBuilder::words(StringRef name, ArrayRef<int32_t> words) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&program.getBody().front());
  WordsOp::create(builder, loc, name, words);
}

std::string CodeBuilder::unique(StringRef stem) {
  return (stem + "_" + Twine(nextUnique++)).str();
}

void CodeBuilder::label(StringRef name, int64_t trips) {
  LabelOp::create(builder, loc, name,
                  trips ? builder.getI64IntegerAttr(trips) : IntegerAttr());
}

void CodeBuilder::undef(Cell cell) {
  UndefOp::create(builder, loc, cell.cells);
}

NamedAttribute CodeBuilder::number(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}

Operation *CodeBuilder::create(Opcode opcode, ArrayRef<Value> operands,
                               ArrayRef<NamedAttribute> attributes) {
  OperationState state(loc,
                       "pdk." + StringRef(getInstruction(opcode).name).lower());
  state.addOperands(operands);
  state.addAttributes(attributes);
  return builder.create(state);
}

void CodeBuilder::operator()(Opcode opcode) { create(opcode, {}, {}); }

void CodeBuilder::ioBit(Opcode opcode, int64_t address, int64_t bit) {
  create(opcode, {}, {number("address", address), number("bit", bit)});
}

void CodeBuilder::operator()(Opcode opcode, Cell cell) {
  create(opcode, cell.cells, number("offset", cell.offset));
}

void CodeBuilder::operator()(Opcode opcode, Cell cell, int64_t bit) {
  create(opcode, cell.cells,
         {number("offset", cell.offset), number("bit", bit)});
}

void CodeBuilder::operator()(Opcode opcode, int64_t value) {
  OperandForm form = getInstruction(opcode).form;
  if (form == OperandForm::Io) {
    create(opcode, {}, number("address", value));
    return;
  }
  assert(form == OperandForm::Immediate);
  // Immediates are bytes; -1 and 255 are the same one.
  create(opcode, {}, number("value", value & 255));
}

void CodeBuilder::operator()(Opcode opcode, StringRef target) {
  create(opcode, {},
         builder.getNamedAttr(
             "target", FlatSymbolRefAttr::get(builder.getContext(), target)));
}

void CodeBuilder::call(StringRef routine, int64_t trips) {
  (*this)(CALL_K, routine);
  builder.getBlock()->back().setAttr("trips", builder.getI64IntegerAttr(trips));
}

void CodeBuilder::indirect(Opcode opcode, Cell pointer, Cell pointee,
                           int64_t size) {
  SmallVector<NamedAttribute> attributes = {number("offset", pointer.offset)};
  if (size)
    attributes.push_back(builder.getNamedAttr(
        "range", builder.getDenseI64ArrayAttr({pointee.offset, size})));
  create(opcode, {pointer.cells, pointee.cells}, attributes);
}

void CodeBuilder::addressOf(Opcode opcode, Cell cell) {
  create(opcode, cell.cells, number("value", cell.offset));
}

void CodeBuilder::addressByte(Opcode opcode, StringRef target, int64_t byte) {
  create(opcode, {},
         {number("value", byte),
          builder.getNamedAttr(
              "target", FlatSymbolRefAttr::get(builder.getContext(), target))});
}

void CodeBuilder::skipIfFlag(int64_t flag, bool value) {
  ioBit(value ? T1SN_IOBIT : T0SN_IOBIT, kFlagAddress, flag);
}

void CodeBuilder::clearFlag(int64_t flag) {
  create(SET0_IOBIT, {},
         {number("address", kFlagAddress), number("bit", flag)});
}

int64_t pdkc::countWords(ProgramOp program) {
  int64_t words = 0;
  for (Operation &op : program.getBody().front()) {
    if (auto table = dyn_cast<TableOp>(op))
      words += 1 + table.getBytes().size();
    else if (auto data = dyn_cast<WordsOp>(op))
      words += data.getWords().size();
    else if (auto routine = dyn_cast<RoutineOp>(op))
      words += llvm::range_size(routine.getOps<InstructionOp>());
  }
  return words;
}

