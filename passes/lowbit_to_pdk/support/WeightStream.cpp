//===- WeightStream.cpp - Codes from code memory, one after another -------===//

#include "passes/lowbit_to_pdk/support/WeightStream.h"

#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Entries of a table; pcadd with A = 0 would stay where it is.
static constexpr int64_t kTableEntries = 255;

void pdkc::emitChoice(CodeBuilder &code, Cell number,
                      ArrayRef<std::string> targets, int64_t begin,
                      int64_t end) {
  if (end - begin == 1) {
    code(GOTO_K, targets[begin]);
    return;
  }
  unsigned bit = llvm::Log2_64_Ceil(end - begin) - 1;
  int64_t middle = begin + (int64_t(1) << bit);
  std::string upper = code.unique("upper");
  bool isLast = end - middle == 1;
  code(T0SN_MBIT, number, bit);
  code(GOTO_K, isLast ? targets[middle] : upper);
  emitChoice(code, number, targets, begin, middle);
  if (isLast)
    return;
  code.label(upper);
  emitChoice(code, number, targets, middle, end);
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

/// The lowest bit of a word's code number so and so. Where a word is read as
/// such, places are those that make the way to the next code short.
unsigned WeightStream::getPlace(unsigned number) const {
  if (readsWords() && !format.hasBits && format.bits == 4)
    return 8 - 4 * number;
  if (readsWords() && !format.hasBits && getPerWord() == 2)
    return number * (8 + format.bits <= format.wordBits ? 8 : 7);
  return format.bits * number;
}

void WeightStream::skipInWord(unsigned codes) {
  wordAtHand = words.size();
  bool hasEnd = format.hasBits && hasRoomAbove();
  words.push_back(hasEnd ? 1 << getPerWord() * format.bits : 0);
  inWord = codes;
}

void WeightStream::append(unsigned code) {
  if (inWord >= getPerWord())
    skipInWord(0);
  words[wordAtHand] |= code << getPlace(inWord++);
}

void WeightStream::appendByte(uint8_t byte) {
  words.push_back(byte);
  if (!format.hasBits)
    alignToWord();
}

int64_t WeightStream::getNumTables() const {
  return readsWords() ? 1 : llvm::divideCeil(words.size(), kTableEntries);
}

void WeightStream::makeCells(CodeBuilder &code, StringRef stem,
                             bool countsCodes) {
  if (words.empty())
    words.push_back(0);
  auto name = [&](StringRef what) { return (stem + "_" + what).str(); };
  current = code.cells(name("code"), 1);
  if (readsWords() && (getPerWord() > 1 || format.hasBits))
    rest = code.cells(name("rest"), 1);
  if (getPerWord() > 1 && countsCodes)
    left = code.cells(name("left"), 1);
  position = code.cells(name("position"), readsWords() ? 2 : 1,
                        readsWords() ? 2 : 1);
  if (format.usesStack)
    onStack = code.cells(name("on_stack"), 2, 2);
  if (getNumTables() > 1)
    table = code.cells(name("table"), 1);
  nextName = code.unique("next_" + stem.str());
  skipName = code.unique("skip_" + stem.str());
  for (int64_t i = 0; i < getNumTables(); ++i)
    names.push_back(code.unique(stem));
}

//===----------------------------------------------------------------------===//
// From word to word
//===----------------------------------------------------------------------===//

void WeightStream::begin(CodeBuilder &code) {
  if (readsWords()) {
    for (int64_t byte = 1; byte >= 0; --byte) {
      code.addressByte(MOV_A_K, names[0], byte);
      code(MOV_M_A, position.at(byte));
    }
    return;
  }
  code(CLEAR_M, position);
  if (table.cells)
    code(CLEAR_M, table);
}

void WeightStream::moveTo(CodeBuilder &code, int64_t word) {
  if (readsWords()) {
    code.addressByte(MOV_A_K, names[0], 0);
    code(ADD_A_K, word & 255);
    code(MOV_M_A, position);
    code.addressByte(MOV_A_K, names[0], 1);
    code(ADDC_A);
    code(ADD_A_K, word >> 8);
    code(MOV_M_A, position.at(1));
    return;
  }
  code(MOV_A_K, word ? (word - 1) % kTableEntries + 1 : 0);
  code(MOV_M_A, position);
  if (table.cells) {
    code(MOV_A_K, word ? (word - 1) / kTableEntries : 0);
    code(MOV_M_A, table);
  }
}

void WeightStream::nextByte(CodeBuilder &code) {
  if (format.usesStack) {
    nextWord(code);
    code(MOV_A_M, beginsHigh() ? rest : current);
    return;
  }
  if (readsWords()) {
    code(LDTABL_M, position);
    code(INC_M, position);
    code(ADDC_M, position.at(1));
    return;
  }
  if (callsForByte()) {
    code(CALL_K, nextName);
    return;
  }
  code(INC_M, position);
  code(MOV_A_M, position);
  code(CALL_K, names[0]);
}

void WeightStream::emitWordThroughStack(CodeBuilder &code) {
  Cell low = beginsHigh() ? rest : current;
  Cell high = beginsHigh() ? current : rest;
  // Pushes the address's low byte, and flags in the place of its high one. From
  // here on SP is above both, and an interrupt leaves them alone.
  code(MOV_A_M, position);
  code(PUSHAF);
  code(MOV_A_IO, kStackPointer);
  code(SUB_A_K, 1);
  code(MOV_M_A, onStack);
  code(CLEAR_M, onStack.at(1));
  code(MOV_A_M, position.at(1));
  code(IDXM_M_A, onStack);
  code(LDSPTH);
  code(MOV_M_A, high);
  code(LDSPTL);
  code(MOV_M_A, low);
  code(POPAF);
  code(INC_M, position);
  code(ADDC_M, position.at(1));
}

void WeightStream::nextWord(CodeBuilder &code) {
  if (format.usesStack) {
    if (format.fetchIsShared)
      code(CALL_K, nextName);
    else
      emitWordThroughStack(code);
    return;
  }
  if (rest.cells) {
    code(LDTABH_M, position);
    code(MOV_M_A, beginsHigh() ? current : rest);
  }
  nextByte(code);
  code(MOV_M_A, beginsHigh() ? rest : current);
}

void WeightStream::skip(CodeBuilder &code, int64_t count) {
  code(MOV_A_K, count);
  if (table.cells) {
    isSkipped = true;
    code(CALL_K, skipName);
    return;
  }
  code(ADD_M_A, position);
  if (readsWords())
    code(ADDC_M, position.at(1));
}

void WeightStream::goBack(CodeBuilder &code, int64_t count) {
  assert(hasOneTable() && count <= kTableEntries);
  code(MOV_A_K, count);
  code(SUB_M_A, position);
}

void WeightStream::skipAtEnd(CodeBuilder &code) {
  assert(hasOneTable());
  code(MOV_A_M, position);
  code(CEQSN_A_K, words.size());
}

Cell WeightStream::makeMark(CodeBuilder &code, StringRef name) {
  return code.cells(name, readsWords() || table.cells ? 2 : 1);
}

void WeightStream::save(CodeBuilder &code, Cell mark) {
  copy(code, mark, position, readsWords() ? 2 : 1);
  if (table.cells)
    copy(code, mark.at(1), table, 1);
}

void WeightStream::restore(CodeBuilder &code, Cell mark) {
  copy(code, position, mark, readsWords() ? 2 : 1);
  if (table.cells)
    copy(code, table, mark.at(1), 1);
}

//===----------------------------------------------------------------------===//
// From code to code
//===----------------------------------------------------------------------===//

void WeightStream::nextInWord(CodeBuilder &code) {
  if (format.bits == 4) {
    code(MOV_A_M, rest.cells ? rest : current);
    code(SWAP_A);
    if (rest.cells)
      code(MOV_M_A, rest);
    code(MOV_M_A, current);
  } else if (rest.cells && getPerWord() == 2) {
    if (getPlace(1) == 7)
      code(SL_M, current);
    code(MOV_A_M, rest);
    if (getPlace(1) == 7)
      code(SLC_A);
    code(MOV_M_A, current);
  } else {
    for (unsigned bit = 0; bit < format.bits; ++bit) {
      if (rest.cells)
        code(SR_M, rest);
      code(rest.cells ? SRC_M : SR_M, current);
    }
  }
}

void WeightStream::beginCodes(CodeBuilder &code) {
  if (!left.cells)
    return;
  code(MOV_A_K, 1);
  code(MOV_M_A, left);
  code.undef(current);
  if (rest.cells)
    code.undef(rest);
}

void WeightStream::nextCode(CodeBuilder &code, StringRef fetch,
                            StringRef done) {
  if (!left.cells) {
    nextWord(code);
    return;
  }
  std::string have = code.unique("have");
  code(DZSN_M, left);
  code(GOTO_K, have);
  code.label(fetch);
  nextWord(code);
  code(MOV_A_K, getPerWord());
  code(MOV_M_A, left);
  code(GOTO_K, done);
  code.label(have);
  nextInWord(code);
  code.label(done);
}

//===----------------------------------------------------------------------===//
// From bit to bit
//===----------------------------------------------------------------------===//

void WeightStream::beginBits(CodeBuilder &code) {
  code(CLEAR_M, current);
  if (rest.cells)
    code(CLEAR_M, rest);
}

void WeightStream::nextBit(CodeBuilder &code) {
  if (rest.cells)
    code(SR_M, rest);
  code(rest.cells ? SRC_M : SR_M, current);
}

void WeightStream::nextFirstBit(CodeBuilder &code) {
  assert(format.hasBits && !format.usesStack);
  std::string again = code.unique("bit"), have = code.unique("have");
  // Once more where there was only the end.
  bool isShiftedIn = !readsWords() && !hasRoomAbove();
  if (!isShiftedIn)
    code.label(again, 2);
  nextBit(code);
  code(MOV_A_M, current);
  if (rest.cells)
    code(OR_A_M, rest);
  code.skipIfFlag(kZeroFlag, true);
  code(GOTO_K, have);
  if (isShiftedIn) {
    nextByte(code);
    code.ioBit(SET1_IOBIT, kFlagAddress, kCarryFlag);
    code(SRC_A);
    code(MOV_M_A, current);
  } else {
    nextWord(code);
    if (!hasRoomAbove())
      code(SET1_MBIT, rest, format.wordBits - 8);
    code(GOTO_K, again);
  }
  code.label(have);
}

//===----------------------------------------------------------------------===//
// Routines and tables
//===----------------------------------------------------------------------===//

void WeightStream::emitShared(CodeBuilder &code) {
  if (format.usesStack && format.fetchIsShared) {
    code.routine(nextName);
    emitWordThroughStack(code);
    code(RET);
  }
  if (readsWords()) {
    code.words(names[0], words);
    return;
  }
  if (callsForByte()) {
    code.routine(nextName);
    if (table.cells) {
      std::string same = code.unique("same");
      code(IZSN_M, position);
      code(GOTO_K, same);
      code(INC_M, table);
      code(INC_M, position);
      code.label(same);
    } else {
      code(INC_M, position);
    }
    code(MOV_A_M, position);
    emitChoice(code, table, names, 0, getNumTables());
  }
  if (isSkipped) {
    code.routine(skipName);
    code(ADD_M_A, position);
    code.skipIfFlag(kCarryFlag, true);
    code(RET);
    code(INC_M, table);
    code(INC_M, position);
    code(RET);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    size_t begin = i * kTableEntries;
    size_t count = std::min<size_t>(kTableEntries, words.size() - begin);
    code.table(names[i], ArrayRef<int32_t>(words).slice(begin, count));
  }
}
