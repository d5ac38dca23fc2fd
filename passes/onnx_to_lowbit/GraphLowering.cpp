//===- GraphLowering.cpp - The tensors of a graph as integers -------------===//

#include "passes/onnx_to_lowbit/GraphLowering.h"

#include "passes/onnx_to_lowbit/FloatBounds.h"
#include "passes/onnx_to_lowbit/LineFit.h"
#include "passes/onnx_to_lowbit/RequantFit.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Intervals;

void GraphLowering::setKnown(Value value, IntegerTensor tensor) {
  tensors.push_back(std::move(tensor));
  known[value] = &tensors.back();
}

void GraphLowering::setQuantised(const InputQuantiser &quantiser,
                                 ValueRange inputs) {
  // The inputs that it takes elements of, one after the other.
  SmallVector<Value> taken;
  SmallVector<int64_t> begins(inputs.size());
  int64_t count = 0;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (quantiser.takes(i)) {
      begins[i] = count;
      count += getCount(input);
      taken.push_back(input);
    }
  SmallVector<int64_t> indices;
  for (auto [input, element] : quantiser.sources)
    indices.push_back(begins[input] + element);
  setQuantised(quantiser, emitter.emitConcat(quantiser.value.getLoc(), taken),
               indices);
}

void GraphLowering::setQuantised(const InputQuantiser &quantiser, Value input,
                                 ArrayRef<int64_t> indices) {
  IntegerTensor tensor(quantiser.value.getLoc());
  size_t count = quantiser.sources.size();
  tensor.shape.assign(onnx::getShape(quantiser.value));
  tensor.scale.assign(count, quantiser.scale);
  tensor.offset.assign(count, quantiser.offset);
  tensor.ranges.assign(count, quantiser.range);
  tensor.isDefined = true;
  if (isa<FloatType>(onnx::getElementType(quantiser.value)))
    roundOnce(tensor);
  tensor.value = emitter.emitSelect(quantiser.value.getLoc(), input, indices,
                                    tensor.shape);
  if (!quantiser.functions.empty()) {
    tensor.value = emitter.emitSteps(
        tensor.loc, tensor.value, quantiser.functions,
        SmallVector<std::optional<lowbit::Line>>(quantiser.functions.size()),
        quantiser.functionOf);
    tensor.ranges = emitter.getRanges(tensor.value);
  }
  setKnown(quantiser.value, std::move(tensor));
}

FailureOr<Value> GraphLowering::close(const IntegerTensor &tensor) {
  if (!tensor.isOpen())
    return tensor.value;
  Value &value = closed[&tensor];
  if (value)
    return value;
  FailureOr<Value> sums =
      emitter.emitSums(tensor, SmallVector<int64_t>(tensor.weights.size(), 0));
  if (succeeded(sums))
    value = *sums;
  return sums;
}

//===----------------------------------------------------------------------===//
// Elementwise operators and movements
//===----------------------------------------------------------------------===//

/// More elements in one tensor than any device's program could visit.
static constexpr int64_t kMostElements = 1 << 16;

LogicalResult pdkc::checkSize(Value value) {
  int64_t count = getCount(value);
  if (count > kMostElements)
    return emitError(value.getLoc()) << "has " << count << " elements; at most "
                                     << kMostElements << " are supported";
  return success();
}

