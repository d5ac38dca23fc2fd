//===- WeightStream.h - Codes from code memory, one after another -*- C++ -*-=//
//
// Constants of any number that loops take in their order: weights' codes of up
// to 8 bits, what sums start at, places of windows. As many codes as there is
// room for share a word; a word is an entry of a table of `ret k`, 8 bits, or a
// whole code word where the device has instructions that read it: LDTABL and
// LDTABH, which take its address from RAM, or LDSPTL and LDSPTH, from the top
// of the stack. A place in the stream can be kept and gone back to. Codes are
// counted within their words; or taken bit by bit, with a 1 above the last bit
// that says where the word ends.
//
// Words are appended first; then the stream has cells, then code is written.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_WEIGHTSTREAM_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_WEIGHTSTREAM_H

#include "dialects/pdk/CodeBuilder.h"

namespace pdkc {

/// Goes to the target, of those from `begin` to `end`, whose number is in the
/// cell, bit by bit. Leaves A as it is.
void emitChoice(CodeBuilder &code, Cell number,
                llvm::ArrayRef<std::string> targets, int64_t begin,
                int64_t end);

class WeightStream {
public:
  struct Format {
    unsigned bits = 8; ///< of a code
    /// Of words: 8 or, where they are read as such, 13 to 15.
    unsigned wordBits = 8;
    /// Words are read as such through the stack.
    bool usesStack = false;
    /// That is done by a routine, as is best where there is more than one place
    /// for it.
    bool fetchIsShared = false;
    /// Codes are taken bit by bit, across bytes that come between them.
    bool hasBits = false;
    /// There are several places where a byte is taken.
    bool sharesBytes = false;
  };

  WeightStream() = default;
  explicit WeightStream(Format format) : format(format) {}

  /// Codes that share a word.
  unsigned getPerWord() const { return format.wordBits / format.bits; }
  /// The next code begins a word.
  void alignToWord() { inWord = getPerWord(); }
  /// So many codes of the next word are left out, which it begins.
  void skipInWord(unsigned codes);
  void append(unsigned code);
  /// A word for a byte, which nextByte() gives.
  void appendByte(uint8_t byte);
  size_t getNumWords() const { return words.size(); }

  /// With `countsCodes` there is a counter for nextCode().
  void makeCells(CodeBuilder &code, llvm::StringRef stem, bool countsCodes);
  /// Where codes are found, at the low end, with others above it.
  Cell getCode() const { return current; }
  bool countsCodes() const { return bool(left.cells); }

  /// To the first word.
  void begin(CodeBuilder &code);
  /// To the word of that number, in straight-line code, a cycle a word; the one
  /// before it is the last that was taken.
  void moveTo(CodeBuilder &code, int64_t word);
  /// A = the next word's low byte. Destroys the flags.
  void nextByte(CodeBuilder &code);
  /// The next word, with its first code at the low end of the code's cell.
  void nextWord(CodeBuilder &code);
  /// To the next code of the word.
  void nextInWord(CodeBuilder &code);
  /// The next code begins a word.
  void beginCodes(CodeBuilder &code);
  /// The next code, whichever word it is in. Where codes are counted, the label
  /// `fetch` is where a word is taken whatever the counter says, and `done` the
  /// one behind all of it.
  void nextCode(CodeBuilder &code, llvm::StringRef fetch, llvm::StringRef done);
  /// Bit by bit: the stream's first bit is the next one. Clears cells only.
  void beginBits(CodeBuilder &code);
  /// Carry = a code's first bit, the lowest, and its others. Destroys A.
  void nextFirstBit(CodeBuilder &code);
  void nextBit(CodeBuilder &code);

  /// Goes past so many words.
  void skip(CodeBuilder &code, int64_t count);

  /// Whether a place is one byte: then the stream can go back by so many words,
  /// and skip the next instruction where all of them are taken.
  bool hasOneTable() const {
    return !readsWords() && getNumTables() == 1;
  }
  void goBack(CodeBuilder &code, int64_t count);
  void skipAtEnd(CodeBuilder &code);

  /// Cells that hold a place, and the ways there and back. Destroy A.
  Cell makeMark(CodeBuilder &code, llvm::StringRef name);
  void save(CodeBuilder &code, Cell mark);
  void restore(CodeBuilder &code, Cell mark);

  /// Routines and tables, behind the code that takes the codes.
  void emitShared(CodeBuilder &code);

private:
  bool readsWords() const { return format.wordBits > 8; }
  /// Whether words have a bit left for the 1 above the others.
  bool hasRoomAbove() const {
    return getPerWord() * format.bits < format.wordBits;
  }
  /// Whether the next byte is a routine's.
  bool callsForByte() const {
    return !readsWords() && (getNumTables() > 1 || format.sharesBytes);
  }
  unsigned getPlace(unsigned number) const;
  /// Whether a word's first code is in its high byte.
  bool beginsHigh() const { return rest.cells && getPlace(0) == 8; }
  int64_t getNumTables() const;
  void emitWordThroughStack(CodeBuilder &code);

  Format format;
  std::vector<int32_t> words;
  unsigned inWord = ~0u; ///< codes in the word at hand
  size_t wordAtHand = 0;

  Cell current; ///< the code at hand
  Cell rest;    ///< of its word
  Cell left;    ///< codes in them that are yet to come, and one
  /// Of the byte last taken, in its table; address of the next word where words
  /// are read.
  Cell position, table;
  Cell onStack; ///< pointer to it there
  bool isSkipped = false;
  std::string nextName, skipName;
  llvm::SmallVector<std::string> names;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_WEIGHTSTREAM_H
