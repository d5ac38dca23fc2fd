//===- Engines.cpp - The engines of a function's dense layers -------------===//

#include "passes/lowbit_to_pdk/methods/Engines.h"

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/Emission.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace pdkc;

std::optional<int64_t> pdkc::getEngineNumber(Operation *op) {
  auto number = op->getAttrOfType<IntegerAttr>(kEngineAttr);
  return number ? std::optional(number.getInt()) : std::nullopt;
}

bool pdkc::arePacked(Operation *op) {
  return lowbit::getMethod(op) == kPackedLoop;
}

/// The sums that the layer's inputs are made of, if they are a layer's and
/// nothing else needs them or the inputs; else null.
static lowbit::DenseOp getLayerBefore(lowbit::DenseOp dense) {
  if (dense.getSums())
    return {};
  Operation *elementwise = getProducer(dense.getInput());
  if (!isElementwise(elementwise) || arePacked(elementwise) ||
      getOnlyUser(elementwise->getResult(0)) != dense)
    return {};
  auto before = dyn_cast_or_null<lowbit::DenseOp>(
      getProducer(elementwise->getOperand(0)));
  return before && getOnlyUser(before.getResult()) == elementwise
             ? before
             : lowbit::DenseOp();
}

/// Whether a layer of the engine, or one whose sums are added to by one of its
/// layers, stands between the two.
static bool isUsedBetween(lowbit::DenseOp before, lowbit::DenseOp dense,
                          function_ref<bool(lowbit::DenseOp)> isOfEngine) {
  for (Operation *op = getGroup(before)->getNextNode(); op != getGroup(dense);
       op = op->getNextNode()) {
    WalkResult found = op->walk([&](Operation *inner) {
      if (!isa<lowbit::DenseOp, lowbit::ChainsOp>(inner))
        return WalkResult::advance();
      auto last =
          getFinalSums(inner->getResult(0)).getDefiningOp<lowbit::DenseOp>();
      return last && isOfEngine(last) ? WalkResult::interrupt()
                                      : WalkResult::advance();
    });
    if (found.wasInterrupted())
      return true;
  }
  return false;
}

lowbit::DenseOp pdkc::getInPlaceTaker(Operation *elementwise) {
  auto next = dyn_cast_or_null<lowbit::DenseOp>(
      getOnlyUser(elementwise->getResult(0)));
  lowbit::DenseOp before = next ? getLayerBefore(next) : lowbit::DenseOp();
  auto number = before ? getEngineNumber(before) : std::nullopt;
  return number && number == getEngineNumber(next) &&
                 !isUsedBetween(before, next,
                                [&](lowbit::DenseOp other) {
                                  return getEngineNumber(other) == number;
                                })
             ? next
             : lowbit::DenseOp();
}

/// The number, among the engine's layers, of that to whose sums the layer adds,
/// other operations in between or not; else -1.
static int64_t findAddsTo(lowbit::DenseOp dense,
                          ArrayRef<lowbit::DenseOp> engine) {
  for (Value sums = dense.getSums(); sums;) {
    Operation *op = getProducer(sums);
    auto *found = llvm::find(engine, op);
    if (found != engine.end())
      return found - engine.begin();
    if (auto other = dyn_cast_or_null<lowbit::DenseOp>(op))
      sums = other.getSums();
    else if (auto chains = dyn_cast_or_null<lowbit::ChainsOp>(op))
      sums = chains.getSums();
    else
      sums = Value();
  }
  return -1;
}

