//===- ElementProgram.cpp - An element as a function of an integer --------===//

#include "passes/onnx/ElementProgram.h"

#include "dialects/onnx/Evaluate.h"
#include <cmath>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

static Scalar getElement(DenseElementsAttr elements, int64_t index) {
  auto one = RankedTensorType::get({1}, elements.getElementType());
  if (elements.isSplat())
    return getScalars(elements.resizeSplat(one)).front();
  if (isa<FloatType>(elements.getElementType()))
    return getScalars(DenseElementsAttr::get(
                          one, elements.getValues<APFloat>()[index]))
        .front();
  return getScalars(
             DenseElementsAttr::get(one, elements.getValues<APInt>()[index]))
      .front();
}

LogicalResult ElementProgram::addConstant(Value value, int64_t element) {
  Scalar scalar = ::getElement(getConstant(value), element);
  if (!getExact(scalar))
    return emitError(value.getLoc()) << "constant holds a NaN";
  addConstant(std::move(scalar), getElementType(value));
  return success();
}

void ElementProgram::addConstant(Scalar scalar, Type elementType) {
  Slot slot;
  slot.exact = *getExact(scalar);
  slot.typed = std::move(scalar);
  slot.elementType = elementType;
  slot.isConstant = true;
  slots.push_back(std::move(slot));
}

void ElementProgram::addInput(Value value, const IntegerTensor &tensor,
                              int64_t element) {
  inputs.push_back({&tensor, element, int(slots.size())});
  Slot slot;
  slot.elementType = getElementType(value);
  slot.isDefined = slot.isDecided = tensor.isDefined;
  slot.direction = tensor.scale[element].sign() < 0 ? -1 : 1;
  slots.push_back(std::move(slot));
}

int ElementProgram::cancel(int a, int b, int sign) const {
  auto isSum = [&](int slot, int &left, int &right, int &rightSign) {
    const Slot &it = slots[slot];
    if (!it.node || !isa<AddOp, SubOp>(*it.node))
      return false;
    left = it.operands[0];
    right = it.operands[1];
    rightSign = isa<AddOp>(*it.node) ? 1 : -1;
    return true;
  };
  int left, right, rightSign;
  // a + (q - a), a - (a - q), a + (-a + q) cannot occur.
  if (isSum(b, left, right, rightSign)) {
    if (sign > 0 && rightSign < 0 && right == a)
      return left;
    if (sign < 0 && rightSign < 0 && left == a)
      return right;
  }
  // (q - b) + b, (q + b) - b, (b + q) - b
  if (isSum(a, left, right, rightSign)) {
    if (rightSign == -sign && right == b)
      return left;
    if (sign < 0 && rightSign > 0 && left == b)
      return right;
  }
  return -1;
}

LogicalResult ElementProgram::addNode(Elementwise node,
                                      ArrayRef<int> operands) {
  Slot slot;
  slot.node = node;
  slot.operands.assign(operands.begin(), operands.end());
  slot.elementType = getElementType(node->getResult(0));
  SmallVector<const Scalar *> constants;
  for (int operand : operands)
    constants.push_back(operand >= 0 && slots[operand].isConstant
                            ? &slots[operand].typed
                            : nullptr);
  std::optional<int> direction;
  for (auto [i, operand] : llvm::enumerate(operands)) {
    if (operand < 0 || slots[operand].isConstant)
      continue;
    const Slot &variable = slots[operand];
    Dependence dependence = node.getDependence(i, constants);
    // Fine as the bound of a clip.
    if (dependence.isAffine &&
        llvm::any_of(constants, [](const Scalar *constant) {
          return constant && isInfinite(*constant);
        }))
      return node->emitOpError("computes with an infinity");
    slot.isDefined &= variable.isDefined;
    slot.isDecided &= variable.isDecided;
    slot.isAffine &= variable.isAffine && dependence.isAffine;
    int along = dependence.direction * variable.direction;
    direction = direction && *direction != along ? 0 : along;
  }
  slot.direction = direction.value_or(1);
  if (isa<AddOp, SubOp>(*node))
    if (int same = cancel(operands[0], operands[1], isa<AddOp>(*node) ? 1 : -1);
        same >= 0) {
      slot.isCancelled = true;
      slot.isDecided = slots[same].isDecided;
      slot.direction = slots[same].direction;
      slot.isAffine = slots[same].isAffine;
    }
  // A jump from an exact value lands on one value again.
  slot.isDefined |= node.isStep();
  slot.isDecided |= node.isStep();
  // Narrow integers wrap around.
  auto integer = dyn_cast<IntegerType>(slot.elementType);
  if (integer && integer.getWidth() < 32 && slot.isAffine &&
      !isa<CastOp, IdentityOp>(*node)) {
    slot.isAffine = false;
    slot.direction = 0;
  }
  slots.push_back(std::move(slot));
  return success();
}

