//===- ResourceError.h - A device has too little of something ---*- C++ -*-===//
//
// One wording for all of them: what does not fit what, the number needed, the
// number there is, what takes the most of it, and what to do.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_RESOURCEERROR_H
#define PDKC_PASSES_PDK_RESOURCEERROR_H

#include "dialects/pdk/Devices.h"
#include "mlir/IR/Operation.h"

namespace pdkc {

enum class Resource {
  Code,         ///< words
  Ram,          ///< bytes
  ReachableRam, ///< bytes from 0 up that an instruction's operand can name
  Pause         ///< bits between the bytes that a firmware's sender sends
};

/// A resource error as numbers. The texts live as long as the program.
struct ResourceShortage {
  llvm::StringRef resource; ///< code, ram, reachable-ram, pause
  llvm::StringRef device;
  int64_t needed = 0, available = 0; ///< words, bytes, or bits of pause
};

/// What an operation needs of a resource, and there is not:
/// needed > available.
class ResourceError {
public:
  ResourceError(mlir::Operation *op, Resource resource,
                const pdk::Device &device, int64_t needed, int64_t available);

  /// Said behind the number needed: what for, or what it is made of.
  std::string detail;
  std::string advice = "use a larger device";

  /// What takes some of it, and where that comes from.
  void addUse(mlir::Location loc, int64_t amount, const llvm::Twine &what);

  /// The error, with the largest uses as notes. Always fails.
  mlir::LogicalResult emit();

  /// What a diagnostic that is such an error says; nothing of others.
  static std::optional<ResourceShortage> find(mlir::Diagnostic &diagnostic);

private:
  struct Use {
    mlir::Location loc;
    std::string what;
    int64_t amount;
  };

  mlir::Operation *op;
  Resource resource;
  const pdk::Device &device;
  int64_t needed, available;
  llvm::SmallVector<Use> uses;
};

} // namespace pdkc

#endif // PDKC_PASSES_PDK_RESOURCEERROR_H
