//===- PairSums.cpp - Sums of two quantised tensors -----------------------===//
//
// A sum of two small integers of any scales that is quantised again is a
// function of two integers; all pairs are tried, and multipliers found that
// make it one of a sum of multiples of them.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "mlir/IR/Diagnostics.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include "passes/onnx_to_lowbit/LineFit.h"
#include "passes/onnx_to_lowbit/PairFit.h"
#include <map>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Intervals;

/// Pairs of integers that are all tried.
static constexpr int64_t kMostPairs = 1 << 17;

static int64_t countCombinations(const ElementProgram &program) {
  int64_t count = 1;
  for (unsigned i = 0; i < program.getInputs().size(); ++i) {
    Interval range = program.getRange(i);
    if (llvm::MulOverflow(count, range.max - range.min + 1, count))
      return INT64_MAX;
  }
  return count;
}

bool pdkc::isFunctionOfPairs(const ElementProgram &program) {
  return program.getInputs().size() == 2 &&
         countCombinations(program) <= kMostPairs;
}

/// What two integers lie in.
using Ranges = std::array<Interval, 2>;

static int64_t countPairs(const Ranges &ranges) {
  return (ranges[0].max - ranges[0].min + 1) *
         (ranges[1].max - ranges[1].min + 1);
}

static Ranges hull(const Ranges &a, const Ranges &b) {
  return {lowbit::hull(a[0], b[0]), lowbit::hull(a[1], b[1])};
}

/// The function's values as numbers of the list of all values.
static FailureOr<PairTable> tabulate(ElementProgram &program,
                                     const Ranges &ranges,
                                     std::map<Rational, int64_t> &numbers,
                                     Location loc) {
  PairTable table{ranges[0], ranges[1], {}};
  std::optional<std::pair<Rational, int64_t>> last;
  for (int64_t a = table.rows.min; a <= table.rows.max; ++a)
    for (int64_t b = table.columns.min; b <= table.columns.max; ++b) {
      FailureOr<Rational> real = program.evaluate({a, b});
      if (failed(real))
        return emitError(loc)
               << "is not defined for the integers " << a << " and " << b;
      if (!last || last->first != *real)
        last = *numbers.try_emplace(*real, numbers.size()).first;
      table.values.push_back(last->second);
    }
  return table;
}

/// How the values rise with the first integer, where neither they nor what they
/// are made of are clipped; 0 where that is not known.
static Rational findPairSlope(ElementProgram &program, Interval rows,
                              Interval columns) {
  Rational steepest;
  if (rows.min == rows.max)
    return steepest;
  for (int64_t a : {rows.min, (rows.min + rows.max) / 2, rows.max - 1})
    for (int64_t b :
         {columns.min, (columns.min + columns.max) / 2, columns.max}) {
      auto low = program.evaluateExactly({a, b}, /*isSmooth=*/true);
      auto high = program.evaluateExactly({a + 1, b}, /*isSmooth=*/true);
      if (succeeded(low) && succeeded(high) &&
          abs(*high - *low) > abs(steepest))
        steepest = *high - *low;
    }
  return steepest;
}

