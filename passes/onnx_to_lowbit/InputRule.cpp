//===- InputRule.cpp - What the device hands to the network ---------------===//
//
// Evaluated like everything else: a value is a quantiser's code if, as a
// function of one element of the inputs, it is a step function that stays
// within 16 bits however large the input is, of integers or those times a
// quantiser's scale.
//
//===----------------------------------------------------------------------===//

#include "passes/onnx_to_lowbit/InputRule.h"

#include "dialects/onnx/Evaluate.h"
#include "passes/onnx_to_lowbit/ElementProgram.h"
#include "llvm/ADT/DenseSet.h"
#include <cmath>
#include <deque>
#include <map>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// Beyond what any quantiser tells apart.
static const int64_t kFar = int64_t(1) << 40;

namespace {
class InputRule {
public:
  InputRule(Block &block, ArrayRef<BlockArgument> inputs)
      : block(block), inputs(inputs) {
    for (BlockArgument input : inputs) {
      IntegerTensor &real = reals.emplace_back(input.getLoc());
      size_t count = cast<RankedTensorType>(input.getType()).getNumElements();
      real.shape.assign(onnx::getShape(input));
      real.scale.assign(count, Rational(1));
      real.offset.assign(count, Rational());
      real.ranges.assign(count, {-kFar, kFar});
      known[input] = &real;
    }
  }

  FailureOr<SmallVector<InputQuantiser, 1>> find();

private:
  std::optional<InputQuantiser> getQuantiser(Value value);
  std::optional<Interval> getCodes(ElementProgram &program,
                                   const Rational &scale);
  void describeCodes(ElementProgram &program, InputQuantiser &quantiser);
  /// Whether some real number is quantised to the integer.
  bool isCode(const InputQuantiser &quantiser, int64_t integer,
              int64_t element = 0);
  /// Finds what becomes of integers of the range that are no codes.
  void fillGaps(InputQuantiser &quantiser);
  /// The inputs as codes, worth what is set.
  struct Codes {
    std::deque<IntegerTensor> tensors;
    KnownTensors known;

    void set(const Rational &scale, const Rational &zeroPoint);
  };
  Codes startAtCodes(Interval range) const;
  /// Where what a code stands for would be quantised to another code, takes the
  /// quantiser's own scale, or one that is a float32 rounding or two away:
  /// rounded up or down, a product beside the quantiser's threshold is another.
  void settleScale(InputQuantiser &quantiser);

  /// The element of the model's inputs that the program begins at.
  InputElement getSource(const ElementProgram &program) const {
    for (auto [input, real] : llvm::zip_equal(inputs, reals))
      if (&program.getBase() == &real)
        return {input.getArgNumber(), program.getBaseElement()};
    llvm_unreachable("programs begin at inputs");
  }
  /// Takes away quantisers of inputs that go straight into arithmetic, too.
  static void dropStraight(SmallVector<InputQuantiser, 1> &quantisers,
                           llvm::SmallDenseSet<unsigned> straight);

  Block &block;
  ArrayRef<BlockArgument> inputs;
  std::deque<IntegerTensor> reals;
  KnownTensors known;
  DenseMap<Value, onnx::MovementMap> movements;
};
} // namespace

/// Whether the value may be what a quantiser gives: a jump, or a clip of one.
static bool mayBeCode(Operation *op) {
  auto node = dyn_cast<onnx::Elementwise>(op);
  return node && op->getNumResults() == 1 &&
         isa<RankedTensorType>(op->getResult(0).getType());
}

/// The value's range in units of the scale, where it is one of a code.
std::optional<Interval> InputRule::getCodes(ElementProgram &program,
                                            const Rational &scale) {
  FailureOr<Rational> ends[4];
  int64_t places[] = {-kFar, -kFar / 2, kFar / 2, kFar};
  for (auto [end, place] : llvm::zip_equal(ends, places))
    end = program.evaluate(place);
  for (const FailureOr<Rational> &end : ends)
    if (failed(end))
      return std::nullopt;
  if (*ends[0] != *ends[1] || *ends[2] != *ends[3] || *ends[0] == *ends[3])
    return std::nullopt;
  std::optional<int64_t> low = (*ends[0] / scale).getInteger();
  std::optional<int64_t> high = (*ends[3] / scale).getInteger();
  if (!low || !high)
    return std::nullopt;
  return Interval{std::min(*low, *high), std::max(*low, *high)};
}

