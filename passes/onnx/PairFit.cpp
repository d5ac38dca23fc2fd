//===- PairFit.cpp - A function of two integers as one of a sum -----------===//
//
// Let the function rise with both, and let N = q a + p b. For each value t of
// the function all pairs below t must have a smaller N than all pairs that are
// not. Only pairs along the contour matter. A fraction p / q that fails leaves
// two pairs that bound the fraction from one side; so the simplest fraction
// between the bounds is tried until one holds or none is small enough.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx/PairFit.h"

using namespace pdkc;

namespace {

constexpr int64_t kMostFactor = 1 << 16;
constexpr int kMostTries = 1000;

struct Point {
  int64_t a, b;
};

/// The pairs next to the line between below t and not below t.
struct Contour {
  int64_t value;
  llvm::SmallVector<Point, 0> below, above;
};

struct Fraction {
  int64_t top, bottom; ///< 1 / 0 is infinite
};

/// a is less than b.
bool isLess(const Fraction &a, const Fraction &b) {
  return __int128(a.top) * b.bottom < __int128(b.top) * a.bottom;
}

/// The fraction of the smallest numbers strictly between two.
Fraction findSimplest(Fraction low, Fraction high) {
  // Down the Stern-Brocot tree.
  Fraction left{0, 1}, right{1, 0};
  while (true) {
    Fraction middle{left.top + right.top, left.bottom + right.bottom};
    if (middle.top > kMostFactor || middle.bottom > kMostFactor)
      return {0, 0};
    if (!isLess(low, middle))
      left = middle;
    else if (!isLess(middle, high))
      right = middle;
    else
      return middle;
  }
}

/// The table with both directions turned to rising.
class Rising {
public:
  explicit Rising(const PairTable &table) : table(table) {
    rowCount = table.rows.max - table.rows.min + 1;
    columnCount = table.columns.max - table.columns.min + 1;
  }

  /// Whether the function is monotone in both.
  bool orient() {
    for (int64_t i = 0; i < rowCount; ++i)
      for (int64_t j = 0; j < columnCount; ++j) {
        int64_t here = table.values[i * columnCount + j];
        if (i && !note(rowSign, here - table.values[(i - 1) * columnCount + j]))
          return false;
        if (j &&
            !note(columnSign, here - table.values[i * columnCount + j - 1]))
          return false;
      }
    rowSign = rowSign ? rowSign : 1;
    columnSign = columnSign ? columnSign : 1;
    return true;
  }

  int64_t at(int64_t i, int64_t j) const {
    i = rowSign < 0 ? rowCount - 1 - i : i;
    j = columnSign < 0 ? columnCount - 1 - j : j;
    return table.values[i * columnCount + j];
  }
  /// The turned integers at the places.
  Point point(int64_t i, int64_t j) const {
    return {i + (rowSign < 0 ? -table.rows.max : table.rows.min),
            j + (columnSign < 0 ? -table.columns.max : table.columns.min)};
  }

  llvm::SmallVector<Contour, 0> getContours() const {
    llvm::SmallVector<int64_t, 0> values(table.values);
    llvm::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    llvm::SmallVector<Contour, 0> contours;
    for (int64_t value : llvm::drop_begin(values)) {
      Contour contour{value, {}, {}};
      int64_t j = columnCount;
      for (int64_t i = 0; i < rowCount; ++i) {
        while (j > 0 && at(i, j - 1) >= value)
          --j;
        if (j > 0)
          contour.below.push_back(point(i, j - 1));
        if (j < columnCount)
          contour.above.push_back(point(i, j));
      }
      contours.push_back(std::move(contour));
    }
    return contours;
  }

  const PairTable &table;
  int64_t rowCount, columnCount;
  int rowSign = 0, columnSign = 0;

private:
  static bool note(int &sign, int64_t step) {
    if (step == 0)
      return true;
    int direction = step > 0 ? 1 : -1;
    if (sign == -direction)
      return false;
    sign = direction;
    return true;
  }
};

} // namespace

std::optional<PairFit> pdkc::fitPair(const PairTable &table) {
  Rising rising(table);
  if (!rising.orient())
    return std::nullopt;
  llvm::SmallVector<Contour, 0> contours = rising.getContours();
  Fraction low{0, 1}, high{1, 0};
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (!isLess(low, high))
      return std::nullopt;
    auto [p, q] = findSimplest(low, high);
    if (q == 0)
      return std::nullopt;
    llvm::SmallVector<int64_t, 0> starts;
    bool isCut = false;
    for (const Contour &contour : contours) {
      auto sum = [p = p, q = q](const Point &x) { return q * x.a + p * x.b; };
      auto order = [&](const Point &x, const Point &y) {
        return sum(x) < sum(y);
      };
      const Point *below = llvm::max_element(contour.below, order);
      const Point *above = llvm::min_element(contour.above, order);
      starts.push_back(sum(*above));
      if (sum(*below) < sum(*above))
        continue;
      isCut = true;
      int64_t width = below->b - above->b, room = above->a - below->a;
      if (width == 0)
        return std::nullopt;
      // (p / q) * width < room
      if (width > 0) {
        if (Fraction bound{room, width}; isLess(bound, high))
          high = bound;
      } else {
        if (Fraction bound{-room, -width}; isLess(low, bound))
          low = bound;
      }
    }
    if (isCut)
      continue;
    PairFit fit;
    fit.rowFactor = q * rising.rowSign;
    fit.columnFactor = p * rising.columnSign;
    auto end = [&](int64_t i, int64_t j) {
      Point corner = rising.point(i, j);
      return q * corner.a + p * corner.b;
    };
    fit.steps.range = {end(0, 0),
                       end(rising.rowCount - 1, rising.columnCount - 1)};
    fit.steps.pieces.push_back({fit.steps.range.min, rising.at(0, 0)});
    for (auto [contour, start] : llvm::zip_equal(contours, starts))
      fit.steps.pieces.push_back({start, contour.value});
    return fit;
  }
  return std::nullopt;
}
