//===- Diagnostics.cpp - What pdkc tells on stderr ------------------------===//

#include "compiler/tool/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace pdkc;

int pdkc::fail(const llvm::Twine &message, int status) {
  llvm::errs() << "pdkc: error: " << message << "\n";
  return status;
}

std::string pdkc::getName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().str();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location inner : fused.getLocations())
      if (std::string text = getName(inner); !text.empty())
        return text;
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
            Twine(file.getColumn()))
        .str();
  return "";
}

/// Names come from files: what is no character of a line is written as its
/// number.
static void printLine(StringRef text) {
  for (char c : text)
    if (uint8_t(c) < ' ' || c == '\x7f')
      llvm::errs() << "\\" << llvm::format_hex_no_prefix(uint8_t(c), 2, true);
    else
      llvm::errs() << c;
  llvm::errs() << "\n";
}

LogicalResult pdkc::printDiagnostic(Diagnostic &diagnostic) {
  auto print = [](Diagnostic &d, StringRef kind) {
    llvm::errs() << "pdkc: " << kind << ": ";
    std::string name = getName(d.getLocation());
    printLine((name.empty() ? "" : name + ": ") + d.str());
  };
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    print(diagnostic, "error");
    break;
  case DiagnosticSeverity::Warning:
    print(diagnostic, "warning");
    break;
  default:
    print(diagnostic, "note");
    break;
  }
  for (Diagnostic &note : diagnostic.getNotes())
    print(note, "note");
  return success();
}
