//===- Rejection.cpp - A class, or none where the best is below a bound ---===//
//
// An output that is an elementwise function of a class and of the largest of
// what the class was decided over: whatever a graph makes of the two (Where, a
// mask and products, ...), it is evaluated for every class and on both sides of
// the bound. Where it is one value below, the bound takes part in the decision
// as one more element. Any other function of a class and a few values is a
// table.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "mlir/IR/Diagnostics.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include "passes/onnx_to_lowbit/Softmax.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// The largest or the smallest of several elements; 1 or -1, else 0.
static int getExtreme(Operation *op) {
  StringRef name = op->getName().stripDialect();
  if (name == "ReduceMin" || name == "Min")
    return -1;
  return name == "ReduceMax" || name == "Max" || name == "MaxPool" ||
                 name == "GlobalMaxPool"
             ? 1
             : 0;
}

/// Whether the value is an element chosen of several that are no constants.
static bool isExtreme(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (isa<onnx::TopKOp>(op))
    return value == op->getResult(0);
  if (!getExtreme(op))
    return false;
  SmallVector<onnx::Source> sources;
  cast<onnx::Elementwise>(op).getSources(0, sources);
  return llvm::count_if(sources, [&](const onnx::Source &it) {
           return it.operand >= 0 &&
                  !onnx::getConstant(op->getOperand(it.operand));
         }) > 1;
}

static bool isClassNode(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  StringRef name = op->getName().stripDialect();
  return name == "ArgMax" || name == "ArgMin" ||
         name == "ArrayFeatureExtractor" ||
         (name == "TopK" && value != op->getResult(0));
}

void GraphLowering::findBounds(Value output) {
  firstOutput = output;
  findOneHot(output);
  if (!output.getDefiningOp() || getCount(output) != 1)
    return;
  BoundedClass found;
  SmallVector<Value> open{output};
  llvm::DenseSet<Value> seen;
  while (!open.empty()) {
    Value value = open.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!seen.insert(value).second || !op || onnx::getConstant(value) ||
        onnx::isNoValue(value))
      continue;
    if (isClassNode(value)) {
      found.classes.push_back(value);
    } else if (isExtreme(value)) {
      found.extremes.push_back(value);
    } else if (isa<onnx::Elementwise, onnx::Movement>(op) &&
               getCount(value) == 1) {
      found.between.push_back(value);
      open.append(op->operand_begin(), op->operand_end());
    } else {
      // A single value that no class stands behind.
      found.others.push_back(value);
    }
  }
  if (found.classes.empty() || (found.extremes.empty() && found.others.empty()))
    return;
  // What depends on no class, and is taken by what does.
  llvm::DenseSet<Value> &ofClass = found.ofClass;
  std::function<bool(Value)> isOfClass = [&](Value value) {
    if (isClassNode(value) || ofClass.contains(value))
      return true;
    if (!llvm::is_contained(found.between, value) ||
        !llvm::any_of(value.getDefiningOp()->getOperands(), isOfClass))
      return false;
    return ofClass.insert(value), true;
  };
  for (Value value : found.between)
    if (isOfClass(value))
      for (Value operand : value.getDefiningOp()->getOperands())
        if (!isOfClass(operand) && !onnx::getConstant(operand) &&
            !onnx::isNoValue(operand) &&
            !llvm::is_contained(found.gates, operand))
          found.gates.push_back(operand);
  bounded = std::move(found);
}

/// What the comparison finds the largest or smallest elements of, and which;
/// null where it is none that is 1 there, or 0 there with isNegated.
static Value getCompared(Operation *op, bool isNegated, bool &isSmallest) {
  StringRef name = op->getName().stripDialect();
  if (name == "Hardmax" && !isNegated)
    return countNormalised(op) == getCount(op->getOperand(0))
               ? op->getOperand(0)
               : Value();
  // Of x and m, or of m and x.
  bool isEqual = name == "Equal" && !isNegated;
  bool above = name == (isNegated ? "Less" : "GreaterOrEqual");
  bool below = name == (isNegated ? "Greater" : "LessOrEqual");
  if (!isEqual && !above && !below)
    return {};
  for (bool isFirst : {true, false}) {
    Value x = op->getOperand(isFirst ? 0 : 1);
    Value m = op->getOperand(isFirst ? 1 : 0);
    if (!isExtreme(m) || m.getDefiningOp()->getOperand(0) != x ||
        getCount(m) != 1 || getCount(op->getResult(0)) != getCount(x))
      continue;
    auto topK = m.getDefiningOp<onnx::TopKOp>();
    isSmallest = topK ? !topK.getLargest() : getExtreme(m.getDefiningOp()) < 0;
    // x >= max or x <= min.
    if (isEqual || above == (isFirst != isSmallest))
      return x;
  }
  return {};
}

