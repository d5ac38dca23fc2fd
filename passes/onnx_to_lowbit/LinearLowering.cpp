//===- LinearLowering.cpp - Sums of products ------------------------------===//
//
// Coefficients, weights times the scale of the integer that they meet, are put
// on a grid of integers; offsets and the addend wait for what follows.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include "passes/onnx_to_lowbit/WeightGrid.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Intervals;

/// The exact elements of a constant; an error where one is no number.
static FailureOr<Rationals> getExactElements(Value constant) {
  Rationals result;
  for (const onnx::Scalar &scalar :
       onnx::getScalars(onnx::getConstant(constant))) {
    std::optional<Rational> exact = onnx::getExact(scalar);
    if (!exact || onnx::isInfinite(scalar))
      return emitError(constant.getLoc())
             << "constant holds " << (exact ? "an infinity" : "a NaN");
    result.push_back(std::move(*exact));
  }
  return result;
}

/// The geometry of a convolution; null for other nodes.
static std::shared_ptr<Convolution> getConvolution(onnx::Linear node) {
  auto op = dyn_cast<onnx::ConvOp>(*node);
  if (!op)
    return nullptr;
  auto result = std::make_shared<Convolution>();
  ArrayRef<int64_t> input = onnx::getShape(op.getX());
  ArrayRef<int64_t> output = onnx::getShape(op.getResult());
  result->shape.assign(input.drop_front(1));
  result->kernel.assign(onnx::getShape(op.getW()));
  result->groups = op.getGroup();
  size_t rank = input.size() - 2;
  auto take = [](std::optional<ArrayRef<int64_t>> attribute,
                 SmallVectorImpl<int64_t> &values, size_t count,
                 int64_t other) {
    values.assign(count, other);
    if (attribute && !attribute->empty())
      values.assign(*attribute);
  };
  take(op.getStrides(), result->strides, rank, 1);
  take(op.getDilations(), result->dilations, rank, 1);
  take(op.getPads(), result->pads, 2 * rank, 0);
  StringRef autoPad = op.getAutoPad();
  if (autoPad == "VALID")
    result->pads.assign(2 * rank, 0);
  if (autoPad.starts_with("SAME"))
    for (size_t i = 0; i < rank; ++i) {
      int64_t extent = (result->kernel[2 + i] - 1) * result->dilations[i] + 1;
      int64_t total = std::max<int64_t>(
          0, (output[2 + i] - 1) * result->strides[i] + extent - input[2 + i]);
      result->pads[i] = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      result->pads[rank + i] = total - result->pads[i];
    }
  return result;
}

namespace {

/// The coefficients of integers whose scales have small ratios.
struct ScaleClass {
  Rational scale;
  SmallVector<Rationals, 0> coefficients;
};

/// One node's sums on their way to integers.
struct Sums {
  Sums(const IntegerTensor &input, int64_t rows)
      : input(input), offset(rows), constantStep(rows), constants(rows, 0),
        constantTerms(rows, 0), groupOf(rows, 0) {}

  /// Of one value only: it is a constant.
  bool isConstant(int64_t i) const {
    return input.ranges[i].min == input.ranges[i].max ||
           input.scale[i].sign() == 0;
  }
  /// Adds weight * element i.
  void add(int64_t row, int64_t i, const Rational &weight) {
    if (isConstant(i)) {
      Rational product =
          weight *
          (input.scale[i] * Rational(input.ranges[i].min) + input.offset[i]);
      offset[row] = offset[row] + product;
      constantStep[row] = gcd(constantStep[row], product);
      constants[row] += std::abs(product.toDouble());
      ++constantTerms[row];
      return;
    }
    Rational &coefficient = classes[classOf[i]].coefficients[row][i];
    coefficient = coefficient + weight * input.scale[i];
  }

  const IntegerTensor &input;
  SmallVector<ScaleClass, 0> classes;
  SmallVector<size_t> classOf;
  /// What the sums have at the integers 0.
  Rationals offset;
  /// Products that are constants: what they are multiples of, the sum of their
  /// magnitudes, their number.
  Rationals constantStep;
  SmallVector<double> constants;
  SmallVector<int64_t> constantTerms;
  /// The channel of each row of a convolution.
  SmallVector<int64_t> groupOf;
};

} // namespace

