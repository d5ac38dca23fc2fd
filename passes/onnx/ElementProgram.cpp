//===- ElementProgram.cpp - An element as a function of an integer --------===//

#include "passes/onnx/ElementProgram.h"

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
  Scalar scalar = getElement(getConstant(value), element);
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

LogicalResult ElementProgram::addInput(Value value, const IntegerTensor &tensor,
                                       int64_t element, Operation *user) {
  if (base && (base != &tensor || baseElement != element))
    return user->emitOpError(
        "combines two values that both depend on the model's input; only "
        "operators that sum products with constant weights may");
  base = &tensor;
  baseElement = element;
  inputSlot = slots.size();
  Slot slot;
  slot.elementType = getElementType(value);
  slot.isDefined = tensor.isDefined;
  slot.direction = tensor.scale[element].sign() < 0 ? -1 : 1;
  slots.push_back(std::move(slot));
  return success();
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
    slot.isAffine &= variable.isAffine && dependence.isAffine;
    int along = dependence.direction * variable.direction;
    direction = direction && *direction != along ? 0 : along;
  }
  slot.direction = direction.value_or(1);
  // A jump from an exact value lands on one value again.
  slot.isDefined |= node.isStep();
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

FailureOr<ElementProgram>
ElementProgram::build(Value value, int64_t element, const KnownTensors &known,
                      DenseMap<Value, MovementMap> &maps) {
  ElementProgram program;
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
      if (failed(program.addInput(
              current, *tensor, index,
              open.size() > 1 ? open.front().first.getDefiningOp() : op)))
        return failure();
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
  if (!program.base)
    return emitError(value.getLoc()) << "does not depend on the model's input";
  // Movements may leave the result's slot elsewhere than last.
  int last = placed.lookup({value, element});
  program.slots.truncate(last + 1);
  return program;
}

bool ElementProgram::isSame(const ElementProgram &other) const {
  if (base != other.base || inputSlot != other.inputSlot ||
      slots.size() != other.slots.size() ||
      base->scale[baseElement] != base->scale[other.baseElement] ||
      base->offset[baseElement] != base->offset[other.baseElement])
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
  SmallVector<const Scalar *, 3> typed, exact;
  bool isDefined = true;
  for (int operand : slot.operands) {
    typed.push_back(operand < 0 ? nullptr : &slots[operand].typed);
    exact.push_back(operand < 0 ? nullptr : &slots[operand].exact);
    isDefined &= operand < 0 || slots[operand].isDefined;
  }
  if (isDefined) {
    FailureOr<Scalar> result = evaluateElement(slot.node, typed);
    if (failed(result))
      return failure();
    slot.typed = std::move(*result);
    if (slot.node.isStep() || isa<IntegerType>(slot.elementType)) {
      std::optional<Rational> value = getExact(slot.typed);
      if (!value)
        return failure();
      slot.exact = *value;
      return success();
    }
  }
  FailureOr<Scalar> result = slot.node.evaluate(exact);
  if (failed(result))
    return failure();
  slot.exact = std::move(*result);
  if (!isDefined && slot.isDefined)
    slot.typed = getScalar(slot.elementType, std::get<Rational>(slot.exact));
  return success();
}

FailureOr<Rational> ElementProgram::evaluate(int64_t integer) {
  Slot &input = slots[inputSlot];
  Rational value =
      base->scale[baseElement] * Rational(integer) + base->offset[baseElement];
  if (input.isDefined)
    input.typed = getScalar(input.elementType, value);
  input.exact = std::move(value);
  for (Slot &slot : slots)
    if (slot.node && failed(run(slot)))
      return failure();
  return std::get<Rational>(slots.back().exact);
}
