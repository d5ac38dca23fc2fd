//===- WideRequant.cpp - Requantisation to more values than a byte --------===//
//
// A quantiser to 9 to 16 bits has more values than a list of steps could hold.
// It is a product with a multiplier that is wide enough to be right for every
// integer of the range, which is proven from the quantiser's own numbers. Exact
// arithmetic decides: float32 has no more bits than such values and their sums
// take, so that it may round many of them otherwise.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

using Wide = __int128;

/// Values that a byte can count, and the most that sixteen bits do.
static constexpr int64_t kByteValues = 256;
static constexpr int64_t kMostValues = 1 << 16;

/// The whole number, where it has at most 124 bits.
static std::optional<Wide> getWide(const Rational &value) {
  constexpr int64_t kHalf = int64_t(1) << 62;
  Rational high = floor(value / Rational(kHalf));
  auto top = high.getInteger();
  auto bottom = (value - high * Rational(kHalf)).getInteger();
  if (!top || !bottom || *top >= kHalf || *top < -kHalf)
    return std::nullopt;
  return Wide(*top) * kHalf + *bottom;
}

/// The integers from which on a rising line is rounded to a number or more.
namespace {
class Starts {
public:
  static std::optional<Starts> make(const Rational &slope,
                                    const Rational &start,
                                    UniformQuantiser::Mode mode) {
    // slope * n + start >= q - below, or > where the end does not belong to q.
    Rational below = mode == UniformQuantiser::Up ? Rational(1)
                     : mode == UniformQuantiser::Down
                         ? Rational(0)
                         : Rational(1) / Rational(2);
    Rational step = Rational(1) / slope;
    Rational first = -(start + below) * step;
    Rational unit = gcd(gcd(step, first), 1);
    auto a = getWide(step / unit), b = getWide(first / unit),
         c = getWide(Rational(1) / unit);
    constexpr Wide kMost = Wide(1) << 100;
    if (!a || !b || !c || *a > kMost || *b > kMost || *b < -kMost)
      return std::nullopt;
    return Starts{*a, *b, *c, mode};
  }

  int64_t get(int64_t number) const {
    Wide top = number * step + first;
    Wide quotient = top / unit, rest = top % unit;
    if (rest < 0) {
      --quotient;
      rest += unit;
    }
    bool isWhole = rest == 0 && belongs(number);
    constexpr Wide kFar = Wide(1) << 62;
    return int64_t(std::clamp<Wide>(quotient + !isWhole, -kFar, kFar));
  }

private:
  /// Whether what lies at the lower end of a number's values is one of them.
  bool belongs(int64_t number) const {
    switch (mode) {
    case UniformQuantiser::Even:
      return number % 2 == 0;
    case UniformQuantiser::Away:
      return number > 0;
    case UniformQuantiser::Towards:
      return number <= 0;
    case UniformQuantiser::Down:
      return true;
    case UniformQuantiser::Up:
      return false;
    }
    llvm_unreachable("all modes are above");
  }

  Starts(Wide step, Wide first, Wide unit, UniformQuantiser::Mode mode)
      : step(step), first(first), unit(unit), mode(mode) {}

  Wide step, first, unit;
  UniformQuantiser::Mode mode;
};
} // namespace

/// The numbers that the quantiser has at the ends of the range.
static std::optional<std::pair<int64_t, int64_t>>
getEnds(ElementProgram &program, const UniformQuantiser &quantiser,
        Interval range) {
  auto evaluate = [&](int64_t integer) -> std::optional<int64_t> {
    FailureOr<Rational> value = program.evaluateExactly(integer);
    if (failed(value))
      return std::nullopt;
    return ((*value - quantiser.offset) / quantiser.scale).getInteger();
  };
  auto low = evaluate(range.min), high = evaluate(range.max);
  if (!low || !high || std::abs(*high - *low) >= kMostValues)
    return std::nullopt;
  return std::pair(*low, *high);
}

std::optional<IntegerSteps>
pdkc::findQuantiserSteps(ElementProgram &program,
                         const UniformQuantiser &quantiser, Interval range) {
  auto ends = getEnds(program, quantiser, range);
  bool falls = quantiser.slope.sign() < 0;
  if (!ends || (ends->first > ends->second) != falls)
    return std::nullopt;
  auto starts =
      Starts::make(abs(quantiser.slope), quantiser.start, quantiser.mode);
  if (!starts)
    return std::nullopt;
  auto [first, last] = std::minmax(ends->first, ends->second);
  IntegerSteps rising{falls ? Interval{-range.max, -range.min} : range, {}};
  rising.pieces.push_back({rising.range.min, first});
  for (int64_t number = first + 1; number <= last; ++number) {
    int64_t start = std::max(starts->get(number), rising.range.min);
    if (start > rising.range.max)
      return std::nullopt;
    if (rising.pieces.back().start == start)
      rising.pieces.back().value = number;
    else
      rising.pieces.push_back({start, number});
  }
  if (rising.pieces.front().value != first)
    return std::nullopt;
  // The program itself, at some of them and right before.
  constexpr size_t kTried = 64;
  size_t stride = rising.pieces.size() / kTried + 1;
  for (size_t i = 1; i < rising.pieces.size(); i += stride)
    for (size_t before : {0, 1}) {
      int64_t integer = rising.pieces[i].start - int64_t(before);
      FailureOr<Rational> value =
          program.evaluateExactly(falls ? -integer : integer);
      if (failed(value) ||
          *value !=
              quantiser.scale * Rational(rising.pieces[i - before].value) +
                  quantiser.offset)
        return std::nullopt;
    }
  return falls ? mirror(rising) : rising;
}

