//===- ElementProgram.cpp - An element as a function of an integer --------===//

#include "passes/onnx_to_lowbit/ElementProgram.h"

#include "dialects/onnx/Evaluate.h"

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
  if (roundingSide)
    moveAside(slot);
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

Value ElementProgram::findInnerJump() const {
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
