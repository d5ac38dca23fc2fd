//===- InstructionTable.h - Instruction sets as data ------------*- C++ -*-===//
//
// The C++ face of Instructions.td: what each instruction form looks like, costs
// and does, and how it is encoded on each instruction set. Encoder, assembler
// text, analyses, cost model and simulator all read this one table. No MLIR
// here: the simulator has to build without it.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_PDK_INSTRUCTIONTABLE_H
#define PDKC_DIALECTS_PDK_INSTRUCTIONTABLE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pdkc::pdk {

enum class InstructionSet { PDK13, PDK14, PDK15 };

/// What an instruction's operand is. It decides the operand class, that is,
/// the addresses within reach.
enum class OperandForm {
  None,
  Memory,    ///< RAM address
  MemoryBit, ///< RAM address and bit number
  Pointer,   ///< even RAM address of a two-byte pointer
  Io,        ///< I/O address
  IoBit,     ///< I/O address and bit number
  Immediate, ///< 8-bit constant
  Target,    ///< code address, in words
};

/// Where control goes behind an instruction.
enum class Flow {
  Next,     ///< to the next one
  Skip,     ///< to the next one or, for a cycle more, to the one behind it
  Jump,     ///< to the target
  Call,     ///< to the target, and to the next one when that returns
  Return,   ///< to the address on top of the stack
  Computed, ///< to its own address plus A
  Reset,    ///< to where the chip starts
};

/// I/O address of FLAG and the numbers of its bits, the same on all devices.
constexpr unsigned kFlagAddress = 0;
constexpr unsigned kZeroFlag = 0, kCarryFlag = 1, kHalfCarryFlag = 2,
                   kOverflowFlag = 3;

/// The accumulator and the flags, as bits of a set; the flags' are those of
/// FLAG.
enum Register : uint8_t {
  FlagZ = 1 << kZeroFlag,
  FlagC = 1 << kCarryFlag,
  FlagAC = 1 << kHalfCarryFlag,
  FlagOV = 1 << kOverflowFlag,
  AllFlags = FlagZ | FlagC | FlagAC | FlagOV,
  Accumulator = 16,
};

/// Bytes that a push takes.
constexpr unsigned kStackWord = 2;

/// Bits of Instruction::effects. "M" is the memory operand; for a Pointer form
/// it is the pointer itself, the pointee the byte that it points to. "Io" is
/// the I/O register, for an IoBit form that bit of it, and "F" all flags.
enum Effect : uint16_t {
  ReadsA = 1 << 0,
  WritesA = 1 << 1,
  ReadsC = 1 << 2,
  ReadsF = 1 << 3,
  ReadsM = 1 << 4,
  WritesM = 1 << 5,
  ReadsPointee = 1 << 6,
  WritesPointee = 1 << 7,
  ReadsIo = 1 << 8,
  WritesIo = 1 << 9,
  Pushes = 1 << 10,
  Pops = 1 << 11,
};

/// One row of the table.
struct Instruction {
  const char *name;   ///< name of the form, as in the Opcode enumeration
  const char *syntax; ///< sdas' spelling, {m} {i} {n} {k} {t} for operands
  OperandForm form;
  Flow flow;
  uint8_t cycles;   ///< when the next instruction is not skipped
  uint8_t flagsSet; ///< Register bits
  uint16_t effects; ///< Effect bits
  const char *encodings[3]; ///< by InstructionSet; empty where it is lacking

  bool has(Effect effect) const { return effects & effect; }
};

/// The instruction forms, named as in Instructions.td (ADD_A_M, T0SN_MBIT …).
#define GET_Opcode_DECL
#include "dialects/pdk/Instructions.inc"

/// An instruction with its operands: what a code word says.
struct Word {
  Opcode opcode;
  uint16_t operand = 0; ///< RAM, I/O or code address, or immediate
  uint8_t bit = 0;      ///< bit number of the MemoryBit and IoBit forms

  bool operator==(const Word &other) const {
    return opcode == other.opcode && operand == other.operand &&
           bit == other.bit;
  }
};

/// The table's row of an instruction form.
const Instruction &getInstruction(Opcode opcode);

/// Sets of Register bits.
struct RegisterUse {
  uint8_t reads = 0, writes = 0;
};

/// What an instruction reads and always writes of A and the flags: by its row
/// and, where it accesses FLAG as an I/O register, by its operand.
RegisterUse getRegisterUse(const Word &word);

/// The number of instruction forms.
unsigned getNumInstructions();

/// The form with this name ("ADD_A_M"), if there is one.
std::optional<Opcode> findInstruction(std::string_view name);

/// Width of a code word: 13, 14 or 15 bits.
unsigned getWordBits(InstructionSet set);

/// "pdk13", "pdk14" or "pdk15".
const char *getName(InstructionSet set);

/// Whether the set's encoding table has this form.
bool isAvailable(Opcode opcode, InstructionSet set);

/// The largest operand (address or immediate) that the form's encoding can
/// hold on this set; 0 for forms without an operand.
unsigned getMaxOperand(Opcode opcode, InstructionSet set);

/// The code word, or nothing when the set lacks the form or the operand is out
/// of its reach (too large, an odd pointer, a bit number above 7, or one on a
/// form that has none).
std::optional<uint16_t> encode(const Word &word, InstructionSet set);

/// The instruction that a code word holds, or nothing when it holds none.
std::optional<Word> decode(uint16_t bits, InstructionSet set);

/// Assembler text with `operand` in the place of the address, immediate or
/// target, e.g. format(T0SN_MBIT, "_w+1", 3) is "t0sn _w+1,#3".
std::string format(Opcode opcode, std::string_view operand, unsigned bit = 0);

} // namespace pdkc::pdk

#endif // PDKC_DIALECTS_PDK_INSTRUCTIONTABLE_H
