//===- Passes.h - The passes of pdkc ----------------------------*- C++ -*-===//
//
// Declarations made from Passes.td; each pass is one file below this folder,
// in the folder of the dialect it works on.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PASSES_H
#define PDKC_PASSES_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace pdkc {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace pdkc

#endif // PDKC_PASSES_PASSES_H