void GraphLowering::findOneHot(Value output) {
  SmallVector<Value> between;
  for (Value value = output; value;) {
    Operation *op = value.getDefiningOp();
    if (!op || getCount(value) != getCount(output) || getCount(value) < 2)
      return;
    for (bool isNegated : {false, true}) {
      OneHot found{Value(), {}, between};
      found.data = getCompared(op, isNegated, found.preference.isSmallest);
      if (!found.data)
        continue;
      // Each element of the output has to follow its own bit.
      IntegerTensor bits(value.getLoc());
      size_t count = getCount(value);
      bits.shape.assign(onnx::getShape(value));
      bits.scale.assign(count, Rational(1));
      bits.offset.assign(count, Rational());
      bits.ranges.assign(count, {0, 1});
      bits.isDefined = true;
      KnownTensors start;
      start[value] = &bits;
      for (size_t i = 0; i < count; ++i) {
        auto program = ElementProgram::build(output, i, start, movements);
        if (failed(program) || program->getInputs().size() != 1 ||
            program->getBaseElement() != int64_t(i))
          return;
        FailureOr<Rational> clear = program->evaluate({isNegated ? 1 : 0});
        FailureOr<Rational> set = program->evaluate({isNegated ? 0 : 1});
        if (failed(clear) || failed(set) || *clear != 0 || *set != 1)
          return;
      }
      found.between.push_back(value);
      for (Value operand : op->getOperands())
        if (operand != found.data && operand.getDefiningOp())
          found.between.push_back(operand);
      oneHot = std::move(found);
      return;
    }
    between.push_back(value);
    Value next;
    if (isa<onnx::Elementwise, onnx::Movement>(op))
      for (Value operand : op->getOperands())
        if (!onnx::isNoValue(operand) && !onnx::getConstant(operand)) {
          if (next && next != operand)
            return;
          next = operand;
        }
    value = next;
  }
}

bool GraphLowering::isLeft(Operation *op) const {
  if (oneHot)
    return llvm::any_of(op->getResults(), [&](Value value) {
      return llvm::is_contained(oneHot->between, value);
    });
  if (!bounded)
    return false;
  return llvm::any_of(op->getResults(), [&](Value value) {
    return llvm::is_contained(bounded->between, value) ||
           (llvm::is_contained(bounded->extremes, value) &&
            !isa<onnx::TopKOp>(op));
  });
}

/// Whether a Softmax is among what the value is computed from, elementwise.
static bool isBehindSoftmax(Value value) {
  SmallVector<Value> open{value};
  llvm::DenseSet<Value> seen;
  while (!open.empty()) {
    Value next = open.pop_back_val();
    Operation *op = next.getDefiningOp();
    if (!op || !seen.insert(next).second)
      continue;
    StringRef name = op->getName().stripDialect();
    if (name == "Softmax" || name == "LogSoftmax")
      return true;
    if (isa<onnx::Elementwise, onnx::Movement, onnx::TopKOp>(op))
      open.append(op->operand_begin(), op->operand_end());
  }
  return false;
}

std::optional<int64_t> GraphLowering::takeClass(const Rational &value) {
  std::optional<int64_t> integer = value.getInteger();
  if (!integer || *integer < -1 || *integer > kNoClass)
    return std::nullopt;
  isNoneMade |= *integer == -1;
  highestClass = std::max(highestClass, *integer);
  return *integer == -1 ? kNoClass : *integer;
}

/// The same without pieces that go on as the one before.
static IntegerSteps joinPieces(const IntegerSteps &steps) {
  IntegerSteps result{steps.range, {}};
  for (const Piece<int64_t> &piece : steps.pieces)
    if (result.pieces.empty() || result.pieces.back().value != piece.value)
      result.pieces.push_back(piece);
  return result;
}