DenseLayer pdkc::getLayer(lowbit::DenseOp dense, lowbit::StorageAttr sums,
                          ArrayRef<lowbit::DenseOp> engine) {
  DenseLayer layer;
  layer.method = lowbit::getMethod(dense);
  layer.bias.assign(dense.getBias().begin(), dense.getBias().end());
  layer.weights = dense.getWeights();
  layer.rows = dense.getNumRows();
  layer.inputs = dense.getNumInputs();
  layer.inputRange = lowbit::getRange(dense.getInput());
  layer.offset = -sums.getBase();
  // What is added to may wrap: only what comes of it is used.
  lowbit::Interval range =
      lowbit::getRange(getFinalSums(dense.getResult()));
  layer.bytes = getBytes({range.min + layer.offset, range.max + layer.offset});
  for (int64_t input = 0; input < layer.inputs; ++input) {
    bool reads = isFed(dense);
    for (int64_t row = 0; row < layer.rows; ++row)
      reads |= layer.getWeight(row, input) != 0;
    layer.reads.push_back(reads);
  }
  if (Operation *preprocessing = getPreprocessing(dense))
    llvm::append_range(layer.kinds, getRoutineNumbers(preprocessing));
  if (auto pairs = dense->getAttrOfType<DenseI64ArrayAttr>(kPairsAttr))
    layer.pairedInputs.assign(pairs.asArrayRef().begin(),
                              pairs.asArrayRef().end());
  layer.accumulates = bool(dense.getSums());
  layer.addsTo = findAddsTo(dense, engine);
  lowbit::DenseOp before = getLayerBefore(dense);
  layer.isInPlace =
      before && llvm::is_contained(engine, before) &&
      !isUsedBetween(before, dense, [&](lowbit::DenseOp other) {
        return llvm::is_contained(engine, other);
      });
  return layer;
}

/// The engines of layers in the operation, and of sums that it takes.
static llvm::SmallDenseSet<int64_t> getNeededEngines(Operation *op) {
  llvm::SmallDenseSet<int64_t> needed;
  auto add = [&](Operation *layer) {
    if (auto number = getEngineNumber(layer))
      needed.insert(*number);
  };
  op->walk([&](Operation *inner) {
    add(inner);
    for (Value operand : inner->getOperands()) {
      if (Operation *producer = getProducer(getBiasSource(operand)))
        add(producer);
    }
  });
  return needed;
}

