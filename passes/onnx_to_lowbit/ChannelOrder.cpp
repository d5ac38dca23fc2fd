//===- ChannelOrder.cpp - Integers that order as the reals do -------------===//
//
// Where the scales have a common grid, rows take small multipliers to it, and
// what the offsets have beyond the grid only orders rows that are equal on it.
// Where they have none, the smallest multipliers for which every pair of rows
// compares right, whatever their integers.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/ChannelOrder.h"

#include <cmath>

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using lowbit::Interval;

/// Numbers fractions so that, of two rows that are equal otherwise, the larger
/// number wins, or the lower row where the numbers are equal, just as with the
/// fractions. As few numbers as can be. Returns how many.
static int64_t rankFractions(ArrayRef<Rational> fractions,
                             SmallVectorImpl<int64_t> &ranks) {
  auto rows = llvm::to_vector(llvm::seq<size_t>(0, fractions.size()));
  // From the least preferred row to the most preferred.
  llvm::sort(rows, [&](size_t a, size_t b) {
    return fractions[a] != fractions[b] ? fractions[a] < fractions[b] : a > b;
  });
  ranks.assign(fractions.size(), 0);
  int64_t rank = 0;
  for (size_t i = 1; i < rows.size(); ++i) {
    // With one number the lower row wins, which is right if it is preferred.
    if (rows[i] > rows[i - 1])
      ++rank;
    ranks[rows[i]] = rank;
  }
  return rank + 1;
}

/// The order with the offsets counted from `reference`; only differences of
/// offsets matter.
static std::optional<ChannelOrder> findExactOrder(const IntegerTensor &tensor,
                                                  const Rational &common,
                                                  const Rational &reference) {
  ChannelOrder order;
  Rationals fractions, wholes;
  for (const Rational &offset : tensor.offset) {
    Rational bias = (offset - reference) / common;
    wholes.push_back(floor(bias));
    fractions.push_back(bias - wholes.back());
  }
  SmallVector<int64_t> ranks;
  order.ranks = rankFractions(fractions, ranks);
  Rational count(order.ranks);
  order.unit = common / count;
  for (size_t i = 0; i < tensor.scale.size(); ++i) {
    std::optional<int64_t> multiplier =
        (tensor.scale[i] / common * count).getInteger();
    std::optional<int64_t> bias =
        (wholes[i] * count + Rational(ranks[i])).getInteger();
    // What leaves 32 bits here cannot be meant for the device.
    if (!multiplier || !bias || std::abs(*multiplier) > INT32_MAX ||
        std::abs(*bias) > INT32_MAX)
      return std::nullopt;
    order.multiplier.push_back(*multiplier);
    order.bias.push_back(*bias);
  }
  return order;
}

