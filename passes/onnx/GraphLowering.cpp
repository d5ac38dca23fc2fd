//===- GraphLowering.cpp - The tensors of a graph as integers -------------===//

#include "passes/onnx/GraphLowering.h"

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx/RequantFit.h"
#include "passes/onnx/WeightGrid.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Intervals;

void GraphLowering::setKnown(Value value, IntegerTensor tensor) {
  tensors.push_back(std::move(tensor));
  known[value] = &tensors.back();
}

FailureOr<Value> GraphLowering::close(const IntegerTensor &tensor) {
  if (!tensor.isOpen())
    return tensor.value;
  Value &value = closed[&tensor];
  if (value)
    return value;
  SmallVector<int64_t> noBias(tensor.weights.size(), 0);
  FailureOr<Value> dense = emitter.emitDense(
      tensor.loc, tensor.terms, tensor.weights, noBias, tensor.shape);
  if (succeeded(dense))
    value = *dense;
  return dense;
}

//===----------------------------------------------------------------------===//
// Elementwise operators and movements
//===----------------------------------------------------------------------===//

FailureOr<const IntegerTensor *> GraphLowering::describe(Value value) {
  if (const IntegerTensor *tensor = known.lookup(value))
    return tensor;
  if (const IntegerTensor *tensor = described.lookup(value))
    return tensor;
  FailureOr<IntegerTensor> tensor = describeNew(value);
  if (failed(tensor))
    return failure();
  tensors.push_back(std::move(*tensor));
  return described[value] = &tensors.back();
}

/// Scale and offset where the program is affine on all of the range.
static std::optional<std::pair<Rational, Rational>>
getAffine(ElementProgram &program, Interval range) {
  if (!program.isAffine())
    return std::nullopt;
  FailureOr<Rational> offset = program.evaluate(0);
  FailureOr<Rational> next = program.evaluate(1);
  if (failed(offset) || failed(next))
    return std::nullopt;
  Rational scale = *next - *offset;
  // An integer type that overflows shows at the ends.
  for (int64_t end : {range.min, range.max}) {
    FailureOr<Rational> value = program.evaluate(end);
    if (failed(value) || *value != scale * Rational(end) + *offset)
      return std::nullopt;
  }
  return std::pair(scale, *offset);
}

/// More elements in one tensor than any device's program could visit.
static constexpr int64_t kMostElements = 1 << 16;

static LogicalResult checkSize(Value value) {
  int64_t count = cast<RankedTensorType>(value.getType()).getNumElements();
  if (count > kMostElements)
    return emitError(value.getLoc()) << "has " << count << " elements; at most "
                                     << kMostElements << " are supported";
  return success();
}

FailureOr<IntegerTensor> GraphLowering::describeNew(Value value) {
  if (failed(checkSize(value)))
    return failure();
  int64_t count = cast<RankedTensorType>(value.getType()).getNumElements();
  SmallVector<ElementProgram, 0> programs;
  for (int64_t i = 0; i < count; ++i) {
    FailureOr<ElementProgram> program =
        ElementProgram::build(value, i, known, movements);
    if (failed(program))
      return failure();
    if (i > 0 && &program->getBase() != &programs[0].getBase())
      return emitError(value.getLoc())
             << "has elements of two different tensors that depend on the "
                "model's input, which is not supported";
    programs.push_back(std::move(*program));
  }
  Rationals scale, offset;
  for (ElementProgram &program : programs) {
    auto affine =
        getAffine(program, program.getBase().ranges[program.getBaseElement()]);
    if (!affine)
      return requantise(value, programs);
    scale.push_back(affine->first);
    offset.push_back(affine->second);
  }
  IntegerTensor tensor = select(value, programs);
  tensor.scale = std::move(scale);
  tensor.offset = std::move(offset);
  return tensor;
}

IntegerTensor GraphLowering::select(Value value,
                                    ArrayRef<ElementProgram> programs) {
  const IntegerTensor &base = programs.front().getBase();
  IntegerTensor tensor(base.loc);
  tensor.shape.assign(onnx::getShape(value));
  tensor.isDefined = programs.front().isDefined();
  tensor.isClass = base.isClass;
  tensor.terms = base.terms;
  SmallVector<int64_t> indices;
  for (const ElementProgram &program : programs) {
    int64_t element = program.getBaseElement();
    indices.push_back(element);
    tensor.ranges.push_back(base.ranges[element]);
    tensor.scale.push_back(base.scale[element]);
    tensor.offset.push_back(base.offset[element]);
    if (base.isOpen())
      tensor.weights.push_back(base.weights[element]);
  }
  if (!base.isOpen())
    tensor.value =
        emitter.emitSelect(value.getLoc(), base.value, indices, tensor.shape);
  return tensor;
}

