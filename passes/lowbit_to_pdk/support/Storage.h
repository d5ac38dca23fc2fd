//===- Storage.h - Where a tensor's elements are on the device --*- C++ -*-===//
//
// #lowbit.storage together with the cells that it became.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STORAGE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STORAGE_H

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/pdk/CodeBuilder.h"

#include <functional>
#include <optional>

namespace pdkc {

/// What every element has on top, known at run time only: the value of the
/// cells; or, where there is a step, a byte times the step.
struct RuntimeBias {
  Cell cells;
  int64_t step = 0;
};

/// Bytes that hold every value of the range, unsigned or two's complement.
inline int64_t getBytes(lowbit::Interval range) {
  return (lowbit::getWidth(range) + 7) / 8;
}

/// Elements in RAM, neighbouring, low byte first:
///
///   stored = (element + offset + bias) mod 2^bits
struct Storage {
  Cell cells;        ///< first byte of the first element
  int64_t size = 0;  ///< elements
  int64_t bytes = 1; ///< bytes an element; 1 where several share one
  int64_t bits = 8;  ///< bits an element
  lowbit::Interval range; ///< of element + offset
  std::optional<RuntimeBias> bias;
  int64_t maxBias = 0; ///< the bias is at most this
  int64_t offset = 0;
  bool isFresh = false; ///< the cells' lifetime begins with these elements
  bool isSplat = false; ///< all elements are the one that is stored

  Storage() = default;
  /// How the tensor is stored, without cells. Its type says so.
  explicit Storage(mlir::Value value) {
    auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
    lowbit::StorageAttr storage = lowbit::getStorage(value);
    assert(storage && "storage is assigned before code is written");
    lowbit::Interval elements = lowbit::getRange(value);
    offset = -storage.getBase();
    size = type.getNumElements();
    bytes = storage.getBytes();
    bits = storage.getBits();
    range = {elements.min + offset, elements.max + offset};
    maxBias = storage.getBias();
    isFresh = storage.getFresh();
    isSplat = storage.getSplat();
  }

  bool isPacked() const { return bits % 8 != 0; }
  Cell element(int64_t i) const {
    assert(!isPacked() && "has no cell of its own");
    return cells.at(i * bytes);
  }
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STORAGE_H
