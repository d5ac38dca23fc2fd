//===- OnnxImport.h - From a model file to the onnx dialect -----*- C++ -*-===//
//
// Each node becomes one operation of the onnx dialect, under the location of
// its name; each initializer an onnx.Constant; a call of a function of the
// model's own, the function's nodes. The importer does not think: what can be a
// pass is a pass. Whatever the bytes are, the outcome is a module
// or one error through the context's diagnostics.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_IMPORT_ONNXIMPORT_H
#define PDKC_COMPILER_IMPORT_ONNXIMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace pdkc {

/// A module with one function `model`, or null after an error. Loads the
/// dialects it needs. The buffer's identifier is the model's path, beside which
/// files with tensors may lie; where it is empty none is read.
mlir::OwningOpRef<mlir::ModuleOp> importOnnx(llvm::MemoryBufferRef buffer,
                                             mlir::MLIRContext &context);

} // namespace pdkc

#endif // PDKC_COMPILER_IMPORT_ONNXIMPORT_H
