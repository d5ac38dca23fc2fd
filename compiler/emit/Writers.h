//===- Writers.h - The files that a compilation leaves ----------*- C++ -*-===//

#ifndef PDKC_COMPILER_EMIT_WRITERS_H
#define PDKC_COMPILER_EMIT_WRITERS_H

#include "compiler/emit/Interface.h"
#include "compiler/emit/Layout.h"
#include "llvm/Support/raw_ostream.h"

namespace pdkc {

/// The C symbol of exported cells.
std::string getSymbol(const ModuleInterface &interface, pdk::CellsOp cells);

/// A module for sdaspdk13, 14 or 15.
void writeAssembly(const Layout &layout, const ModuleInterface &interface,
                   llvm::raw_ostream &out);

/// The C header of the module.
void writeHeader(const Layout &layout, const ModuleInterface &interface,
                 llvm::raw_ostream &out);

/// A program by itself: a firmware, or a reset goto, a model_next_input that
/// only returns, and the module.
struct Standalone {
  std::vector<uint16_t> words; ///< from word 0
  unsigned infer = 0;          ///< word addresses
  std::optional<unsigned> nextInput, main;
  unsigned stackBase = 0; ///< SP before the call of model_infer
  bool hasPointerP = true;
};
mlir::FailureOr<Standalone> makeStandalone(const Layout &layout);

/// Fails with an error where easypdkprog, which searches programs for patterns
/// of words, would find one that is not meant: it would replace words or refuse
/// to write. A firmware's calibration is the one that is meant.
mlir::LogicalResult checkProgrammerPatterns(const Layout &layout);

/// Intel HEX, addresses in bytes, little-endian.
void writeIntelHex(const Standalone &program, llvm::raw_ostream &out);

/// The program's symbols in the format of sdldpdk's map, below a line of what
/// pdk-sim has to know to run it, as its options.
void writeMap(const Layout &layout, const Standalone &program,
              const ModuleInterface &interface, llvm::raw_ostream &out);

} // namespace pdkc

#endif // PDKC_COMPILER_EMIT_WRITERS_H