//===----------------------------------------------------------------------===//
// The bound as one more element
//===----------------------------------------------------------------------===//

/// Whether the extreme is a monotone function of the largest of u's elements or
/// of the smallest, whichever is asked.
static bool follows(Value extreme, Value u, bool ofSmallest,
                    DenseMap<Value, onnx::MovementMap> &movements) {
  Operation *op = extreme.getDefiningOp();
  size_t count = getCount(u);
  if (auto topK = dyn_cast<onnx::TopKOp>(op))
    return topK.getX() == u && (topK.getLargest() == 0) == ofSmallest;
  IntegerTensor reals(u.getLoc());
  reals.shape.assign(onnx::getShape(u));
  reals.scale.assign(count, Rational(1));
  reals.offset.assign(count, Rational());
  constexpr int64_t kFar = int64_t(1) << 40;
  reals.ranges.assign(count, {-kFar, kFar});
  KnownTensors start;
  start[u] = &reals;
  SmallVector<onnx::Source> sources;
  cast<onnx::Elementwise>(op).getSources(0, sources);
  std::optional<ElementProgram> first;
  llvm::DenseSet<int64_t> covered;
  ScopedDiagnosticHandler quiet(u.getContext(),
                                [](Diagnostic &) { return success(); });
  for (auto [operand, element] : sources) {
    if (operand < 0)
      continue;
    FailureOr<ElementProgram> program = ElementProgram::build(
        op->getOperand(operand), element, start, movements);
    if (failed(program) || program->getInputs().size() != 1 ||
        program->getDirection() == 0 || (first && !first->isSame(*program)))
      return false;
    covered.insert(program->getBaseElement());
    if (!first)
      first = std::move(*program);
  }
  return first && covered.size() == count &&
         ((getExtreme(op) < 0) != (first->getDirection() < 0)) == ofSmallest;
}

namespace {
/// A value on both sides of the reals at which it changes: `low` and below, and
/// `high` and above.
struct Gate {
  Value value;
  std::optional<Rational> before, behind;
  std::optional<Rational> low, high;

  /// Takes in what an element of the logits makes of it, which is worth scale *
  /// n + offset; false where it has more than one change, or another one.
  bool add(ElementProgram &program, Interval range, const Rational &scale,
           const Rational &offset);
};
} // namespace

bool Gate::add(ElementProgram &program, Interval range, const Rational &scale,
               const Rational &offset) {
  auto at = [&](int64_t integer) {
    return program.evaluate(
        SmallVector<int64_t>(program.getInputs().size(), integer));
  };
  auto real = [&](int64_t integer) {
    return scale * Rational(integer) + offset;
  };
  int64_t left = range.min, right = range.max;
  if (scale.sign() < 0)
    std::swap(left, right);
  FailureOr<Rational> first = at(left), last = at(right);
  if (failed(first) || failed(last) || program.getDirection() == 0)
    return false;
  if (*first != *last) {
    while (std::abs(right - left) > 1) {
      int64_t middle = left + (right - left) / 2;
      FailureOr<Rational> value = at(middle);
      if (failed(value) || (*value != *first && *value != *last))
        return false;
      (*value == *first ? left : right) = middle;
    }
    if (before && (*before != *first || *behind != *last))
      return false;
    before = *first;
    behind = *last;
  } else if (!before) {
    return true; // which side that is, other elements show
  } else if (*first == *before) {
    left = right;
  } else if (*first != *behind) {
    return false;
  }
  bool isLow = *first == *before, isHigh = *last == *behind;
  if (isLow && (!low || real(left) > *low))
    low = real(left);
  if (isHigh && (!high || real(right) < *high))
    high = real(right);
  return true;
}