/// Whether the graph's own result says what the exact one is: a whole number.
static bool isPlainStep(Elementwise node, Type elementType) {
  return isa<IntegerType>(elementType) ||
         isa<FloorOp, CeilOp, RoundOp, CastOp>(*node) ||
         node->getName().stripDialect() == "Sign";
}

bool ElementProgram::hasDefinedOperands(const Slot &slot) const {
  return llvm::all_of(slot.operands, [&](int operand) {
    return operand < 0 || slots[operand].isDefined;
  });
}

/// Exact arithmetic is dear: only where the result or a jump hangs on it.
void ElementProgram::markExact() {
  slots.back().needsExact = true;
  for (Slot &slot : llvm::reverse(slots)) {
    if (!slot.node)
      continue;
    bool isDefined = hasDefinedOperands(slot);
    if (isDefined && !slot.needsExact)
      continue;
    if (isDefined &&
        (isa<IntegerType>(slot.elementType) ||
         (slot.node.isStep() && isPlainStep(slot.node, slot.elementType))))
      continue;
    slot.needsExact = true;
    for (int operand : slot.operands)
      if (operand >= 0)
        slots[operand].needsExact = true;
  }
}

void ElementProgram::markFeeding() {
  for (Slot &slot : llvm::reverse(slots)) {
    if (!slot.node)
      continue;
    bool isJump = !hasDefinedOperands(slot) && slot.node.isStep();
    for (int operand : slot.operands)
      if (operand >= 0)
        slots[operand].feedsJump |= slot.feedsJump || isJump;
  }
}

FailureOr<ElementProgram>
ElementProgram::build(Value value, int64_t element, const KnownTensors &known,
                      DenseMap<Value, MovementMap> &maps) {
  ElementProgram program;
  program.element = element;
  // A stack of its own, for graphs of any depth. A place is taken up a second
  // time when its operands have their slots.
  using Place = std::pair<Value, int64_t>;
  DenseMap<Place, int> placed;
  SmallVector<Place> open{{value, element}};
  while (!open.empty()) {
    Place place = open.back();
    auto [current, index] = place;
    Operation *op = current.getDefiningOp();
    if (placed.contains(place)) {
      open.pop_back();
      continue;
    }
    if (const IntegerTensor *tensor = known.lookup(current)) {
      program.addInput(current, *tensor, index);
    } else if (getConstant(current)) {
      if (failed(program.addConstant(current, index)))
        return failure();
    } else if (auto movement = dyn_cast_or_null<Movement>(op)) {
      auto found = maps.find(current);
      if (found == maps.end()) {
        FailureOr<MovementMap> map = movement.getMovement(
            cast<OpResult>(current).getResultNumber(), getConstant);
        if (failed(map))
          return failure();
        found = maps.try_emplace(current, std::move(*map)).first;
      }
      auto [operand, element] = found->second.sources[index];
      if (operand < 0) {
        program.addConstant(found->second.fill, getElementType(current));
        placed[place] = program.slots.size() - 1;
        open.pop_back();
        continue;
      }
      Place source{op->getOperand(operand), element};
      auto slot = placed.find(source);
      if (slot == placed.end()) {
        open.push_back(source);
        continue;
      }
      int sourceSlot = slot->second;
      placed[place] = sourceSlot;
      open.pop_back();
      continue;
    } else if (auto node = dyn_cast_or_null<Elementwise>(op)) {
      SmallVector<Source> sources;
      node.getSources(index, sources);
      SmallVector<int> operands;
      bool isReady = true;
      for (auto [operand, element] : sources) {
        if (operand < 0) {
          operands.push_back(-1);
          continue;
        }
        Place source{op->getOperand(operand), element};
        auto slot = placed.find(source);
        if (slot == placed.end()) {
          open.push_back(source);
          isReady = false;
        } else {
          operands.push_back(slot->second);
        }
      }
      if (!isReady)
        continue;
      if (failed(program.addNode(node, operands)))
        return failure();
    } else {
      return emitError(current.getLoc())
             << "cannot be lowered: its value is not known as integers";
    }
    placed[place] = program.slots.size() - 1;
    open.pop_back();
  }
  // Movements may leave the result's slot elsewhere than last.
  int last = placed.lookup({value, element});
  program.slots.truncate(last + 1);
  program.markExact();
  program.markFeeding();
  return program;
}

