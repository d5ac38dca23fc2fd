//===- ProductFit.cpp - Lines as products on the device -------------------===//
//
// With the factor m the value `top` of x from begin to end asks of the addend c
//
//   begin m + c >= top 256^bytes          unless it is the first value,
//   end m + c   <  (top + 1) 256^bytes    unless it is the last.
//
// Which m leave a c is an interval, for these are linear in both; and the
// line's own slope lies in it, as the line meets them all. So if any whole
// number does, then one of the two beside the slope; and if any multiple of a
// power of two, then one of those.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/ProductFit.h"

#include "passes/lowbit_to_pdk/support/Storage.h"

#include "llvm/ADT/bit.h"

using namespace pdkc;

using Wide = __int128;

/// Bytes of fraction that products are tried with.
static constexpr int64_t kMostFraction = 5;
/// Integers of a function that may be exceptions to its product.
static constexpr int64_t kMostExceptions = lowbit::StepsOp::kMostExceptions;
/// Elements of a vector of products that may be none.
static constexpr size_t kMostOthers = 2;

namespace {
/// From `begin` to `end`, counted from the frame's start, the product's top is
/// `top`; or `top` and above or below, where the clip does the rest.
struct Bound {
  int64_t begin, end, top;
  bool isLast, isFirst;
};
} // namespace

static Wide floorDivide(Wide a, Wide b) { return a / b - (a % b < 0); }

/// None for what is no product in any frame with these values.
static std::optional<llvm::SmallVector<Bound>>
getBounds(const StepTable &function, const ProductFrame &frame) {
  if (frame.last - frame.first > 256)
    return std::nullopt;
  llvm::SmallVector<Bound> bounds;
  for (size_t k = 0; k < function.values.size(); ++k) {
    int64_t begin = (k ? function.starts[k] : function.range.min) - frame.start;
    int64_t end = (k + 1 < function.values.size() ? function.starts[k + 1] - 1
                                                  : function.range.max) -
                  frame.start;
    int64_t value = function.values[k];
    // Values only rise, and what lies below the start is the first one.
    bool isFirst = value == frame.first;
    if ((k && value <= function.values[k - 1]) || value < frame.first ||
        value > frame.last || (!isFirst && begin < 0))
      return std::nullopt;
    if (end >= 0)
      bounds.push_back(
          {begin, end, value - frame.first - 1, value == frame.last, isFirst});
  }
  return bounds;
}

/// The function with the factor: its addend meets all bounds on the one side,
/// and those that it misses on the other are exceptions.
static std::optional<ProductFit> fitAddend(llvm::ArrayRef<Bound> bounds,
                                           const ProductFrame &frame,
                                           Wide factor, int64_t direction,
                                           int64_t most) {
  Wide one = Wide(1) << (8 * frame.bytes), unit = frame.getUnit();
  auto [least, largest] = frame.getAddends();
  auto getLower = [&](const Bound &bound, int64_t x) {
    return bound.isFirst ? Wide(least) : bound.top * one - x * factor;
  };
  auto getUpper = [&](const Bound &bound, int64_t x) {
    return bound.isLast ? Wide(largest)
                        : (bound.top + 1) * one - x * factor - 1;
  };
  Wide addend = direction < 0 ? Wide(least) : Wide(largest);
  for (const Bound &bound : bounds)
    addend = direction < 0
                 ? std::max(addend, getLower(bound, bound.begin))
                 : std::min(addend, getUpper(bound, bound.end));
  addend = direction < 0 ? -floorDivide(-addend, unit) * unit
                         : floorDivide(addend, unit) * unit;
  if (addend < least || addend > largest)
    return std::nullopt;
  // Where there is room, with zeros at the low end.
  Wide low = least, high = largest;
  for (const Bound &bound : bounds) {
    low = std::max(low, getLower(bound, bound.begin));
    high = std::min(high, getUpper(bound, bound.end));
  }
  for (int64_t bytes = frame.bytes + frame.highBytes; bytes > 0; --bytes) {
    Wide rounded =
        floorDivide(high, Wide(1) << (8 * bytes)) * (Wide(1) << (8 * bytes));
    if (rounded < low || rounded % unit != 0)
      continue;
    addend = rounded;
    break;
  }
  ProductFit fit{int64_t(factor), int64_t(addend / unit), {}};
  for (const Bound &bound : bounds)
    for (int64_t x = direction < 0 ? bound.end : bound.begin;
         direction < 0 ? addend > getUpper(bound, x)
                       : addend < getLower(bound, x);
         x += direction) {
      int64_t beside = x + direction;
      if (int64_t(fit.exceptions.size()) == most || std::min(x, beside) < 0 ||
          beside < bound.begin || beside > bound.end)
        return std::nullopt;
      fit.exceptions.push_back(x + frame.start);
    }
  return fit;
}