/// Functions of integers, alike for many elements.
namespace {
struct FunctionTable {
  SmallVector<ElementProgram *> programs;
  SmallVector<Interval> ranges;
  /// The function of each element.
  SmallVector<size_t> functionOf;
};
} // namespace

static FunctionTable tabulate(MutableArrayRef<ElementProgram> programs) {
  FunctionTable table;
  for (ElementProgram &program : programs) {
    Interval range = program.getBase().ranges[program.getBaseElement()];
    size_t function = 0;
    while (function < table.programs.size() &&
           !table.programs[function]->isSame(program))
      ++function;
    if (function == table.programs.size()) {
      table.programs.push_back(&program);
      table.ranges.push_back(range);
    }
    table.ranges[function] = lowbit::hull(table.ranges[function], range);
    table.functionOf.push_back(function);
  }
  return table;
}

/// The functions on one grid for all, or else on one each.
static std::optional<RequantFit> fitOnGrids(ArrayRef<RealSteps> functions,
                                            bool isSum,
                                            SmallVectorImpl<Grid> &grids,
                                            bool &isOnGrid) {
  isOnGrid = false;
  for (bool isShared : {true, false}) {
    grids.clear();
    SmallVector<IntegerSteps, 0> integers;
    for (const RealSteps &function : functions) {
      grids.push_back(findGrid(isShared ? functions : ArrayRef(function)));
      std::optional<IntegerSteps> steps = toIntegers(function, grids.back());
      if (!steps)
        break;
      integers.push_back(std::move(*steps));
    }
    if (integers.size() != functions.size())
      continue;
    isOnGrid = true;
    if (std::optional<RequantFit> fit = fitRequant(integers, isSum))
      return fit;
  }
  return std::nullopt;
}

FailureOr<IntegerTensor>
GraphLowering::requantise(Value value,
                          MutableArrayRef<ElementProgram> programs) {
  Location loc = value.getLoc();
  FunctionTable table = tabulate(programs);
  SmallVector<RealSteps, 0> functions;
  for (auto [program, range] : llvm::zip_equal(table.programs, table.ranges)) {
    FailureOr<RealSteps> steps = findSteps(*program, range, loc);
    if (failed(steps))
      return failure();
    functions.push_back(std::move(*steps));
  }
  IntegerTensor tensor = select(value, programs);
  SmallVector<Grid> grids;
  bool isOnGrid;
  std::optional<RequantFit> fit =
      fitOnGrids(functions, tensor.isOpen(), grids, isOnGrid);
  if (!fit && !isOnGrid)
    return emitError(loc) << "has values on no integer grid, though a sum of "
                             "products takes them: a quantiser is missing "
                             "before that";
  if (!fit)
    return emitError(loc)
           << "is a step function that no multiplication, shift and clamp of "
              "its integer equals ("
           << functions.size() << " functions, the first with "
           << functions.front().pieces.size()
           << " values): thresholds and tables are not supported; use scales "
              "that are powers of two";

  if (tensor.isOpen()) {
    SmallVector<int64_t> bias;
    for (auto [i, row] : llvm::enumerate(tensor.weights)) {
      size_t function = table.functionOf[i];
      bias.push_back(fit->bias[function]);
      if (fit->isMirrored[function])
        for (int64_t &weight : row)
          weight = -weight;
    }
    FailureOr<Value> dense = emitter.emitDense(
        tensor.loc, tensor.terms, tensor.weights, bias, tensor.shape);
    if (failed(dense))
      return failure();
    tensor.value = *dense;
  } else if (fit->isMirrored.front()) {
    fit->multiplier = -fit->multiplier;
  }
  tensor.value = emitter.emitRequant(loc, tensor.value, *fit);
  tensor.terms = Value();
  tensor.weights.clear();
  tensor.ranges = emitter.getRanges(tensor.value);
  for (auto [i, function] : llvm::enumerate(table.functionOf)) {
    tensor.scale[i] = grids[function].scale;
    tensor.offset[i] = grids[function].offset;
  }
  return tensor;
}

