//===- StepFunction.cpp - Functions of an integer with few values ---------===//

#include "passes/onnx/StepFunction.h"

#include "mlir/IR/Diagnostics.h"
#include <cmath>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// More values than any requantisation to a device's integers has.
static constexpr size_t kMostPieces = 1 << 12;
static constexpr size_t kMostInnerPieces = 1 << 16;
/// The widest range that is evaluated one by one.
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
    if (high - low > kWidestScan)
      return emitError(loc)
             << "cannot be evaluated: it neither only rises nor only falls "
                "with its input, which has "
             << high - low + 1 << " values; at most " << kWidestScan
             << " are tried one by one";
    for (int64_t integer = low + 1; integer <= high; ++integer) {
      FailureOr<Rational> value = evaluate(integer);
      if (failed(value) || (*value != result.pieces.back().value &&
                            failed(add(integer, *value))))
        return failure();
    }
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
    if (result.pieces.size() == (cut < 0 ? kMostPieces : kMostInnerPieces))
      return emitError(loc)
             << "takes more than " << kMostPieces
             << " values, so it is no small integer: a quantiser (a rounding "
                "and a clip) is missing between the sum before it and the "
                "next";
    result.pieces.push_back({start, std::move(value)});
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

SmallVector<Interval, 0>
pdkc::findUndecided(ElementProgram &program, const RealSteps &steps,
                    double error,
                    function_ref<Rational(const Rational &)> view) {
  SmallVector<Interval, 0> result;
  const auto [tensor, element, slot] = program.getInputs().front();
  const Rational &scale = tensor->scale[element];
  if (error <= 0 || slot < 0 || scale.sign() == 0)
    return result;
  Rational width = *Rational::fromDouble(error);
  double reach = error / std::abs(scale.toDouble());
  /// Farther around a jump there is no use in looking more closely.
  constexpr double kFar = 2;
  auto isUndecided = [&](int64_t integer, const Rational &value) {
    Rational real = scale * Rational(integer) + tensor->offset[element];
    for (const Rational &moved : {real - width, real + width})
      for (int side : {1, -1})
        for (bool alternates : {false, true}) {
          FailureOr<Rational> other =
              program.evaluateRounded(moved, side, alternates);
          if (failed(other) || (view ? view(*other) : *other) != value)
            return true;
        }
    return false;
  };
  auto add = [&](int64_t low, int64_t high) {
    low = std::max(low, steps.range.min);
    high = std::min(high, steps.range.max);
    if (low > high)
      return;
    if (!result.empty() && result.back().max + 1 >= low)
      result.back().max = std::max(result.back().max, high);
    else
      result.push_back({low, high});
  };
  // How many integers of the piece from one of its ends on are undecided: by
  // growing steps, then by bisection.
  auto countFrom = [&](size_t piece, bool isFromEnd) -> int64_t {
    int64_t start = steps.pieces[piece].start, end = steps.getEnd(piece);
    int64_t length = end - start + 1;
    auto isUndecidedAt = [&](int64_t place) {
      return isUndecided(isFromEnd ? end - place : start + place,
                         steps.pieces[piece].value);
    };
    int64_t undecided = 0, next = 1;
    while (next <= length && isUndecidedAt(next - 1)) {
      undecided = next;
      next *= 2;
    }
    next = std::min(next, length + 1);
    while (next - undecided > 1) {
      int64_t middle = undecided + (next - undecided) / 2;
      (isUndecidedAt(middle - 1) ? undecided : next) = middle;
    }
    return undecided;
  };
  // A jump that exact arithmetic does not have may lie right at an end.
  add(steps.range.min, steps.range.min + countFrom(0, false) - 1);
  for (size_t i = 1; i < steps.pieces.size(); ++i) {
    int64_t start = steps.pieces[i].start;
    auto far = int64_t(std::min(std::ceil(reach), 1e9));
    if (reach >= kFar)
      add(start - far, start - 1 + far);
    else
      add(start - countFrom(i - 1, true), start - 1 + countFrom(i, false));
  }
  add(steps.range.max + 1 - countFrom(steps.pieces.size() - 1, true),
      steps.range.max);
  return result;
}

Grid pdkc::findGrid(ArrayRef<RealSteps> functions) {
  const Rational &first = functions.front().pieces.front().value;
  Rational lowest = first, spacing;
  for (const RealSteps &function : functions)
    for (const Piece<Rational> &piece : function.pieces) {
      lowest = std::min(lowest, piece.value);
      if (piece.value != first)
        spacing = gcd(spacing, piece.value - first);
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
