//===- ProductFit.h - Lines as products on the device -----------*- C++ -*-===//
//
// A step function that is a line is the top of a product: far fewer words than
// its steps, where there are many of them. The product's constants are the
// line's, rounded to as many bytes as keep every step where it is.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PRODUCTFIT_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PRODUCTFIT_H

#include "dialects/lowbit/LowbitDialect.h"

#include <optional>

namespace pdkc {

/// A function on a range: values[k] from starts[k] on, starts[0] being the
/// range's lower end; and the line that it is, see lowbit.steps.
struct StepTable {
  lowbit::Interval range;
  llvm::SmallVector<int64_t> starts, values;
  std::optional<lowbit::Line> line = std::nullopt;

  bool operator<(const StepTable &other) const {
    return std::tie(range.min, range.max, starts, values, line) <
           std::tie(other.range.min, other.range.max, other.starts,
                    other.values, other.line);
  }
};

/// What several functions that are products have in common: `first` below
/// `start`, and from there on, with x = n - start, what
/// first + 1 + floor((x * factor + addend * unit) / 256^bytes) is between
/// `first` and `last`, unit being such that the addend is the fraction's up to
/// three top bytes; and as many bytes above them, in two's complement, where
/// the functions do not all leave `first` at `start`.
struct ProductFrame {
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

/// A function's own factor and addend. Each exception in turn sends that
/// integer on to the one beside it, n + direction, of which the product is:
/// both are the frame's start or above.
struct ProductFit {
  int64_t factor = 0, addend = 0;
  llvm::SmallVector<int64_t> exceptions;

  /// The product of the integer that far above the start, with the addend.
  __int128 getProduct(int64_t distance, const ProductFrame &frame) const {
    return __int128(distance) * factor + __int128(addend) * frame.getUnit();
  }
};

/// Constants that give the function exactly, on its whole range, with as few
/// exceptions in that direction, -1 or 1, as do; without any, the addend has as
/// many bytes of 0 at its low end as can be. None where it takes more than
/// `most`, or where the function is no line.
std::optional<ProductFit> fitProduct(const StepTable &function,
                                     const ProductFrame &frame,
                                     int64_t direction, int64_t most);

/// The frame of a function by itself, which has two values or more.
ProductFrame getFrame(const StepTable &function, int64_t bytes);

/// A function's frame and product, the direction of its exceptions, and what
/// the product comes to.
struct FramedProduct {
  ProductFrame frame;
  ProductFit fit;
  int64_t direction;
  __int128 most;
};
/// The product of a function of two values or more, with as few exceptions as
/// do, and for these as few bytes.
std::optional<FramedProduct> findProduct(const StepTable &function);

/// The function as neighbouring lines, which none of fewer parts are: each
/// begins with the value that the one below ends with, and is the function from
/// its second value on. None where it takes more than `most`, or where values
/// do not only rise.
std::optional<llvm::SmallVector<StepTable>> findLines(const StepTable &function,
                                                      size_t most);

/// Products of several functions, exceptions all in one direction, in one frame
/// but for the starts. A function that falls is one of the argument, counted
/// from the range's lower end, with all its bits turned: what rises then.
struct ChannelProducts {
  struct Channel {
    int64_t start; ///< as the frame's
    bool isTurned = false;
    ProductFit fit;
  };
  ProductFrame frame;
  int64_t direction = 0;
  llvm::SmallVector<Channel> channels;
  int64_t factorBytes = 0, exceptions = 0; ///< most of one function's
  llvm::SmallVector<size_t> others;        ///< that are none; one or two
  /// What is no argument, above any start: an exception that no integer is.
  int64_t none = 0;
  __int128 most = 0; ///< that a product comes to

  /// One byte of one of their constants, by function.
  using Constant = llvm::SmallVector<uint8_t>;
  /// The bytes of factors, of addends, of starts and of masks by which the
  /// argument is turned (empty where they are all 0 or the frame's), and of
  /// each exception. Starts and exceptions count as the argument does.
  struct Constants {
    llvm::SmallVector<Constant> factors, addends, starts, masks, exceptions;
  };
  Constants getConstants(lowbit::Interval range) const;
};
/// With as few others as do, then exceptions, and then constants by function.
/// The functions' ranges are those of their elements, `range` that of all.
std::optional<ChannelProducts>
findChannelProducts(llvm::ArrayRef<StepTable> functions,
                    lowbit::Interval range);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_PRODUCTFIT_H
