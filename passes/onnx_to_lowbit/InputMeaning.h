//===- InputMeaning.h - What the device's integers are worth ----*- C++ -*-===//
//
// The passes' options input-range, input-scale and input-zero-point.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_INPUTMEANING_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_INPUTMEANING_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/onnx_to_lowbit/IntegerTensor.h"

namespace pdkc {

/// The device's integer r is worth (r - zeroPoint) * scale.
struct InputMeaning {
  std::optional<lowbit::Interval> range;
  Rational scale = 1, zeroPoint;
  bool isGiven = false; ///< other than by the options' defaults
};

/// The options' words, each for all inputs or a list "NAME=WORD,NAME=WORD,...",
/// in which a word without a name is for those that the list does not name.
struct InputWords {
  llvm::StringRef range, scale, zeroPoint;
};

/// Reads the options for inputs of these names: a range LO:HI or nothing, and
/// two decimals or fractions. An error at `loc` for any other text, and for the
/// name of no input.
mlir::FailureOr<llvm::SmallVector<InputMeaning, 1>>
parseInputMeanings(mlir::Location loc, llvm::ArrayRef<llvm::StringRef> names,
                   const InputWords &words);

/// The names of the inputs of a function of the onnx dialect; empty where the
/// file gives none.
llvm::SmallVector<llvm::StringRef> getInputNames(mlir::func::FuncOp function);

/// The model's input as the device's integers, without a lowbit value. An error
/// where its type does not go with the meaning, or 16 bits with the range.
mlir::FailureOr<IntegerTensor> describeInput(mlir::Value argument,
                                             const InputMeaning &meaning);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_INPUTMEANING_H
