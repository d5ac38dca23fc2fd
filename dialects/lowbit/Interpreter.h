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

/// What a function makes of one input.
struct Outcome {
  /// In the order of the function's results: the class, then the logits.
  llvm::SmallVector<Elements, 2> results;
  /// Whether somewhere on the way float32 arithmetic, whose order of sums is
  /// open, could have rounded or decided otherwise (kUndecided, kReals, kSaturates).
  bool isUndecided = false;
};

/// All results for the one argument, the values that the device hands over in
/// their order.
Outcome interpretAll(mlir::func::FuncOp func, const Elements &input);

/// The function's first result.
Elements interpret(mlir::func::FuncOp func, const Elements &input);

/// On lowbit.requant and lowbit.steps: triples (element, first, last), integers
/// of the input at which float32 could have rounded otherwise.
constexpr llvm::StringLiteral kUndecided = "lowbit.undecided";
/// On lowbit.argmax: triples (scale, offset, error) for each element; what its
/// integer is worth, and how far off float32 may have it.
constexpr llvm::StringLiteral kReals = "lowbit.reals";
/// On lowbit.argmax, besides: float32 compares Sigmoids of this times the reals.
constexpr llvm::StringLiteral kSaturates = "lowbit.saturates";

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_INTERPRETER_H
