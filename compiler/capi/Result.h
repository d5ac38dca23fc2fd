//===- Result.h - What the C API gives ---------------------------*- C++
//-*-===//

#ifndef PDKC_COMPILER_CAPI_RESULT_H
#define PDKC_COMPILER_CAPI_RESULT_H

#include "compiler/Compiler.h"
#include "compiler/Messages.h"
#include "compiler/capi/Structs.h"
#include "compiler/include/pdkc-c.h"

#include <deque>
#include <map>

struct PdkcResult {
  PdkcStatus status = PDKC_OK;
  std::deque<std::string> strings; ///< what the diagnostics point to
  std::vector<PdkcDiagnostic> diagnostics;
  std::map<PdkcText, std::string> texts;
  std::vector<uint16_t> words;

  const char *keep(llvm::StringRef text) {
    return strings.emplace_back(text.str()).c_str();
  }

  void add(const pdkc::Message &message) {
    PdkcDiagnostic diagnostic{};
    diagnostic.severity = PdkcSeverity(message.severity);
    diagnostic.isNoteOfBefore = message.isNoteOfBefore;
    diagnostic.node = keep(message.node);
    diagnostic.text = keep(message.text);
    diagnostic.resource = diagnostic.device = "";
    if (message.shortage) {
      diagnostic.resource = keep(message.shortage->resource);
      diagnostic.device = keep(message.shortage->device);
      diagnostic.needed = message.shortage->needed;
      diagnostic.available = message.shortage->available;
    }
    diagnostics.push_back(diagnostic);
  }

  void fail(PdkcStatus why, const std::string &text) {
    status = why;
    pdkc::Message message;
    message.text = text;
    add(message);
  }

  static PdkcOptions getDefaults();
  /// The caller's options, and what the compiler takes of them; false, with the
  /// reason said, where they make no sense.
  bool take(const PdkcOptions *from, PdkcOptions &given,
            pdkc::CompileOptions &options);
  /// Runs the compiler, whose diagnostics become this one's. Where it fails
  /// there are no texts.
  void
  run(llvm::function_ref<mlir::LogicalResult(mlir::MLIRContext &)> compile);
};

#endif // PDKC_COMPILER_CAPI_RESULT_H