FailureOr<Value> GraphLowering::decideBounded(Value output,
                                              const DecidedClass &decided) {
  if (!bounded->others.empty())
    return Value();
  Preference preference = decided.preference;
  FailureOr<Value> u = skipSoftmax(decided.data, &preference);
  if (failed(u))
    return failure();
  bool isRectified = false;
  FailureOr<const IntegerTensor *> described = describeLogits(*u, isRectified);
  if (failed(described))
    return failure();
  if (isRectified || !llvm::all_of(bounded->extremes, [&](Value extreme) {
        return follows(extreme, *u, preference.isSmallest, movements);
      }))
    return Value();
  const IntegerTensor &tensor = **described;
  IntegerTensor same = tensor;
  KnownTensors start;
  start[*u] = &same;
  for (Value extreme : bounded->extremes)
    if (isa<onnx::TopKOp>(extreme.getDefiningOp()))
      start[extreme] = &same;
  SmallVector<Gate, 0> gates;
  for (Value value : bounded->gates)
    gates.push_back({value, {}, {}, {}, {}});
  // Elements that do not change come after one that does.
  for (int pass = 0; pass < 2; ++pass)
    for (size_t i = 0; i < tensor.scale.size(); ++i) {
      same.scale.assign(tensor.scale.size(), tensor.scale[i]);
      same.offset.assign(tensor.scale.size(), tensor.offset[i]);
      same.ranges.assign(tensor.scale.size(), tensor.ranges[i]);
      for (Gate &gate : gates) {
        FailureOr<ElementProgram> program =
            ElementProgram::build(gate.value, 0, start, movements);
        if (failed(program))
          return failure();
        if (!gate.add(*program, tensor.ranges[i], tensor.scale[i],
                      tensor.offset[i]))
          return Value();
      }
    }
  std::optional<Rational> low, high;
  SmallVector<IntegerTensor, 0> sides;
  sides.reserve(gates.size());
  KnownTensors ends = known;
  for (const Gate &gate : gates) {
    if (!gate.before)
      return Value();
    low = low ? std::max(*low, *gate.low) : gate.low;
    high = high ? std::min(*high, *gate.high) : gate.high;
    IntegerTensor &side = sides.emplace_back(gate.value.getLoc());
    side.shape.assign(onnx::getShape(gate.value));
    side.scale.push_back(*gate.behind - *gate.before);
    side.offset.push_back(*gate.before);
    side.ranges.push_back({0, 1});
    side.isDefined = true;
    ends[gate.value] = &side;
  }
  if (!low || *low >= *high)
    return Value();
  // The threshold lies between the two, found as finely as float32 has it: a
  // reached value beside it is one that float32 may put on its other side.
  Rational threshold = preference.isSmallest ? *low : *high;
  if (!tensor.isDefined) {
    constexpr int64_t kFine = int64_t(1) << 40;
    same.scale.assign(tensor.scale.size(),
                      (*high - *low) / Rational(kFine));
    same.offset.assign(tensor.scale.size(), *low);
    same.ranges.assign(tensor.scale.size(), {0, kFine});
    FailureOr<ElementProgram> gate =
        ElementProgram::build(gates.front().value, 0, start, movements);
    Gate fine{gates.front().value, {}, {}, {}, {}};
    if (succeeded(gate) && fine.add(*gate, {0, kFine}, same.scale[0], *low) &&
        fine.high)
      threshold = *fine.high;
  }

  // What the output is for each number, on the side of none and on the other.
  FailureOr<ElementProgram> program =
      ElementProgram::build(output, 0, ends, movements);
  if (failed(program))
    return failure();
  auto evaluate = [&](int64_t integer, bool isHigh) -> std::optional<int64_t> {
    SmallVector<int64_t> integers;
    for (const ElementProgram::Input &input : program->getInputs())
      integers.push_back(input.tensor->isClass ? integer : isHigh);
    FailureOr<Rational> value = program->evaluate(integers);
    return succeeded(value) ? takeClass(*value) : std::nullopt;
  };
  auto count = int64_t(tensor.scale.size());
  IntegerSteps steps{{0, count}, {}};
  std::optional<int64_t> none;
  for (int64_t i = 0; i < count; ++i) {
    int64_t number = preference.takesLast ? count - 1 - i : i;
    int64_t label =
        decided.labels.empty() ? number : decided.labels[size_t(number)];
    std::optional<int64_t> rejected = evaluate(label, preference.isSmallest);
    std::optional<int64_t> taken = evaluate(label, !preference.isSmallest);
    if (!rejected || !taken || (none && *rejected != *none))
      return Value();
    none = rejected;
    steps.pieces.push_back({i, *taken});
  }
  steps.pieces.push_back({count, *none});
  FailureOr<Value> number =
      decide(decided.data, output.getLoc(), decided.preference,
             Bound{preference.isSmallest ? *low : *high, threshold});
  if (failed(number))
    return failure();
  return emitter.emitSteps(output.getLoc(), *number, joinPieces(steps),
                           std::optional<lowbit::Line>(), {});
}

