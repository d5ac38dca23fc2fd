//===- Diagnostics.h - What pdkc tells on stderr ----------------*- C++ -*-===//
//
// Errors of usage and the model's diagnostics, as lines of "pdkc: error: ...".
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_TOOL_DIAGNOSTICS_H
#define PDKC_COMPILER_TOOL_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/Twine.h"

namespace pdkc {

/// The statuses that pdkc ends with, besides 0.
constexpr int kBadModel = 1, kBadUsage = 2;

/// Prints an error; gives `status`.
int fail(const llvm::Twine &message, int status);

/// Prints a diagnostic and its notes, each with the name of its node.
mlir::LogicalResult printDiagnostic(mlir::Diagnostic &diagnostic);

} // namespace pdkc

#endif // PDKC_COMPILER_TOOL_DIAGNOSTICS_H
