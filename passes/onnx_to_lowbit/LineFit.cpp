//===- LineFit.cpp - The lines that step functions are --------------------===//
//
// With the slope p / q the value v from s to e asks of the line's offset c
//
//   p s + c >= v q            unless v is the least value,
//   p e + c <= v q + q - 1    unless v is the largest,
//
// which leaves an interval for c, or nothing. The fractions p / q tried are the
// exact slope's convergents: nothing simpler comes as close. Where the exact
// one leaves nothing, as ties go either way, one beside it may: of the two
// pieces that ask too much, from s on and to e, p (s - e) has to be larger,
// which says how far p has to go at least.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/LineFit.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;

using Wide = __int128;

/// Terms of a line's slope.
static constexpr int64_t kMostTerm = int64_t(1) << 40;

Rational pdkc::findSlope(ElementProgram &program, const RealSteps &steps) {
  if (steps.pieces.size() < 2)
    return 0;
  // From one step to the last there is no clip.
  int64_t first = steps.pieces[1].start, last = steps.pieces.back().start - 1;
  if (last <= first) {
    last = first;
    --first;
  }
  auto low = program.evaluateExactly(first, /*isSmooth=*/true);
  auto high = program.evaluateExactly(last, /*isSmooth=*/true);
  if (failed(low) || failed(high))
    return 0;
  return (*high - *low) / Rational(last - first);
}

namespace {
/// The slope rise / run.
struct Fraction {
  int64_t rise, run;
};
} // namespace

/// The fractions above 0 that are closer to the number than all simpler ones,
/// up to the number itself or the largest terms.
static SmallVector<Fraction> getConvergents(Rational number) {
  SmallVector<Fraction> result;
  Fraction before{0, 1}, last{1, 0};
  while (true) {
    std::optional<int64_t> whole = floor(number).getInteger();
    if (!whole || *whole > kMostTerm)
      return result;
    Wide rise = Wide(*whole) * last.rise + before.rise;
    Wide run = Wide(*whole) * last.run + before.run;
    if (rise > kMostTerm || run > kMostTerm)
      return result;
    before = std::exchange(last, {int64_t(rise), int64_t(run)});
    if (rise > 0)
      result.push_back(last);
    number = number - Rational(*whole);
    if (number.sign() == 0)
      return result;
    number = Rational(1) / number;
  }
}

/// The offset that meets most of what a rising function's pieces ask for.
static Wide findOffset(const IntegerSteps &function, const Fraction &slope) {
  SmallVector<Wide> lower, upper;
  const auto &pieces = function.pieces;
  for (auto [i, piece] : llvm::enumerate(pieces)) {
    if (i > 0)
      lower.push_back(Wide(piece.value) * slope.run -
                      Wide(slope.rise) * piece.start);
    if (i + 1 < pieces.size())
      upper.push_back((Wide(piece.value) + 1) * slope.run - 1 -
                      Wide(slope.rise) * function.getEnd(i));
  }
  llvm::sort(lower);
  llvm::sort(upper);
  if (lower.back() <= upper.front())
    return upper.front() - (upper.front() - lower.back()) / 2;
  Wide best = 0;
  size_t fewest = SIZE_MAX, below = 0;
  // At a lower bound fewer are above than just before it.
  for (auto [i, offset] : llvm::enumerate(lower)) {
    while (below < upper.size() && upper[below] < offset)
      ++below;
    size_t missed = lower.size() - 1 - i + below;
    if (missed < fewest) {
      fewest = missed;
      best = offset;
    }
  }
  return best;
}

/// The slope with the rise nearest to its own that leaves an offset, if any.
static std::optional<Fraction> findSlopeWithRoom(const IntegerSteps &function,
                                                 Fraction slope) {
  const auto &pieces = function.pieces;
  for (int before = 0;;) {
    std::optional<Wide> low, high;
    int64_t start = 0, end = 0;
    for (auto [i, piece] : llvm::enumerate(pieces)) {
      Wide least = Wide(piece.value) * slope.run -
                   Wide(slope.rise) * piece.start;
      Wide most = (Wide(piece.value) + 1) * slope.run - 1 -
                  Wide(slope.rise) * function.getEnd(i);
      if (i > 0 && (!low || least > *low)) {
        low = least;
        start = piece.start;
      }
      if (i + 1 < pieces.size() && (!high || most < *high)) {
        high = most;
        end = function.getEnd(i);
      }
    }
    if (*low <= *high)
      return slope;
    int direction = start > end ? 1 : -1;
    Wide distance = std::abs(start - end);
    if (distance == 0 || before == -direction)
      return std::nullopt;
    before = direction;
    Wide rise =
        slope.rise + direction * ((*low - *high + distance - 1) / distance);
    if (rise <= 0 || rise > kMostTerm)
      return std::nullopt;
    slope.rise = int64_t(rise);
  }
}

std::optional<lowbit::Line> pdkc::fitLine(const IntegerSteps &function,
                                          const Rational &slope) {
  if (slope.sign() == 0 || function.pieces.size() < 2)
    return std::nullopt;
  IntegerSteps rising = slope.sign() < 0 ? mirror(function) : function;
  for (size_t i = 1; i < rising.pieces.size(); ++i)
    if (rising.pieces[i].value <= rising.pieces[i - 1].value)
      return std::nullopt;
  SmallVector<Fraction> slopes = getConvergents(abs(slope));
  std::optional<Fraction> found;
  for (const Fraction &each : slopes)
    if ((found = findSlopeWithRoom(rising, each)))
      break;
  // A convergent that is next to exact has ties where the slope itself decides.
  for (unsigned bits = 8; !found && bits <= 40; bits += 8) {
    int64_t run = int64_t(1) << bits;
    auto rise = floor(abs(slope) * Rational(run)).getInteger();
    if (rise && *rise > 0 && *rise <= kMostTerm)
      found = findSlopeWithRoom(rising, {*rise, run});
  }
  // With exceptions, or not at all.
  if (!found && slopes.empty())
    return std::nullopt;
  auto [rise, run] = found ? *found : slopes.back();
  Wide offset = findOffset(rising, {rise, run});
  if (offset > INT64_MAX || offset < INT64_MIN)
    return std::nullopt;
  lowbit::Line line{rise, int64_t(offset), run};
  SmallVector<int64_t> starts, values;
  for (const Piece<int64_t> &piece : rising.pieces) {
    starts.push_back(piece.start);
    values.push_back(piece.value);
  }
  lowbit::StepsOp::Pieces pieces{starts, values, line};
  if (pieces.countExceptions(rising.range) > lowbit::StepsOp::kMostExceptions)
    return std::nullopt;
  return slope.sign() < 0 ? line.turned() : line;
}