/// Scale and zero point as the model's input has them, from where the first
/// and the last code begin.
void InputRule::describeCodes(ElementProgram &program,
                              InputQuantiser &quantiser) {
  // Codes that fall as the input rises have a negative scale.
  double sign = program.getDirection();
  auto codeAt = [&](double x) {
    FailureOr<Rational> value =
        program.evaluateReal(*Rational::fromDouble(sign * x));
    return failed(value)
               ? 0.0
               : ((*value - quantiser.offset) / quantiser.scale).toDouble();
  };
  // Where the code rises above a level.
  auto findStart = [&](double level) {
    double low = -1048576, high = 1048576;
    for (int i = 0; i < 80; ++i) {
      double middle = (low + high) / 2;
      (codeAt(middle) > level ? high : low) = middle;
    }
    return high;
  };
  auto [low, high] = quantiser.range;
  double first = findStart(double(low) + 0.5);
  double last = findStart(double(high) - 0.5);
  // The second code, of which there may be gaps between.
  double second = codeAt(first);
  if (last > first)
    quantiser.inputScale = float((last - first) / (double(high) - second));
  else if (high - low == 1 && first != 0)
    // Of two codes alone: one is worth 0.
    quantiser.inputScale = float(2 * std::abs(first));
  double zero = codeAt(0);
  if (zero > double(low) && zero < double(high))
    quantiser.zeroPoint = int64_t(zero);
  else if (high - low == 1)
    quantiser.zeroPoint = int64_t(zero);
  else {
    // Half a step less or more where codes are rounded down or up.
    double zeroPoint =
        (double(low) + second) / 2 - first / quantiser.inputScale;
    auto middle = double(low + (high - low) / 2);
    auto isRight = [&](double candidate) {
      return codeAt((middle - candidate) * quantiser.inputScale) == middle;
    };
    double nearest = std::nearbyint(zeroPoint);
    for (double candidate : {std::floor(zeroPoint), std::ceil(zeroPoint)})
      if (!isRight(nearest) && isRight(candidate))
        nearest = candidate;
    quantiser.zeroPoint = int64_t(nearest);
  }
  quantiser.inputScale *= sign;
}

/// The code that stands for the value, if any.
static std::optional<int64_t> toCode(const InputQuantiser &quantiser,
                                     const FailureOr<Rational> &value) {
  if (failed(value))
    return std::nullopt;
  return ((*value - quantiser.offset) / quantiser.scale).getInteger();
}

bool InputRule::isCode(const InputQuantiser &quantiser, int64_t integer,
                       int64_t element) {
  auto program =
      ElementProgram::build(quantiser.value, element, known, movements);
  if (failed(program))
    return true;
  double low = -1048576, high = 1048576, sign = program->getDirection();
  for (int step = 0; step < 80; ++step) {
    double middle = (low + high) / 2;
    auto code = toCode(
        quantiser, program->evaluateReal(*Rational::fromDouble(sign * middle)));
    if (code == integer)
      return true;
    (code && *code > integer ? high : low) = middle;
  }
  return false;
}

InputRule::Codes InputRule::startAtCodes(Interval range) const {
  Codes codes;
  codes.tensors = reals;
  for (auto [input, tensor] : llvm::zip_equal(inputs, codes.tensors)) {
    tensor.isDefined = true;
    tensor.ranges.assign(tensor.scale.size(), range);
    codes.known[input] = &tensor;
  }
  return codes;
}

void InputRule::Codes::set(const Rational &scale, const Rational &zeroPoint) {
  for (IntegerTensor &tensor : tensors) {
    tensor.scale.assign(tensor.scale.size(), scale);
    tensor.offset.assign(tensor.scale.size(), -scale * zeroPoint);
  }
}

/// Codes that are tried one by one.
static constexpr int64_t kMostTried = 1 << 11;

