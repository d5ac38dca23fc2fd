//===- FloatBounds.h - What float32 can be off by ---------------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_FLOATBOUNDS_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_FLOATBOUNDS_H

#include "passes/onnx_to_lowbit/IntegerTensor.h"

namespace pdkc {

using lowbit::kFloatUnit;

/// The magnitude up to which float32 holds every multiple of `step`; 0 where
/// there is none.
double getExactLimit(const Rational &step);

/// Whether float32 holds every multiple of `step` up to the bound.
bool fitsFloat(const Rational &step, double bound);

/// Whether the graph's float32 holds each of an element's values exactly.
bool isExactInFloat(const IntegerTensor &tensor, int64_t element);

/// The largest magnitude that an element has.
double getMagnitude(const IntegerTensor &tensor, int64_t element);

/// What an element's rounding comes to at most, in the values' units.
double boundRounding(const IntegerTensor &tensor, int64_t element);

/// The rounding of elements that float32 has as the number nearest to what they
/// are.
void roundOnce(IntegerTensor &tensor);

/// The integers' real offset, and what they are off by, as a term of a sum.
lowbit::FloatSums::Term getTerm(const IntegerTensor &tensor, int64_t element);

/// For any integers of the terms: what float32 makes of an open sum at most, in
/// the values' units, and as magnitude of a part of the sum, in units of its
/// integers. `errors` are the terms' own, in units of their integers.
struct RowBound {
  double error, largest;
};
RowBound boundRow(const IntegerTensor &tensor, int64_t row,
                  const lowbit::Intervals &terms,
                  llvm::ArrayRef<double> errors);

/// Whether the scales have a ratio of small integers.
bool areCommensurable(const Rational &a, const Rational &b);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_FLOATBOUNDS_H
