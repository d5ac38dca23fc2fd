//===- StepFunction.cpp - Functions of an integer with few values ---------===//

#include "passes/onnx_to_lowbit/StepFunction.h"

#include "mlir/IR/Diagnostics.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include <cmath>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

static constexpr size_t kMostInnerPieces = 1 << 16;
/// The widest range that is evaluated one by one, where there is another way
/// and where there is none.
static constexpr int64_t kNarrow = 1 << 10;
static constexpr int64_t kWidestScan = 1 << 20;

namespace {
/// Evaluates a program on a range, and keeps what went wrong.
class StepFinder {
public:
  using View = function_ref<Rational(const Rational &)>;

  StepFinder(ElementProgram &program, Interval range, Location loc, View view)
      : program(program), loc(loc), view(view) {
    result.range = range;
  }

  FailureOr<RealSteps> find() {
    auto [low, high] = result.range;
    FailureOr<Rational> first = evaluate(low);
    if (failed(first) || failed(add(low, *first)))
      return failure();
    if (program.getDirection() != 0) {
      FailureOr<Rational> last = evaluate(high);
      if (failed(last) || failed(walk(low, high, *first, *last)))
        return failure();
      return std::move(result);
    }
    // What is known to be constant while a jump inside is, is found by that.
    cut = program.findCut();
    if (cut >= 0) {
      RealSteps inner = std::move(result);
      result = {inner.range, {}};
      FailureOr<Rational> start = evaluate(low), end = evaluate(high);
      if (failed(start) || failed(end) || failed(add(low, *start)) ||
          failed(walk(low, high, *start, *end)))
        return failure();
      cut = -1;
      inner.pieces.clear();
      for (const Piece<Rational> &piece : result.pieces) {
        FailureOr<Rational> value = evaluate(piece.start);
        if (failed(value))
          return failure();
        if (inner.pieces.empty() || *value != inner.pieces.back().value)
          inner.pieces.push_back({piece.start, std::move(*value)});
      }
      return inner;
    }
    bool isBounded = high - low > kNarrow &&
                     program.getInputs().front().slot >= 0 &&
                     succeeded(program.bound(result.range));
    if (!isBounded && high - low > kWidestScan)
      return emitError(loc)
             << "cannot be evaluated: it neither only rises nor only falls "
                "with its input, which has "
             << high - low + 1 << " values; at most " << kWidestScan
             << " are tried one by one";
    if (failed(isBounded ? split(result.range) : scan(result.range)))
      return failure();
    return std::move(result);
  }

private:
  FailureOr<Rational> evaluate(int64_t integer) {
    FailureOr<Rational> value = program.evaluate(integer);
    if (failed(value))
      return emitError(loc)
             << "is not defined where its input's integer is " << integer;
    if (cut >= 0)
      return program.getValue(cut);
    return view ? view(*value) : *value;
  }

  LogicalResult add(int64_t start, Rational value) {
    if (result.pieces.size() == (cut < 0 ? kMostPieces : kMostInnerPieces)) {
      auto error = emitError(loc) << "takes more than " << kMostPieces;
      if (program.hasStep())
        return error << " values, which no device's table holds, and is no "
                        "straight line between a rounding and a clip; quantise "
                        "it to fewer bits";
      return error << " values, so it is no small integer: a quantiser (a "
                      "rounding and a clip) is missing between the sum before "
                      "it and the next";
    }
    result.pieces.push_back({start, std::move(value)});
    return success();
  }

  LogicalResult addIfNew(int64_t start, const Rational &value) {
    return value == result.pieces.back().value ? success() : add(start, value);
  }

  /// Adds the pieces that start in the range, of any function.
  LogicalResult scan(Interval range) {
    for (int64_t integer = range.min; integer <= range.max; ++integer) {
      FailureOr<Rational> value = evaluate(integer);
      if (failed(value) || failed(addIfNew(integer, *value)))
        return failure();
    }
    return success();
  }

