//===- Layout.h - The code words of a program, in place ---------*- C++ -*-===//
//
// An allocated pdk program as a list of words, tables opened out, with every
// operand known and checked against its operand class. Encoder and assembler
// text are both made from this list.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_EMIT_LAYOUT_H
#define PDKC_COMPILER_EMIT_LAYOUT_H

#include "dialects/pdk/PdkDialect.h"
#include "llvm/ADT/StringMap.h"

namespace pdkc {

/// One code word. Addresses of code are words from the module's first.
struct CodeWord {
  pdk::Word word;         ///< with the module at word 0
  mlir::Operation *op;    ///< where it comes from
  llvm::StringRef target; ///< name that a goto or call goes to, or of data
  /// Cells that the operand or immediate is in.
  std::optional<pdk::CellRange> cells = {};
  int64_t offset = 0;     ///< within the cells
  llvm::SmallVector<llvm::StringRef, 1> labels; ///< names of this word
  std::optional<uint16_t> data = {};            ///< no instruction at all
};

struct Layout {
  const pdk::Device *device;
  llvm::SmallVector<CodeWord> words;
  /// Word of each label, routine and table; routines of the user's program are
  /// not there.
  llvm::StringMap<unsigned> places;
  llvm::SmallVector<llvm::StringRef> exported, externals;
  /// Cells that C sees, in the order of their addresses.
  llvm::SmallVector<pdk::CellsOp> exportedCells;
  pdk::CellsOp stack;      ///< of a program that starts at reset; else null
  int64_t firstByte = 2;   ///< of RAM that is the program's
  int64_t staticBytes = 0; ///< RAM from there on
  int64_t nearBytes = 0;   ///< of these, those that must lie low: the first
  int64_t stackBytes = 0;  ///< the call of the entry included
};

/// Fails with an error at the operation whose operand is out of reach.
mlir::FailureOr<Layout> layOut(pdk::ProgramOp program);

/// The module's code words with its first at word `base` and the routines of
/// the user's program where `externals` says. Fails with an error at the
/// operation that does not fit its encoding.
mlir::FailureOr<std::vector<uint16_t>>
encode(const Layout &layout, unsigned base,
       const llvm::StringMap<unsigned> &externals);

} // namespace pdkc

#endif // PDKC_COMPILER_EMIT_LAYOUT_H
