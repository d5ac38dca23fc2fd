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

/// Works out the vector's excess; gives its bytes, or none where there is none.
std::optional<Cell> emitExcess(CodeBuilder &code, const Vector &values);

/// Takes the excess, if any, off `bytes` bytes.
void subtractExcess(CodeBuilder &code, std::optional<Cell> excess, Cell value,
                    int64_t bytes);

/// What requantisation does with a sum to which its offset, less `min` steps,
/// is already added: clamp(sum >> shift, 0 to max - min) + min.
struct Requantisation {
  int64_t shift, min, max;
};

/// Bytes of activations. `result` has one byte an element and may begin at or
/// below the sums' first byte.
void emitRequant(CodeBuilder &code, const Vector &sums, Requantisation requant,
                 const Vector &result, Traversal traversal);

/// The number of the largest element, the lowest at ties, in A. Unrolled code
/// takes only vectors whose range starts at 0 or above.
void emitArgmax(CodeBuilder &code, const Vector &values, Traversal traversal);

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_ELEMENTWISE_H
