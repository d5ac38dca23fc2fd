//===- TensorSums.cpp - Elements that depend on several integers ----------===//
//
// Sums of tensors are integer arithmetic where scales have a common grid. Where
// they have none, small multipliers stand for the scales, such that the error
// is at most what float32's own rounding amounts to, and counts as part of it.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include <limits>
#include <set>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Intervals;

namespace {
/// coefficient[i] is about unit * multiplier[i].
struct Multipliers {
  Rational unit = 1;
  SmallVector<int64_t> multiplier;
  /// The bound on what the differences sum up to.
  double error = 0;
};
} // namespace

/// The smallest multipliers whose error is at most what float32 makes of the
/// sum, or those with the least error for which the sum fits 32 bits, or 40. An
/// integer of a magnitude of 0 is 0, whatever its coefficient. `bounds`, at
/// least the magnitudes, are what the sum is proven from; none where no
/// multipliers come near the coefficients.
static std::optional<Multipliers>
findMultipliers(ArrayRef<Rational> coefficients, ArrayRef<int64_t> magnitudes,
                ArrayRef<double> bounds) {
  Rational common, largest;
  double bound = 0;
  for (auto [coefficient, magnitude] :
       llvm::zip_equal(coefficients, magnitudes)) {
    if (magnitude == 0)
      continue;
    common = gcd(common, coefficient);
    largest = std::max(largest, abs(coefficient));
    bound += std::abs(coefficient.toDouble()) * double(magnitude);
  }
  Multipliers result;
  result.multiplier.assign(coefficients.size(), 0);
  if (common.sign() == 0)
    return result;
  /// Returns how large the sum of integers may be.
  auto take = [&](const Rational &unit) {
    result = {unit, {}, 0};
    double sum = 0;
    for (auto [coefficient, magnitude, most] :
         llvm::zip_equal(coefficients, magnitudes, bounds)) {
      Rational multiplier =
          magnitude == 0 ? Rational() : round(coefficient / unit);
      std::optional<int64_t> whole = multiplier.getInteger();
      if (!whole)
        return std::numeric_limits<double>::infinity();
      result.multiplier.push_back(*whole);
      result.error += std::abs((coefficient - multiplier * unit).toDouble()) *
                      double(magnitude);
      sum += std::abs(double(*whole)) * most;
    }
    return sum;
  };
  constexpr int64_t kMostExact = 1 << 12;
  if (largest <= common * Rational(kMostExact)) {
    take(common);
    return result;
  }
  // Some room is left for what is added when the sum is requantised. Beyond 32
  // bits only where these would decide what float32 does not.
  constexpr double kMostSums[] = {INT32_MAX / 4, double(int64_t(1) << 37)};
  constexpr double kMostErrors[] = {1.0 / (1 << 16), 1.0 / (1 << 12)};
  constexpr int64_t kMostMultiplier = int64_t(1) << 30;
  Multipliers best;
  best.error = std::numeric_limits<double>::infinity();
  for (auto [mostSum, mostError] : llvm::zip_equal(kMostSums, kMostErrors)) {
    for (int64_t most = 16; most < kMostMultiplier; most *= 2) {
      if (take(largest / Rational(most)) > mostSum)
        break;
      best = result;
      if (result.error <= bound * kFloatUnit)
        return best;
    }
    // A multiple of each coefficient in turn: that of the largest magnitude may
    // be a small one.
    for (auto [coefficient, magnitude] :
         llvm::zip_equal(coefficients, magnitudes))
      for (int64_t parts = 1;
           magnitude != 0 && coefficient.sign() != 0 && parts < kMostMultiplier;
           parts *= 2) {
        if (take(abs(coefficient) / Rational(parts)) > mostSum)
          break;
        if (result.error < best.error)
          best = result;
      }
    if (best.error <= bound * mostError)
      return best;
  }
  // Of a sum of which a part is gone nothing can be told.
  return std::nullopt;
}

/// How large an element may be where one range holds for all the terms of the
/// sum, as in a tensor's type.
static double boundInteger(const IntegerTensor &tensor, int64_t element,
                           bool isOpen, Interval terms) {
  double largest =
      std::max(std::abs(double(terms.min)), std::abs(double(terms.max)));
  if (!isOpen)
    return largest;
  double sum = 0;
  for (int64_t weight : tensor.weights[element])
    sum += std::abs(double(weight)) * largest;
  return sum;
}

