//===- Engines.cpp - Which layers share an engine -------------------------===//

#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/LoopedEngine.h"
#include "passes/lowbit_to_pdk/ModelLowering.h"
#include "passes/lowbit_to_pdk/methods/PackedEngine.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

FailureOr<DenseLayer> ModelLowering::getLayer(lowbit::DenseOp dense) {
  auto offsetAndRange = getOffset(dense.getResult());
  if (failed(offsetAndRange))
    return failure();
  DenseLayer layer;
  layer.bias.assign(dense.getBias().begin(), dense.getBias().end());
  layer.weights = dense.getWeights();
  layer.rows = dense.getNumRows();
  layer.inputs = dense.getNumInputs();
  layer.inputRange = lowbit::getRange(dense.getInput());
  layer.offset = offsetAndRange->first;
  layer.bytes = getBytes(offsetAndRange->second);
  for (int64_t input = 0; input < layer.inputs; ++input) {
    bool reads = false;
    for (int64_t row = 0; row < layer.rows; ++row)
      reads |= layer.getWeight(row, input) != 0;
    layer.reads.push_back(reads);
  }
  if (auto steps = dyn_cast_or_null<lowbit::StepsOp>(getPreprocessing(dense)))
    layer.kinds.assign(steps.getFunction().begin(), steps.getFunction().end());
  return layer;
}

/// The layer that alone takes the activations; null where there is none.
static lowbit::DenseOp getNextLayer(Operation *elementwise) {
  Value result = elementwise->getResult(0);
  if (!result.hasOneUse())
    return {};
  return dyn_cast<lowbit::DenseOp>(*result.user_begin());
}

/// A looped layer takes its inputs in place if they are made of the sums of a
/// layer of its engine.
static bool isInPlace(lowbit::DenseOp dense, ArrayRef<lowbit::DenseOp> engine) {
  Operation *elementwise = dense.getInput().getDefiningOp();
  if (!isElementwise(elementwise) || getNextLayer(elementwise) != dense)
    return false;
  Value sums = elementwise->getOperand(0);
  auto before = sums.getDefiningOp<lowbit::DenseOp>();
  return before && sums.hasOneUse() && llvm::is_contained(engine, before);
}

namespace {

/// Layers of one method that share an engine.
struct EngineGroup {
  SmallVector<lowbit::DenseOp> ops;
  SmallVector<DenseLayer> layers;
  unsigned wordBits; ///< of what instructions of the device can read
  bool usesStack;    ///< they are LDSPTL and LDSPTH

  /// Layers whose inputs are signed share an engine with those that are not.
  StringRef getMethod() {
    StringRef method = ops[0].getMethod().value_or("packed");
    return method == "packed-signed" ? "packed" : method;
  }
  std::unique_ptr<PackedEngine> makePacked();
  std::unique_ptr<LoopedEngine> makeLooped();
  /// An engine, or none where the method cannot compute these layers. `format`
  /// is set to what engines have to agree on for their layers to share one.
  std::unique_ptr<DenseEngine> make(std::array<int64_t, 3> &format);
};

} // namespace

std::unique_ptr<PackedEngine> EngineGroup::makePacked() {
  SmallVector<PackedLayer> packed;
  for (const DenseLayer &layer : layers)
    packed.push_back({layer});
  return PackedEngine::create(packed, ops[0].getMethod() == "packed-digits");
}

std::unique_ptr<LoopedEngine> EngineGroup::makeLooped() {
  SmallVector<LoopedEngine::Layer> looped;
  for (auto [layer, op] : llvm::zip(layers, ops))
    looped.push_back({layer, isInPlace(op, ops)});
  LoopedEngine::Form form;
  form.unrollsRows = ops[0].getMethod() == "looped-unrolled";
  form.skipsZeros = form.unrollsRows || ops[0].getMethod() == "looped-skip";
  form.wordBits = wordBits;
  form.usesStack = usesStack;
  form.fetchesInline = ops[0].getMethod() == "looped-inline";
  return LoopedEngine::create(looped, form);
}

