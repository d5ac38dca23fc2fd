//===- ModelLowering.cpp - A model's way onto the device ------------------===//

#include "passes/lowering/ModelLowering.h"

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/lowering/StraightLine.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

/// Accumulators are at most this long.
static constexpr int64_t kMaxBytes = 3;

ModelLowering::ModelLowering(func::FuncOp func, StringRef device)
    : func(func), builder(func),
      code(builder, func.getLoc(), func.getSymName(), device) {}

static Traversal getTraversal(Operation *op) {
  return op->hasAttr("unrolled") ? Traversal::Unrolled : Traversal::Loop;
}

/// Where the operation's one operand comes from.
FailureOr<InputSource> ModelLowering::getSource(Operation *op) {
  Value input = op->getOperand(0);
  InputSource source;
  source.size = cast<RankedTensorType>(input.getType()).getNumElements();
  source.range = lowbit::getRange(input);
  // Bytes of the stream may be signed, for engines that take them so.
  bool takesSigned = isa<BlockArgument>(input) && isa<lowbit::DenseOp>(op);
  if (source.range.min < (takesSigned ? -128 : 0) ||
      source.range.max > (source.range.min < 0 ? 127 : 255))
    return op->emitError("takes inputs of 0 to 255, not ")
           << source.range.min << " to " << source.range.max;
  if (auto found = vectors.find(input); found != vectors.end()) {
    source.vector = found->second;
    // Sums stay where the next layer's will be, and may have an excess.
    if (!input.getDefiningOp<lowbit::RequantOp>())
      return op->emitError("inputs must be requantised to a byte first");
    return source;
  }
  if (auto requant = input.getDefiningOp<lowbit::RequantOp>()) {
    if (!canPreprocess(requant))
      return requant.emitError(
          "the model's inputs can be preprocessed by adding a constant, a "
          "shift to the right and clips to 0 to 255 only");
    source.preprocess = requant;
  }
  return source;
}

FailureOr<std::pair<int64_t, lowbit::Interval>>
ModelLowering::getOffset(Value sums) {
  lowbit::Interval range = lowbit::getRange(sums);
  int64_t offset = 0;
  if (!sums.hasOneUse())
    return sums.getDefiningOp()->emitError("a layer's sums must have one user");
  Operation *user = *sums.user_begin();
  if (auto requant = dyn_cast<lowbit::RequantOp>(user))
    offset = requant.getOffset() - (requant.getMin() << requant.getShift());
  // A decision that is a loop compares signed numbers.
  if (isa<lowbit::ArgmaxOp>(user) && getTraversal(user) == Traversal::Unrolled)
    offset = -range.min;
  range = {range.min + offset, range.max + offset};
  if (getBytes(range) > kMaxBytes)
    return sums.getDefiningOp()->emitError("sums of ")
           << range.min << " to " << range.max << " need "
           << lowbit::getWidth(range) << " bits, there are " << 8 * kMaxBytes
           << "; use narrower inputs, weights or biases";
  return std::make_pair(offset, range);
}

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
  return layer;
}

/// The layer that alone takes the activations; null where there is none.
static lowbit::DenseOp getNextLayer(lowbit::RequantOp requant) {
  if (!requant.getResult().hasOneUse())
    return {};
  return dyn_cast<lowbit::DenseOp>(*requant.getResult().user_begin());
}

/// A looped layer takes its inputs in place if they are made of the sums of a
/// layer of its engine.
static bool isInPlace(lowbit::DenseOp dense, ArrayRef<lowbit::DenseOp> engine) {
  auto requant = dense.getInput().getDefiningOp<lowbit::RequantOp>();
  if (!requant || getNextLayer(requant) != dense)
    return false;
  auto before = requant.getInput().getDefiningOp<lowbit::DenseOp>();
  return before && llvm::is_contained(engine, before);
}

namespace {

/// Layers of one method that share an engine.
struct EngineGroup {
  SmallVector<lowbit::DenseOp> ops;
  SmallVector<DenseLayer> layers;

