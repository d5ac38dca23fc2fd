//===- ReadModel.h - A model of any form, from memory -----------*- C++ -*-===//

#ifndef PDKC_COMPILER_IMPORT_READMODEL_H
#define PDKC_COMPILER_IMPORT_READMODEL_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace pdkc {

enum class ModelFormat {
  Onnx,
  Mlir ///< text of MLIR's, of any of the dialects
};

/// By the suffix of a path; what is not .mlir is ONNX.
ModelFormat getFormat(llvm::StringRef path);

/// A module of the form that importOnnx gives, or of the dialect that the text
/// is in; null after an error. The buffer's identifier is the model's path, or
/// empty: then no file is read.
mlir::OwningOpRef<mlir::ModuleOp> readModel(llvm::MemoryBufferRef buffer,
                                            ModelFormat format,
                                            mlir::MLIRContext &context);

} // namespace pdkc

#endif // PDKC_COMPILER_IMPORT_READMODEL_H
