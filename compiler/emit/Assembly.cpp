//===- Assembly.cpp - A module for sdaspdk13, 14 or 15 --------------------===//
//
// The module's cells are two blocks. Those that instructions of short reach
// name, or that lie at even addresses, are in the area DATA, which begins at 2,
// before what C has there, as the module is linked first; the others come in an
// area behind DATA. Every operand is written relative to its block, so that the
// linker sees where it is. Symbols of cells and labels begin with L: sdas takes
// operands that begin with a, f or sp for registers.
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/LinkGuards.h"
#include "compiler/emit/Writers.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Code labels are numbered by word: short, and unique by construction.
static std::string getLabel(const Layout &layout, StringRef name) {
  if (llvm::is_contained(layout.exported, name) ||
      llvm::is_contained(layout.externals, name))
    return ("_" + name).str();
  return "L" + std::to_string(layout.places.lookup(name));
}

/// Where the cells begin that may lie anywhere.
static int64_t getFarBlock(const Layout &layout) {
  return layout.firstByte + layout.nearBytes;
}

static std::string getOperand(const Layout &layout, const CodeWord &word) {
  bool isImmediate =
      getInstruction(word.word.opcode).form == OperandForm::Immediate;
  if (!word.target.empty()) {
    std::string label = getLabel(layout, word.target);
    if (isImmediate)
      return (word.offset ? ">(" : "<(") + label + ")";
    return label;
  }
  if (!word.cells)
    return std::to_string(word.word.operand);
  int64_t address = *word.cells->getAddress() + word.offset;
  // The block is that of the cells: an address may be that of their end.
  int64_t first = *CellsOp(word.cells->cells).getAddress();
  int64_t far = getFarBlock(layout);
  std::string text =
      first < layout.firstByte ? "Lp+" + std::to_string(address)
      : first < far ? "Lcells+" + std::to_string(address - layout.firstByte)
                    : "Lfar+" + std::to_string(address - far);
  if (isImmediate)
    return "(" + text + ")";
  return text;
}

std::string pdkc::getSymbol(const ModuleInterface &interface, CellsOp cells) {
  return "_" + interface.name + "_" + cells.getName().str();
}

/// A block of cells, with the names of those that C sees in their places.
static void writeCells(const Layout &layout, const ModuleInterface &interface,
                       int64_t begin, int64_t end, raw_ostream &out) {
  for (CellsOp cells : layout.exportedCells) {
    int64_t address = *cells.getAddress();
    if (address < begin || address >= end)
      continue;
    if (address > begin)
      out << "\t.ds " << address - begin << "\n";
    begin = address;
    out << getSymbol(interface, cells) << "::\n";
  }
  if (end > begin)
    out << "\t.ds " << end - begin << "\n";
}

void pdkc::writeAssembly(const Layout &layout, const ModuleInterface &interface,
                         raw_ostream &out) {
  const char *set = getName(layout.device->set);
  out << "; Module " << interface.name << " for the " << layout.device->name
      << ", made by pdkc. Assemble with sdas" << set
      << " -plosgff; link it\n; before every module of C, so that its cells"
      << " come first in RAM; other modules\n; of pdkc may come before it."
      << "\n;\n; " << layout.words.size() << " words, " << layout.staticBytes
      << " bytes of cells, " << layout.stackBytes
      << " bytes of stack with the call of _" << interface.name
      << "_infer.\n\n";
  out << "\t.module " << interface.name << "\n\t.optsdcc -m" << set << "\n\n";
  for (StringRef name : layout.exported)
    out << "\t.globl _" << name << "\n";
  for (StringRef name : layout.externals)
    out << "\t.globl _" << name << "\n";
  // SDCC's pseudo-register.
  out << "\nLp = 0x00\n";
  // The linker takes the areas in the order in which it first sees them. An
  // even number of bytes leaves the next module's cells at an even address.
  int64_t far = getFarBlock(layout);
  int64_t end = layout.firstByte + layout.staticBytes;
  out << "\t.area DATA\nLcells:\n";
  writeCells(layout, interface, layout.firstByte, far, out);
  if (layout.nearBytes % 2)
    out << "\t.ds 1\n";
  // Named even where it is empty, for the modules behind.
  out << "\t.area CELLS\nLfar:\n";
  writeCells(layout, interface, far, end, out);
  out << "Lend:\nLend1 = Lend+1\n";
  out << "\t.area OSEG (OVR,DATA)\n";
  writeLinkGuards(layout, out);
  out << "\t.area HOME\n\t.area GSINIT\n\t.area GSFINAL\n\t.area CODE\n";

  const Operation *lastTable = nullptr;
  for (const CodeWord &word : layout.words) {
    SmallVector<std::string> labels;
    for (StringRef label : word.labels) {
      std::string text = getLabel(layout, label);
      if (!llvm::is_contained(labels, text))
        labels.push_back(text);
    }
    for (const std::string &label : labels)
      out << label << ":\n";
    if (word.data) {
      out << "\t.dw " << *word.data << "\n";
      continue;
    }
    out << "\t"
        << format(word.word.opcode, getOperand(layout, word), word.word.bit);
    if (word.cells) {
      out << "\t; " << word.cells->name;
      if (word.cells->size > 1)
        out << "[" << word.offset << "]";
    }
    if (isa<TableOp>(word.op) && word.op != lastTable) {
      lastTable = word.op;
      out << "\t; " << cast<TableOp>(word.op).getSymName();
    }
    out << "\n";
  }
}
