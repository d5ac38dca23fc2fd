//===- MethodInterface.h - What the attribute `method` may say --*- C++ -*-===//
//
// The dialect knows that operations can be computed in several ways, but not in
// which: whoever lowers it registers this interface with the dialect, and the
// verifiers ask it. Without one any name will do.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_METHODINTERFACE_H
#define PDKC_DIALECTS_LOWBIT_METHODINTERFACE_H

#include "mlir/IR/DialectInterface.h"
#include "mlir/IR/Operation.h"

namespace pdkc::lowbit {

class MethodInterface
    : public mlir::DialectInterface::Base<MethodInterface> {
public:
  MethodInterface(mlir::Dialect *dialect) : Base(dialect) {}

  /// Fails, with an error at the operation, where there is no such method for
  /// it.
  virtual mlir::LogicalResult verify(mlir::Operation *op,
                                     llvm::StringRef method) const = 0;
};

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_METHODINTERFACE_H
