//===- Footprint.h - What of RAM operations need ----------------*- C++ -*-===//
//
// A bound from below, of what is known of operations alone. A program needs, of
// bytes,
//
//   maximum over the operations of
//     max(what is live behind it,
//         what its code needs at once
//         + what is live behind it and not touched by it)
//
// What is live behind an operation is what later ones read before they write
// it, byte by byte; of buffers that may share bytes the one with most of that.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_PLANNING_FOOTPRINT_H
#define PDKC_COMPILER_PLANNING_FOOTPRINT_H

#include "dialects/pdk/PdkDialect.h"
#include "llvm/ADT/BitVector.h"

namespace pdkc {

/// Of a program of one operation.
struct Footprint {
  int64_t bytes = 0; ///< that its code needs at once, p not counted
  int64_t stack = 0; ///< bytes, besides the call of the program
  /// By buffer: the bytes that are read before they are written, and those
  /// whose lifetimes begin. Empty where the buffer is not touched.
  llvm::SmallVector<llvm::BitVector, 4> reads, begins;
};

/// The program is one of Emission::runAlone; of its buffers those with these
/// numbers are told apart.
Footprint getFootprint(pdk::ProgramOp program,
                       llvm::ArrayRef<int64_t> buffers);

/// An operation of a function, and its buffers' numbers there.
struct FootprintUse {
  mlir::Operation *op;
  llvm::ArrayRef<int64_t> buffers;
  const Footprint *footprint;
};

/// By operation of a function: bytes that the device has to have at least for
/// what is needed there, from RAM's first one on; for a module with `reserve`
/// bytes and those of C, or for a firmware.
llvm::SmallVector<int64_t> getBytes(llvm::ArrayRef<FootprintUse> uses,
                                    bool isFirmware, int64_t reserve);

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_FOOTPRINT_H