FailureOr<const IntegerTensor *> GraphLowering::describe(Value value) {
  if (const IntegerTensor *tensor = known.lookup(value))
    return tensor;
  if (const IntegerTensor *tensor = described.lookup(value))
    return tensor;
  if (failed(checkSize(value)))
    return failure();
  SmallVector<ElementProgram, 0> programs;
  for (int64_t i = 0, count = getCount(value); i < count; ++i) {
    FailureOr<ElementProgram> program =
        ElementProgram::build(value, i, known, movements);
    if (failed(program))
      return failure();
    programs.push_back(std::move(*program));
  }
  FailureOr<IntegerTensor> tensor = describeElements(value, programs);
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

FailureOr<IntegerTensor>
GraphLowering::describeElements(Value value,
                                MutableArrayRef<ElementProgram> programs) {
  SmallVector<const IntegerTensor *> bases;
  for (const ElementProgram &program : programs) {
    if (program.getInputs().size() > 1)
      return describeMixed(value, programs);
    if (!program.getInputs().empty() &&
        !llvm::is_contained(bases, &program.getBase()))
      bases.push_back(&program.getBase());
  }
  if (bases.empty())
    return emitError(value.getLoc()) << "does not depend on the model's input";
  for (ElementProgram &program : programs)
    if (program.getInputs().empty())
      program.bindTo(*bases.front(), 0);
  if (bases.size() == 1)
    return describeGroup(value, onnx::getShape(value), programs);

  // Each tensor's elements by themselves, then put in order.
  IntegerTensor joined(value.getLoc());
  joined.shape.assign(onnx::getShape(value));
  joined.isDefined = true;
  size_t count = programs.size();
  joined.scale.resize(count);
  joined.offset.resize(count);
  joined.error.assign(count, 0);
  joined.rounding.resize(count);
  SmallVector<int64_t> indices(count);
  SmallVector<Value> parts;
  int64_t first = 0;
  for (const IntegerTensor *base : bases) {
    SmallVector<ElementProgram, 0> group;
    SmallVector<size_t> places;
    for (auto [i, program] : llvm::enumerate(programs))
      if (!program.getInputs().empty() && &program.getBase() == base) {
        places.push_back(i);
        // Which leaves it without inputs.
        group.push_back(std::move(program));
      }
    FailureOr<IntegerTensor> part =
        describeGroup(value, {int64_t(places.size())}, group);
    if (failed(part))
      return failure();
    FailureOr<Value> integers =
        part->isOpen()
            ? emitter.emitSums(*part, SmallVector<int64_t>(places.size(), 0))
            : FailureOr<Value>(part->value);
    if (failed(integers))
      return failure();
    parts.push_back(*integers);
    for (auto [j, place] : llvm::enumerate(places)) {
      joined.scale[place] = part->scale[j];
      joined.offset[place] = part->offset[j];
      if (!part->error.empty())
        joined.error[place] = part->error[j];
      if (!part->rounding.empty())
        joined.rounding[place] = part->rounding[j];
      indices[place] = first + j;
    }
    joined.isDefined &= part->isDefined;
    joined.isClass |= part->isClass;
    first += places.size();
  }
  if (joined.isDefined)
    joined.error.clear();
  joined.value = emitter.emitSelect(value.getLoc(),
                                    emitter.emitConcat(value.getLoc(), parts),
                                    indices, joined.shape);
  joined.ranges = emitter.getRanges(joined.value);
  return joined;
}

static FunctionTable tabulate(MutableArrayRef<ElementProgram> programs) {
  FunctionTable table;
  for (ElementProgram &program : programs) {
    Interval range = program.getRange();
    size_t function = 0;
    while (function < table.programs.size() &&
           !table.programs[function]->isSame(program))
      ++function;
    if (function == table.programs.size()) {
      table.programs.push_back(&program);
      table.ranges.push_back(range);
      table.errors.push_back(0);
    }
    const auto &error = program.getBase().error;
    if (!error.empty())
      table.errors[function] =
          std::max(table.errors[function],
                   error[program.getBaseElement()] + program.boundRounding());
    table.ranges[function] = lowbit::hull(table.ranges[function], range);
    table.functionOf.push_back(function);
  }
  return table;
}

/// How far off float32 has the results of a program that is defined, for these
/// integers.
template <typename Integers>
static Rounding boundDefined(ElementProgram &program, Integers integers) {
  Rounding result;
  double largest = 0;
  for (int64_t integer : integers) {
    FailureOr<Rational> value = program.evaluate(integer);
    double error = succeeded(value) ? program.getRounding() : 0;
    largest = std::max(largest, error);
    if (error > 0 && value->sign() == 0)
      result.absolute = std::max(result.absolute, error);
    else if (error > 0)
      result.relative =
          std::max(result.relative, error / std::abs(value->toDouble()));
  }
  // Where summands cancel, the error is not a share of the result.
  constexpr double kMostShare = 4 * kFloatUnit;
  if (result.relative > kMostShare)
    result = {largest, 0};
  return result;
}

/// The same for an affine program and all integers of its range.
static Rounding boundAffine(ElementProgram &program) {
  auto [low, high] = program.getRange();
  constexpr int64_t kMostTried = 1 << 12;
  if (high - low > kMostTried)
    return program.boundDefinedRounding();
  return boundDefined(program, llvm::seq_inclusive(low, high));
}

FailureOr<IntegerTensor>
GraphLowering::describeGroup(Value value, ArrayRef<int64_t> shape,
                             MutableArrayRef<ElementProgram> programs) {
  Rationals scale, offset;
  for (ElementProgram &program : programs) {
    auto affine = getAffine(program, program.getRange());
    if (!affine)
      return requantise(value, shape, programs);
    scale.push_back(affine->first);
    offset.push_back(affine->second);
  }
  IntegerTensor tensor = select(value, shape, programs);
  tensor.rounding.clear();
  bool isFloat = isa<FloatType>(onnx::getElementType(value));
  FunctionTable table = tabulate(programs);
  SmallVector<Rounding> defined(table.programs.size());
  for (auto [rounding, program] : llvm::zip_equal(defined, table.programs))
    if (tensor.isDefined && isFloat)
      rounding = boundAffine(*program);
  for (size_t i = 0; i < programs.size() && isFloat; ++i) {
    if (tensor.isDefined) {
      tensor.rounding.push_back(defined[table.functionOf[i]]);
      continue;
    }
    // In the units of the new values, and with the roundings on the way.
    const IntegerTensor &base = programs[i].getBase();
    int64_t element = programs[i].getBaseElement();
    const Rational &old = base.scale[element];
    double ratio = old.sign() ? std::abs((scale[i] / old).toDouble()) : 0;
    double rounding = programs[i].boundRounding();
    tensor.error[i] = (tensor.error[i] + rounding) * ratio;
    tensor.rounding.push_back(
        {(boundRounding(base, element) + rounding) * ratio, 0});
  }
  tensor.scale = std::move(scale);
  tensor.offset = std::move(offset);
  return tensor;
}

IntegerTensor GraphLowering::select(Value value, ArrayRef<int64_t> shape,
                                    ArrayRef<ElementProgram> programs) {
  const IntegerTensor &base = programs.front().getBase();
  IntegerTensor tensor(base.loc);
  tensor.shape.assign(shape);
  tensor.isDefined = programs.front().isDefined();
  tensor.isClass = base.isClass;
  tensor.terms = base.terms;
  tensor.floatSums.terms = base.floatSums.terms;
  tensor.floatSums.relative = base.floatSums.relative;
  SmallVector<int64_t> indices;
  bool isWhole = programs.size() == base.scale.size();
  for (const ElementProgram &program : programs) {
    int64_t element = program.getBaseElement();
    isWhole &= element == int64_t(indices.size());
    indices.push_back(element);
    tensor.ranges.push_back(base.ranges[element]);
    tensor.scale.push_back(base.scale[element]);
    tensor.offset.push_back(base.offset[element]);
    if (!base.error.empty())
      tensor.error.push_back(base.error[element]);
    if (!base.rounding.empty())
      tensor.rounding.push_back(base.rounding[element]);
    if (!base.isOpen())
      continue;
    tensor.weights.push_back(base.weights[element]);
    tensor.floatSums.rows.push_back(base.floatSums.rows[element]);
  }
  if (isWhole)
    tensor.convolution = base.convolution;
  if (!base.isOpen())
    tensor.value =
        emitter.emitSelect(value.getLoc(), base.value, indices, tensor.shape);
  return tensor;
}

/// How many integers of the range lie so near to a jump.
static int64_t countNear(const FloatFunction &function, Interval range) {
  int64_t count = 0, next = range.min;
  for (auto [low, high] : function.steps.jumps) {
    double first = std::max(std::ceil(low - function.reach), double(next));
    double last =
        std::min(std::floor(high + function.reach), double(range.max));
    if (first > last)
      continue;
    count += int64_t(last - first) + 1;
    next = int64_t(last) + 1;
  }
  return count;
}

void GraphLowering::reportUndecided(Value result, Location loc,
                                    ArrayRef<FloatFunction> functions,
                                    ArrayRef<Interval> ranges,
                                    ArrayRef<size_t> functionOf,
                                    const RequantFit *fit) {
  int64_t count = 0, total = 0;
  lowbit::FloatSteps steps;
  bool isEmpty = true;
  for (auto [i, function] : llvm::enumerate(functions)) {
    total += ranges[i].max - ranges[i].min + 1;
    count += countNear(function, ranges[i]);
    isEmpty &= function.steps.jumps.empty() && function.steps.slope == 0;
    steps.functions.push_back(function.steps);
    if (!fit)
      continue;
    auto &jumps = steps.functions.back().jumps;
    if (fit->isMirrored[i]) {
      std::reverse(jumps.begin(), jumps.end());
      for (auto &[low, high] : jumps)
        std::tie(low, high) = std::pair(-high, -low);
    }
    for (auto &[low, high] : jumps) {
      low += double(fit->bias[i]);
      high += double(fit->bias[i]);
    }
  }
  if (count)
    emitRemark(loc) << "float32 could round otherwise, in some order of the "
                       "sum, for up to "
                    << count << " of " << total
                    << " values of the sums; exact arithmetic decides";
  Operation *op = result.getDefiningOp();
  if (isEmpty || !isa_and_nonnull<lowbit::RequantOp, lowbit::StepsOp>(op))
    return;
  steps.functionOf.assign(functionOf.begin(), functionOf.end());
  op->setDiscardableAttr(lowbit::kFloatSteps, steps.getAttr(op->getContext()));
}

/// Of a function without jumps: how steep it is, where what it takes is off by
/// `reach`, in units of its integers; and how far off float32 has its values
/// besides.
static double boundSlope(ElementProgram &program, const RealSteps &steps,
                         double reach, double &rounding) {
  const auto &input = program.getInputs().front();
  const Rational &scale = input.tensor->scale[input.element];
  Rational far = *Rational::fromDouble(reach), steepest;
  for (auto [i, piece] : llvm::enumerate(steps.pieces)) {
    if (i > 0)
      steepest =
          std::max(steepest, abs(piece.value - steps.pieces[i - 1].value));
    for (int64_t integer : {piece.start, steps.getEnd(i)})
      for (int side : {1, -1}) {
        Rational real =
            scale * Rational(integer) + input.tensor->offset[input.element];
        for (bool alternates : {false, true})
          if (auto other = program.evaluateRounded(real, side, alternates);
              succeeded(other))
            rounding = std::max(rounding, abs(*other - piece.value).toDouble());
        // Between the integers and beyond them it may be steeper.
        Rational moved = real + Rational(side) * far * scale;
        if (auto other = program.evaluateReal(moved); succeeded(other))
          steepest = std::max(steepest, abs(*other - piece.value) / far);
      }
  }
  return steepest.toDouble();
}

FailureOr<IntegerTensor>
GraphLowering::requantise(Value value, ArrayRef<int64_t> shape,
                          MutableArrayRef<ElementProgram> programs) {
  Location loc = value.getLoc();
  FunctionTable table = tabulate(programs);
  auto wide = requantiseWide(value, shape, programs, table);
  if (failed(wide))
    return failure();
  if (*wide)
    return std::move(**wide);
  SmallVector<RealSteps, 0> functions;
  SmallVector<Rational> slopes;
  SmallVector<FloatFunction, 0> floats(table.programs.size());
  // In units of the values.
  SmallVector<Rounding> roundings(table.programs.size());
  for (size_t i = 0; i < floats.size(); ++i) {
    ElementProgram &program = *table.programs[i];
    FailureOr<RealSteps> steps = findSteps(program, table.ranges[i], loc);
    if (failed(steps))
      return failure();
    functions.push_back(std::move(*steps));
    slopes.push_back(findSlope(program, functions.back()));
    const IntegerTensor &base = program.getBase();
    double scale = std::abs(base.scale[program.getBaseElement()].toDouble());
    if (program.isDefined())
      roundings[i] = boundDefined(
          program, llvm::map_range(functions.back().pieces,
                                   [](auto &piece) { return piece.start; }));
    // A straight-through sum is its quantiser's value, but for rounding, which
    // is another one within a piece.
    if (program.isDefined() || program.isDecided())
      roundings[i].absolute =
          std::max(roundings[i].absolute, program.boundCancellation());
    if (table.errors[i] == 0 && program.isDefined() && program.hasFunction())
      floats[i].steps.jumps = findUnsure(program, functions.back());
    if (table.errors[i] == 0 || scale == 0)
      continue;
    floats[i].reach = table.errors[i] / scale;
    if (program.isDecided())
      floats[i].steps.jumps =
          findJumps(program, functions.back(), floats[i].reach);
    else
      // Without a jump there is nothing to decide: the error goes on.
      floats[i].steps.slope = boundSlope(
          program, functions.back(), floats[i].reach, roundings[i].absolute);
  }
  IntegerTensor tensor = select(value, shape, programs);
  std::optional<IntegerForm> form =
      toIntegerForm(functions, slopes, tensor.isOpen());
  if (!form)
    return emitError(loc) << "has values on no integer grid: a quantiser is "
                             "missing behind it";
  if (!form->fit) {
    auto two = requantiseTwice(value, shape, programs, *form);
    if (failed(two))
      return failure();
    if (*two)
      return std::move(**two);
  }
  bool hasErrors = llvm::any_of(floats, [](const FloatFunction &it) {
    return it.reach > 0 || !it.steps.jumps.empty();
  });
  if (failed(apply(tensor, loc, *form, table.functionOf, hasErrors)))
    return failure();
  tensor.isDefined &= llvm::all_of(
      roundings, [](const Rounding &it) { return it.absolute == 0; });
  tensor.rounding.clear();
  tensor.error.clear();
  bool isFloat = isa<FloatType>(onnx::getElementType(value));
  for (auto [i, function] : llvm::enumerate(table.functionOf)) {
    FloatFunction &floatFunction = floats[function];
    double error = floatFunction.steps.slope * floatFunction.reach;
    if (!tensor.isDefined)
      tensor.error.push_back(error + roundings[function].absolute);
    if (isFloat)
      tensor.rounding.push_back(roundings[function]);
  }
  // From here on in units of the new integers.
  for (auto [function, grid] : llvm::zip_equal(floats, form->grids))
    function.steps.slope /= grid.scale.toDouble();
  reportUndecided(tensor.value, loc, floats, table.ranges, table.functionOf,
                  form->fit ? &*form->fit : nullptr);
  return tensor;
}

LogicalResult GraphLowering::apply(IntegerTensor &tensor, Location loc,
                                   IntegerForm &form,
                                   ArrayRef<size_t> functionOf, bool isKept) {
  RequantFit *fit = form.fit ? &*form.fit : nullptr;
  // Sums that others need as well stay the same for all; a product has an
  // offset anyhow.
  if (fit && fit->multiplier != 1 && llvm::all_equal(fit->bias) &&
      !llvm::is_contained(fit->isMirrored, true)) {
    fit->offset += fit->multiplier * fit->bias.front();
    fit->bias.assign(fit->bias.size(), 0);
  }
  if (tensor.isOpen()) {
    SmallVector<int64_t> bias(functionOf.size(), 0);
    for (auto [i, row] : llvm::enumerate(tensor.weights)) {
      if (!fit)
        break;
      bias[i] = fit->bias[functionOf[i]];
      if (fit->isMirrored[functionOf[i]])
        for (int64_t &weight : row)
          weight = -weight;
    }
    FailureOr<Value> sums = emitter.emitSums(tensor, bias);
    if (failed(sums))
      return failure();
    tensor.value = *sums;
  } else if (fit && fit->isMirrored.front()) {
    fit->multiplier = -fit->multiplier;
    // The integers themselves stay as they are.
    fit->isMirrored.assign(fit->isMirrored.size(), false);
  }
  finishFunctions(
      tensor,
      fit ? emitter.emitRequant(loc, tensor.value, *fit, isKept)
          : emitter.emitSteps(
                loc, tensor.value, form.functions, form.lines,
                SmallVector<int64_t>(functionOf.begin(), functionOf.end())),
      form, functionOf);
  return success();
}

void GraphLowering::finishFunctions(IntegerTensor &tensor, Value result,
                                    const IntegerForm &form,
                                    ArrayRef<size_t> functionOf) {
  tensor.value = result;
  tensor.terms = Value();
  tensor.weights.clear();
  tensor.floatSums = {};
  tensor.convolution.reset();
  tensor.ranges = emitter.getRanges(tensor.value);
  for (auto [i, function] : llvm::enumerate(functionOf)) {
    tensor.scale[i] = form.grids[function].scale;
    tensor.offset[i] = form.grids[function].offset;
  }
}
