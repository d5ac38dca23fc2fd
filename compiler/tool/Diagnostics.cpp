//===- Diagnostics.cpp - What pdkc tells on stderr ------------------------===//

#include "compiler/tool/Diagnostics.h"

#include "compiler/Messages.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace pdkc;

int pdkc::fail(const llvm::Twine &message, int status) {
  llvm::errs() << "pdkc: error: " << message << "\n";
  return status;
}

LogicalResult pdkc::printDiagnostic(Diagnostic &diagnostic) {
  static constexpr StringLiteral kKinds[] = {"error", "warning", "note"};
  for (const Message &message : getMessages(diagnostic))
    llvm::errs() << "pdkc: " << kKinds[int(message.severity)] << ": "
                 << message.node << (message.node.empty() ? "" : ": ")
                 << message.text << "\n";
  return success();
}
