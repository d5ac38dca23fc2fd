//===- Diagnostics.cpp - What pdkc tells on stderr ------------------------===//

#include "compiler/tool/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
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

LogicalResult pdkc::printDiagnostic(Diagnostic &diagnostic) {
  auto print = [](Diagnostic &d, StringRef kind) {
    llvm::errs() << "pdkc: " << kind << ": ";
    if (std::string name = getName(d.getLocation()); !name.empty())
      llvm::errs() << name << ": ";
    llvm::errs() << d.str() << "\n";
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
