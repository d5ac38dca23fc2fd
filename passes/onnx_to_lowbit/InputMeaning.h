//===- InputMeaning.h - What the device's integers are worth ----*- C++ -*-===//
//
// The passes' options input-range, input-scale and input-zero-point.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_INPUTMEANING_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_INPUTMEANING_H

#include "passes/onnx_to_lowbit/IntegerTensor.h"

namespace pdkc {

/// The device's integer r is worth (r - zeroPoint) * scale.
struct InputMeaning {
  std::optional<lowbit::Interval> range;
  Rational scale = 1, zeroPoint;
  bool isGiven = false; ///< other than by the options' defaults
};

/// Reads the options: LO:HI or nothing, and two decimals or fractions. An error
/// at `loc` for any other text.
mlir::FailureOr<InputMeaning> parseInputMeaning(mlir::Location loc,
                                                llvm::StringRef inputRange,
                                                llvm::StringRef inputScale,
                                                llvm::StringRef inputZeroPoint);

/// The model's input as the device's integers, without a lowbit value. An error
/// where its type does not go with the meaning, or no byte with the range.
mlir::FailureOr<IntegerTensor> describeInput(mlir::Value argument,
                                             const InputMeaning &meaning);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_INPUTMEANING_H
