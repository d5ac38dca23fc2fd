//===- ElementQuantiser.cpp - Elements that are one uniform rounding ------===//
//
// Recognises a program that is a line, clipped or not, rounded once to the
// multiples of a step, and a line again. Such a function has too many values to
// be found one by one where its integers have 16 bits, and needs not be: a few
// numbers say what it is.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/ElementProgram.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

namespace {
/// What a rounding to a grid does to its operand: x / step + zero is rounded.
struct Grid {
  Rational step = 1, zero;
  UniformQuantiser::Mode mode = UniformQuantiser::Even;
  int roundings = 0; ///< of float32 on the way
};
} // namespace

/// Operators that leave a value what it is, or clip it.
static bool isClip(Elementwise node) {
  StringRef name = node->getName().stripDialect();
  return llvm::is_contained({"Clip", "Identity", "Max", "Min", "Relu"}, name);
}

/// The operator's grid, of one that rounds to the multiples of a constant step.
static std::optional<Grid> getGrid(Elementwise node,
                                   ArrayRef<const Scalar *> constants) {
  auto get = [&](size_t operand) {
    return operand < constants.size() && constants[operand]
               ? std::get<Rational>(*constants[operand])
               : Rational(0);
  };
  using Mode = UniformQuantiser::Mode;
  Grid grid;
  if (isa<RoundOp>(*node))
    return grid;
  if (isa<FloorOp, CeilOp>(*node)) {
    grid.mode = isa<FloorOp>(*node) ? Mode::Down : Mode::Up;
    return grid;
  }
  grid.step = get(1);
  grid.roundings = 1;
  if (!isa<QuantizeLinearOp, QuantOp, IntQuantOp>(*node) ||
      grid.step.sign() == 0)
    return std::nullopt;
  if (isa<QuantizeLinearOp>(*node))
    return grid;
  auto mode = node->getAttrOfType<StringAttr>("rounding_mode");
  grid.zero = get(2);
  grid.roundings = 3;
  auto found = llvm::StringSwitch<std::optional<Mode>>(
                   mode ? mode.getValue() : StringRef("ROUND"))
                   .CaseLower("round", Mode::Even)
                   .CaseLower("half_even", Mode::Even)
                   .CaseLower("half_up", Mode::Away)
                   .CaseLower("half_down", Mode::Towards)
                   .CaseLower("floor", Mode::Down)
                   .CaseLower("ceil", Mode::Up)
                   .Default(std::nullopt);
  if (!found)
    return std::nullopt;
  grid.mode = *found;
  return grid;
}

/// How far off float32 may have a node's values, which are `line` of what its
/// operand has, for operands up to that magnitude.
static double boundRounding(Elementwise node, const RealLine &line,
                            double largest) {
  double slope = std::abs(line.slope.toDouble());
  double start = std::abs(line.start.toDouble());
  double result = slope * largest + start;
  if (isClip(node) || fitsFloat(gcd(line.slope, line.start), result))
    return 0;
  // x s + (b - m s), whose summands may cancel.
  if (node->getName().stripDialect() == "BatchNormalization")
    result = 4 * (result + slope * largest + start);
  return kFloatUnit * result;
}

/// The node's operands that are constant, null for others, and the one other;
/// -1 where it is not one.
int ElementProgram::splitOperands(const Slot &slot,
                                  Constants &constants) const {
  int variable = -1, count = 0;
  for (auto [i, operand] : llvm::enumerate(slot.operands)) {
    bool isConstant = operand >= 0 && slots[operand].isConstant;
    constants.push_back(isConstant ? &slots[operand].exact : nullptr);
    if (operand < 0 || isConstant)
      continue;
    variable = i;
    ++count;
  }
  return count == 1 ? variable : -1;
}

/// The node's line, from two of its values: of its operand in units of `step`.
static std::optional<RealLine> getLine(Elementwise node,
                                       ArrayRef<const Scalar *> constants,
                                       int variable, const Rational &step) {
  auto evaluateAt = [&](const Rational &x) {
    Scalar value = x;
    SmallVector<const Scalar *, 3> operands(constants);
    operands[variable] = &value;
    FailureOr<Scalar> y = node.evaluate(operands);
    return failed(y) ? std::nullopt
                     : std::optional<Rational>(std::get<Rational>(*y));
  };
  auto zero = evaluateAt(0), one = evaluateAt(step), minus = evaluateAt(-step);
  if (!zero || !one || !minus)
    return std::nullopt;
  // One of the neighbours of 0 may be clipped.
  return RealLine{*one != *zero ? *one - *zero : *zero - *minus, *zero};
}