FailureOr<IntegerTensor>
GraphLowering::requantisePairs(Value value,
                               MutableArrayRef<ElementProgram> programs) {
  Location loc = value.getLoc();
  SmallVector<ElementProgram *> distinct;
  SmallVector<Ranges> ranges;
  SmallVector<size_t> functionOf;
  for (ElementProgram &program : programs) {
    if (!isFunctionOfPairs(program))
      return emitError(loc)
             << "combines " << program.getInputs().size()
             << " values that depend on the model's input, of "
             << countCombinations(program)
             << " combinations; only sums of products with constant weights, "
                "and quantised sums of two small integers, may do that (a "
                "scale computed from the input, as in dynamic quantisation, "
                "has no one program of integers: give inputs to make it "
                "constant "
                "with, --calibrate=SAMPLES, or quantise statically)";
    Ranges range{program.getRange(0), program.getRange(1)};
    size_t function = 0;
    while (function < distinct.size() &&
           (!distinct[function]->isSame(program) ||
            countPairs(hull(ranges[function], range)) > kMostPairs))
      ++function;
    if (function == distinct.size()) {
      distinct.push_back(&program);
      ranges.push_back(range);
    }
    ranges[function] = hull(ranges[function], range);
    functionOf.push_back(function);
  }
  // All values first, for their grid.
  std::map<Rational, int64_t> numbers;
  SmallVector<PairTable, 0> tables;
  for (auto [program, range] : llvm::zip_equal(distinct, ranges)) {
    FailureOr<PairTable> table = tabulate(*program, range, numbers, loc);
    if (failed(table))
      return failure();
    tables.push_back(std::move(*table));
  }
  RealSteps all{{0, int64_t(numbers.size()) - 1}, {}};
  for (const auto &[real, number] : numbers)
    all.pieces.push_back({int64_t(all.pieces.size()), real});
  Grid grid = findGrid(all);
  std::optional<IntegerSteps> integers = toIntegers(all, grid);
  constexpr size_t kMostValues = 1 << 10;
  if (!integers || numbers.size() > kMostValues)
    return emitError(loc) << "makes of two tensors values on no common grid: a "
                             "quantiser is missing behind it";
  SmallVector<int64_t> ofNumber(numbers.size());
  for (auto [number, piece] : llvm::zip_equal(numbers, integers->pieces))
    ofNumber[number.second] = piece.value;
  for (PairTable &table : tables)
    for (int64_t &entry : table.values)
      entry = ofNumber[entry];
  auto fits = fitPairs(tables);
  if (!fits)
    return emitError(loc) << "is a function of two integers that is none of a "
                             "sum of small multiples of them";
  IntegerForm form;
  form.grids.assign(fits->size(), grid);
  for (auto [program, range, fit] : llvm::zip_equal(distinct, ranges, *fits)) {
    form.functions.push_back(fit.steps);
    Rational slope =
        findPairSlope(*program, range[0], range[1]) / grid.scale;
    form.lines.push_back(
        fit.rowFactor ? fitLine(fit.steps, slope / Rational(fit.rowFactor))
                      : std::nullopt);
  }
  form.fit = findRequant(form.functions, /*isSum=*/true);

  SmallVector<SmallVector<Summand, 2>> rows;
  for (auto [program, function] : llvm::zip_equal(programs, functionOf)) {
    auto inputs = program.getInputs();
    rows.push_back({{inputs[0].tensor, inputs[0].element,
                     Rational((*fits)[function].rowFactor)},
                    {inputs[1].tensor, inputs[1].element,
                     Rational((*fits)[function].columnFactor)}});
  }
  IntegerTensor tensor(loc);
  FailureOr<SmallVector<Part>> parts = gatherParts(rows, tensor.terms, loc);
  if (failed(parts))
    return failure();
  size_t width = emitter.getRanges(tensor.terms).size();
  tensor.shape.assign(onnx::getShape(value));
  tensor.isDefined = true;
  tensor.scale.assign(rows.size(), Rational(1));
  tensor.offset.assign(rows.size(), Rational(0));
  for (ArrayRef<Summand> row : rows) {
    tensor.weights.emplace_back(width, 0);
    for (const Summand &summand : row)
      addProduct(tensor.weights.back(), summand,
                 *summand.coefficient.getInteger(), *parts);
  }
  FailureOr<Intervals> bounds =
      boundSums(tensor.weights, SmallVector<int64_t>(rows.size(), 0),
                emitter.getRanges(tensor.terms), loc);
  if (failed(bounds))
    return failure();
  tensor.ranges = std::move(*bounds);
  if (failed(apply(tensor, loc, form, functionOf, /*isKept=*/true)))
    return failure();
  tensor.rounding.assign(rows.size(), {0, kFloatUnit});
  bool isDefined = llvm::all_of(programs, [](ElementProgram &program) {
    return llvm::all_of(program.getInputs(),
                        [](auto &it) { return it.tensor->isDefined; });
  });
  if (isDefined)
    return tensor;
  // What the pairs' sums are off is not known.
  constexpr double kAnywhere = 1e15;
  FloatFunction anywhere{{{{-kAnywhere, kAnywhere}}, 0}, 0};
  reportUndecided(tensor.value, loc,
                  SmallVector<FloatFunction, 0>(distinct.size(), anywhere),
                  SmallVector<Interval>(distinct.size()), functionOf,
                  form.fit ? &*form.fit : nullptr);
  return tensor;
}

/// The quantiser's result, or what takes none of an integer, that a value comes
/// from by operators of one operand.
static Value findQuantised(Value value) {
  while (auto node =
             dyn_cast_or_null<onnx::Elementwise>(value.getDefiningOp())) {
    if (node.isStep())
      break;
    SmallVector<Value, 1> variable;
    for (Value operand : node->getOperands())
      if (!onnx::isNoValue(operand) && !onnx::getConstant(operand))
        variable.push_back(operand);
    if (variable.size() != 1)
      break;
    value = variable.front();
  }
  return value;
}

bool GraphLowering::lowerQuantisedSum(onnx::Elementwise node) {
  // Errors are no reason to refuse the model: there is another way.
  ScopedDiagnosticHandler quiet(node.getContext(),
                                [](Diagnostic &) { return success(); });
  SmallVector<Value, 2> begun;
  Rationals scales;
  auto giveUp = [&] {
    for (Value value : begun)
      known.erase(value);
    return false;
  };
  for (Value operand : node->getOperands()) {
    if (onnx::getConstant(operand))
      continue;
    Value quantised = findQuantised(operand);
    if (!known.contains(quantised)) {
      FailureOr<const IntegerTensor *> tensor = describe(quantised);
      if (failed(tensor) || !(*tensor)->isDefined || (*tensor)->isOpen())
        return giveUp();
      known[quantised] = *tensor;
      begun.push_back(quantised);
    }
    FailureOr<const IntegerTensor *> tensor = describe(operand);
    if (failed(tensor))
      return giveUp();
    scales.push_back((*tensor)->scale.front());
  }
  if (scales.size() != 2 || areCommensurable(scales[0], scales[1]))
    return giveUp();
  // To the quantiser behind.
  for (Value value = node->getResult(0); value.hasOneUse();) {
    auto user = dyn_cast<onnx::Elementwise>(*value.user_begin());
    if (!user)
      break;
    value = user->getResult(0);
    FailureOr<ElementProgram> program =
        ElementProgram::build(value, 0, known, movements);
    if (failed(program) || !isFunctionOfPairs(*program))
      break;
    if (!program->hasStep())
      continue;
    FailureOr<const IntegerTensor *> tensor = describe(value);
    if (failed(tensor))
      break;
    known[value] = *tensor;
    return true;
  }
  return giveUp();
}
