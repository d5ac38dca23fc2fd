//===- Messages.cpp - Diagnostics as data ---------------------------------===//

#include "compiler/Messages.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace pdkc;

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

static std::string toLine(StringRef text) {
  std::string line;
  llvm::raw_string_ostream out(line);
  for (char c : text)
    if (uint8_t(c) < ' ' || c == '\x7f')
      out << "\\" << llvm::format_hex_no_prefix(uint8_t(c), 2, true);
    else
      out << c;
  return line;
}

static Severity getSeverity(Diagnostic &diagnostic) {
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    return Severity::Error;
  case DiagnosticSeverity::Warning:
    return Severity::Warning;
  default:
    return Severity::Note;
  }
}

static Message getMessage(Diagnostic &diagnostic) {
  Message message;
  message.severity = getSeverity(diagnostic);
  message.node = toLine(getName(diagnostic.getLocation()));
  message.text = toLine(diagnostic.str());
  message.shortage = ResourceError::find(diagnostic);
  return message;
}

SmallVector<Message> pdkc::getMessages(Diagnostic &diagnostic) {
  SmallVector<Message> messages{getMessage(diagnostic)};
  for (Diagnostic &note : diagnostic.getNotes()) {
    messages.push_back(getMessage(note));
    messages.back().severity = Severity::Note;
    messages.back().isNoteOfBefore = true;
  }
  return messages;
}
