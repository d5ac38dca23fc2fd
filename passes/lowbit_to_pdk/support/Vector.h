//===- Vector.h - Where a tensor's elements live on the device --*- C++ -*-===//
//
// The lowering's picture of a tensor between two layers.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_VECTOR_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_VECTOR_H

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/pdk/CodeBuilder.h"

#include <functional>
#include <optional>

namespace pdkc {

/// What every element has too much, known at run time only: the value of the
/// cells; or where they are one byte that counts passes, `perPass` times it.
struct Excess {
  Cell cells;
  int64_t perPass = 0;
};

/// Elements in RAM, neighbouring, low byte first, and how to read them:
/// true value = stored value - excess, modulo 256^bytes.
struct Vector {
  Cell cells;        ///< first byte of the first element
  int64_t size = 0;  ///< elements
  int64_t bytes = 1; ///< bytes an element
  /// The range of true values.
  lowbit::Interval range;
  std::optional<Excess> excess;
  /// Largest value that the excess can have.
  int64_t maxExcess = 0;
  /// What is on every element on purpose, for the sake of its user: the range
  /// is that of tensor's element + offset.
  int64_t offset = 0;

  Cell element(int64_t i) const { return cells.at(i * bytes); }
  int64_t sizeInBytes() const { return size * bytes; }
};

/// Bytes that hold every value of the range, unsigned or two's complement.
inline int64_t getBytes(lowbit::Interval range) {
  return (lowbit::getWidth(range) + 7) / 8;
}

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_VECTOR_H
