//===- IntegerForm.h - Functions as requantisation or steps -----*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_INTEGERFORM_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_INTEGERFORM_H

#include "passes/onnx_to_lowbit/RequantFit.h"

namespace pdkc {

/// Functions as integers: by a requantisation that equals them all, or as they
/// are, each with its line where it has one.
struct IntegerForm {
  llvm::SmallVector<Grid> grids;
  llvm::SmallVector<IntegerSteps, 0> functions;
  llvm::SmallVector<std::optional<lowbit::Line>> lines;
  std::optional<RequantFit> fit;
};

/// The requantisation that equals all of the functions, a shift or to bytes.
std::optional<RequantFit> findRequant(llvm::ArrayRef<IntegerSteps> functions,
                                      bool isSum);
/// The functions on one grid for all, or else on one each; none where there is
/// no grid of 32 bits. Of each its slope, see findSlope.
std::optional<IntegerForm> toIntegerForm(llvm::ArrayRef<RealSteps> functions,
                                         llvm::ArrayRef<Rational> slopes,
                                         bool isSum);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_INTEGERFORM_H
