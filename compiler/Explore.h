//===- Explore.h - What a model can be on which device ----------*- C++ -*-===//
//
// Words, RAM and cycles can be had for one another, and all three for a larger
// device. The compiler is asked for the smallest program and the fastest one on
// each device, and for the fastest ones of sizes between these two.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_EXPLORE_H
#define PDKC_COMPILER_EXPLORE_H

#include "compiler/Compiler.h"

namespace pdkc {

/// A program that was made, verified and measured.
struct ExploredPoint {
  const pdk::Device *device = nullptr;
  std::string input; ///< --input that makes it
  bool forSize = false;
  int64_t maxWords = 0; ///< 0: as many as the device has

  int64_t words = 0;
  int64_t bytes = 0; ///< of RAM, with p and the stack, without C's
  Cycles cycles;
  std::optional<int64_t> longest; ///< cycles that no input takes more than

  /// Whether the other one, on no smaller a device, is better in nothing.
  bool dominates(const ExploredPoint &other) const;
};

/// Tries the devices, and both ways in which inputs come unless the options name
/// one, and gives what no other point dominates: by device in their order, by
/// words. None where the model fits none of the devices, an error where it is
/// wrong. After each program `progress` is told how many of how many there are.
mlir::FailureOr<std::vector<ExploredPoint>>
explore(mlir::OwningOpRef<mlir::ModuleOp> module, const CompileOptions &options,
        llvm::ArrayRef<std::string> devices,
        llvm::function_ref<void(int64_t done, int64_t all)> progress);

} // namespace pdkc

#endif // PDKC_COMPILER_EXPLORE_H
