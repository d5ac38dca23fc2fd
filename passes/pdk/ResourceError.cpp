//===- ResourceError.cpp - A device has too little of something -----------===//

#include "passes/pdk/ResourceError.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace pdkc;

/// By which such errors are known: this text, the resource's name, the device's,
/// what is needed, what there is.
static constexpr llvm::StringLiteral kMetadata = "resource";

/// In diagnostics as data.
static StringRef getKey(Resource resource) {
  switch (resource) {
  case Resource::Code:
    return "code";
  case Resource::Ram:
    return "ram";
  case Resource::ReachableRam:
    return "reachable-ram";
  case Resource::Pause:
    return "pause";
  }
  llvm_unreachable("no such resource");
}

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
  auto &metadata = diagnostic.getUnderlyingDiagnostic()->getMetadata();
  for (StringRef text : {StringRef(kMetadata), getKey(resource),
                         StringRef(device.name)})
    metadata.push_back(DiagnosticArgument(text));
  for (int64_t number : {needed, available})
    metadata.push_back(DiagnosticArgument(number));
  return diagnostic;
}

std::optional<ResourceShortage> ResourceError::find(Diagnostic &diagnostic) {
  auto &metadata = diagnostic.getMetadata();
  using Kind = DiagnosticArgument::DiagnosticArgumentKind;
  if (metadata.size() != 5 || metadata[0].getKind() != Kind::String ||
      metadata[0].getAsString() != kMetadata)
    return std::nullopt;
  return ResourceShortage{metadata[1].getAsString(), metadata[2].getAsString(),
                          metadata[3].getAsInteger(),
                          metadata[4].getAsInteger()};
}
