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

#endif // PDKC_DIALECTS_PDK_PDKDIALECT_H