/// What float32 makes of the sums of each class; `roundings` are those of a
/// product.
static SmallVector<lowbit::FloatSums, 0>
describeFloat(const Sums &sums, ArrayRef<WeightGrid> grids,
              const Rationals &addends, int roundings) {
  const IntegerTensor &input = sums.input;
  lowbit::FloatSums plain;
  Rational offsetStep = 1;
  bool isExact = input.isDefined;
  double relative = 0;
  for (size_t i = 0; i < input.scale.size(); ++i) {
    plain.terms.push_back(getTerm(input, i));
    if (input.scale[i].sign())
      offsetStep = gcd(offsetStep, input.offset[i] / input.scale[i]);
    if (input.rounding.empty())
      continue;
    const Rounding &rounding = input.rounding[i];
    relative = std::max(relative, rounding.relative);
    isExact &= rounding.relative == 0 && rounding.absolute == 0;
  }
  plain.relative = relative + kFloatUnit * roundings;
  size_t rows = addends.size();
  SmallVector<double> terms(rows, 0); // of all classes
  for (const ScaleClass &each : sums.classes)
    for (auto [count, row] : llvm::zip_equal(terms, each.coefficients))
      count += llvm::count_if(row, [](auto &it) { return it.sign() != 0; });
  SmallVector<lowbit::FloatSums, 0> result;
  for (auto [each, grid] : llvm::zip_equal(sums.classes, grids)) {
    bool isFirst = result.empty();
    lowbit::FloatSums floats = plain;
    double steepest = 0;
    for (size_t r = 0; r < rows; ++r) {
      const Rational &scale = grid.scale[r];
      double unit = std::abs(scale.toDouble());
      lowbit::FloatSums::Row row;
      row.others = double(sums.constantTerms[r]) + terms[r];
      if (isFirst)
        row.addend =
            (sums.constants[r] + std::abs(addends[r].toDouble())) / unit;
      else
        ++row.others;
      for (auto [coefficient, weight] :
           llvm::zip_equal(each.coefficients[r], grid.weights[r])) {
        row.others -= weight != 0;
        if (!grid.isSnapped || !coefficient.sign())
          continue;
        double beside =
            std::abs((coefficient / scale).toDouble() - double(weight));
        // A weight's own rounding is a share of it.
        constexpr double kMostShare = 4 * kFloatUnit;
        if (beside <= kMostShare * std::abs(double(weight)))
          steepest = std::max(steepest, beside / std::abs(double(weight)));
        else
          row.snapped = std::max(row.snapped, beside);
      }
      if (isExact && !grid.isSnapped && grids.size() == 1)
        row.exact = getExactLimit(gcd(gcd(scale * offsetStep, addends[r]),
                                      sums.constantStep[r])) /
                    unit;
      floats.rows.push_back(row);
    }
    floats.relative += steepest;
    result.push_back(std::move(floats));
  }
  return result;
}

/// The one operand that is not constant, checked; null after an error.
static Value getVariable(onnx::Linear node) {
  Value left = node->getOperand(0), weights = node.getWeights();
  bool isLeft = !onnx::getConstant(left);
  if (weights && isLeft == !onnx::getConstant(weights)) {
    node->emitOpError(
        isLeft ? "multiplies two tensors that both depend on the model's "
                 "input; one of them must be constant"
               : "has constant operands: run --onnx-fold-constants first");
    return {};
  }
  if (Value addend = node.getAddend(); addend && !onnx::getConstant(addend)) {
    node->emitOpError("adds a tensor that depends on the model's input; it "
                      "must be constant");
    return {};
  }
  Value variable = isLeft ? left : weights, result = node->getResult(0);
  if (failed(checkSize(variable)) || failed(checkSize(result)))
    return {};
  int64_t products = 0;
  node.forEachProduct([&](int64_t, int64_t, int64_t) { ++products; });
  int64_t all = getCount(variable) * getCount(result);
  if (isa<onnx::MatMulOp, onnx::GemmOp>(*node) && products != all) {
    node->emitOpError("multiplies several vectors, of shape [")
        << onnx::getShape(variable)
        << "]; one at a time is supported: export the model with a batch of 1, "
           "or a convolution with a kernel of 1 where it is one inference";
    return {};
  }
  constexpr int64_t kMostWeights = 1 << 23;
  if (all > kMostWeights) {
    node->emitOpError("has ")
        << getCount(result) << " sums over " << getCount(variable)
        << " inputs; no device has room for that";
    return {};
  }
  return variable;
}