  /// The same by halves, down to where bounds show that the value stays.
  LogicalResult split(Interval range) {
    SmallVector<Interval> open{range};
    while (!open.empty()) {
      auto [low, high] = open.pop_back_val();
      auto bounds = program.bound({low, high});
      if (succeeded(bounds) && view)
        bounds = std::pair(view(bounds->first), view(bounds->second));
      constexpr int64_t kFew = 4;
      if (succeeded(bounds) && bounds->first == bounds->second) {
        if (failed(addIfNew(low, bounds->first)))
          return failure();
      } else if (high - low < kFew) {
        if (failed(scan({low, high})))
          return failure();
      } else {
        int64_t middle = low + (high - low) / 2;
        open.push_back({middle + 1, high});
        open.push_back({low, middle});
      }
    }
    return success();
  }

  /// Adds the pieces of a monotone function that start in low + 1 to high. A
  /// piece is about as long as the one before, so the next start is looked for
  /// around there, in growing steps, and then by bisection.
  LogicalResult walk(int64_t low, int64_t high, Rational value,
                     const Rational &last) {
    int64_t length = std::max<int64_t>(1, (high - low) / 2);
    while (value != last) {
      int64_t start = result.pieces.back().start;
      int64_t before = start, after = high;
      Rational next = last;
      // Narrows before < (the start) <= after by one evaluation.
      auto probe = [&](int64_t at) -> LogicalResult {
        if (at <= before || at >= after)
          return success();
        FailureOr<Rational> there = evaluate(at);
        if (failed(there))
          return failure();
        if (*there == value) {
          before = at;
        } else {
          after = at;
          next = std::move(*there);
        }
        return success();
      };
      int64_t guess = length < after - before ? start + length : after;
      if (failed(probe(guess)))
        return failure();
      bool isBelow = before == guess;
      for (int64_t step = 1; after - before > 1 && step < after - before;
           step *= 2) {
        int64_t end = isBelow ? before : after;
        if (failed(probe(isBelow ? end + step : end - step)))
          return failure();
        if ((isBelow ? before : after) == end)
          break;
      }
      while (after - before > 1)
        if (failed(probe(before + (after - before) / 2)))
          return failure();
      length = after - start;
      if (failed(add(after, next)))
        return failure();
      value = std::move(next);
    }
    return success();
  }

  ElementProgram &program;
  Location loc;
  View view;
  /// The slot that is evaluated in place of the result; -1 for none.
  int cut = -1;
  RealSteps result;
};
} // namespace

FailureOr<RealSteps>
pdkc::findSteps(ElementProgram &program, Interval range, Location loc,
                function_ref<Rational(const Rational &)> view) {
  return StepFinder(program, range, loc, view).find();
}

namespace {
/// Looks for the ends of jumps between the integers, in units of a fraction.
class JumpFinder {
public:
  using View = function_ref<Rational(const Rational &)>;
  using Jump = lowbit::FloatSteps::Jump;

  JumpFinder(ElementProgram &program, const RealSteps &steps, double reach,
             View view)
      : program(program), steps(steps), view(view), reach(reach) {
    const auto &input = program.getInputs().front();
    const IntegerTensor &tensor = *input.tensor;
    scale = tensor.scale[input.element];
    offset = tensor.offset[input.element];
    for (size_t i = 0; i < tensor.rounding.size(); ++i)
      rounding = std::max(rounding, boundRounding(tensor, i));
    rounding /= std::abs(scale.toDouble());
    // An eighth of what matters is close enough.
    constexpr int kMostBits = 24;
    while (bits < kMostBits && std::ldexp(reach, bits) < 4)
      ++bits;
    far = int64_t(std::ceil(std::ldexp(std::min(reach, 1e6), bits)));
  }