  StringRef getMethod() { return ops[0].getMethod().value_or("packed"); }
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
  return LoopedEngine::create(looped, ops[0].getMethod() == "looped-skip");
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
         << "; it takes at most 255 inputs, and products of a weight and 1 "
            "that fit a byte";
}

/// Puts layers together as long as their weights have the same format.
LogicalResult ModelLowering::makeEngines() {
  std::vector<EngineGroup> groups;
  for (auto dense : func.getOps<lowbit::DenseOp>()) {
    auto layer = getLayer(dense);
    if (failed(layer))
      return failure();
    auto [low, high] = layer->inputRange;
    if (isLooped(dense) && (low < 0 || high > 255))
      return dense.emitError("takes inputs of 0 to 255, not ")
             << low << " to " << high;
    EngineGroup alone{{dense}, {*layer}};
    std::array<int64_t, 3> format, other, joint;
    if (!alone.make(format))
      return refuse(dense, *layer);
    EngineGroup *joined = nullptr;
    for (EngineGroup &candidate : groups) {
      EngineGroup together = candidate;
      together.ops.push_back(dense);
      together.layers.push_back(*layer);
      if (candidate.getMethod() == alone.getMethod() && candidate.make(other) &&
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

std::optional<Cell> ModelLowering::getInPlace(lowbit::RequantOp op) {
  lowbit::DenseOp next = getNextLayer(op);
  auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
  if (!next || !dense || engineOf[dense].first != engineOf[next].first)
    return std::nullopt;
  return engines[engineOf[dense].first]->getInPlace();
}

LogicalResult ModelLowering::lowerRequant(lowbit::RequantOp op) {
  Value input = op.getInput();
  auto found = vectors.find(input);
  if (found == vectors.end()) {
    // Of the stream: done by the layer that takes it.
    for (Operation *user : op->getUsers())
      if (!isa<lowbit::DenseOp, lowbit::ChainsOp>(user))
        return op.emitError("the model's input must go to a layer");
    return success();
  }
  const Vector &sums = found->second;
  if (!isa_and_nonnull<lowbit::DenseOp, lowbit::ChainsOp>(
          input.getDefiningOp()))
    return op.emitError("requantises something that is not a layer's sums");
  if (op.getMultiplier() != 1 || op.getMin() < 0 || op.getMax() > 255)
    return op.emitError("requantisation to ")
           << op.getMin() << " to " << op.getMax() << " by a multiplier of "
           << op.getMultiplier() << " does not fit an unsigned byte";
  auto makeResult = [&] {
    Vector result;
    result.size = sums.size;
    result.range = lowbit::getRange(op.getResult());
    if (auto place = getInPlace(op))
      result.cells = *place;
    else
      result.cells = code.cells("act", result.size, 1, sums.cells.cells);
    return result;
  };
  auto key = getKey(op);
  SharedRequant *shared = key ? &sharedRequants[*key] : nullptr;
  if (!shared || shared->uses < 2) {
    Vector result = makeResult();
    emitRequant(code, sums, {op.getShift(), op.getMin(), op.getMax()}, result,
                getTraversal(op));
    vectors[op.getResult()] = result;
    return success();
  }
  if (shared->routine.empty()) {
    shared->routine = code.unique("requant");
    shared->sums = sums;
    shared->sums.range = shared->range;
    shared->result = makeResult();
  }
  code(CALL_K, shared->routine);
  vectors[op.getResult()] = shared->result;
  vectors[op.getResult()].range = lowbit::getRange(op.getResult());
  return success();
}

/// Only loops are shared; unrolled code is there to be fast.
std::optional<ModelLowering::RequantKey>
ModelLowering::getKey(lowbit::RequantOp op) {
  auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
  if (!dense || getTraversal(op) == Traversal::Unrolled)
    return std::nullopt;
  return RequantKey{engineOf[dense].first, dense.getNumRows(),
                    op.getShift(),         op.getMin(),
                    op.getMax(),           getInPlace(op).has_value()};
}

void ModelLowering::findSharedRequants() {
  for (auto op : func.getOps<lowbit::RequantOp>()) {
    auto key = getKey(op);
    if (!key)
      continue;
    lowbit::Interval range = getOffset(op.getInput())->second;
    SharedRequant &shared = sharedRequants[*key];
    shared.range = shared.uses++ ? lowbit::hull(shared.range, range) : range;
  }
}

void ModelLowering::emitSharedRequants() {
  for (auto &[key, shared] : sharedRequants) {
    if (shared.uses < 2)
      continue;
    code.routine(shared.routine);
    auto [engine, rows, shift, min, max, inPlace] = key;
    emitRequant(code, shared.sums, {shift, min, max}, shared.result,
                Traversal::Loop);
    code(RET);
  }
}

LogicalResult ModelLowering::lower(Operation *op) {
  code.setLoc(op->getLoc());
  if (isa<lowbit::DenseOp, lowbit::ChainsOp>(op)) {
    Value result = op->getResult(0);
    auto source = getSource(op);
    auto offsetAndRange = getOffset(result);
    if (failed(source) || failed(offsetAndRange))
      return failure();
    auto [offset, range] = *offsetAndRange;
    if (auto chains = dyn_cast<lowbit::ChainsOp>(op)) {
      vectors[result] = emitStraightLine(code, chains, *source, offset,
                                         getBytes(range), range);
      return success();
    }
    auto [engine, number] = engineOf[op];
    vectors[result] = engines[engine]->emitLayer(code, number, *source, range);
    return success();
  }
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](lowbit::RequantOp requant) { return lowerRequant(requant); })
      .Case([&](lowbit::ArgmaxOp argmax) -> LogicalResult {
        auto found = vectors.find(argmax.getInput());
        if (found == vectors.end())
          return op->emitError("the model's input must go to a layer");
        emitArgmax(code, found->second, getTraversal(op));
        return success();
      })
      .Case([&](func::ReturnOp) -> LogicalResult {
        Value result = op->getOperand(0);
        if (!result.getDefiningOp<lowbit::ArgmaxOp>()) {
          auto found = vectors.find(result);
          if (found == vectors.end() || found->second.size != 1 ||
              found->second.bytes != 1)
            return op->emitError("a model ends with one class");
          const Vector &vector = found->second;
          subtractExcess(code, emitExcess(code, vector), vector.cells,
                         vector.bytes);
          code(MOV_A_M, vector.cells);
        }
        code(RET);
        return success();
      })
      .Default([&](Operation *) {
        return op->emitError("has no lowering to the device");
      });
}

LogicalResult ModelLowering::run() {
  if (failed(makeEngines()))
    return failure();
  findSharedRequants();
  code.routine((func.getSymName() + "_infer").str(), /*exported=*/true);
  for (Operation &op : func.getBody().front())
    if (failed(lower(&op)))
      return failure();
  emitSharedRequants();
  for (const auto &engine : engines)
    engine->emitShared(code);
  code.external(code.getNextInput());
  return success();
}