ProductFrame pdkc::getFrame(const StepTable &function, int64_t bytes) {
  return {function.starts[1], function.values.front(), function.values.back(),
          bytes};
}

std::optional<ProductFit> pdkc::fitProduct(const StepTable &function,
                                           const ProductFrame &frame,
                                           int64_t direction, int64_t most) {
  // One value alone is the line of any slope.
  bool isConstant = function.values.size() == 1;
  if (!isConstant && (!function.line || function.line->rise < 0))
    return std::nullopt;
  auto bounds = getBounds(function, frame);
  if (!bounds)
    return std::nullopt;
  Wide rise = isConstant ? 0 : function.line->rise;
  Wide run = isConstant ? 1 : function.line->run;
  Wide slope = (rise << (8 * frame.bytes)) / run;
  std::optional<ProductFit> best;
  // Of factors that are equally good the one with most zeros: no additions.
  constexpr Wide kMostFactor = Wide(1) << 56;
  bool isFitting = true;
  for (Wide unit = 1; isFitting && unit < kMostFactor; unit *= 2) {
    isFitting = false;
    Wide below = slope / unit * unit;
    for (Wide factor : {below, below + unit}) {
      if (factor >= kMostFactor)
        continue;
      auto fit =
          fitAddend(*bounds, frame, factor, direction,
                    best ? int64_t(best->exceptions.size()) : most);
      if (!fit)
        continue;
      isFitting = true;
      auto rate = [](const ProductFit &fit) {
        return std::pair(fit.exceptions.size(),
                         llvm::popcount(uint64_t(fit.factor)));
      };
      if (!best || rate(*fit) < rate(*best))
        best = std::move(fit);
    }
    if (isConstant)
      break;
  }
  return best;
}

static int64_t getArgumentBytes(lowbit::Interval range) {
  return getBytes({0, range.max - range.min});
}

/// Whether a product of that many bytes holds up to `most` and, if there may be
/// one, its sign.
static bool holdsProduct(int64_t bytes, Wide most, const ProductFrame &frame) {
  if (frame.highBytes && frame.bytes + frame.highBytes != bytes)
    return false;
  return frame.bytes < bytes &&
         most >> (8 * bytes - (frame.highBytes != 0)) <= 0;
}

std::optional<FramedProduct> pdkc::findProduct(const StepTable &function) {
  std::optional<FramedProduct> best;
  for (int64_t bytes = 1; bytes <= kMostFraction; ++bytes)
    for (int64_t direction : {-1, 1}) {
      int64_t most =
          best ? int64_t(best->fit.exceptions.size()) - 1 : kMostExceptions;
      if (most < 0)
        return best;
      ProductFrame frame = getFrame(function, bytes);
      auto fit = fitProduct(function, frame, direction, most);
      if (!fit)
        continue;
      Wide product = fit->getProduct(function.range.max - frame.start, frame);
      if (holdsProduct(getArgumentBytes(function.range) +
                           getBytes({0, fit->factor}),
                       product, frame))
        best = {frame, std::move(*fit), direction, product};
    }
  return best;
}

//===----------------------------------------------------------------------===//
// Functions that are lines in parts
//===----------------------------------------------------------------------===//

/// The function with a line that it is exactly, if it is one: a product with as
/// much fraction as any. What the factor leaves no room for says whether it is
/// too large or too small.
static std::optional<StepTable> findLine(StepTable function) {
  ProductFrame frame = getFrame(function, kMostFraction);
  auto bounds = getBounds(function, frame);
  if (!bounds)
    return std::nullopt;
  Wide one = Wide(1) << (8 * frame.bytes);
  Wide low = 0, high = Wide(1) << 56;
  while (low < high) {
    Wide factor = low + (high - low) / 2;
    Wide least = 0, most = one - 1;
    int64_t begin = 0, end = 0;
    for (const Bound &bound : *bounds) {
      Wide lower = bound.top * one - bound.begin * factor;
      Wide upper = (bound.top + 1) * one - bound.end * factor - 1;
      if (!bound.isFirst && lower > least) {
        least = lower;
        begin = bound.begin;
      }
      if (!bound.isLast && upper < most) {
        most = upper;
        end = bound.end;
      }
    }
    if (least <= most) {
      // From the frame's start to the function's own numbers.
      Wide offset = least + (most - least) / 2 + (Wide(frame.first) + 1) * one -
                    frame.start * factor;
      if (offset > INT64_MAX || offset < INT64_MIN)
        return std::nullopt;
      function.line = {int64_t(factor), int64_t(offset), int64_t(one)};
      return function;
    }
    if (begin == end)
      return std::nullopt;
    if (begin > end)
      low = factor + 1;
    else
      high = factor;
  }
  return std::nullopt;
}