  SmallVector<Jump, 0> find() {
    // Beyond what the function is defined on a jump may lie that exact
    // arithmetic does not have.
    const auto &pieces = steps.pieces;
    int64_t first = toUnits(steps.range.min), last = toUnits(steps.range.max);
    if (!isSurely(first - far, pieces.front().value))
      add({-kBeyond,
           toReal(findEnd(first - far, toUnits(steps.getEnd(0)), 0))});
    for (size_t i = 1; i < pieces.size(); ++i)
      findAt(i);
    if (!isSurely(last + far, pieces.back().value))
      add({toReal(findEnd(last + far, toUnits(pieces.back().start),
                          pieces.size() - 1)),
           kBeyond});
    return std::move(jumps);
  }

private:
  static constexpr double kBeyond = 1e15;

  int64_t toUnits(int64_t integer) const {
    return lowbit::shiftUp(integer, bits);
  }
  double toReal(int64_t place) const {
    return std::ldexp(double(place), -bits);
  }

  /// Whether float32 has this value there in any case.
  bool isSurely(int64_t place, const Rational &value) {
    Rational real =
        scale * (Rational(place) / Rational(int64_t(1) << bits)) + offset;
    bool hasSeveral = program.countRoundings() > 1;
    for (int side : {1, -1})
      for (bool alternates : {false, true}) {
        if (alternates && !hasSeveral)
          continue;
        FailureOr<Rational> other =
            program.evaluateRounded(real, side, alternates);
        if (failed(other) || (view ? view(*other) : *other) != value)
          return false;
      }
    return true;
  }

  /// From a place where the piece's value is not sure, the next one towards
  /// `end` where it is; `end` where there is none.
  int64_t findEnd(int64_t place, int64_t end, size_t piece) {
    const Rational &value = steps.pieces[piece].value;
    int64_t direction = end > place ? 1 : -1, step = 1;
    auto sure = place;
    do {
      if ((end - sure) * direction <= step)
        return end;
      sure += direction * step;
      step *= 2;
    } while (!isSurely(sure, value));
    while (std::abs(sure - place) > 1) {
      int64_t middle = place + (sure - place) / 2;
      (isSurely(middle, value) ? sure : place) = middle;
    }
    return sure;
  }

  void add(Jump jump) {
    jump.low -= rounding;
    jump.high += rounding;
    if (!jumps.empty() && jumps.back().high >= jump.low)
      jumps.back().high = std::max(jumps.back().high, jump.high);
    else
      jumps.push_back(jump);
  }

  /// The jump to a piece from the one before.
  void findAt(size_t piece) {
    const Rational &before = steps.pieces[piece - 1].value;
    const Rational &after = steps.pieces[piece].value;
    int64_t high = toUnits(steps.pieces[piece].start);
    int64_t low = high - toUnits(1);
    if (far < toUnits(1) / 2 && isSurely(low + far, before) &&
        isSurely(high - far, after))
      return;
    if (!isSurely(low, before))
      low = findEnd(low, toUnits(steps.pieces[piece - 1].start), piece - 1);
    if (!isSurely(high, after))
      high = findEnd(high, toUnits(steps.getEnd(piece)), piece);
    auto probe = [&](int64_t place) {
      if (place <= low || place >= high)
        return true;
      if (isSurely(place, before))
        low = place;
      else if (isSurely(place, after))
        high = place;
      else
        return false;
      return true;
    };
    // Most jumps are as far from each other as the two before.
    int64_t guess = 2 * last - lastButOne;
    if (probe(guess - 1))
      probe(guess + 1);
    while (high - low > 1) {
      int64_t middle = low + (high - low) / 2;
      if (probe(middle))
        continue;
      low = findLast(low, middle, before);
      high = findLast(high, middle, after);
      break;
    }
    lastButOne = std::exchange(last, low + (high - low) / 2);
    add({toReal(low), toReal(high)});
  }

  /// The last place from a sure one towards one that is not.
  int64_t findLast(int64_t sure, int64_t place, const Rational &value) {
    while (std::abs(sure - place) > 1) {
      int64_t middle = place + (sure - place) / 2;
      (isSurely(middle, value) ? sure : place) = middle;
    }
    return sure;
  }