FailureOr<Rational>
ElementProgram::evaluateExactly(ArrayRef<int64_t> integers, bool isSmooth) {
  for (auto [input, integer] : llvm::zip_equal(inputs, integers))
    if (input.slot >= 0)
      slots[input.slot].exact =
          input.tensor->scale[input.element] * Rational(integer) +
          input.tensor->offset[input.element];
  for (Slot &slot : slots) {
    if (!slot.node)
      continue;
    // An integer type may hold what is not rounded, too.
    bool isCast = isa<CastOp, CastLikeOp>(*slot.node);
    Constants constants;
    int variable = isSmooth && (isCast || slot.node.isStep())
                       ? splitOperands(slot, constants)
                       : -1;
    std::optional<Grid> grid;
    if (variable == 0)
      grid = isCast ? Grid() : getGrid(slot.node, constants);
    std::optional<RealLine> line;
    if (grid)
      line = getLine(slot.node, constants, variable, grid->step);
    if (line)
      slot.exact = line->at(
          std::get<Rational>(slots[slot.operands[0]].exact) / grid->step);
    else if (failed(runExact(slot)))
      return failure();
  }
  return std::get<Rational>(slots.back().exact);
}

std::optional<RealLine> ElementProgram::followLine(
    llvm::function_ref<std::optional<RealLine>(Slot &, const Constants &, int,
                                               const RealLine &)>
        follow) {
  if (inputs.size() != 1 || inputs[0].slot < 0)
    return std::nullopt;
  const IntegerTensor &tensor = *inputs[0].tensor;
  int64_t element = inputs[0].element;
  SmallVector<std::optional<RealLine>> lines(slots.size());
  lines[inputs[0].slot] = {tensor.scale[element], tensor.offset[element]};
  for (auto [slot, line] : llvm::zip_equal(slots, lines)) {
    if (!slot.node || slot.isConstant)
      continue;
    Constants constants;
    int variable = splitOperands(slot, constants);
    if (variable < 0)
      return std::nullopt;
    const std::optional<RealLine> &before = lines[slot.operands[variable]];
    if (before)
      line = isClip(slot.node) ? before
                               : follow(slot, constants, variable, *before);
    if (!line)
      return std::nullopt;
  }
  return lines.back();
}

std::optional<UniformQuantiser> ElementProgram::findQuantiser() {
  if (inputs.size() != 1)
    return std::nullopt;
  UniformQuantiser result;
  // What float32 may be off by, in units of the integer.
  double error = pdkc::boundRounding(getBase(), getBaseElement()) /
                 std::abs(getBase().scale[getBaseElement()].toDouble());
  auto [low, high] = getRange();
  bool isRounded = false;
  // Of the integer, up to the rounding, and of what was rounded behind.
  auto line = followLine([&](Slot &slot, const Constants &constants,
                             int variable, const RealLine &before)
                             -> std::optional<RealLine> {
    bool isStep = slot.node.isStep();
    std::optional<Grid> grid;
    if (isStep &&
        (isRounded || variable != 0 || !(grid = getGrid(slot.node, constants))))
      return std::nullopt;
    if (!isStep && (!slot.node.getDependence(variable, constants).isAffine ||
                    slot.direction == 0))
      return std::nullopt;
    Rational step = grid ? grid->step : Rational(1);
    auto own = getLine(slot.node, constants, variable, step);
    if (!own || own->slope.sign() == 0)
      return std::nullopt;
    if (!isStep) {
      RealLine line{own->slope * before.slope, own->at(before.start)};
      if (isRounded) {
        result.roundings +=
            !fitsFloat(own->slope, 1) + (own->start.sign() != 0);
        return line;
      }
      double largest = std::max(std::abs(before.at(low).toDouble()),
                                std::abs(before.at(high).toDouble()));
      error += ::boundRounding(slot.node, *own, largest) /
               std::abs(line.slope.toDouble());
      return line;
    }
    isRounded = true;
    result.slope = before.slope / grid->step;
    result.start = before.start / grid->step + grid->zero;
    result.mode = grid->mode;
    double largest = std::max(std::abs(result.at(low).toDouble()),
                              std::abs(result.at(high).toDouble()));
    bool isExact = fitsFloat(gcd(result.slope, result.start), largest);
    result.reach = error * std::abs(result.slope.toDouble()) +
                   (isExact ? 0 : grid->roundings * kFloatUnit * largest);
    result.roundings +=
        isa<FloatType>(slot.elementType) && !fitsFloat(own->slope, 1);
    // Multiples of the grid's step count from 0 at `zero`.
    return RealLine{own->slope, own->start - own->slope * grid->zero};
  });
  if (!isRounded || !line)
    return std::nullopt;
  result.scale = line->slope;
  result.offset = line->start;
  return result;
}

std::optional<RealLine> ElementProgram::findClippedLine() {
  return followLine([&](Slot &slot, const Constants &constants, int variable,
                        const RealLine &before) -> std::optional<RealLine> {
    if (slot.node.isStep() ||
        !slot.node.getDependence(variable, constants).isAffine)
      return std::nullopt;
    auto own = getLine(slot.node, constants, variable, Rational(1));
    if (!own || own->slope.sign() == 0)
      return std::nullopt;
    return RealLine{own->slope * before.slope, own->at(before.start)};
  });
}
