//===- Scalar.h - One element of a tensor -----------------------*- C++ -*-===//
//
// Elementwise operators are written once, on Scalars; what a Scalar holds picks
// the arithmetic: float32 as the graph says, float64, integers, or exact.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_SCALAR_H
#define PDKC_DIALECTS_ONNX_SCALAR_H

#include "dialects/exact/Rational.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/SmallVector.h"
#include <variant>

namespace pdkc::onnx {

/// float for f32, f16 and bf16, which are rounded further after each step;
/// int64_t for integers and booleans; Rational for exact arithmetic, whatever
/// the tensor's type.
using Scalar = std::variant<float, double, int64_t, Rational>;
using Scalars = llvm::SmallVector<Scalar, 0>;

/// The elements of a constant, in their own arithmetic; none of a splat's
/// copies is left out.
Scalars getScalars(mlir::DenseElementsAttr elements);
/// The elements of a constant on which shapes hang.
llvm::SmallVector<int64_t> getIntegers(mlir::DenseElementsAttr elements);
/// The inverse; the scalars are in the arithmetic of the type's elements.
mlir::DenseElementsAttr getElements(mlir::RankedTensorType type,
                                    llvm::ArrayRef<Scalar> scalars);

/// What a tensor of this element type makes of a result: integers wrap around,
/// half precision rounds. Exact numbers stay.
Scalar roundTo(mlir::Type elementType, Scalar scalar);

/// The exact value; none for NaN. An infinity is a number beyond all finite
/// ones, which serves as a bound but not in arithmetic.
std::optional<Rational> getExact(const Scalar &scalar);
bool isInfinite(const Scalar &scalar);
/// The value rounded to the arithmetic of the element type.
Scalar getScalar(mlir::Type elementType, const Rational &value);

} // namespace pdkc::onnx

#endif // PDKC_DIALECTS_ONNX_SCALAR_H
