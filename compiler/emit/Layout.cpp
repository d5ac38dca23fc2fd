//===- Layout.cpp - The code words of a program, in place -----------------===//

#include "compiler/emit/Layout.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static int64_t getInteger(ProgramOp program, StringRef name,
                          int64_t otherwise = 0) {
  auto attr = program->getAttrOfType<IntegerAttr>(name);
  return attr ? attr.getInt() : otherwise;
}

/// RAM operands must lie within the operand class; I/O addresses, bits and
/// immediates too. Code addresses are checked when they are known.
static LogicalResult checkOperand(const CodeWord &word, InstructionSet set) {
  if (word.data)
    return success();
  const Instruction &row = getInstruction(word.word.opcode);
  if (!isAvailable(word.word.opcode, set))
    return word.op->emitError("the instruction is not on ") << getName(set);
  if (row.form == OperandForm::Target)
    return success();
  unsigned max = getMaxOperand(word.word.opcode, set);
  if (word.word.operand > max)
    return word.op->emitError("operand ")
           << word.word.operand << " is out of reach: `" << row.syntax
           << "` reaches 0 to " << max << " on " << getName(set);
  if (!pdk::encode(word.word, set))
    return word.op->emitError("operand ")
           << word.word.operand << " has no encoding in `" << row.syntax << "`";
  return success();
}

/// The operand of a word whose target is at a word address.
static uint16_t getTargetOperand(const CodeWord &word, unsigned address) {
  if (getInstruction(word.word.opcode).form == OperandForm::Immediate)
    return address >> (8 * word.offset) & 255;
  return address;
}

FailureOr<Layout> pdkc::layOut(ProgramOp program) {
  Layout layout;
  layout.device = findDevice(program.getDevice());
  layout.staticBytes = getInteger(program, "static_bytes");
  layout.nearBytes = getInteger(program, "near_bytes", layout.staticBytes);
  layout.stackBytes = getInteger(program, "stack_bytes");
  bool hasP = false;
  for (auto cells : program.getBody().getOps<CellsOp>()) {
    if (cells.getStack())
      layout.stack = cells;
    hasP |= cells.isPointerP();
    if (cells.getExported())
      layout.exportedCells.push_back(cells);
  }
  if (layout.stack && !hasP)
    layout.firstByte = 0;
  llvm::sort(layout.exportedCells, [](CellsOp a, CellsOp b) {
    return a.getAddress() < b.getAddress();
  });
  SmallVector<StringRef, 1> labels;
  auto append = [&](CodeWord word) -> LogicalResult {
    for (StringRef label : labels)
      layout.places[label] = layout.words.size();
    word.labels = labels;
    labels.clear();
    layout.words.push_back(word);
    return checkOperand(word, layout.device->set);
  };
  for (Operation &op : program.getBody().front()) {
    if (auto external = dyn_cast<ExternalOp>(op))
      layout.externals.push_back(external.getSymName());
    if (auto table = dyn_cast<TableOp>(op)) {
      labels.push_back(table.getSymName());
      if (failed(append({Word{TableOp::kFetch}, &op, {}, {}, 0, {}})))
        return failure();
      for (int32_t byte : table.getBytes())
        if (failed(append(
                {Word{TableOp::kEntry, uint16_t(byte)}, &op, {}, {}, 0, {}})))
          return failure();
    }
    if (auto data = dyn_cast<WordsOp>(op)) {
      labels.push_back(data.getSymName());
      for (int32_t word : data.getWords())
        if (failed(append({Word{NOP}, &op, {}, {}, 0, {}, uint16_t(word)})))
          return failure();
    }
    auto routine = dyn_cast<RoutineOp>(op);
    if (!routine)
      continue;
    if (routine.getExported())
      layout.exported.push_back(routine.getSymName());
    labels.push_back(routine.getSymName());
    for (Operation &inner : routine.getBody().front()) {
      if (auto label = dyn_cast<LabelOp>(inner))
        labels.push_back(label.getSymName());
      auto instruction = dyn_cast<InstructionOp>(inner);
      if (!instruction)
        continue;
      CodeWord word{Word{instruction.getOpcode()}, &inner, {}, {}, 0, {}};
      word.word.bit = instruction.getBitNumber();
      word.target = instruction.getTargetName();
      word.offset = instruction.getNumber();
      int64_t operand = word.offset;
      if (Value value = instruction.getCellsOrNull()) {
        word.cells = getCellRange(value);
        std::optional<int64_t> address = word.cells->getAddress();
        if (!address)
          return inner.emitError("cells \"")
                 << word.cells->name << "\" have no address yet";
        operand += *address;
      }
      word.word.operand = uint16_t(operand);
      if (failed(append(word)))
        return failure();
    }
  }
  for (CodeWord &word : layout.words)
    if (!word.target.empty())
      if (auto found = layout.places.find(word.target);
          found != layout.places.end())
        word.word.operand = getTargetOperand(word, found->second);
  return layout;
}

FailureOr<std::vector<uint16_t>>
pdkc::encode(const Layout &layout, unsigned base,
             const llvm::StringMap<unsigned> &externals) {
  std::vector<uint16_t> result;
  for (const CodeWord &codeWord : layout.words) {
    if (codeWord.data) {
      result.push_back(*codeWord.data);
      continue;
    }
    Word word = codeWord.word;
    if (!codeWord.target.empty()) {
      auto external = externals.find(codeWord.target);
      word.operand =
          external != externals.end()
              ? external->second
              : getTargetOperand(codeWord,
                                 base + layout.places.lookup(codeWord.target));
    }
    std::optional<uint16_t> bits = pdk::encode(word, layout.device->set);
    if (!bits)
      return codeWord.op->emitError("code address ")
             << word.operand << " is out of reach of `"
             << getInstruction(word.opcode).syntax << "` on "
             << getName(layout.device->set);
    result.push_back(*bits);
  }
  return result;
}