FailureOr<IntegerTensor>
GraphLowering::sumClasses(Location loc, ArrayRef<int64_t> shape, Value input,
                          MutableArrayRef<WeightGrid> grids,
                          ArrayRef<lowbit::FloatSums> floats,
                          ArrayRef<double> errors, Rationals offset) {
  size_t rows = offset.size();
  SmallVector<SmallVector<Summand, 2>> summands(rows);
  for (auto [grid, floatSums] : llvm::zip_equal(grids, floats)) {
    IntegerTensor part(loc);
    part.shape.assign(1, rows);
    part.offset.assign(rows, Rational());
    part.scale = grid.scale;
    part.weights = grid.weights;
    part.floatSums = floatSums;
    FailureOr<Value> sums =
        emitter.emitDense(loc, input, grid.weights,
                          SmallVector<int64_t>(rows, 0), {int64_t(rows)});
    if (failed(sums))
      return failure();
    part.value = *sums;
    part.ranges = emitter.getRanges(*sums);
    emitter.setFloatSums(*sums, part.floatSums);
    for (size_t r = 0; r < rows; ++r)
      part.error.push_back(
          boundRow(part, r, emitter.getRanges(input), errors).error);
    part.weights.clear();
    tensors.push_back(std::move(part));
    for (size_t r = 0; r < rows; ++r)
      summands[r].push_back({&tensors.back(), int64_t(r), grid.scale[r]});
  }
  return sum(loc, shape, summands, std::move(offset));
}

/// Whether no quantiser stands on the way to the value from the sum of products
/// or the model's input that it is made of.
static bool isFloat(Value value) {
  SmallVector<Value> open{value};
  bool hasSum = false;
  for (DenseSet<Value> seen; !open.empty();) {
    Operation *op = open.pop_back_val().getDefiningOp();
    auto elementwise = dyn_cast_or_null<onnx::Elementwise>(op);
    if (elementwise && elementwise.isStep())
      return false;
    hasSum |= isa_and_nonnull<onnx::Linear>(op);
    if (elementwise || isa_and_nonnull<onnx::Movement>(op))
      for (Value operand : op->getOperands())
        if (seen.insert(operand).second)
          open.push_back(operand);
  }
  return hasSum;
}

/// Of the node and those behind it, the first whose activations are float.
static Operation *findFloatActivations(onnx::Linear node) {
  for (Operation *op = node; op; op = op->getNextNode())
    if (isa<onnx::Linear>(op) && llvm::any_of(op->getOperands(), isFloat))
      return op;
  return nullptr;
}

