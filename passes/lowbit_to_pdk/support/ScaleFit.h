//===- ScaleFit.h - Step functions that are a product -----------*- C++ -*-===//
//
// A function whose steps lie evenly, as a requantisation by any scale makes
// them, is the top of a product: far fewer words than its steps, where there
// are many of them.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_SCALEFIT_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_SCALEFIT_H

#include "dialects/lowbit/LowbitDialect.h"

#include <optional>

namespace pdkc {

/// A function on a range: values[k] from starts[k] on, starts[0] being the
/// range's lower end.
struct StepTable {
  lowbit::Interval range;
  llvm::SmallVector<int64_t> starts, values;

  bool operator<(const StepTable &other) const {
    return std::tie(range.min, range.max, starts, values) <
           std::tie(other.range.min, other.range.max, other.starts,
                    other.values);
  }
  bool operator==(const StepTable &other) const {
    return range == other.range && starts == other.starts &&
           values == other.values;
  }
};

/// What several functions that are products have in common: `first` below
/// `start`, and from there on, with x = n - start, what
/// first + 1 + floor((x * factor + addend * unit) / 256^bytes) is between
/// `first` and `last`, unit being such that the addend is the fraction's up to
/// three top bytes; and as many bytes above them, in two's complement, where
/// the functions do not all leave `first` at `start`.
struct ScaleFrame {
  int64_t start = 0, first = 0, last = 0;
  int64_t bytes = 1; ///< of the fraction, 1 to 5
  /// Of the addend above it, 0 to 3; at most 7 together.
  int64_t highBytes = 0;

  int64_t getLowBytes() const { return bytes < 3 ? bytes : 3; }
  int64_t getAddendBytes() const { return getLowBytes() + highBytes; }
  /// What the addend times the unit can be.
  lowbit::Interval getAddends() const {
    if (highBytes == 0)
      return {0, (int64_t(1) << (8 * bytes)) - 1};
    int64_t limit = int64_t(1) << (8 * (bytes + highBytes) - 1);
    return {-limit, limit - 1};
  }
  int64_t getUnit() const {
    return int64_t(1) << (8 * (bytes - getLowBytes()));
  }
};

/// A function's own factor and addend.
struct ScaleFit {
  int64_t factor = 0, addend = 0;
};

/// Constants that give the function exactly, on its whole range; none where it
/// is no such product.
std::optional<ScaleFit> fitScale(const StepTable &function,
                                 const ScaleFrame &frame);

/// A function that is a product but for a few integers: each exception in turn
/// sends that integer on to the one beside it, of which the product is.
struct NearProduct {
  StepTable product;
  llvm::SmallVector<int64_t> exceptions;
};

/// With as few exceptions as do, none where `most` are too few. They and the
/// integers beside them, n + direction, -1 or 1, are the frame's start or
/// above. This is what the rounding of a product to float32 takes: where that
/// makes ties, which go to the even integer, a step is off by the integer that
/// lies there.
std::optional<NearProduct> fitNearProduct(const StepTable &function,
                                          const ScaleFrame &frame,
                                          int64_t direction, int64_t most);

/// The frame of a function by itself, which has two values or more.
ScaleFrame getFrame(const StepTable &function, int64_t bytes);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_SCALEFIT_H
