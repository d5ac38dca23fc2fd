//===- Verify.h - What verifiers of operations share ------------*- C++ -*-===//

#ifndef PDKC_DIALECTS_LOWBIT_VERIFY_H
#define PDKC_DIALECTS_LOWBIT_VERIFY_H

#include "dialects/lowbit/LowbitDialect.h"

namespace pdkc::lowbit {

/// The result's type must hold every value that the operands' types allow.
mlir::LogicalResult verifyRange(mlir::Operation *op);

/// Sums that are accumulated to, the second operand if any, are as many as the
/// results.
mlir::LogicalResult verifySums(mlir::Operation *op);

/// A codebook that rises, and codes that are numbers of its entries.
mlir::LogicalResult verifyCodes(mlir::Operation *op,
                                mlir::DenseIntElementsAttr attribute,
                                llvm::ArrayRef<int64_t> codebook);

/// The entries that the codes stand for.
llvm::SmallVector<int64_t> decode(mlir::DenseIntElementsAttr attribute,
                                  llvm::ArrayRef<int64_t> codebook);

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_VERIFY_H