void InputRule::settleScale(InputQuantiser &quantiser) {
  Codes codes = startAtCodes(quantiser.range);
  // Of many codes some, both ends among them.
  auto [low, high] = quantiser.range;
  int64_t step = (high - low) / kMostTried + 1;
  SmallVector<int64_t> tried{high};
  for (int64_t code = low; code < high; code += step)
    tried.push_back(code);
  auto take = [&](float scale, const Rational &zeroPoint) {
    std::optional<Rational> exact = Rational::fromDouble(scale);
    if (!exact)
      return false;
    codes.set(*exact, zeroPoint);
    auto program =
        ElementProgram::build(quantiser.value, 0, codes.known, movements);
    if (failed(program) || !llvm::all_of(tried, [&](int64_t code) {
          FailureOr<Rational> value = program->evaluate(code);
          return succeeded(value) &&
                 (*value ==
                      quantiser.scale * Rational(code) + quantiser.offset ||
                  !isCode(quantiser, code));
        }))
      return false;
    quantiser.inputScale = scale;
    quantiser.zeroPoint = zeroPoint;
    return true;
  };
  auto scale = float(quantiser.inputScale);
  // A QONNX quantiser has a scale and a zero point of its own.
  float own = quantiser.scale.toFloat();
  Rational ownZero = -quantiser.offset / quantiser.scale;
  if (take(scale, quantiser.zeroPoint) || take(own, ownZero))
    return;
  // Rounded up or down the zero point is that of another rounding, about; what
  // lies in the middle of a code's values is its own in any case.
  const Rational zeroPoint = quantiser.zeroPoint;
  for (int halves : {0, -2, 2, -1, 1})
    for (const auto &[start, zero] :
         {std::pair(scale, zeroPoint), std::pair(own, ownZero)}) {
      Rational moved = zero + Rational(halves) / Rational(2);
      float smaller = start, larger = start;
      for (int step = 0; step < 3; ++step) {
        if (take(smaller, moved) || take(larger, moved))
          return;
        smaller = std::nextafter(smaller, 0.0f);
        larger = std::nextafter(larger, 2 * larger);
      }
    }
}

void InputRule::fillGaps(InputQuantiser &quantiser) {
  Interval range = quantiser.range;
  // Those of more than a table's codes have a rounding of their own.
  if (range.max - range.min > kMostTried)
    return;
  Codes codes = startAtCodes(range);
  codes.set(*Rational::fromDouble(quantiser.inputScale), quantiser.zeroPoint);
  SmallVector<ElementProgram, 0> distinct;
  bool hasGaps = false;
  for (size_t i = 0; i < quantiser.sources.size(); ++i) {
    auto program =
        ElementProgram::build(quantiser.value, i, codes.known, movements);
    if (failed(program))
      return;
    const auto *found = llvm::find_if(
        distinct, [&](auto &other) { return other.isSame(*program); });
    quantiser.functionOf.push_back(found - distinct.begin());
    if (found != distinct.end())
      continue;
    IntegerSteps steps{range, {}};
    for (int64_t integer = range.min; integer <= range.max; ++integer) {
      std::optional<int64_t> code =
          toCode(quantiser, program->evaluate(integer));
      if (!code || *code == integer || isCode(quantiser, integer, i))
        code = integer;
      hasGaps |= *code != integer;
      if (steps.pieces.empty() || steps.pieces.back().value != *code)
        steps.pieces.push_back({integer, *code});
    }
    quantiser.functions.push_back(std::move(steps));
    distinct.push_back(std::move(*program));
  }
  if (hasGaps)
    return;
  quantiser.functions.clear();
  quantiser.functionOf.clear();
}

std::optional<InputQuantiser> InputRule::getQuantiser(Value value) {
  Operation *op = value.getDefiningOp();
  auto type = cast<RankedTensorType>(value.getType());
  FailureOr<ElementProgram> first =
      ElementProgram::build(value, 0, known, movements);
  if (failed(first) || first->getInputs().size() != 1 || !first->hasStep() ||
      first->getDirection() == 0)
    return std::nullopt;
  InputQuantiser result;
  result.value = value;
  StringRef name = op->getName().stripDialect();
  if (name == "Quant" || name == "IntQuant" || name == "BipolarQuant") {
    // The one kind of node that gives codes times a scale.
    DenseElementsAttr scale = onnx::getConstant(op->getOperand(1));
    if (!scale)
      return std::nullopt;
    std::optional<Rational> exact = onnx::getExact(onnx::getScalars(scale)[0]);
    if (!exact || exact->sign() <= 0)
      return std::nullopt;
    result.scale = *exact;
    if (name != "BipolarQuant")
      if (DenseElementsAttr zero = onnx::getConstant(op->getOperand(2)))
        if (auto point = onnx::getExact(onnx::getScalars(zero)[0]))
          result.offset = -*point * *exact;
  }
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    FailureOr<ElementProgram> program =
        ElementProgram::build(value, i, known, movements);
    if (failed(program) || program->getInputs().size() != 1)
      return std::nullopt;
    std::optional<Interval> range = getCodes(*program, result.scale);
    if (!range)
      return std::nullopt;
    if (std::optional<int64_t> shift =
            (result.offset / result.scale).getInteger())
      range = Interval{range->min - *shift, range->max - *shift};
    if (range->min < INT16_MIN || range->max > UINT16_MAX)
      return std::nullopt;
    result.range = i ? lowbit::hull(result.range, *range) : *range;
    result.sources.push_back(getSource(*program));
  }
  describeCodes(*first, result);
  settleScale(result);
  return result;
}