std::unique_ptr<DenseEngine> EngineGroup::make(std::array<int64_t, 3> &format) {
  if (getMethod().starts_with("looped")) {
    auto engine = makeLooped();
    if (engine)
      format = {engine->getProduct().bits, engine->getProduct().isSigned,
                engine->getProduct().base};
    return engine;
  }
  auto engine = makePacked();
  if (engine)
    format = {engine->getBits(), 0, 0};
  return engine;
}

static bool isLooped(lowbit::DenseOp dense) {
  return dense.getMethod().value_or("packed").starts_with("looped");
}

static LogicalResult refuse(lowbit::DenseOp dense, const DenseLayer &layer) {
  int64_t low = dense.getCodebook().front(), high = dense.getCodebook().back();
  if (isLooped(dense))
    return dense.emitError("weights of ")
           << low << " to " << high << " with " << layer.getNumRead()
           << " inputs are more than a loop can take: the span of weights and "
              "0 must be at most 255, and where zeros are skipped the inputs "
              "255; use narrower weights";
  return dense.emitError("a packed table cannot hold this layer: ")
         << layer.getNumRead() << " inputs of up to " << layer.inputRange.max
         << " with a codebook of " << dense.getCodebook().size()
         << " values from " << low << " to " << high
         << "; it takes at most 255 inputs, and products of a weight and an "
            "eighth of an input that fit a byte";
}

/// Whether sums of the layers are used behind the operation, which would leave
/// others in their place if it shared their engine.
static bool areUsedBehind(ArrayRef<lowbit::DenseOp> layers, Operation *op) {
  return llvm::any_of(layers, [&](lowbit::DenseOp layer) {
    return llvm::any_of(layer->getUsers(), [&](Operation *user) {
      return op->isBeforeInBlock(user);
    });
  });
}

/// Puts layers together as long as their weights have the same format.
LogicalResult ModelLowering::makeEngines() {
  std::vector<EngineGroup> groups;
  InstructionSet set = findDevice(code.getProgram().getDevice())->set;
  bool usesStack = allowsUndocumented && isAvailable(LDSPTL, set);
  unsigned wordBits =
      usesStack || isAvailable(LDTABL_M, set) ? getWordBits(set) : 8;
  for (auto dense : func.getOps<lowbit::DenseOp>()) {
    auto layer = getLayer(dense);
    if (failed(layer))
      return failure();
    auto [low, high] = layer->inputRange;
    if (isLooped(dense) && (low < 0 || high > 255))
      return dense.emitError("takes inputs of 0 to 255, not ")
             << low << " to " << high;
    EngineGroup alone{{dense}, {*layer}, wordBits, usesStack};
    std::array<int64_t, 3> format, other, joint;
    if (!alone.make(format))
      return refuse(dense, *layer);
    EngineGroup *joined = nullptr;
    for (EngineGroup &candidate : groups) {
      EngineGroup together = candidate;
      together.ops.push_back(dense);
      together.layers.push_back(*layer);
      if (candidate.getMethod() == alone.getMethod() &&
          !areUsedBehind(candidate.ops, dense) && candidate.make(other) &&
          other == format && together.make(joint) && joint == format) {
        candidate = together;
        joined = &candidate;
        break;
      }
    }
    if (!joined)
      groups.push_back(alone);
  }
  for (auto [number, group] : llvm::enumerate(groups)) {
    std::array<int64_t, 3> format;
    engines.push_back(group.make(format));
    engines.back()->makeCells(code);
    for (auto [i, op] : llvm::enumerate(group.ops))
      engineOf[op] = {number, i};
  }
  return success();
}

std::optional<Cell> ModelLowering::getInPlace(Operation *op) {
  lowbit::DenseOp next = getNextLayer(op);
  auto dense = op->getOperand(0).getDefiningOp<lowbit::DenseOp>();
  if (!next || !dense || !dense.getResult().hasOneUse() ||
      engineOf[dense].first != engineOf[next].first)
    return std::nullopt;
  return engines[engineOf[dense].first]->getInPlace();
}
