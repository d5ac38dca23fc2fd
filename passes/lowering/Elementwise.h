//===- Elementwise.h - Requantisation and decision --------------*- C++ -*-===//
//
// What is done with sums: requantisation to activations, the class.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWERING_ELEMENTWISE_H
#define PDKC_PASSES_LOWERING_ELEMENTWISE_H

#include "passes/lowering/Vector.h"

namespace pdkc {

/// How a vector's elements are gone through.
enum class Traversal { Loop, Unrolled };

/// Takes the vector's run-time excess, if any, off a copy of an element.
void subtractExcess(CodeBuilder &code, const Vector &values, Cell copy);

/// Bytes of activations from sums to which the requantisation's offset is
/// already added: min(max(sum >> shift, 0), max). `result` has one byte an
/// element and may begin at or below the sums' first byte.
void emitRequant(CodeBuilder &code, const Vector &sums, int64_t shift,
                 int64_t max, const Vector &result, Traversal traversal);

/// The number of the largest element, the lowest at ties, in A. The vector's
/// range must start at 0.
void emitArgmax(CodeBuilder &code, const Vector &values, Traversal traversal);

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_ELEMENTWISE_H
