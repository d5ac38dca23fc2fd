//===- ResourceError.cpp - A device has too little of something -----------===//

#include "passes/pdk/ResourceError.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;

/// By which such errors are known.
static constexpr llvm::StringLiteral kMetadata = "resource";

/// Up to the device's name.
static StringRef getName(Resource resource) {
  switch (resource) {
  case Resource::Code:
    return "code memory of";
  case Resource::Ram:
    return "RAM of";
  case Resource::ReachableRam:
    return "RAM within reach on";
  case Resource::Pause:
    return "pauses between bytes sent to";
  }
  llvm_unreachable("no such resource");
}

static StringRef getUnit(Resource resource) {
  switch (resource) {
  case Resource::Code:
    return "words";
  case Resource::Ram:
  case Resource::ReachableRam:
    return "bytes";
  case Resource::Pause:
    return "bits";
  }
  llvm_unreachable("no such resource");
}

ResourceError::ResourceError(Operation *op, Resource resource,
                             const pdk::Device &device, int64_t needed,
                             int64_t available)
    : op(op), resource(resource), device(device), needed(needed),
      available(available) {
  assert(needed > available && "no error");
}

void ResourceError::addUse(Location loc, int64_t amount, const Twine &what) {
  uses.push_back({loc, what.str(), amount});
}

LogicalResult ResourceError::emit() {
  StringRef unit = getUnit(resource);
  InFlightDiagnostic diagnostic = op->emitError("does not fit the ")
                                  << getName(resource) << " the "
                                  << device.name << ": needs " << needed << " "
                                  << unit << detail << ", has " << available
                                  << "; " << advice;
  // Those whose change could make a difference: a twentieth or more.
  llvm::erase_if(uses, [&](const Use &use) { return 20 * use.amount < needed; });
  constexpr size_t kMostNotes = 3;
  llvm::stable_sort(uses, [](const Use &a, const Use &b) {
    return a.amount > b.amount;
  });
  for (const Use &use : ArrayRef(uses).take_front(kMostNotes))
    diagnostic.attachNote(use.loc)
        << use.amount << " " << unit << " " << use.what;
  diagnostic.getUnderlyingDiagnostic()->getMetadata().push_back(
      DiagnosticArgument(kMetadata));
  return diagnostic;
}

bool ResourceError::isOne(Diagnostic &diagnostic) {
  return llvm::any_of(diagnostic.getMetadata(), [](auto &argument) {
    return argument.getKind() ==
               DiagnosticArgument::DiagnosticArgumentKind::String &&
           argument.getAsString() == kMetadata;
  });
}