void InputRule::dropStraight(SmallVector<InputQuantiser, 1> &quantisers,
                             llvm::SmallDenseSet<unsigned> straight) {
  for (size_t before = 0; before != straight.size();) {
    before = straight.size();
    llvm::erase_if(quantisers, [&](const InputQuantiser &quantiser) {
      bool isStraight =
          llvm::any_of(quantiser.sources, [&](const InputElement &source) {
            return straight.contains(source.input);
          });
      // What else it takes then goes straight, too.
      if (isStraight)
        for (const InputElement &source : quantiser.sources)
          straight.insert(source.input);
      return isStraight;
    });
  }
}

FailureOr<SmallVector<InputQuantiser, 1>> InputRule::find() {
  SmallVector<InputQuantiser, 1> result;
  /// Values that depend on inputs, which ones, and on no quantiser found.
  DenseMap<Value, llvm::SmallDenseSet<unsigned>> open;
  /// Values that are functions of inputs' elements, quantised or not.
  DenseSet<Value> functions;
  llvm::SmallDenseSet<unsigned> straight;
  for (BlockArgument input : inputs) {
    open[input].insert(input.getArgNumber());
    functions.insert(input);
  }
  for (Operation &op : block) {
    llvm::SmallDenseSet<unsigned> takes;
    bool isFunction = isa<onnx::Movement, onnx::Elementwise>(op);
    for (Value operand : op.getOperands()) {
      if (auto found = open.find(operand); found != open.end())
        takes.insert(found->second.begin(), found->second.end());
      isFunction &= functions.contains(operand) || onnx::isNoValue(operand) ||
                    onnx::getConstant(operand);
    }
    if (isFunction)
      functions.insert_range(op.getResults());
    if (takes.empty() || op.use_empty())
      continue;
    if (!isFunction) {
      straight.insert(takes.begin(), takes.end());
      continue;
    }
    if (mayBeCode(&op))
      if (std::optional<InputQuantiser> found = getQuantiser(op.getResult(0))) {
        result.push_back(std::move(*found));
        continue;
      }
    for (Value value : op.getResults())
      open[value] = takes;
  }
  dropStraight(result, std::move(straight));
  // A clip straight behind a code only narrows it.
  for (InputQuantiser &quantiser : result)
    while (quantiser.value.hasOneUse()) {
      Operation *user = *quantiser.value.user_begin();
      StringRef name = user->getName().stripDialect();
      if (name != "Clip" && name != "Relu" && name != "Min" && name != "Max")
        break;
      std::optional<InputQuantiser> next = getQuantiser(user->getResult(0));
      if (!next || next->sources != quantiser.sources)
        break;
      // Known by its quantiser's scale and zero point, not by its own.
      next->scale = quantiser.scale;
      next->offset = quantiser.offset;
      next->inputScale = quantiser.inputScale;
      next->zeroPoint = quantiser.zeroPoint;
      quantiser = std::move(*next);
    }
  llvm::for_each(result, [&](InputQuantiser &it) { fillGaps(it); });
  // One code for each element of the input.
  std::map<std::pair<unsigned, int64_t>, const InputQuantiser *> quantiserOf;
  for (const InputQuantiser &quantiser : result)
    for (auto [input, element] : quantiser.sources) {
      const InputQuantiser *&other = quantiserOf[{input, element}];
      if (other && (!(other->range == quantiser.range) ||
                    other->inputScale != quantiser.inputScale ||
                    other->zeroPoint != quantiser.zeroPoint))
        return emitError(quantiser.value.getLoc())
               << "quantises element " << element
               << " of the model's input in another way than "
               << other->value.getLoc()
               << " does: give the integers that the device hands over with "
                  "--input-range and --input-scale";
      other = &quantiser;
    }
  return result;
}

FailureOr<SmallVector<InputQuantiser, 1>>
pdkc::findInputQuantisers(Block &block, ArrayRef<BlockArgument> inputs) {
  return InputRule(block, inputs).find();
}
