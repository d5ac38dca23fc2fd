//===- PdkDialect.h - The pdk dialect ---------------------------*- C++ -*-===//

#ifndef PDKC_DIALECTS_PDK_PDKDIALECT_H
#define PDKC_DIALECTS_PDK_PDKDIALECT_H

#include "dialects/pdk/Devices.h"
#include "dialects/pdk/InstructionTable.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/pdk/PdkDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/pdk/PdkTypes.h.inc"

#include "dialects/pdk/PdkInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialects/pdk/PdkOps.h.inc"

namespace pdkc::pdk {

/// Neighbouring bytes: what a value of !pdk.cells is, whole cells or a part.
struct CellRange {
  CellsOp cells;        ///< that have the address
  int64_t offset = 0;   ///< of the first byte within the cells
  int64_t size = 0;     ///< bytes
  llvm::StringRef name; ///< of the part, where it is one

  /// Of the first byte; nothing before allocation.
  std::optional<int64_t> getAddress() const;
};

CellRange getCellRange(mlir::Value value);

} // namespace pdkc::pdk

#endif // PDKC_DIALECTS_PDK_PDKDIALECT_H