FailureOr<SmallVector<GraphLowering::Part>>
GraphLowering::gatherParts(ArrayRef<SmallVector<Summand, 2>> rows, Value &terms,
                           Location loc) {
  SmallVector<Part> parts;
  SmallVector<Value> values;
  DenseMap<Value, int64_t> columns;
  int64_t width = 0;
  for (ArrayRef<Summand> row : rows)
    for (const Summand &summand : row) {
      const IntegerTensor *tensor = summand.tensor;
      if (llvm::any_of(parts, [&](auto &it) { return it.tensor == tensor; }))
        continue;
      // Open sums may take part as products; a convolution stays one.
      std::set<int64_t> weights;
      for (ArrayRef<int64_t> each : tensor->weights)
        weights.insert(each.begin(), each.end());
      constexpr size_t kMostOpen = 100;
      bool isOpen = tensor->isOpen() && !tensor->convolution &&
                    weights.size() <= kMostOpen;
      FailureOr<Value> integers =
          isOpen ? FailureOr<Value>(tensor->terms) : close(*tensor);
      if (failed(integers))
        return failure();
      auto [place, isNew] = columns.try_emplace(*integers, width);
      if (isNew) {
        values.push_back(*integers);
        width += emitter.getRanges(*integers).size();
      }
      parts.push_back({tensor, isOpen, place->second});
    }
  terms = emitter.emitConcat(loc, values);
  return parts;
}

const GraphLowering::Part &GraphLowering::getPart(const Summand &summand,
                                                  ArrayRef<Part> parts) {
  return *llvm::find_if(
      parts, [&](const Part &it) { return it.tensor == summand.tensor; });
}

/// Adds the multiple of a summand's integer to weights of the parts' terms.
void GraphLowering::addProduct(MutableArrayRef<int64_t> weights,
                               const Summand &summand, int64_t multiplier,
                               ArrayRef<Part> parts) {
  const Part &part = getPart(summand, parts);
  if (!part.isOpen) {
    weights[part.column + summand.element] += multiplier;
    return;
  }
  for (auto [i, weight] :
       llvm::enumerate(part.tensor->weights[summand.element]))
    weights[part.column + i] += multiplier * weight;
}

