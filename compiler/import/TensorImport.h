//===- TensorImport.h - TensorProto as an attribute -------------*- C++ -*-===//

#ifndef PDKC_COMPILER_IMPORT_TENSORIMPORT_H
#define PDKC_COMPILER_IMPORT_TENSORIMPORT_H

#include "compiler/import/OnnxFile.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"


#include <optional>

namespace pdkc {

/// A text from the file, for messages: cut short, unprintable bytes escaped.
std::string inQuotes(llvm::StringRef text);

/// The tensor's elements, whichever of ONNX's encodings they have, which may be
/// in a file in or below `folder`, where there is one; null after an error.
mlir::DenseElementsAttr importTensor(const onnx_file::TensorProto &tensor,
                                     mlir::Location loc,
                                     std::optional<llvm::StringRef> folder);

} // namespace pdkc

#endif // PDKC_COMPILER_IMPORT_TENSORIMPORT_H
