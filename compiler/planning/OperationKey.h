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
  std::string engine;  ///< of the engine of its layer, or of its operands'
  std::string routine; ///< of what it shares with other requantisations

  explicit OperationKey(mlir::Operation *op);
};

} // namespace pdkc

#endif // PDKC_COMPILER_PLANNING_OPERATIONKEY_H