std::optional<llvm::SmallVector<StepTable>>
pdkc::findLines(const StepTable &function, size_t most) {
  llvm::SmallVector<StepTable> parts;
  size_t last = function.values.size() - 1;
  for (size_t first = 0; first < last;) {
    auto tryTo = [&](size_t end) {
      StepTable part;
      part.range = {first ? function.starts[first] : function.range.min,
                    end < last ? function.starts[end + 1] - 1
                               : function.range.max};
      part.starts.assign(function.starts.begin() + first,
                         function.starts.begin() + end + 1);
      part.values.assign(function.values.begin() + first,
                         function.values.begin() + end + 1);
      return findLine(std::move(part));
    };
    // As long as it is a line: parts of lines are lines.
    std::optional<StepTable> found;
    size_t low = first, high = last + 1;
    while (high - low > 1) {
      // Most often all that is left is one.
      size_t middle = found || high <= last ? low + (high - low) / 2 : last;
      if (auto part = tryTo(middle)) {
        found = std::move(part);
        low = middle;
      } else {
        high = middle;
      }
    }
    if (!found || parts.size() == most)
      return std::nullopt;
    parts.push_back(std::move(*found));
    first = low;
  }
  return parts;
}

//===----------------------------------------------------------------------===//
// Products of channels
//===----------------------------------------------------------------------===//

/// The largest argument.
static int64_t getFull(lowbit::Interval range) {
  return (int64_t(1) << (8 * getArgumentBytes(range))) - 1;
}

/// The function f(n) as one of the number whose argument is n's with all bits
/// turned.
static StepTable turn(const StepTable &function, lowbit::Interval range) {
  int64_t sum = 2 * range.min + getFull(range);
  StepTable turned;
  turned.range = {sum - function.range.max, sum - function.range.min};
  for (size_t k = function.values.size(); k-- > 0;) {
    turned.values.push_back(function.values[k]);
    turned.starts.push_back(k + 1 < function.values.size()
                                ? sum - function.starts[k + 1] + 1
                                : turned.range.min);
  }
  if (function.line)
    if (auto moved = function.line->moved(sum))
      turned.line = moved->turned();
  return turned;
}

namespace {
/// What products of channels are sought by.
struct ChannelSearch {
  llvm::ArrayRef<StepTable> functions; ///< that fall: turned
  llvm::SmallVector<bool> isTurned;
  lowbit::Interval range;
  size_t mostOthers;
};
} // namespace

/// Where the function goes above the value, or begins.
static int64_t getStart(const StepTable &function, int64_t first) {
  if (function.values.front() != first)
    return function.range.min;
  return function.values.size() > 1 ? function.starts[1]
                                    : function.range.max + 1;
}

/// In that frame, or each with a start of its own. None where there are more
/// others than may be, or where the products do not fit their bytes.
static std::optional<ChannelProducts> fitChannels(const ChannelSearch &search,
                                                  const ProductFrame &frame,
                                                  int64_t direction,
                                                  bool hasOwnStarts) {
  ChannelProducts found;
  found.frame = frame;
  found.direction = direction;
  found.none = getFull(search.range);
  int64_t largest = 0, most = kMostExceptions;
  for (auto [k, function] : llvm::enumerate(search.functions)) {
    ProductFrame mine = frame;
    if (hasOwnStarts)
      mine.start = std::min(getStart(function, frame.first),
                            search.range.min + found.none);
    int64_t distance = function.range.max - mine.start;
    auto fit =
        fitProduct(function, mine, direction, distance < found.none ? most : 0);
    if (!fit && found.others.size() == search.mostOthers)
      return std::nullopt;
    if (!fit) {
      found.others.push_back(k);
      // Anything will do in the tables.
      fit = ProductFit();
      mine.start = frame.start;
    }
    largest = std::max(largest, fit->factor);
    found.most = std::max(found.most, fit->getProduct(distance, mine));
    found.exceptions =
        std::max(found.exceptions, int64_t(fit->exceptions.size()));
    found.channels.push_back({mine.start, search.isTurned[k], std::move(*fit)});
  }
  // None is what stands for one that is missing.
  if (found.exceptions)
    for (auto [function, channel] :
         llvm::zip_equal(search.functions, found.channels))
      if (function.range.max - channel.start >= found.none)
        return std::nullopt;
  int64_t valueBytes = getArgumentBytes(search.range);
  found.factorBytes = getBytes({0, largest});
  if (frame.highBytes)
    found.factorBytes = std::max(found.factorBytes,
                                 frame.bytes + frame.highBytes - valueBytes);
  if (!holdsProduct(valueBytes + found.factorBytes, found.most, frame))
    return std::nullopt;
  return found;
}

