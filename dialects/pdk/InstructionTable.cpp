//===- InstructionTable.cpp - Encoding, decoding, assembler text ----------===//
//
// Interprets the rows of Instructions.td, their bit strings above all. Nothing
// here knows a single instruction by name.
//
//===----------------------------------------------------------------------===//

#include "dialects/pdk/InstructionTable.h"

#include <array>
#include <cassert>
#include <cstring>

using namespace pdkc::pdk;

namespace {

// llvm-tblgen lists the encodings one by one; the row groups them by set.
struct Row : Instruction {
  constexpr Row(const char *name, const char *syntax, OperandForm form,
                Flow flow, uint8_t cycles, uint8_t flagsSet, uint16_t effects,
                const char *pdk13, const char *pdk14, const char *pdk15)
      : Instruction{name,   syntax,   form,    flow,
                    cycles, flagsSet, effects, {pdk13, pdk14, pdk15}} {}
};

} // namespace

#define Instruction Row
#define GET_InstructionTable_IMPL
#include "dialects/pdk/Instructions.inc"
#undef Instruction

static constexpr unsigned kNumInstructions =
    sizeof(InstructionTable) / sizeof(InstructionTable[0]);

const Instruction &pdkc::pdk::getInstruction(Opcode opcode) {
  assert(unsigned(opcode) < kNumInstructions);
  return InstructionTable[opcode];
}

RegisterUse pdkc::pdk::getRegisterUse(const Word &word) {
  const Instruction &row = getInstruction(word.opcode);
  RegisterUse use;
  // The flags that the operand names, FLAG itself or a bit of it.
  uint8_t named = 0;
  if (word.operand == kFlagAddress && row.form == OperandForm::Io)
    named = AllFlags;
  if (word.operand == kFlagAddress && row.form == OperandForm::IoBit)
    named = 1u << word.bit & AllFlags;
  if (row.has(ReadsA))
    use.reads |= Accumulator;
  if (row.has(ReadsC))
    use.reads |= FlagC;
  if (row.has(ReadsF))
    use.reads |= AllFlags;
  if (row.has(ReadsIo))
    use.reads |= named;
  use.writes = row.flagsSet;
  if (row.has(WritesA))
    use.writes |= Accumulator;
  if (row.has(WritesIo))
    use.writes |= named;
  return use;
}

unsigned pdkc::pdk::getNumInstructions() { return kNumInstructions; }

std::optional<Opcode> pdkc::pdk::findInstruction(std::string_view name) {
  for (unsigned i = 0; i < kNumInstructions; ++i)
    if (name == InstructionTable[i].name)
      return Opcode(i);
  return std::nullopt;
}

unsigned pdkc::pdk::getWordBits(InstructionSet set) {
  return 13 + unsigned(set);
}

const char *pdkc::pdk::getName(InstructionSet set) {
  static constexpr const char *names[] = {"pdk13", "pdk14", "pdk15"};
  return names[unsigned(set)];
}

static const char *getEncoding(Opcode opcode, InstructionSet set) {
  return getInstruction(opcode).encodings[unsigned(set)];
}

bool pdkc::pdk::isAvailable(Opcode opcode, InstructionSet set) {
  return *getEncoding(opcode, set) != 0;
}

unsigned pdkc::pdk::getMaxOperand(Opcode opcode, InstructionSet set) {
  unsigned max = 0;
  bool isPointer = false;
  for (const char *c = getEncoding(opcode, set); *c; ++c) {
    if (std::strchr("mwik", *c))
      max = max << 1 | 1;
    isPointer |= *c == 'w';
  }
  return isPointer ? max << 1 : max;
}

std::optional<uint16_t> pdkc::pdk::encode(const Word &word,
                                          InstructionSet set) {
  if (!isAvailable(word.opcode, set) || word.bit > 7 ||
      word.operand > getMaxOperand(word.opcode, set))
    return std::nullopt;
  OperandForm form = getInstruction(word.opcode).form;
  bool hasBit = form == OperandForm::MemoryBit || form == OperandForm::IoBit;
  if ((form == OperandForm::Pointer && word.operand & 1) ||
      (word.bit && !hasBit))
    return std::nullopt;
  // From the least significant bit up, taking operand bits as they come.
  unsigned operand = word.operand, bit = word.bit, result = 0;
  const char *encoding = getEncoding(word.opcode, set);
  unsigned width = getWordBits(set);
  for (unsigned position = 0; position < width; ++position) {
    unsigned value = 0;
    switch (encoding[width - 1 - position]) {
    case '1':
      value = 1;
      break;
    case 'n':
      value = bit & 1;
      bit >>= 1;
      break;
    case 'm':
    case 'i':
    case 'k':
      value = operand & 1;
      operand >>= 1;
      break;
    case 'w':
      // The pointer's lowest bit is not in the word.
      value = (operand >> 1) & 1;
      operand >>= 1;
      break;
    default:
      break;
    }
    result |= value << position;
  }
  return uint16_t(result);
}

static std::optional<Word> decodeAs(Opcode opcode, uint16_t bits,
                                    InstructionSet set) {
  const char *encoding = getEncoding(opcode, set);
  if (!*encoding)
    return std::nullopt;
  Word word{opcode};
  unsigned width = getWordBits(set);
  if (bits >> width)
    return std::nullopt;
  for (unsigned i = 0; i < width; ++i) {
    unsigned value = (bits >> (width - 1 - i)) & 1;
    switch (encoding[i]) {
    case '0':
    case '1':
      if (value != unsigned(encoding[i] - '0'))
        return std::nullopt;
      break;
    case 'n':
      word.bit = uint8_t(word.bit << 1 | value);
      break;
    default:
      word.operand = uint16_t(word.operand << 1 | value);
      break;
    }
  }
  if (getInstruction(opcode).form == OperandForm::Pointer)
    word.operand <<= 1;
  return word;
}

std::optional<Word> pdkc::pdk::decode(uint16_t bits, InstructionSet set) {
  for (unsigned i = 0; i < kNumInstructions; ++i)
    if (auto word = decodeAs(Opcode(i), bits, set))
      return word;
  return std::nullopt;
}

std::string pdkc::pdk::format(Opcode opcode, std::string_view operand,
                              unsigned bit) {
  std::string text;
  for (const char *c = getInstruction(opcode).syntax; *c; ++c) {
    if (*c != '{') {
      text += *c;
      continue;
    }
    if (c[1] == 'n')
      text += std::to_string(bit);
    else
      text += operand;
    c += 2;
  }
  return text;
}