//===----------------------------------------------------------------------===//
// Any other function of a class and few values
//===----------------------------------------------------------------------===//

FailureOr<Value> GraphLowering::tabulateClass(Value output) {
  // As lowerNodes would have it, but for what depends on the class.
  SmallVector<Operation *> nodes;
  for (Value value : llvm::concat<Value>(bounded->extremes, bounded->between))
    if (!bounded->ofClass.contains(value))
      nodes.push_back(value.getDefiningOp());
  llvm::sort(nodes,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *op : nodes) {
    LogicalResult result = success();
    if (auto topK = dyn_cast<onnx::TopKOp>(op))
      result = lowerTopValue(topK);
    else if (auto node = dyn_cast<onnx::Elementwise>(op))
      result = lowerGathering(node);
    if (failed(result))
      return failure();
  }
  for (Value gate : bounded->gates)
    if (!known.lookup(gate)) {
      FailureOr<const IntegerTensor *> tensor = describe(gate);
      if (failed(tensor))
        return failure();
      setKnown(gate, **tensor);
    }
  FailureOr<ElementProgram> program =
      ElementProgram::build(output, 0, known, movements);
  if (failed(program))
    return failure();
  // The inputs' combinations, numbered.
  constexpr int64_t kMostCombinations = 1 << 12;
  SmallVector<SmallVector<Summand, 2>> rows(1);
  int64_t combinations = 1, first = 0;
  for (auto [i, input] : llvm::enumerate(program->getInputs())) {
    Interval range = program->getRange(i);
    rows[0].push_back({input.tensor, input.element, Rational(combinations)});
    first += range.min * combinations;
    if (llvm::MulOverflow(combinations, range.max - range.min + 1,
                          combinations) ||
        combinations > kMostCombinations)
      return emitError(output.getLoc())
             << "is a function of a class and of values with more than "
             << kMostCombinations
             << " combinations: compare what stands beside the class with a "
                "bound first";
  }
  IntegerSteps steps{{first, first + combinations - 1}, {}};
  for (int64_t i = 0; i < combinations; ++i) {
    SmallVector<int64_t> integers;
    int64_t rest = i;
    for (unsigned k = 0; k < program->getInputs().size(); ++k) {
      Interval range = program->getRange(k);
      int64_t size = range.max - range.min + 1;
      integers.push_back(range.min + rest % size);
      rest /= size;
    }
    FailureOr<Rational> value = program->evaluate(integers);
    std::optional<int64_t> label =
        succeeded(value) ? takeClass(*value) : std::nullopt;
    if (!label)
      return emitError(output.getLoc())
             << "is no class: it has values other than the integers -1 to 255";
    steps.pieces.push_back({first + i, *label});
  }
  FailureOr<IntegerTensor> numbered =
      sum(output.getLoc(), {1}, rows, {Rational()});
  if (failed(numbered))
    return failure();
  FailureOr<Value> integers = emitter.emitSums(*numbered, {0});
  if (failed(integers))
    return failure();
  return emitter.emitSteps(output.getLoc(), *integers, joinPieces(steps),
                           std::optional<lowbit::Line>(), {});
}

FailureOr<Value> GraphLowering::lowerBounded(Value output) {
  for (ArrayRef<Value> values :
       {ArrayRef<Value>(bounded->extremes), ArrayRef<Value>(bounded->others)})
    for (Value value : values)
      if (isBehindSoftmax(value))
        return emitError(value.getLoc())
               << "is a probability of a Softmax, which depends on all of its "
                  "input, and the class is bounded by it; bound the largest "
                  "of the Softmax's input, or of Sigmoids";
  auto decided = decidedClasses.find(known.lookup(bounded->classes.front()));
  if (bounded->classes.size() == 1 && decided != decidedClasses.end()) {
    FailureOr<Value> value = decideBounded(output, decided->second);
    if (failed(value) || *value)
      return value;
  }
  return tabulateClass(output);
}