FailureOr<IntegerTensor>
GraphLowering::sum(Location loc, ArrayRef<int64_t> shape,
                   ArrayRef<SmallVector<Summand, 2>> rows, Rationals offset) {
  IntegerTensor result(loc);
  FailureOr<SmallVector<Part>> parts = gatherParts(rows, result.terms, loc);
  if (failed(parts))
    return failure();
  size_t width = emitter.getRanges(result.terms).size();
  result.shape.assign(shape);
  result.isDefined = true;
  result.floatSums.terms.resize(width);
  SmallVector<bool> isTaken(width, false);
  const Intervals &termRanges = emitter.getRanges(result.terms);
  Interval hull = lowbit::hull(termRanges);
  SmallVector<double> termErrors(width, 0);
  // Coefficients, and scales that lie between.
  double relative = 0;
  constexpr double kCoefficient = 4 * kFloatUnit;
  for (auto [r, row] : llvm::enumerate(rows)) {
    Rationals coefficients;
    SmallVector<int64_t> magnitudes;
    SmallVector<double> bounds;
    double bound = std::abs(offset[r].toDouble());
    Rational step = offset[r], rest = offset[r];
    for (const Summand &summand : row) {
      const IntegerTensor &tensor = *summand.tensor;
      Interval range = tensor.ranges[summand.element];
      magnitudes.push_back(std::max(std::abs(range.min), std::abs(range.max)));
      coefficients.push_back(summand.coefficient);
      bounds.push_back(boundInteger(tensor, summand.element,
                                    getPart(summand, *parts).isOpen, hull));
      double coefficient = std::abs(summand.coefficient.toDouble());
      bound += coefficient * double(magnitudes.back());
      step = gcd(step, summand.coefficient);
      const Rational &scale = tensor.scale[summand.element];
      if (scale.sign()) {
        Rational part =
            summand.coefficient / scale * tensor.offset[summand.element];
        rest = rest - part;
        step = gcd(step, part);
      }
      result.isDefined &= isExactInFloat(tensor, summand.element);
    }
    auto multipliers = findMultipliers(coefficients, magnitudes, bounds);
    if (!multipliers)
      return emitError(loc)
             << "adds tensors whose scales have no common grid on which the "
                "sum "
                "fits 40 bits; quantise them to one scale before";
    const Multipliers &found = *multipliers;
    result.isDefined &= found.error == 0 && fitsFloat(step, bound);
    result.scale.push_back(found.unit);
    result.weights.emplace_back(width, 0);
    auto &weights = result.weights.back();
    double unit = std::abs(found.unit.toDouble());
    lowbit::FloatSums::Row floatRow;
    floatRow.addend = std::abs(rest.toDouble()) / unit;
    floatRow.error = found.error / unit;
    // Terms that meet in one place may cancel there, which they do not in the
    // graph; and they may have different offsets.
    auto addTerm = [&](int64_t column, int64_t weight,
                       const lowbit::FloatSums::Term &term) {
      if (weight == 0)
        return;
      lowbit::FloatSums::Term &known = result.floatSums.terms[column];
      if (!isTaken[column])
        known = term;
      isTaken[column] = true;
      known.error = std::max(known.error, term.error);
      Interval range = termRanges[column];
      double beside = std::abs(term.offset - known.offset);
      if (weights[column] != 0 || beside != 0) {
        double largest =
            beside + std::max(std::abs(double(range.min) + known.offset),
                              std::abs(double(range.max) + known.offset));
        floatRow.addend += 2 * std::abs(double(weight)) * largest;
        floatRow.others += 2;
        floatRow.error +=
            std::abs(double(weight)) * (known.error + 2 * termErrors[column]);
      }
      weights[column] += weight;
    };
    for (auto [summand, multiplier] : llvm::zip_equal(row, found.multiplier)) {
      const IntegerTensor &tensor = *summand.tensor;
      const Part &part = getPart(summand, *parts);
      // What the summand is off besides its own sum, as a whole.
      const Rational &scale = tensor.scale[summand.element];
      double size = std::abs(double(multiplier));
      if (scale.sign())
        floatRow.error += size * boundRounding(tensor, summand.element) /
                          std::abs(scale.toDouble());
      if (!part.isOpen) {
        int64_t column = part.column + summand.element;
        lowbit::FloatSums::Term term = getTerm(tensor, summand.element);
        term.error = 0; // is in the row's
        if (!tensor.error.empty() && scale.sign())
          termErrors[column] =
              std::max(termErrors[column], tensor.error[summand.element] /
                                               std::abs(scale.toDouble()));
        addTerm(column, multiplier, term);
        continue;
      }
      const lowbit::FloatSums::Row &inner =
          tensor.floatSums.rows[summand.element];
      floatRow.addend += size * inner.addend;
      floatRow.others += inner.others + (inner.addend != 0);
      floatRow.snapped += size * inner.snapped;
      floatRow.error += size * inner.error;
      relative = std::max(relative, tensor.floatSums.relative);
      for (auto [i, weight] : llvm::enumerate(tensor.weights[summand.element]))
        addTerm(part.column + i, multiplier * weight,
                tensor.floatSums.terms[i]);
    }
    result.floatSums.rows.push_back(floatRow);
  }
  result.floatSums.relative = relative + kCoefficient;
  result.offset = std::move(offset);
  if (!result.isDefined)
    for (size_t r = 0; r < rows.size(); ++r)
      result.error.push_back(boundRow(result, r, termRanges, termErrors).error);
  FailureOr<Intervals> ranges =
      boundSums(result.weights, SmallVector<int64_t>(rows.size(), 0),
                emitter.getRanges(result.terms), loc);
  if (failed(ranges))
    return failure();
  result.ranges = std::move(*ranges);
  return result;
}

