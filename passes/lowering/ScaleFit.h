//===- ScaleFit.h - Step functions that are a product -----------*- C++ -*-===//
//
// A function whose steps lie evenly, as a requantisation by any scale makes
// them, is the top of a product: far fewer words than its steps, where there
// are many of them.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWERING_SCALEFIT_H
#define PDKC_PASSES_LOWERING_SCALEFIT_H

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

/// f(n) = values[0] below starts[1], else with x = n - starts[1]
/// min(values[0] + 1 + floor((x * factor + addend * 256^(bytes - 1)) /
/// 256^bytes), values.back()).
struct ScaleFit {
  int64_t factor = 0, addend = 0;
};

/// A factor and an addend of 0 to 255 that give the function exactly, on its
/// whole range; none where it does not rise, or is no such product.
std::optional<ScaleFit> fitScale(const StepTable &function, int64_t bytes);

} // namespace pdkc

#endif // PDKC_PASSES_LOWERING_SCALEFIT_H
