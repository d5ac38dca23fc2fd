//===- StepFunction.cpp - Functions of an integer with few values ---------===//

#include "passes/onnx/StepFunction.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// More values than any requantisation to a device's integers has.
static constexpr size_t kMostPieces = 1 << 16;
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
      if (failed(last) || failed(bisect(low, *first, high, *last)))
        return failure();
      return std::move(result);
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
    return view ? view(*value) : *value;
  }

  LogicalResult add(int64_t start, Rational value) {
    if (result.pieces.size() == kMostPieces)
      return emitError(loc)
             << "takes more than " << kMostPieces
             << " values, so it is no small integer: a quantiser (a rounding "
                "and a clip) is missing between the sum before it and the "
                "next";
    result.pieces.push_back({start, std::move(value)});
    return success();
  }

  /// Adds the pieces that start in low + 1 to high.
  LogicalResult bisect(int64_t low, const Rational &lowValue, int64_t high,
                       const Rational &highValue) {
    if (lowValue == highValue)
      return success();
    if (high - low == 1)
      return add(high, highValue);
    int64_t middle = low + (high - low) / 2;
    FailureOr<Rational> value = evaluate(middle);
    if (failed(value))
      return failure();
    return success(succeeded(bisect(low, lowValue, middle, *value)) &&
                   succeeded(bisect(middle, *value, high, highValue)));
  }

  ElementProgram &program;
  Location loc;
  View view;
  RealSteps result;
};
} // namespace

FailureOr<RealSteps>
pdkc::findSteps(ElementProgram &program, Interval range, Location loc,
                function_ref<Rational(const Rational &)> view) {
  return StepFinder(program, range, loc, view).find();
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