LogicalResult GraphLowering::lowerLinear(onnx::Linear node) {
  Value variable = getVariable(node);
  if (!variable)
    return failure();
  Value result = node->getResult(0), weightsValue = node.getWeights();
  bool isLeft = variable == node->getOperand(0);
  int64_t rows = getCount(result), inputs = getCount(variable);
  Rationals weights;
  if (weightsValue) {
    FailureOr<Rationals> exact =
        getExactElements(isLeft ? weightsValue : node->getOperand(0));
    if (failed(exact))
      return failure();
    weights = std::move(*exact);
  }
  FailureOr<const IntegerTensor *> described = describe(variable);
  if (failed(described))
    return failure();
  const IntegerTensor &input = **described;

  Sums sums(input, rows);
  for (int64_t i = 0; i < inputs; ++i) {
    size_t number = 0;
    if (!sums.isConstant(i)) {
      while (number < sums.classes.size() &&
             !areCommensurable(sums.classes[number].scale, input.scale[i]))
        ++number;
      if (number == sums.classes.size())
        sums.classes.push_back({input.scale[i], {}});
    }
    sums.classOf.push_back(number);
  }
  constexpr size_t kMostClasses = 16;
  if (sums.classes.size() > kMostClasses)
    return node->emitOpError("takes elements of ")
           << sums.classes.size() << " scales that have no common grid";
  if (sums.classes.empty())
    sums.classes.push_back({1, {}});
  // Far more than any device has room for.
  constexpr int64_t kMostProducts = int64_t(1) << 22;
  if (int64_t(rows) * int64_t(inputs) > kMostProducts)
    return node->emitOpError("makes ")
           << rows << " sums of " << inputs << " elements; at most "
           << kMostProducts << " pairs are supported, use smaller tensors";
  for (ScaleClass &each : sums.classes)
    each.coefficients.assign(rows, Rationals(inputs));

  std::shared_ptr<Convolution> convolution = getConvolution(node);
  if (!isLeft)
    convolution = nullptr;
  int64_t weightsOfChannel =
      convolution ? ShapedType::getNumElements(convolution->kernel) /
                        convolution->kernel.front()
                  : 1;
  Rational factor = *Rational::fromDouble(node.getFactor());
  node.forEachProduct([&](int64_t row, int64_t i, int64_t weight) {
    if (!isLeft)
      std::swap(i, weight);
    if (convolution) {
      convolution->products.push_back({row, i, weight});
      sums.groupOf[row] = weight / weightsOfChannel;
    }
    Rational value = weightsValue ? factor * weights[weight] : factor;
    if (!value.sign())
      return;
    if (int64_t divisor = node.getDivisor(row); divisor != 1)
      value = value / Rational(divisor);
    sums.add(row, i, value);
  });
  SmallVector<WeightGrid, 0> grids;
  bool isSnapped = false;
  for (const ScaleClass &each : sums.classes) {
    std::optional<ArrayRef<int64_t>> groups;
    if (convolution)
      groups = sums.groupOf;
    FailureOr<WeightGrid> grid = failure();
    {
      ScopedDiagnosticHandler handler(
          node->getContext(), [&](Diagnostic &diagnostic) {
            if (Operation *taker = findFloatActivations(node)) {
              diagnostic << "; activations are float: quantise them too, no "
                            "quantiser stands before ";
              if (auto name = dyn_cast<NameLoc>(taker->getLoc()))
                diagnostic << name.getName().getValue();
              else
                diagnostic << taker->getName().stripDialect();
            }
            return failure();
          });
      grid =
          findWeightGrid(each.coefficients, input.scale, node.getLoc(), groups);
    }
    if (failed(grid))
      return failure();
    isSnapped |= grid->isSnapped;
    for (auto [r, row] : llvm::enumerate(grid->weights))
      for (auto [i, weight] : llvm::enumerate(row))
        if (weight && input.offset[i].sign())
          sums.offset[r] = sums.offset[r] + Rational(weight) * grid->scale[r] /
                                                input.scale[i] *
                                                input.offset[i];
    grids.push_back(std::move(*grid));
  }
  if (isSnapped)
    node->emitRemark("takes weights within a rounding error of their grid for "
                     "the grid's own");
  Rationals addends(rows);
  if (Value addend = node.getAddend()) {
    FailureOr<Rationals> constant = getExactElements(addend);
    if (failed(constant))
      return failure();
    Rational addendFactor = *Rational::fromDouble(node.getAddendFactor());
    for (int64_t r = 0; r < rows; ++r) {
      addends[r] = addendFactor * (*constant)[node.getAddendIndex(r)];
      sums.offset[r] = sums.offset[r] + addends[r];
    }
  }

  FailureOr<Value> integers = close(input);
  if (failed(integers))
    return failure();
  // A product; a factor before or behind; a division as one or as two.
  int roundings = int(bool(weightsValue)) + int(factor != 1) +
                  (node.getDivisor(0) != 1 ? 2 : 0);
  SmallVector<lowbit::FloatSums, 0> floats =
      describeFloat(sums, grids, addends, roundings);
  SmallVector<double> errors(inputs, 0);
  for (int64_t i = 0; i < inputs; ++i)
    if (!input.error.empty() && input.scale[i].sign())
      errors[i] = input.error[i] / std::abs(input.scale[i].toDouble());
  IntegerTensor tensor(node.getLoc());
  if (grids.size() == 1) {
    FailureOr<Intervals> ranges =
        boundSums(grids[0].weights, SmallVector<int64_t>(rows, 0),
                  emitter.getRanges(*integers), node.getLoc());
    if (failed(ranges))
      return failure();
    tensor.scale = std::move(grids[0].scale);
    tensor.ranges = std::move(*ranges);
    tensor.weights = std::move(grids[0].weights);
    tensor.terms = *integers;
    tensor.convolution = std::move(convolution);
    tensor.offset = std::move(sums.offset);
    tensor.floatSums = std::move(floats.front());
    // Sums that float32 holds exactly come out the same in any order.
    tensor.isDefined = input.error.empty();
    for (int64_t r = 0; r < rows; ++r) {
      auto [error, largest] =
          boundRow(tensor, r, emitter.getRanges(*integers), errors);
      tensor.error.push_back(error);
      tensor.isDefined &= largest <= tensor.floatSums.rows[r].exact;
    }
  } else {
    FailureOr<IntegerTensor> total =
        sumClasses(node.getLoc(), onnx::getShape(result), *integers, grids,
                   floats, errors, std::move(sums.offset));
    if (failed(total))
      return failure();
    tensor = std::move(*total);
  }
  tensor.shape.assign(onnx::getShape(result));
  tensor.isDefined |= isa<IntegerType>(onnx::getFirstElementType(node));
  if (tensor.isDefined)
    tensor.error.clear();
  setKnown(result, std::move(tensor));
  return success();
}
