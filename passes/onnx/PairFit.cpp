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

#include <cmath>

using namespace pdkc;

namespace {

constexpr int64_t kMostFactor = 1 << 16;
constexpr int64_t kMostSum = INT32_MAX;
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

/// The points at which a sum of positive multiples may be largest (side 1) or
/// smallest (-1), of points that rise in a and fall in b.
llvm::SmallVector<Point, 0> getHull(llvm::ArrayRef<Point> points, int side) {
  llvm::SmallVector<Point, 0> hull;
  for (const Point &point : points) {
    while (hull.size() >= 2) {
      const Point &last = hull.back(), &before = hull[hull.size() - 2];
      int64_t turn = (last.a - before.a) * (point.b - before.b) -
                     (last.b - before.b) * (point.a - before.a);
      if (turn * side < 0)
        break;
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

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
      contour.below = getHull(contour.below, 1);
      contour.above = getHull(contour.above, -1);
      contours.push_back(std::move(contour));
    }
    return contours;
  }

  int64_t rowCount, columnCount;
  int rowSign = 0, columnSign = 0;

private:
  const PairTable &table;

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

/// Multipliers of a table's rows and columns.
struct Factors {
  int64_t row, column;
};

class Fitter {
public:
  explicit Fitter(const PairTable &table) : rising(table) {
    for (const lowbit::Interval &range : {table.rows, table.columns})
      furthest = std::max({furthest, std::abs(range.min), std::abs(range.max)});
  }

  /// The smallest multipliers.
  std::optional<Factors> findSmallest();
  /// Multipliers near multiples of those for which the function is a shift by
  /// so many bits, with something added.
  std::optional<Factors> findForShift(const Factors &smallest,
                                      unsigned shift) const;
  PairFit describe(const Factors &factors) const;

private:
  static int64_t sum(const Factors &factors, const Point &point) {
    return factors.row * point.a + factors.column * point.b;
  }
  static const Point &getMost(const Factors &factors,
                              llvm::ArrayRef<Point> points) {
    return *llvm::max_element(points, [&](const Point &x, const Point &y) {
      return sum(factors, x) < sum(factors, y);
    });
  }
  static const Point &getLeast(const Factors &factors,
                               llvm::ArrayRef<Point> points) {
    return *llvm::min_element(points, [&](const Point &x, const Point &y) {
      return sum(factors, x) < sum(factors, y);
    });
  }
  /// Whether something can be added for which they make the function a shift.
  bool isShift(const Factors &factors, unsigned shift) const;

  Rising rising;
  llvm::SmallVector<Contour, 0> contours;
  int64_t furthest = 1;
};

} // namespace

std::optional<Factors> Fitter::findSmallest() {
  if (!rising.orient())
    return std::nullopt;
  contours = rising.getContours();
  Fraction low{0, 1}, high{1, 0};
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (!isLess(low, high))
      return std::nullopt;
    auto [p, q] = findSimplest(low, high);
    Factors factors{q, p};
    if (q == 0 || (p + q) * furthest > kMostSum)
      return std::nullopt;
    bool isCut = false;
    for (const Contour &contour : contours) {
      const Point &below = getMost(factors, contour.below);
      const Point &above = getLeast(factors, contour.above);
      if (sum(factors, below) < sum(factors, above))
        continue;
      isCut = true;
      int64_t width = below.b - above.b, room = above.a - below.a;
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
    if (!isCut)
      return factors;
  }
  return std::nullopt;
}

bool Fitter::isShift(const Factors &factors, unsigned shift) const {
  int64_t least = INT64_MIN, most = INT64_MAX, previous = rising.at(0, 0);
  for (const Contour &contour : contours) {
    least = std::max(least, (contour.value << shift) -
                                sum(factors, getLeast(factors, contour.above)));
    most = std::min(most, ((previous + 1) << shift) - 1 -
                              sum(factors, getMost(factors, contour.below)));
    if (least > most)
      return false;
    previous = contour.value;
  }
  return true;
}

std::optional<Factors> Fitter::findForShift(const Factors &smallest,
                                            unsigned shift) const {
  if (contours.size() < 2)
    return std::nullopt;
  auto getStart = [&](const Contour &contour) {
    return sum(smallest, getLeast(smallest, contour.above));
  };
  const Contour &first = contours.front(), &last = contours.back();
  double scale = double(last.value - first.value) /
                 double(getStart(last) - getStart(first)) *
                 double(int64_t(1) << shift);
  auto row = int64_t(std::llround(double(smallest.row) * scale));
  auto column = int64_t(std::llround(double(smallest.column) * scale));
  if ((row + column) * furthest + (int64_t(1) << shift) > kMostSum)
    return std::nullopt;
  for (int64_t distance : {0, 1, -1, 2, -2})
    for (int64_t other : {0, 1, -1, 2, -2})
      if (Factors factors{row + distance, column + other};
          factors.row > 0 && factors.column > 0 && isShift(factors, shift))
        return factors;
  return std::nullopt;
}

PairFit Fitter::describe(const Factors &factors) const {
  PairFit fit;
  fit.rowFactor = factors.row * rising.rowSign;
  fit.columnFactor = factors.column * rising.columnSign;
  auto end = [&](int64_t i, int64_t j) {
    return sum(factors, rising.point(i, j));
  };
  fit.steps.range = {end(0, 0),
                     end(rising.rowCount - 1, rising.columnCount - 1)};
  fit.steps.pieces.push_back({fit.steps.range.min, rising.at(0, 0)});
  for (const Contour &contour : contours)
    fit.steps.pieces.push_back(
        {sum(factors, getLeast(factors, contour.above)), contour.value});
  return fit;
}

std::optional<llvm::SmallVector<PairFit, 0>>
pdkc::fitPairs(llvm::ArrayRef<PairTable> tables) {
  llvm::SmallVector<Fitter, 0> fitters;
  llvm::SmallVector<Factors> factors;
  int64_t widest = 0;
  for (const PairTable &table : tables) {
    fitters.emplace_back(table);
    std::optional<Factors> smallest = fitters.back().findSmallest();
    if (!smallest)
      return std::nullopt;
    factors.push_back(*smallest);
    widest = std::max({widest, smallest->row, smallest->column});
  }
  // What no layer takes as weights is multiplied, by numbers of any size.
  constexpr int64_t kWidestWeight = 255;
  constexpr unsigned kLeastShift = 16, kMostShift = 31;
  for (unsigned shift = kLeastShift;
       widest > kWidestWeight && shift < kMostShift; ++shift) {
    llvm::SmallVector<Factors> found;
    for (auto [fitter, smallest] : llvm::zip_equal(fitters, factors))
      if (auto each = fitter.findForShift(smallest, shift))
        found.push_back(*each);
      else
        break;
    if (found.size() < fitters.size())
      continue;
    factors = std::move(found);
    break;
  }
  llvm::SmallVector<PairFit, 0> fits;
  for (auto [fitter, each] : llvm::zip_equal(fitters, factors))
    fits.push_back(fitter.describe(each));
  return fits;
}
