//===- InputRule.h - What the device hands to the network -------*- C++ -*-===//
//
// A float input that a quantiser takes first, elementwise steps before it or
// not, is handed over as the quantiser's code. Several quantisers may share an
// input's elements among them, and one may take elements of several inputs.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_INPUTRULE_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_INPUTRULE_H

#include "dialects/onnx/OnnxDialect.h"
#include "passes/onnx_to_lowbit/StepFunction.h"

namespace pdkc {

/// An element of one of the model's inputs.
struct InputElement {
  unsigned input;
  int64_t element;

  bool operator==(const InputElement &other) const {
    return input == other.input && element == other.element;
  }
};

/// A value that is made of codes: element i is worth scale * code + offset,
/// where the code is that of the input's element sources[i].
struct InputQuantiser {
  mlir::Value value;
  Rational scale = 1, offset;
  lowbit::Interval range;
  /// What a code stands for at the model's input, about: (code - zeroPoint) *
  /// inputScale.
  double inputScale = 1;
  Rational zeroPoint;
  llvm::SmallVector<InputElement> sources;
  /// Where not all integers of the range are codes (-1 and 1 are, 0 is not):
  /// the codes that they become, as functions, and the function of each
  /// element. Empty where all are.
  llvm::SmallVector<IntegerSteps, 0> functions;
  llvm::SmallVector<int64_t> functionOf;

  bool takes(unsigned input) const {
    return llvm::any_of(sources, [&](const InputElement &source) {
      return source.input == input;
    });
  }
};

/// The quantisers that these of the block's arguments go through first; none
/// of one that goes straight into arithmetic. An error where two of them differ
/// on one element.
mlir::FailureOr<llvm::SmallVector<InputQuantiser, 1>>
findInputQuantisers(mlir::Block &block,
                    llvm::ArrayRef<mlir::BlockArgument> inputs);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_INPUTRULE_H
