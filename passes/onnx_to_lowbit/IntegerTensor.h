//===- IntegerTensor.h - Tensors as scaled integers -------------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_INTEGERTENSOR_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_INTEGERTENSOR_H

#include "dialects/exact/Rational.h"
#include "dialects/lowbit/FloatInterpreter.h"
#include <array>
#include <memory>

namespace pdkc {

using Rationals = llvm::SmallVector<Rational, 0>;
using IntegerMatrix = llvm::SmallVector<llvm::SmallVector<int64_t, 0>, 0>;

/// A convolution's geometry, as lowbit.conv has it.
struct Convolution {
  llvm::SmallVector<int64_t> shape, kernel, strides, pads, dilations;
  int64_t groups = 1;
  /// Weight [row][term] is the kernel's element: (row, term, element).
  llvm::SmallVector<std::array<int64_t, 3>, 0> products;
};

/// How far off float32 has an element: so much in the values' units, and a
/// share of the value's magnitude.
struct Rounding {
  double absolute = 0, relative = 0;
};

/// An onnx tensor as integers: element i is worth scale[i] * n[i] + offset[i].
/// The integers are a lowbit tensor, or sums that are not emitted yet, because
/// what follows may still fold into them: n[i] = weights[i] * terms.
struct IntegerTensor {
  llvm::SmallVector<int64_t> shape;
  Rationals scale, offset;
  /// What each integer is proven to lie in.
  lowbit::Intervals ranges;
  /// Whether the graph's own arithmetic gives each element one value. Behind a
  /// sum of floats, whose order is open, only exact arithmetic does.
  bool isDefined = false;
  /// How far off, in the values' units, float32 arithmetic may be for any
  /// integers, whatever the order of the sums; none where isDefined.
  llvm::SmallVector<double, 0> error;
  /// How far off each element is besides its integer's own sum; none where
  /// float32 has them exactly.
  llvm::SmallVector<Rounding, 0> rounding;
  /// Whether this is, or is computed from, the number of a class.
  bool isClass = false;
  /// The lowbit tensor; null while the sums are open.
  mlir::Value value;
  mlir::Value terms;
  IntegerMatrix weights;
  /// What float32 makes of the open sums.
  lowbit::FloatSums floatSums;
  /// How the weights come from a kernel, where the sums are a convolution.
  std::shared_ptr<const Convolution> convolution;
  mlir::Location loc;

  explicit IntegerTensor(mlir::Location loc) : loc(loc) {}
  bool isOpen() const { return !value; }
};

/// Whether its integers are looked up in tables of more than bytes: clipped sums
/// on float32's own grid, for which there are better forms.
bool isWideTable(const IntegerTensor &tensor);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_INTEGERTENSOR_H