bool ElementProgram::isSame(const ElementProgram &other) const {
  if (inputs.size() != other.inputs.size() ||
      slots.size() != other.slots.size())
    return false;
  for (auto [a, b] : llvm::zip_equal(inputs, other.inputs))
    if (a.tensor != b.tensor || a.slot != b.slot ||
        (a.element != b.element && a.slot >= 0 &&
         (a.tensor->scale[a.element] != b.tensor->scale[b.element] ||
          a.tensor->offset[a.element] != b.tensor->offset[b.element])))
      return false;
  for (auto [a, b] : llvm::zip_equal(slots, other.slots))
    if (a.node != b.node || a.operands != b.operands ||
        a.isConstant != b.isConstant || (a.isConstant && a.exact != b.exact))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Operators that compute nothing that float32 could round.
static bool isRoundingFree(Elementwise node) {
  StringRef name = node->getName().stripDialect();
  for (StringRef exact : {"Abs", "Clip", "Identity", "Max", "Min", "Neg",
                          "Relu", "ThresholdedRelu", "Where"})
    if (name == exact)
      return true;
  return false;
}

/// What float32, or an implementation of a function in it, may make of a
/// result, on one side of it.
static Rational roundAway(Elementwise node, ArrayRef<const Scalar *> operands,
                          const Rational &value, int side) {
  if (isRoundingFree(node))
    return value;
  StringRef name = node->getName().stripDialect();
  constexpr int64_t kUnits = 1 << 24;
  auto magnitude = [&](int operand) {
    return abs(std::get<Rational>(*operands[operand]));
  };
  Rational error;
  if (isa<AddOp, SubOp, MulOp, DivOp>(*node) || name == "LeakyRelu" ||
      name == "PRelu") {
    error = abs(value);
  } else if (name == "BatchNormalization") {
    // x s + (b - m s), whose summands may cancel.
    error = Rational(4) * (abs(value) + Rational(2) * magnitude(2));
  } else if (name.starts_with("Hard")) {
    error = Rational(4) * std::max(Rational(1), magnitude(0));
  } else {
    // Functions that go to 0 are cut off, or underflow.
    error = Rational(32) * abs(value);
    if (value.sign())
      error = error + Rational(1) / Rational(4);
  }
  error = error / Rational(kUnits);
  return side > 0 ? value + error : value - error;
}

/// How often a quantiser rounds before its rounding to integers.
static int getInnerRoundings(Elementwise node) {
  StringRef name = node->getName().stripDialect();
  return name == "QuantizeLinear"                                   ? 1
         : name == "Quant" || name == "IntQuant" || name == "Trunc" ? 3
                                                                    : 0;
}

LogicalResult ElementProgram::runExact(Slot &slot) {
  SmallVector<const Scalar *, 3> exact;
  for (int operand : slot.operands)
    exact.push_back(operand < 0 ? nullptr : &slots[operand].exact);
  bool isOdd = (&slot - slots.begin()) % 2;
  int side = alternates && isOdd ? -roundingSide : roundingSide;
  Scalar moved;
  if (int roundings = side ? getInnerRoundings(slot.node) : 0) {
    // x / scale + zero point is off by a share of the summands.
    Rational value = std::get<Rational>(*exact[0]), error = abs(value);
    if (exact[2] && slot.node->getName().stripDialect() != "QuantizeLinear")
      error = error + abs(std::get<Rational>(*exact[1]) *
                          std::get<Rational>(*exact[2]));
    error = error * Rational(side * roundings) / Rational(1 << 24);
    moved = value + error;
    exact[0] = &moved;
  }
  FailureOr<Scalar> result = slot.node.evaluate(exact);
  if (failed(result))
    return failure();
  slot.exact = std::move(*result);
  // Behind the last jump rounding decides nothing any more.
  if (!side || slot.isDefined || (isDecided() && !slot.feedsJump))
    return success();
  slot.exact =
      roundAway(slot.node, exact, std::get<Rational>(slot.exact), side);
  if (slot.isCancelled)
    slot.exact =
        std::get<Rational>(slot.exact) + (abs(std::get<Rational>(*exact[0])) +
                                          abs(std::get<Rational>(*exact[1]))) *
                                             Rational(side) / Rational(1 << 24);
  return success();
}

LogicalResult ElementProgram::run(Slot &slot) {
  if (!hasDefinedOperands(slot)) {
    if (failed(runExact(slot)))
      return failure();
    if (slot.isDefined)
      slot.typed = getScalar(slot.elementType, std::get<Rational>(slot.exact));
    return success();
  }
  SmallVector<const Scalar *, 3> typed;
  for (int operand : slot.operands)
    typed.push_back(operand < 0 ? nullptr : &slots[operand].typed);
  FailureOr<Scalar> result = evaluateElement(slot.node, typed);
  if (failed(result))
    return failure();
  slot.typed = std::move(*result);
  if (!slot.needsExact)
    return success();
  bool isInteger = isa<IntegerType>(slot.elementType);
  if (isInteger || slot.node.isStep()) {
    std::optional<Rational> value = getExact(slot.typed);
    if (!value)
      return failure();
    slot.exact = *value;
    if (isInteger || isPlainStep(slot.node, slot.elementType))
      return success();
    // A quantiser's multiple of its scale, rounded: the multiple itself is what
    // exact arithmetic finds here or a rounding error beside.
    for (int side : {0, 1, -1}) {
      SmallVector<Scalar, 3> moved;
      for (int operand : slot.operands)
        moved.push_back(operand < 0 ? Scalar(0.0f) : slots[operand].exact);
      for (auto [operand, scalar] : llvm::zip_equal(slot.operands, moved))
        if (operand >= 0 && !slots[operand].isConstant)
          scalar = std::get<Rational>(scalar) *
                   (Rational(1) + Rational(side) / Rational(1 << 20));
      SmallVector<const Scalar *, 3> pointers;
      for (auto [operand, scalar] : llvm::zip_equal(slot.operands, moved))
        pointers.push_back(operand < 0 ? nullptr : &scalar);
      FailureOr<Scalar> exact = slot.node.evaluate(pointers);
      if (failed(exact))
        continue;
      Rational distance = abs(std::get<Rational>(*exact) - *value);
      if (distance * Rational(1 << 20) <= abs(*value)) {
        slot.exact = *exact;
        break;
      }
    }
    return success();
  }
  return runExact(slot);
}

FailureOr<Rational> ElementProgram::runAll() {
  for (Slot &slot : slots)
    if (slot.node && failed(run(slot)))
      return failure();
  return std::get<Rational>(slots.back().exact);
}

FailureOr<Rational> ElementProgram::evaluate(ArrayRef<int64_t> integers) {
  for (auto [input, integer] : llvm::zip_equal(inputs, integers)) {
    if (input.slot < 0)
      continue;
    Slot &slot = slots[input.slot];
    Rational value = input.tensor->scale[input.element] * Rational(integer) +
                     input.tensor->offset[input.element];
    if (slot.isDefined)
      slot.typed = getScalar(slot.elementType, value);
    slot.exact = std::move(value);
  }
  return runAll();
}

FailureOr<Rational> ElementProgram::evaluateReal(Rational value) {
  assert(inputs.size() == 1 && "of one integer");
  if (inputs[0].slot >= 0)
    slots[inputs[0].slot].exact = std::move(value);
  return runAll();
}

FailureOr<Rational> ElementProgram::evaluateRounded(Rational value, int side,
                                                    bool alternates) {
  roundingSide = side;
  this->alternates = alternates;
  FailureOr<Rational> result = evaluateReal(std::move(value));
  roundingSide = 0;
  return result;
}

int ElementProgram::countRoundings() const {
  return llvm::count_if(slots, [](const Slot &slot) {
    Elementwise node = slot.node;
    return node && (slot.isDefined ? getInnerRoundings(node) > 0
                                   : !isRoundingFree(node));
  });
}

double ElementProgram::getRounding() const {
  const Slot &slot = slots.back();
  std::optional<Rational> typed =
      slot.isDefined ? getExact(slot.typed) : std::nullopt;
  return typed ? abs(*typed - std::get<Rational>(slot.exact)).toDouble() : 0;
}

bool ElementProgram::hasStep() const {
  return llvm::any_of(slots, [](const Slot &slot) {
    return slot.node && const_cast<Slot &>(slot).node.isStep();
  });
}

int ElementProgram::findCut() const {
  // Slots before the first that a later one reads directly are out of sight.
  int firstRead = slots.size();
  for (int i = int(slots.size()) - 1; i >= 0; --i) {
    const Slot &slot = slots[i];
    if (slot.isConstant)
      continue;
    if (slot.node && firstRead >= i && slot.direction != 0 &&
        const_cast<Slot &>(slot).node.isStep())
      return i;
    for (int operand : slot.operands)
      if (operand >= 0 && !slots[operand].isConstant)
        firstRead = std::min(firstRead, operand);
  }
  return -1;
}

Value ElementProgram::findInnerStep() const {
  int first = -1;
  bool jumpsAgain = false;
  for (auto [i, slot] : llvm::enumerate(slots)) {
    if (slot.isConstant || !slot.node)
      continue;
    for (int operand : slot.operands)
      if (operand >= 0 && operand < first && !slots[operand].isConstant)
        return Value();
    if (!const_cast<Slot &>(slot).node.isStep())
      continue;
    jumpsAgain |= first >= 0;
    first = first < 0 ? i : first;
  }
  if (!jumpsAgain)
    return Value();
  Elementwise step = slots[first].node;
  return step->getResult(0);
}

Rational ElementProgram::getValue(int slot) const {
  const Slot &it = slots[slot];
  return it.needsExact ? std::get<Rational>(it.exact)
                       : getExact(it.typed).value_or(Rational());
}

double ElementProgram::boundRounding() {
  constexpr double kUnit = 1.0 / (1 << 24);
  if (inputs[0].slot < 0 || slots[inputs[0].slot].isDefined)
    return 0;
  auto [low, high] = getRange();
  SmallVector<std::pair<double, double>> ends(slots.size());
  for (int64_t end : {low, high}) {
    if (failed(evaluate(end)))
      return 0;
    for (auto [slot, pair] : llvm::zip_equal(slots, ends))
      (end == low ? pair.first : pair.second) =
          slot.needsExact || slot.isConstant
              ? std::get<Rational>(slot.exact).toDouble()
              : 0;
  }
  auto [first, last] = ends[inputs[0].slot];
  double bound = 0;
  for (auto [slot, pair] : llvm::zip_equal(slots, ends)) {
    double rise = std::abs(pair.second - pair.first);
    if (slot.node && !slot.isConstant && slot.isAffine && !slot.isDefined &&
        rise > 0)
      bound += kUnit * std::max(std::abs(pair.first), std::abs(pair.second)) *
               std::abs(last - first) / rise;
  }
  return bound;
}

Rounding ElementProgram::boundDefinedRounding() {
  auto [low, high] = getRange();
  SmallVector<double> largest(slots.size(), 0), rises(slots.size(), 0);
  bool isProportional = true;
  for (auto [place, integer] :
       llvm::enumerate(ArrayRef{low, high, int64_t(0)})) {
    if (failed(evaluate(integer)))
      return {};
    for (auto [i, slot] : llvm::enumerate(slots)) {
      if (slot.isConstant)
        continue;
      double value = getValue(i).toDouble();
      isProportional &= integer != 0 || value == 0;
      if (place < 2)
        rises[i] = value - rises[i];
      largest[i] = std::max(largest[i], std::abs(value));
    }
  }
  constexpr double kUnit = 1.0 / (1 << 24);
  Rounding bound;
  for (auto [i, slot] : llvm::enumerate(slots)) {
    if (!slot.node || slot.isConstant || rises[i] == 0)
      continue;
    // Of products alone each is off by a share.
    bound.relative += kUnit;
    bound.absolute += kUnit * largest[i] * std::abs(rises.back() / rises[i]);
  }
  (isProportional ? bound.absolute : bound.relative) = 0;
  return bound;
}

double ElementProgram::boundCancellation() {
  if (llvm::none_of(slots, [](const Slot &slot) { return slot.isCancelled; }) ||
      inputs.size() != 1)
    return 0;
  auto [low, high] = getRange();
  constexpr int64_t kMostTried = 256;
  if (isDefined() && inputs[0].slot >= 0 && slots[inputs[0].slot].isDefined &&
      high - low < kMostTried) {
    bool isExact = slots.back().needsExact;
    for (int64_t i = low; i <= high && isExact; ++i)
      isExact =
          succeeded(evaluate(i)) && getExact(slots.back().typed) ==
                                        std::get<Rational>(slots.back().exact);
    if (isExact)
      return 0;
  }
  constexpr double kUnit = 1.0 / (1 << 24);
  double bound = 0;
  for (int64_t end : {low, high}) {
    if (failed(evaluate(end)))
      return 0;
    for (const Slot &slot : slots)
      if (slot.isCancelled)
        for (int operand : slot.operands)
          bound = std::max(bound,
                           2 * kUnit * std::abs(getValue(operand).toDouble()));
  }
  return bound;
}
