//===- PairFit.cpp - A function of two integers as one of a sum -----------===//
//
// Let the function rise with both, and let N = q a + p b. For each value t of
// the function all pairs below t must have a smaller N than all pairs that are
// not. Only pairs along the contour matter. A fraction p / q that fails leaves
// two pairs that bound the fraction from one side; so the simplest fraction
// between the bounds is tried until one holds or none is small enough.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/PairFit.h"

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

/// Multipliers of a table's rows and columns, and what the function is of their
/// sums, but for its first value.
struct Factors {
  int64_t row, column;
  llvm::SmallVector<Piece<int64_t>, 0> pieces;
};

class Fitter {
public:
  explicit Fitter(const PairTable &table) : rising(table) {
    for (const lowbit::Interval &range : {table.rows, table.columns})
      furthest = std::max({furthest, std::abs(range.min), std::abs(range.max)});
  }

  /// The smallest multipliers.
  std::optional<Factors> findSmallest();
  /// Whether there are so many values that a shift is cheaper than steps.
  bool isFine() const { return contours.size() > 32; }
  /// Finds the real multipliers, near multiples of the smallest, between whose
  /// sums' integers and the function's steps there is most room.
  void centre(const Factors &smallest);
  /// Multipliers, near the centre, for which the function is a shift by so many
  /// bits, with something added.
  std::optional<Factors> findForShift(unsigned shift) const;
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
  /// How freely something can be added to sums for the function to be their
  /// integer part; negative where nothing can. A concave function.
  double getRoom(double row, double column) const;
  /// What is to be added to sums for the function to be a shift of them.
  std::optional<int64_t> findAddend(const Factors &factors,
                                    unsigned shift) const;

  Rising rising;
  llvm::SmallVector<Contour, 0> contours;
  int64_t furthest = 1;
  double centreRow = 0, centreColumn = 0;
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
    Factors factors{q, p, {}};
    if (q == 0 || (p + q) * furthest > kMostSum)
      return std::nullopt;
    bool isCut = false;
    for (const Contour &contour : contours) {
      const Point &below = getMost(factors, contour.below);
      const Point &above = getLeast(factors, contour.above);
      factors.pieces.push_back({sum(factors, above), contour.value});
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

std::optional<int64_t> Fitter::findAddend(const Factors &factors,
                                          unsigned shift) const {
  int64_t least = INT64_MIN, most = INT64_MAX, previous = rising.at(0, 0);
  for (const Contour &contour : contours) {
    least = std::max(least, lowbit::shiftUp(contour.value, shift) -
                                sum(factors, getLeast(factors, contour.above)));
    most = std::min(most, lowbit::shiftUp(previous + 1, shift) - 1 -
                              sum(factors, getMost(factors, contour.below)));
    if (least > most)
      return std::nullopt;
    previous = contour.value;
  }
  return least > 0 ? least : std::min<int64_t>(most, 0);
}

double Fitter::getRoom(double row, double column) const {
  double least = -HUGE_VAL, most = HUGE_VAL;
  int64_t previous = rising.at(0, 0);
  for (const Contour &contour : contours) {
    for (const Point &point : contour.above)
      least = std::max(least, double(contour.value) - row * double(point.a) -
                                  column * double(point.b));
    for (const Point &point : contour.below)
      most = std::min(most, double(previous + 1) - row * double(point.a) -
                                column * double(point.b));
    previous = contour.value;
  }
  return most - least;
}

/// Where a function that rises and then falls is largest, by golden sections.
static double maximise(double low, double high,
                       llvm::function_ref<double(double)> function) {
  constexpr double kSection = 0.6180339887498949;
  constexpr int kTries = 48; // 0.618^48 is 1e-10
  double a = high - kSection * (high - low), b = low + kSection * (high - low);
  double atA = function(a), atB = function(b);
  for (int i = 0; i < kTries; ++i) {
    if (atA < atB) {
      low = a;
      a = b;
      atA = atB;
      b = low + kSection * (high - low);
      atB = function(b);
    } else {
      high = b;
      b = a;
      atB = atA;
      a = high - kSection * (high - low);
      atA = function(a);
    }
  }
  return (low + high) / 2;
}

void Fitter::centre(const Factors &smallest) {
  if (smallest.pieces.empty())
    return;
  const auto &first = smallest.pieces.front(), &last = smallest.pieces.back();
  // A single step may be as wide as all there is.
  lowbit::Interval range = describe(smallest).steps.range;
  double slope =
      smallest.pieces.size() == 1
          ? 1 / double(range.max - range.min)
          : double(last.value - first.value) / double(last.start - first.start);
  // As steps of integers the slope is about right only.
  auto search = [](double about, llvm::function_ref<double(double)> function) {
    return maximise(about * 0.9, about * 1.1, function);
  };
  double aboutColumn = double(smallest.column) * slope;
  auto getColumn = [&](double row) {
    return search(aboutColumn,
                  [&](double column) { return getRoom(row, column); });
  };
  centreRow = search(double(smallest.row) * slope,
                     [&](double row) { return getRoom(row, getColumn(row)); });
  centreColumn = getColumn(centreRow);
}

std::optional<Factors> Fitter::findForShift(unsigned shift) const {
  auto row = int64_t(std::llround(std::ldexp(centreRow, int(shift))));
  auto column = int64_t(std::llround(std::ldexp(centreColumn, int(shift))));
  if ((row + column) * furthest + (int64_t(1) << shift) > kMostSum)
    return std::nullopt;
  for (int64_t distance : {0, 1, -1, 2, -2})
    for (int64_t other : {0, 1, -1, 2, -2})
      if (Factors factors{row + distance, column + other, {}};
          factors.row > 0 && factors.column > 0) {
        std::optional<int64_t> addend = findAddend(factors, shift);
        if (!addend)
          continue;
        // With the values between that no pair has.
        for (int64_t value = rising.at(0, 0) + 1;
             value <= contours.back().value; ++value)
          factors.pieces.push_back(
              {lowbit::shiftUp(value, shift) - *addend, value});
        return factors;
      }
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
  llvm::append_range(fit.steps.pieces, factors.pieces);
  return fit;
}

std::optional<llvm::SmallVector<PairFit, 0>>
pdkc::fitPairs(llvm::ArrayRef<PairTable> tables) {
  llvm::SmallVector<Fitter, 0> fitters;
  llvm::SmallVector<Factors, 0> factors;
  bool prefersShift = false;
  for (const PairTable &table : tables) {
    fitters.emplace_back(table);
    std::optional<Factors> smallest = fitters.back().findSmallest();
    if (!smallest)
      return std::nullopt;
    factors.push_back(*smallest);
    prefersShift |= fitters.back().isFine();
  }
  if (prefersShift) {
    for (auto [fitter, smallest] : llvm::zip_equal(fitters, factors))
      fitter.centre(smallest);
    // Whole bytes need no shifting, few bits short factors.
    for (unsigned shift :
         {8, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}) {
      llvm::SmallVector<Factors, 0> found;
      for (auto [fitter, smallest] : llvm::zip_equal(fitters, factors)) {
        // What is constant has no steps to be shifted.
        auto each = smallest.pieces.empty() ? std::optional(smallest)
                                            : fitter.findForShift(shift);
        if (!each)
          break;
        found.push_back(std::move(*each));
      }
      if (found.size() < fitters.size())
        continue;
      factors = std::move(found);
      break;
    }
  }
  llvm::SmallVector<PairFit, 0> fits;
  for (auto [fitter, each] : llvm::zip_equal(fitters, factors))
    fits.push_back(fitter.describe(each));
  return fits;
}
