//===- LinkGuards.cpp - What makes linking fail ---------------------------===//
//
// sdldpdk checks the operand of every instruction that it relocates, but on
// PDK13 it takes operands of bit instructions up to 31, of which the encoding
// has 15, and odd pointers; and it does not know how deep the stack is. Guards
// are words that nobody executes, below the interrupt vector, whose operands
// are within reach only where everything is in its place.
//
// All modules of a program write their guards to the same words, so these must
// come out the same wherever the cells are. Therefore a guard is not written as
// an instruction but as the bytes that the assembler makes of one and the
// linker fuses: two of the operand, two of the code word, one that says which
// set. The linker ors the operand's low byte to the word's: bits that are set
// already stay.
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/LinkGuards.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static unsigned getSetNumber(InstructionSet set) {
  return getWordBits(set); // in the assembler's output as well
}

/// The highest place of the cells that every operand of PDK13's short forms
/// allows, and whether one of them is a pointer; nothing without such operands.
static std::optional<std::pair<int64_t, bool>>
getHighestPlace(const Layout &layout) {
  std::optional<int64_t> highest;
  bool hasPointer = false;
  for (const CodeWord &word : layout.words) {
    if (!word.cells || *word.cells->getAddress() < layout.firstByte)
      continue;
    OperandForm form = getInstruction(word.word.opcode).form;
    if (form != OperandForm::MemoryBit && form != OperandForm::Pointer)
      continue;
    int64_t reach = getMaxOperand(word.word.opcode, layout.device->set);
    int64_t place = reach - word.word.operand + layout.firstByte;
    highest = std::min(highest.value_or(place), place);
    hasPointer |= form == OperandForm::Pointer;
  }
  if (!highest)
    return std::nullopt;
  return std::make_pair(*highest, hasPointer);
}

/// Linking fails where the label is above `most`, an even address; `next` is a
/// label for the byte behind it.
static void writeUpperBound(const Layout &layout, StringRef next, int64_t most,
                            raw_ostream &out) {
  // The operand of a t0sn is the high byte of a sum, which goes beyond what the
  // linker takes as soon as the low byte overflows. It adds half of a label to
  // the high byte of something, and keeps the sum's highest bit apart.
  InstructionSet set = layout.device->set;
  unsigned highest = set == InstructionSet::PDK13 ? 31 : 63;
  unsigned word = set == InstructionSet::PDK13   ? 0x02
                  : set == InstructionSet::PDK14 ? 0x20
                                                 : 0x40;
  out << "\t.db >(" << next << "+" << (highest << 8 | 255) - most / 2 << "),"
      << word << "," << getSetNumber(layout.device->set) << "\n";
}

void pdkc::writeLinkGuards(const Layout &layout, raw_ostream &out) {
  // Where the stack begins, or a byte below it: at the next even address.
  out << "\t.area SSEG\nLstack:\nLstack1 = Lstack+1\n";
  auto highest = layout.device->set == InstructionSet::PDK13
                     ? getHighestPlace(layout)
                     : std::nullopt;
  if (highest && highest->second)
    out << "\t.area ONE (ABS,OVR)\n\t.ds 1\n";
  // An area of its own: what stands in SDCC's HEADER moves its interrupt
  // vector.
  out << "\t.area GUARD (ABS,OVR)\n\t.org 0x10\n";
  int64_t ram = layout.device->ramBytes;
  writeUpperBound(layout, "Lstack1", ram - layout.stackBytes, out);
  out << "\t.org 0x12\n";
  if (layout.staticBytes > layout.nearBytes)
    writeUpperBound(layout, "Lend1", ram, out);
  if (!highest)
    return;
  constexpr int64_t kSeen = 31; // the linker's own bound
  out << "\t.org 0x14\n\t.dw Lcells+" << kSeen - highest->first
      << ",0x02ff\n\t.db 13\n";
  // The operand or 0x1e is 0x1e or, where it is odd, 0x1f. With l_ONE, which is
  // 1, that is the operand of a second instruction: 31, or out of reach.
  if (highest->second)
    out << "\t.org 0x16\n\t.dw Lcells,l_ONE+0x071e\n\t.db 13,2,13,0\n";
}