namespace {
/// One function of a table.
struct WideFunction {
  UniformQuantiser quantiser;
  IntegerSteps steps;
};
} // namespace

/// The functions, where each is one rounding and some have more values than a
/// byte can count.
static std::optional<SmallVector<WideFunction, 0>>
findFunctions(const FunctionTable &table) {
  SmallVector<WideFunction, 0> functions;
  bool isWide = false;
  for (auto [program, range] : llvm::zip_equal(table.programs, table.ranges)) {
    auto quantiser = program->findQuantiser();
    if (!quantiser)
      return std::nullopt;
    auto ends = getEnds(*program, *quantiser, range);
    if (!ends)
      return std::nullopt;
    isWide |= std::min(std::abs(ends->first - ends->second),
                       range.max - range.min) >= kByteValues;
    functions.push_back({std::move(*quantiser), {}});
  }
  if (!isWide)
    return std::nullopt;
  for (auto [i, function] : llvm::enumerate(functions)) {
    auto steps = findQuantiserSteps(*table.programs[i], function.quantiser,
                                    table.ranges[i]);
    if (!steps)
      return std::nullopt;
    function.steps = std::move(*steps);
  }
  if (llvm::all_of(functions, [](const WideFunction &function) {
        return function.steps.pieces.size() <= size_t(kByteValues);
      }))
    return std::nullopt;
  return functions;
}

LogicalResult GraphLowering::applyWide(IntegerTensor &tensor, Location loc,
                                       const IntegerForm &form,
                                       ArrayRef<size_t> functionOf) {
  auto fits = fitProducts(form.functions, tensor.isOpen());
  if (!fits)
    return emitError(loc) << "is no product of 56 bits for all integers that "
                             "reach it; quantise the activations to fewer bits";
  SmallVector<int64_t> multiplier, bias, offset;
  for (size_t number : functionOf) {
    const RequantFit &fit = (*fits)[number];
    int64_t sign = fit.isMirrored.front() ? -1 : 1;
    multiplier.push_back(sign * fit.multiplier);
    bias.push_back(sign * fit.bias.front());
    offset.push_back(fit.offset);
  }
  if (tensor.isOpen()) {
    FailureOr<Value> sums = emitter.emitSums(tensor, bias);
    if (failed(sums))
      return failure();
    tensor.value = *sums;
  } else if (llvm::any_of(bias, [](int64_t it) { return it != 0; })) {
    tensor.value = emitter.emitScale(
        loc, tensor.value, SmallVector<int64_t>(bias.size(), 1), bias);
  }
  const RequantFit &first = fits->front();
  finishFunctions(tensor,
                  emitter.emitScaledShift(loc, tensor.value, multiplier, offset,
                                          first.shift, {first.min, first.max}),
                  form, functionOf);
  return success();
}

/// Whether what lies before the programs' second jump has more values than
/// steps are looked for.
static bool isInnerWide(ArrayRef<ElementProgram> programs,
                        const KnownTensors &known,
                        DenseMap<Value, onnx::MovementMap> &movements) {
  Value inner = programs.front().findInnerJump();
  if (!inner)
    return false;
  auto program = ElementProgram::build(inner, 0, known, movements);
  if (failed(program) || program->getInputs().size() != 1)
    return false;
  auto quantiser = program->findQuantiser();
  if (!quantiser)
    return false;
  auto ends = getEnds(*program, *quantiser, program->getRange());
  return ends && std::abs(ends->first - ends->second) >= int64_t(kMostPieces);
}

FailureOr<std::optional<IntegerTensor>>
GraphLowering::requantiseWide(Value value, ArrayRef<int64_t> shape,
                              ArrayRef<ElementProgram> programs,
                              const FunctionTable &table) {
  std::optional<IntegerTensor> none;
  auto functions = findFunctions(table);
  if (!functions) {
    if (!isInnerWide(programs, known, movements))
      return none;
    return describeNested(value, shape, programs);
  }
  IntegerTensor tensor = select(value, shape, programs);
  IntegerForm form;
  size_t pieces = 0;
  for (const WideFunction &function : *functions) {
    form.functions.push_back(function.steps);
    form.grids.push_back({function.quantiser.scale, function.quantiser.offset});
    pieces = std::max(pieces, function.steps.pieces.size());
  }
  // Of a shift with few enough steps it is known better what float32 makes of
  // it.
  form.fit = fitRequant(form.functions, tensor.isOpen());
  bool isShift = form.fit && form.fit->multiplier == 1;
  if (isShift && pieces < kMostPieces)
    return none;
  Location loc = value.getLoc();
  if (isShift ? failed(apply(tensor, loc, form, table.functionOf,
                             /*isKept=*/true))
              : failed(applyWide(tensor, loc, form, table.functionOf)))
    return failure();
  SmallVector<double> reach;
  for (size_t number : table.functionOf)
    reach.push_back((*functions)[number].quantiser.reach);
  tensor.value.getDefiningOp()->setDiscardableAttr(
      lowbit::kFloatReach, DenseF64ArrayAttr::get(loc.getContext(), reach));
  // Float32 has the integers, but may have others: exact arithmetic goes on.
  tensor.isDefined = false;
  tensor.error.assign(reach.size(), 0);
  tensor.rounding.clear();
  for (size_t number : table.functionOf)
    if (isa<FloatType>(onnx::getElementType(value)))
      tensor.rounding.push_back(
          {0, (*functions)[number].quantiser.roundings * kFloatUnit});
  return std::optional<IntegerTensor>(std::move(tensor));
}
