//===- Assembly.cpp - A module for sdaspdk13, 14 or 15 --------------------===//
//
// The module reserves its cells as one block that must lie at RAM address 2;
// every operand is written relative to it, so that the linker sees where they
// are. Symbols of cells and labels begin with L: sdas takes operands that begin
// with a, f or sp for registers.
//
//===----------------------------------------------------------------------===//

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
  std::string text = address < 2 ? (address ? "p+1" : "p")
                                 : "Lcells+" + std::to_string(address - 2);
  if (isImmediate)
    return "(" + text + ")";
  return text;
}

std::string pdkc::getSymbol(const ModuleInterface &interface, CellsOp cells) {
  return "_" + interface.name + "_" + cells.getName().str();
}

/// The cells as one block, with the names of those that C sees in their places.
static void writeCells(const Layout &layout, const ModuleInterface &interface,
                       raw_ostream &out) {
  out << "Lcells:\n";
  int64_t at = 2, end = 2 + layout.staticBytes;
  for (CellsOp cells : layout.exportedCells) {
    if (*cells.getAddress() > at)
      out << "\t.ds " << *cells.getAddress() - at << "\n";
    at = *cells.getAddress();
    out << getSymbol(interface, cells) << "::\n";
  }
  out << "\t.ds " << end - at << "\n";
}

void pdkc::writeAssembly(const Layout &layout, const ModuleInterface &interface,
                         raw_ostream &out) {
  const char *set = getName(layout.device->set);
  out << "; Module " << interface.name << " for the " << layout.device->name
      << ", made by pdkc. Assemble with sdas" << set
      << " -plosgff; link it\n; before every module of C, so that its cells"
      << " come first in RAM.\n;\n; " << layout.words.size() << " words, "
      << layout.staticBytes << " bytes of cells, " << layout.stackBytes
      << " bytes of stack with the call of _" << interface.name
      << "_infer.\n\n";
  out << "\t.module " << interface.name << "\n\t.optsdcc -m" << set << "\n\n";
  for (StringRef name : layout.exported)
    out << "\t.globl _" << name << "\n";
  for (StringRef name : layout.externals)
    out << "\t.globl _" << name << "\n";
  // The linker takes the areas in the order in which it first sees them.
  out << "\n\t.area DATA\n";
  writeCells(layout, interface, out);
  out << "\t.area PREG (ABS)\n\t.org 0x00\np::\n\t.ds 2\n";
  // A word that nobody executes, below the interrupt vector's. Its operand is
  // within reach only when the cells are at address 2: linking fails otherwise.
  unsigned reach = getMaxOperand(T0SN_MBIT, layout.device->set);
  if (layout.device->set == InstructionSet::PDK13)
    reach = 31; // sdldpdk warns from 32 on, although bit tests reach 15
  // An area of its own: what stands in SDCC's HEADER moves its interrupt
  // vector.
  out << "\t.area GUARD (ABS)\n\t.org 0x10\n\tt0sn Lcells+" << reach - 2
      << ",#0\n";
  out << "\t.area OSEG (OVR,DATA)\n\t.area HOME\n\t.area GSINIT\n"
      << "\t.area GSFINAL\n\t.area CODE\n";

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
