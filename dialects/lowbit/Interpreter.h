//===- Interpreter.h - The meaning of the lowbit dialect --------*- C++ -*-===//
//
// A plain evaluator: each operation, in order, on 64-bit integers. It is the
// definition of what a model computes, so it is written to be read.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_INTERPRETER_H
#define PDKC_DIALECTS_LOWBIT_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallVector.h"

namespace pdkc::lowbit {

/// Elements of a tensor, row by row.
using Elements = llvm::SmallVector<int64_t>;

/// What a lowbit operation makes of its operands. Asserts that every result
/// lies in the range that the result's type claims.
Elements interpret(mlir::Operation *op,
                   llvm::ArrayRef<const Elements *> operands);

/// All results of a model, the class and then the outputs, for the values that
/// the device hands over, argument after argument.
llvm::SmallVector<Elements, 2> interpretAll(mlir::func::FuncOp func,
                                            const Elements &input);

/// The function's first result.
Elements interpret(mlir::func::FuncOp func, const Elements &input);

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_INTERPRETER_H