FailureOr<IntegerTensor>
GraphLowering::describeMixed(Value value,
                             MutableArrayRef<ElementProgram> programs) {
  if (!llvm::all_of(programs, [](auto &it) { return it.isAffine(); }))
    return requantisePairs(value, programs);
  SmallVector<SmallVector<Summand, 2>> rows;
  Rationals offset;
  for (ElementProgram &program : programs) {
    SmallVector<int64_t> integers(program.getInputs().size(), 0);
    FailureOr<Rational> zero = program.evaluate(integers);
    if (failed(zero))
      return emitError(value.getLoc()) << "is not defined at 0";
    rows.emplace_back();
    for (auto [i, input] : llvm::enumerate(program.getInputs())) {
      integers[i] = 1;
      FailureOr<Rational> one = program.evaluate(integers);
      integers[i] = 0;
      if (failed(one))
        return emitError(value.getLoc()) << "is not defined at 1";
      rows.back().push_back({input.tensor, input.element, *one - *zero});
    }
    offset.push_back(*zero);
  }
  return sum(value.getLoc(), onnx::getShape(value), rows, std::move(offset));
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

LogicalResult GraphLowering::lowerGathering(onnx::Elementwise node) {
  Value result = node->getResult(0);
  StringRef name = node->getName().stripDialect();
  bool isSum = isa<onnx::AddOp, onnx::SubOp, onnx::SumOp, onnx::MeanOp>(*node);
  bool isMin = name == "ReduceMin" || name == "Min";
  bool isMax = name == "MaxPool" || name == "GlobalMaxPool" ||
               name == "ReduceMax" || name == "Max";
  if (!isSum && !isMax && !isMin)
    return success();
  // With constants alone beside it, a value is left to what reads it.
  if ((isSum || name == "Max" || name == "Min") &&
      llvm::count_if(node->getOperands(), [](Value operand) {
        return !onnx::getConstant(operand);
      }) < 2)
    return success();
  if (failed(checkSize(result)))
    return failure();
  bool isMixed = false, isLeft = isSum;
  for (int64_t i = 0, count = getCount(result); i < count; ++i) {
    FailureOr<ElementProgram> program =
        ElementProgram::build(result, i, known, movements);
    if (failed(program))
      return failure();
    auto inputs = program->getInputs();
    if (inputs.size() < 2)
      continue;
    isMixed = true;
    // Few pairs of a well-defined sum are for the quantiser behind it.
    isLeft &= isFunctionOfPairs(*program) && inputs[0].tensor->isDefined &&
              inputs[1].tensor->isDefined &&
              !areCommensurable(inputs[0].tensor->scale[inputs[0].element],
                                inputs[1].tensor->scale[inputs[1].element]);
  }
  if (!isMixed || isLeft || (isSum && lowerQuantisedSum(node)))
    return success();
  return isSum ? lowerSum(node) : lowerExtreme(node, isMin);
}

LogicalResult GraphLowering::lowerSum(onnx::Elementwise node) {
  Value result = node->getResult(0);
  SmallVector<const IntegerTensor *> operands;
  for (Value operand : node->getOperands()) {
    FailureOr<const IntegerTensor *> tensor = describe(operand);
    if (failed(tensor))
      return failure();
    operands.push_back(*tensor);
  }
  SmallVector<SmallVector<Summand, 2>> rows;
  Rationals offset;
  SmallVector<onnx::Source> sources;
  for (int64_t i = 0, count = getCount(result); i < count; ++i) {
    sources.clear();
    node.getSources(i, sources);
    rows.emplace_back();
    offset.emplace_back();
    for (auto [operand, element] : sources) {
      Rational factor(operand > 0 && isa<onnx::SubOp>(*node) ? -1 : 1);
      if (isa<onnx::MeanOp>(*node))
        factor = Rational(1) / Rational(sources.size());
      const IntegerTensor &tensor = *operands[operand];
      rows.back().push_back({&tensor, element, factor * tensor.scale[element]});
      offset.back() = offset.back() + factor * tensor.offset[element];
    }
  }
  FailureOr<IntegerTensor> total =
      sum(node.getLoc(), onnx::getShape(result), rows, std::move(offset));
  if (failed(total))
    return failure();
  setKnown(result, std::move(*total));
  return success();
}