ChannelProducts::Constants
ChannelProducts::getConstants(lowbit::Interval range) const {
  Constants constants;
  int64_t valueBytes = getArgumentBytes(range);
  auto add = [&](llvm::SmallVector<Constant> &to, int64_t bytes, auto get) {
    for (int64_t byte = 0; byte < bytes; ++byte) {
      to.emplace_back();
      for (const Channel &channel : channels)
        to.back().push_back(uint8_t(get(channel) >> (8 * byte)));
    }
  };
  add(constants.factors, factorBytes,
      [](const Channel &it) { return it.fit.factor; });
  add(constants.addends, frame.getAddendBytes(),
      [](const Channel &it) { return it.fit.addend; });
  if (llvm::any_of(channels,
                   [&](const Channel &it) { return it.start != frame.start; }))
    add(constants.starts, valueBytes,
        [&](const Channel &it) { return it.start - range.min; });
  if (llvm::any_of(channels, [](const Channel &it) { return it.isTurned; }))
    add(constants.masks, 1,
        [](const Channel &it) { return it.isTurned ? 255 : 0; });
  for (int64_t i = 0; i < exceptions; ++i)
    add(constants.exceptions, valueBytes, [&](const Channel &it) {
      return i < int64_t(it.fit.exceptions.size())
                 ? it.fit.exceptions[i] - it.start
                 : none;
    });
  return constants;
}

/// How many of them differ by function.
static int64_t countTables(const ChannelProducts::Constants &constants) {
  int64_t count = 0;
  for (const auto *list :
       {&constants.factors, &constants.addends, &constants.starts,
        &constants.masks, &constants.exceptions})
    count += llvm::count_if(*list, [](const ChannelProducts::Constant &it) {
      return !llvm::all_equal(it);
    });
  return count;
}

std::optional<ChannelProducts>
pdkc::findChannelProducts(llvm::ArrayRef<StepTable> functions,
                          lowbit::Interval range) {
  llvm::SmallVector<StepTable> rising(functions);
  ChannelSearch search{
      rising, {}, range, std::min(functions.size() / 4, kMostOthers)};
  for (StepTable &function : rising) {
    search.isTurned.push_back(function.line && function.line->rise < 0);
    if (search.isTurned.back())
      function = turn(function, range);
  }
  ProductFrame frame{INT64_MAX, INT64_MAX, INT64_MIN};
  for (const StepTable &function : rising) {
    frame.first = std::min(frame.first, function.values.front());
    frame.last = std::max(frame.last, function.values.back());
  }
  // Constants are none.
  if (frame.first == frame.last)
    return std::nullopt;
  for (const StepTable &function : rising)
    frame.start = std::min(frame.start, getStart(function, frame.first));
  std::optional<ChannelProducts> best;
  std::tuple<size_t, int64_t, int64_t> price;
  for (frame.bytes = 1; frame.bytes <= kMostFraction; ++frame.bytes) {
    for (frame.highBytes = 0;
         frame.highBytes <= 3 && frame.bytes + frame.highBytes < 8;
         ++frame.highBytes)
      for (int64_t direction : {-1, 1})
        for (bool hasOwnStarts : {false, true}) {
          auto found = fitChannels(search, frame, direction, hasOwnStarts);
          if (!found)
            continue;
          std::tuple its{found->others.size(), found->exceptions,
                         countTables(found->getConstants(range))};
          if (best && price <= its)
            continue;
          best = std::move(found);
          price = its;
        }
    if (best && best->others.empty() && best->exceptions == 0)
      break;
  }
  return best;
}