//===----------------------------------------------------------------------===//
// Sums of products
//===----------------------------------------------------------------------===//

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

LogicalResult GraphLowering::lowerLinear(onnx::Linear node) {
  if (!node.getWeights())
    return node->emitOpError("cannot be lowered to integers");
  Value left = node->getOperand(0), right = node->getOperand(1);
  bool isLeft = !onnx::getConstant(left);
  if (isLeft == !onnx::getConstant(right))
    return node->emitOpError(
        isLeft ? "multiplies two tensors that both depend on the model's "
                 "input; one of them must be constant"
               : "has constant operands: run --onnx-fold-constants first");
  Value addend = node.getAddend();
  if (addend && !onnx::getConstant(addend))
    return node->emitOpError("adds a tensor that depends on the model's input; "
                             "it must be constant");
  Value variable = isLeft ? left : right;
  if (failed(checkSize(variable)) || failed(checkSize(node->getResult(0))))
    return failure();
  int64_t products = 0;
  node.forEachProduct([&](int64_t, int64_t, int64_t) { ++products; });
  int64_t rows =
      cast<RankedTensorType>(node->getResult(0).getType()).getNumElements();
  int64_t inputs = cast<RankedTensorType>(variable.getType()).getNumElements();
  if (products != rows * inputs)
    return node->emitOpError("multiplies several vectors, of shape [")
           << onnx::getShape(variable)
           << "]; one at a time is supported: export the model with a batch of "
              "1";
  FailureOr<Rationals> weights = getExactElements(isLeft ? right : left);
  if (failed(weights))
    return failure();
  FailureOr<const IntegerTensor *> described = describe(variable);
  if (failed(described))
    return failure();
  const IntegerTensor &input = **described;

  // coefficient = weight * the input's scale; an input that has one value only
  // is a constant.
  ArrayRef<int64_t> shape = onnx::getShape(node->getResult(0));
  auto isConstant = [&](int64_t i) {
    return input.ranges[i].min == input.ranges[i].max ||
           input.scale[i].sign() == 0;
  };
  Rational factor = *Rational::fromDouble(node.getFactor());
  SmallVector<Rationals, 0> coefficients(rows, Rationals(inputs));
  Rationals offset(rows);
  node.forEachProduct([&](int64_t row, int64_t i, int64_t weight) {
    if (!isLeft)
      std::swap(i, weight);
    const Rational &value = (*weights)[weight];
    if (!isConstant(i)) {
      coefficients[row][i] =
          coefficients[row][i] + factor * value * input.scale[i];
    } else if (value.sign()) {
      Rational fixed =
          input.scale[i] * Rational(input.ranges[i].min) + input.offset[i];
      offset[row] = offset[row] + factor * value * fixed;
    }
  });
  FailureOr<WeightGrid> grid =
      findWeightGrid(coefficients, input.scale, node.getLoc());
  if (failed(grid))
    return failure();
  if (grid->isSnapped)
    node->emitRemark("takes weights within a rounding error of their grid for "
                     "the grid's own");
  for (auto [r, row] : llvm::enumerate(grid->weights))
    for (auto [i, weight] : llvm::enumerate(row))
      if (weight && input.offset[i].sign())
        offset[r] = offset[r] + Rational(weight) * grid->scale[r] /
                                    input.scale[i] * input.offset[i];
  if (addend) {
    FailureOr<Rationals> constant = getExactElements(addend);
    if (failed(constant))
      return failure();
    Rational addendFactor = *Rational::fromDouble(node.getAddendFactor());
    for (int64_t r = 0; r < rows; ++r)
      offset[r] =
          offset[r] + addendFactor * (*constant)[node.getAddendIndex(r)];
  }

  FailureOr<Value> terms = close(input);
  if (failed(terms))
    return failure();
  FailureOr<Intervals> ranges =
      boundSums(grid->weights, SmallVector<int64_t>(rows, 0),
                emitter.getRanges(*terms), node.getLoc());
  if (failed(ranges))
    return failure();
  IntegerTensor result(node.getLoc());
  result.shape.assign(shape);
  result.scale = std::move(grid->scale);
  result.offset = std::move(offset);
  result.ranges = std::move(*ranges);
  result.isDefined = isa<IntegerType>(onnx::getFirstElementType(node));
  result.terms = *terms;
  result.weights = std::move(grid->weights);
  setKnown(node->getResult(0), std::move(result));
  return success();
}