/// The order with the fewest ranks, on the scales' common grid.
static std::optional<ChannelOrder> findExactOrder(const IntegerTensor &tensor) {
  Rational common;
  for (const Rational &scale : tensor.scale)
    common = gcd(common, scale);
  if (common.sign() == 0)
    common = 1;
  std::optional<ChannelOrder> best =
      findExactOrder(tensor, common, Rational(0));
  for (const Rational &reference : tensor.offset) {
    if (best && best->ranks == 1)
      break;
    std::optional<ChannelOrder> order =
        findExactOrder(tensor, common, reference);
    if (order && (!best || order->ranks < best->ranks))
      best = order;
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Without a common grid
//===----------------------------------------------------------------------===//

namespace {
/// Which integers of row j are not above one of row i: up to
/// floor((slope * n + start)) for n of row i. Rows' scales are above 0.
struct Comparison {
  Rational slope, start;
  long double fastSlope, fastStart;

  Comparison(const Rational &slope, const Rational &start)
      : slope(slope), start(start), fastSlope(toLong(slope)),
        fastStart(toLong(start)) {}

  /// With about 64 significant bits.
  static long double toLong(const Rational &value) {
    double high = value.toDouble();
    double low = (value - *Rational::fromDouble(high)).toDouble();
    return static_cast<long double>(high) + low;
  }
  int64_t floorAt(int64_t n) const {
    long double fast = fastSlope * n + fastStart;
    long double whole = std::floor(fast), rest = fast - whole;
    constexpr long double kSafe = 1e-6L;
    if (std::abs(fast) < 1e12L && rest > kSafe && rest < 1 - kSafe)
      return int64_t(whole);
    Rational down = floor(slope * Rational(n) + start);
    return down.getInteger().value_or(down.sign() < 0 ? INT64_MIN / 2
                                                      : INT64_MAX / 2);
  }
};

/// Rows of one sign, as the reals and as the candidates have them.
struct Row {
  Rational scale, offset;
  Interval range;
};

} // namespace

/// Whether rows i and j, i before j, compare alike in both forms.
static bool comparesAlike(const Row &i, const Row &j, int64_t mi, int64_t mj,
                          int64_t bi, int64_t bj, int64_t stride) {
  Comparison real(i.scale / j.scale, (i.offset - j.offset) / j.scale);
  for (int64_t n = i.range.min;; n += stride) {
    n = std::min(n, i.range.max);
    int64_t most = std::clamp(real.floorAt(n), j.range.min - 1, j.range.max);
    __int128 top = __int128(mi) * n + bi - bj;
    __int128 quotient = top / mj - (top % mj != 0 && top < 0);
    auto other =
        int64_t(std::clamp<__int128>(quotient, j.range.min - 1, j.range.max));
    if (most != other)
      return false;
    if (n == i.range.max)
      return true;
  }
}

/// Multipliers for which reals that are `allowed` apart compare right; with 0
/// all do. The integers compared have at most `bits`.
static std::optional<ChannelOrder>
findApproximateOrder(const IntegerTensor &tensor, double allowed, int bits) {
  // A falling row is a rising one of the negated integer.
  SmallVector<Row> rows;
  Rational largest;
  int64_t widest = 1;
  for (size_t i = 0; i < tensor.scale.size(); ++i) {
    Row row{tensor.scale[i], tensor.offset[i], tensor.ranges[i]};
    if (row.scale.sign() == 0)
      return std::nullopt;
    if (row.scale.sign() < 0) {
      row.scale = -row.scale;
      row.range = {-row.range.max, -row.range.min};
    }
    largest = std::max(largest, row.scale);
    widest =
        std::max({widest, std::abs(row.range.min), std::abs(row.range.max)});
    rows.push_back(std::move(row));
  }
  // Only differences of offsets matter.
  Rational reference = rows.front().offset;
  for (Row &row : rows)
    row.offset = row.offset - reference;
  double limit = std::ldexp(1.0, bits);
  for (double most = 1; most * double(widest) < limit;
       most = std::max(most + 1, std::floor(most * 1.5))) {
    ChannelOrder order;
    order.unit = largest / *Rational::fromDouble(most);
    bool fits = true;
    for (const Row &row : rows) {
      std::optional<int64_t> multiplier =
          round(row.scale / order.unit).getInteger();
      std::optional<int64_t> bias = round(row.offset / order.unit).getInteger();
      fits &= multiplier && *multiplier > 0 && bias &&
              std::abs(*bias) < int64_t(1) << 60;
      if (!fits)
        break;
      order.multiplier.push_back(*multiplier);
      order.bias.push_back(*bias);
    }
    auto isRight = [&](int64_t stride) {
      for (size_t i = 0; i < rows.size(); ++i)
        for (size_t j = i + 1; j < rows.size(); ++j)
          if (!comparesAlike(rows[i], rows[j], order.multiplier[i],
                             order.multiplier[j], order.bias[i], order.bias[j],
                             stride))
            return false;
      return true;
    };
    // Half a unit for each multiplier and each bias.
    double error = order.unit.toDouble() * double(widest + 1);
    if (!fits || (allowed > 0 && error > allowed))
      continue;
    // A few integers tell most of the wrong ones.
    int64_t few = std::max<int64_t>(1, widest / 1000);
    if (allowed > 0)
      order.error = error;
    else if (!isRight(few) || !isRight(1))
      continue;
    for (size_t i = 0; i < rows.size(); ++i)
      if (tensor.scale[i].sign() < 0)
        order.multiplier[i] = -order.multiplier[i];
    return order;
  }
  return std::nullopt;
}

std::optional<ChannelOrder> pdkc::findOrder(const IntegerTensor &tensor) {
  std::optional<ChannelOrder> exact = findExactOrder(tensor);
  int64_t most = 0;
  if (exact)
    for (int64_t multiplier : exact->multiplier)
      most = std::max(most, std::abs(multiplier));
  constexpr int64_t kSmall = 255;
  if (exact && most <= kSmall)
    return exact;
  constexpr int kProvenBits = 31, kMostBits = 60;
  std::optional<ChannelOrder> order =
      findApproximateOrder(tensor, 0, kProvenBits);
  if (!order && !tensor.error.empty())
    order = findApproximateOrder(
        tensor, *std::min_element(tensor.error.begin(), tensor.error.end()),
        kMostBits);
  if (!order)
    order = findApproximateOrder(tensor, 0, kMostBits);
  return order ? order : exact;
}
