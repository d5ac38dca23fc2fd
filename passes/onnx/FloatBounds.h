//===- FloatBounds.h - What float32 can be off by ---------------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_FLOATBOUNDS_H
#define PDKC_PASSES_ONNX_FLOATBOUNDS_H

#include "passes/onnx/IntegerTensor.h"

namespace pdkc {

/// Half of float32's distance from 1 to the next number.
constexpr double kFloatUnit = 1.0 / (1 << 24);

/// Whether float32 holds every multiple of `step` up to the bound.
bool fitsFloat(const Rational &step, double bound);

/// Whether the graph's float32 holds each of an element's values exactly.
bool isExactInFloat(const IntegerTensor &tensor, int64_t element);

/// Whether the scales have a ratio of small integers.
bool areCommensurable(const Rational &a, const Rational &b);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_FLOATBOUNDS_H
