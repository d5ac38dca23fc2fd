//===- ReadModel.cpp - A model of any form, from memory -------------------===//

#include "compiler/import/ReadModel.h"

#include "compiler/import/OnnxImport.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace pdkc;

ModelFormat pdkc::getFormat(StringRef path) {
  return path.ends_with(".mlir") ? ModelFormat::Mlir : ModelFormat::Onnx;
}

OwningOpRef<ModuleOp> pdkc::readModel(llvm::MemoryBufferRef buffer,
                                      ModelFormat format,
                                      MLIRContext &context) {
  if (format == ModelFormat::Onnx)
    return importOnnx(buffer, context);
  llvm::SourceMgr sources;
  // A copy: the parser wants a zero behind the text.
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(
                                 buffer.getBuffer(),
                                 buffer.getBufferIdentifier()),
                             {});
  return parseSourceFile<ModuleOp>(sources, &context);
}