  ElementProgram &program;
  const RealSteps &steps;
  View view;
  double reach;
  Rational scale, offset;
  /// What the integers' values are off besides, in units of the integers.
  double rounding = 0;
  int bits = 3;
  /// The reach in units.
  int64_t far;
  int64_t last = 0, lastButOne = 0;
  SmallVector<Jump, 0> jumps;
};
} // namespace

SmallVector<lowbit::FloatSteps::Jump, 0>
pdkc::findJumps(ElementProgram &program, const RealSteps &steps, double reach,
                function_ref<Rational(const Rational &)> view) {
  const auto &input = program.getInputs().front();
  if (reach <= 0 || input.slot < 0 ||
      input.tensor->scale[input.element].sign() == 0)
    return {};
  return JumpFinder(program, steps, reach, view).find();
}

SmallVector<lowbit::FloatSteps::Jump, 0>
pdkc::findUnsure(ElementProgram &program, const RealSteps &steps) {
  auto isSurely = [&](int64_t integer, const Rational &value) {
    return llvm::all_of(ArrayRef{1, -1}, [&](int side) {
      FailureOr<Rational> other = program.evaluateBeside(integer, side);
      return succeeded(other) && *other == value;
    });
  };
  SmallVector<lowbit::FloatSteps::Jump, 0> jumps;
  for (size_t i = 1; i < steps.pieces.size(); ++i) {
    int64_t high = steps.pieces[i].start, low = high - 1;
    int64_t first = steps.pieces[i - 1].start, last = steps.getEnd(i);
    while (low >= first && !isSurely(low, steps.pieces[i - 1].value))
      --low;
    while (high <= last && !isSurely(high, steps.pieces[i].value))
      ++high;
    if (high - low == 1)
      continue;
    // Between the integers that are sure.
    lowbit::FloatSteps::Jump jump{double(low) + 0.5, double(high) - 0.5};
    if (!jumps.empty() && jumps.back().high >= jump.low)
      jumps.back().high = std::max(jumps.back().high, jump.high);
    else
      jumps.push_back(jump);
  }
  return jumps;
}

Grid pdkc::findGrid(ArrayRef<RealSteps> functions) {
  const Rational &first = functions.front().pieces.front().value;
  Rational lowest = first, spacing, furthest;
  // Beyond, the integers have no 32 bits, and fractions only get longer.
  const Rational most(int64_t(1) << 33);
  for (const RealSteps &function : functions)
    for (const Piece<Rational> &piece : function.pieces) {
      lowest = std::min(lowest, piece.value);
      if (piece.value == first)
        continue;
      spacing = gcd(spacing, piece.value - first);
      furthest = std::max(furthest, abs(piece.value - first));
      if (furthest > most * spacing)
        return {spacing, lowest};
    }
  // One value alone: the integer 0.
  if (spacing.sign() == 0)
    return {1, lowest};
  return {spacing, (first / spacing).isInteger() ? Rational(0) : lowest};
}

std::optional<IntegerSteps> pdkc::toIntegers(const RealSteps &function,
                                             const Grid &grid) {
  IntegerSteps result{function.range, {}};
  for (const Piece<Rational> &piece : function.pieces) {
    std::optional<int64_t> integer =
        ((piece.value - grid.offset) / grid.scale).getInteger();
    if (!integer || *integer > INT32_MAX || *integer < INT32_MIN)
      return std::nullopt;
    result.pieces.push_back({piece.start, *integer});
  }
  return result;
}

IntegerSteps pdkc::mirror(const IntegerSteps &function) {
  IntegerSteps result{{-function.range.max, -function.range.min}, {}};
  for (size_t i = function.pieces.size(); i-- > 0;)
    result.pieces.push_back({-function.getEnd(i), function.pieces[i].value});
  return result;
}