LogicalResult Engines::build(func::FuncOp func, const Target &target,
                             Operation *alone) {
  std::map<int64_t, SmallVector<lowbit::DenseOp>> layersOf;
  func.walk([&](lowbit::DenseOp dense) {
    if (auto number = getEngineNumber(dense))
      layersOf[*number].push_back(dense);
  });
  if (alone) {
    auto needed = getNeededEngines(alone);
    for (auto each = layersOf.begin(); each != layersOf.end();)
      each = needed.contains(each->first) ? std::next(each)
                                          : layersOf.erase(each);
  }
  MethodRegistry &methods = MethodRegistry::get(func.getContext());
  for (auto &[number, ops] : layersOf) {
    auto engine = std::make_unique<Engine>();
    engine->layers = ops;
    SmallVector<DenseLayer, 0> layers;
    for (auto [i, dense] : llvm::enumerate(ops)) {
      lowbit::StorageAttr sums = lowbit::getStorage(dense.getResult());
      if (sums) {
        engine->buffer = sums.getBuffer();
      } else {
        auto format = StorageAssignment::getSumFormat(dense.getResult());
        if (failed(format))
          return failure();
        sums = *format;
      }
      layers.push_back(getLayer(dense, sums, ops));
      placeOf[dense] = {engine.get(), i};
    }
    auto *method = dynamic_cast<const DenseMethod *>(methods.find(ops[0]));
    if (method)
      engine->engine = method->makeEngine(layers, target);
    if (!engine->engine)
      return ops[0].emitError("cannot be computed by an engine of method '")
             << lowbit::getMethod(ops[0]) << "'";
    engines.push_back(std::move(engine));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// What methods with engines have in common
//===----------------------------------------------------------------------===//

LogicalResult DenseMethod::assignStorage(Operation *op,
                                         StorageAssignment &assignment) const {
  auto dense = cast<lowbit::DenseOp>(op);
  auto format = StorageAssignment::getSumFormat(dense.getResult());
  if (failed(format) || failed(checkInputs(op)))
    return failure();
  auto [engine, layer] = assignment.getEngines().find(dense);
  if (!engine)
    return op->emitError("shares no engine, nor has one of its own; see "
                         "--lowbit-share-engines");
  DenseEngine::Sums sums = engine->engine->getSums(layer);
  assignment.set(dense.getResult(),
                 lowbit::StorageAttr::get(
                     op->getContext(), lowbit::Place::Buffer, engine->buffer,
                     sums.at, /*fresh=*/false, /*splat=*/false, 8 * sums.bytes,
                     format->getBase(), sums.maxBias,
                     sums.biasStep));
  return success();
}

/// The layer's engine, with its sums to what they start at.
static FailureOr<Engines::Place> begin(lowbit::DenseOp dense,
                                       Emission &emission) {
  Engines::Place place = emission.getEngines().find(dense);
  auto [engine, layer] = place;
  if (!engine)
    return dense.emitError("has no engine yet; see --lowbit-share-engines");
  DenseEngine::Sums sums = engine->engine->getSums(layer);
  lowbit::StorageAttr storage = lowbit::getStorage(dense.getResult());
  if (storage.getPlace() != lowbit::Place::Buffer ||
      storage.getBuffer() != engine->buffer || storage.getAt() != sums.at ||
      storage.getBytes() != sums.bytes || storage.getBias() != sums.maxBias ||
      storage.getBiasStep() != sums.biasStep)
    return dense.emitError("has its sums stored elsewhere, or otherwise, than "
                           "its engine leaves them");
  CodeBuilder &code = emission.code;
  engine->engine->emitBegin(code, layer);
  if (dense.getSums())
    addToElements(code, emission.getStorage(dense.getResult()),
                  dense.getBias());
  return place;
}

LogicalResult DenseMethod::emit(Operation *op, Emission &emission) const {
  auto source = emission.getSource(op);
  if (failed(source))
    return failure();
  auto place = begin(cast<lowbit::DenseOp>(op), emission);
  if (failed(place))
    return failure();
  place->engine->engine->emitInputs(emission.code, place->layer, *source);
  return success();
}

FailureOr<std::function<void()>>
DenseMethod::beginFeeding(Operation *op, Emission &emission) const {
  auto place = begin(cast<lowbit::DenseOp>(op), emission);
  if (failed(place))
    return failure();
  return std::function<void()>([place = *place, &code = emission.code] {
    place.engine->engine->emitNextInput(code, place.layer);
  });
}

LogicalResult pdkc::checkInputs(Operation *layer) {
  Value input = layer->getOperand(0);
  lowbit::Interval range = lowbit::getRange(input);
  // The model's bytes may be signed, for engines that take them so and for
  // straight-line code; convolutions take whatever a byte holds.
  bool takesSigned =
      !getProducer(input) && isa<lowbit::DenseOp, lowbit::ChainsOp>(layer);
  if (!isa<lowbit::ConvOp>(layer) &&
      (range.min < (takesSigned ? -128 : 0) ||
       range.max > (range.min < 0 ? 127 : 255)))
    return layer->emitError("takes inputs of 0 to 255, not ")
           << range.min << " to " << range.max;
  // Sums stay where the next layer's will be, and may have a bias. Of a stream
  // the low byte says it all.
  lowbit::StorageAttr storage = lowbit::getStorage(input);
  bool isStream = storage.getPlace() == lowbit::Place::Stream;
  if ((storage.getBytes() != 1 && !isStream) || storage.getBias())
    return layer->emitError("inputs must be requantised to a byte first");
  if (storage.isPacked() && !isa<lowbit::DenseOp>(layer))
    return layer->emitError("takes inputs that are bytes, not ")
           << storage.getBits() << " bits";
  return success();
}
