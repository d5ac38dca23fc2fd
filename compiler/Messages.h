//===- Messages.h - Diagnostics as data -------------------------*- C++ -*-===//

#ifndef PDKC_COMPILER_MESSAGES_H
#define PDKC_COMPILER_MESSAGES_H

#include "mlir/IR/Diagnostics.h"
#include "passes/pdk/ResourceError.h"

namespace pdkc {

/// The name in a location: a node's, where there is one; else a place in a file.
std::string getName(mlir::Location loc);

enum class Severity { Error, Warning, Note };

/// What a compilation says: a diagnostic, or a note to the one before it.
struct Message {
  Severity severity = Severity::Error;
  bool isNoteOfBefore = false;
  std::string node; ///< empty where there is none
  std::string text;
  std::optional<ResourceShortage> shortage; ///< where it is one of a resource
};

/// A diagnostic and its notes, in their order. Names come from files: what is
/// no character of a line is written as its number.
llvm::SmallVector<Message> getMessages(mlir::Diagnostic &diagnostic);

} // namespace pdkc

#endif // PDKC_COMPILER_MESSAGES_H
