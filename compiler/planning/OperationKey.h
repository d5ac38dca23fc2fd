//===- OperationKey.h - What an operation's code depends on -----*- C++ -*-===//

#ifndef PDKC_COMPILER_PLANNING_OPERATIONKEY_H
#define PDKC_COMPILER_PLANNING_OPERATIONKEY_H

#include "passes/lowbit_to_pdk/methods/Engines.h"

namespace pdkc {

/// Text that is the same for two operations of a context, of functions whose
/// storage is assigned, only where their methods write the same code but for
/// the cells' addresses and the names of labels.
struct OperationKey {
  std::string operation;
  /// Of what it shares: the engine of its layer, routines by their numbers. In
  /// one function no two of them have the same text.
  std::string engine;
  std::map<int64_t, std::string> routines;
  /// The numbers of the buffers that operands and results lie in. Those of
  /// operations with the same text stand for each other, one by one.
  llvm::SmallVector<int64_t> buffers;

  explicit OperationKey(mlir::Operation *op);
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_OPERATIONKEY_H
