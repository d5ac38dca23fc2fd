//===- ByteStream.h - Bytes from code memory, one after another -*- C++ -*-===//
//
// Constants of any number that a loop takes in their order: in tables of
// `ret k`, or in whole code words where the device has instructions that read
// them. A place in the stream can be kept and gone back to.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_BYTESTREAM_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_BYTESTREAM_H

#include "dialects/pdk/CodeBuilder.h"

namespace pdkc {

/// Entries of a table; pcadd with A = 0 would stay where it is.
constexpr int64_t kTableEntries = 255;

/// Goes to the target, of those from `begin` to `end`, whose number is in the
/// cell, bit by bit. Leaves A as it is.
void emitChoice(CodeBuilder &code, Cell number,
                llvm::ArrayRef<std::string> targets, int64_t begin,
                int64_t end);

class ByteStream {
public:
  /// A stream of one byte or more, with the cells for its place.
  ByteStream(CodeBuilder &code, llvm::StringRef stem,
             std::vector<int32_t> bytes);

  /// To the first byte.
  void begin();
  /// A = the next byte. Destroys the flags.
  void next();
  /// Cells that hold a place, and the ways there and back. Destroy A.
  Cell makeMark(llvm::StringRef name);
  void save(Cell mark);
  void restore(Cell mark);

  /// Routines and tables, behind the code that takes the bytes.
  void emitShared();

private:
  CodeBuilder &code;
  std::vector<int32_t> bytes;
  bool readsWords;
  Cell position; ///< of the byte last taken; address of the next word
  Cell table;    ///< where there are several
  std::string nextName;
  llvm::SmallVector<std::string> names;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_BYTESTREAM_H
