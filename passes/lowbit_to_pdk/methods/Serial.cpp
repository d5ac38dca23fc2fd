//===- Serial.cpp - Dense layers in one loop, weight by weight ------------===//
//
// The method of the fewest words, where weights are small: as many layers in a
// row as have it, with the same requantisation between all of them, become one
// lowbit.fused that one loop computes (SerialLoop.h).
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/methods/SerialLoop.h"
#include "passes/lowbit_to_pdk/support/SignedInputs.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// A loop beside its tables, roughly.
static constexpr int64_t kWordsOfLoop = 70;

namespace {
struct SerialMethod : Method {
  SerialMethod()
      : Method("lowbit.dense", "serial", "weight by weight, layers in a loop") {
  }

  StringRef getFamily() const override { return getName(); }

  bool accepts(Operation *op, const Target &) const override {
    return succeeded(check(cast<lowbit::DenseOp>(op), /*isQuiet=*/true));
  }
  LogicalResult specialise(Operation *op) const override;
  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &assignment) const override;
  LogicalResult emit(Operation *op, Emission &emission) const override;

private:
  static LogicalResult check(lowbit::DenseOp dense, bool isQuiet);
};
} // namespace

LogicalResult SerialMethod::check(lowbit::DenseOp dense, bool isQuiet) {
  auto refuse = [&](const Twine &reason) -> LogicalResult {
    return isQuiet ? LogicalResult(failure())
                   : dense.emitError("a loop over single weights ") << reason;
  };
  auto code = findSerialCode(dense.getWeights());
  if (!code)
    return refuse("takes weights of -63 to 63, not " +
                  Twine(dense.getCodebook().front()) + " to " +
                  Twine(dense.getCodebook().back()));
  lowbit::RequantOp offset = getOffsetOfInputs(dense);
  Interval input =
      lowbit::getRange(offset ? offset.getInput() : dense.getInput());
  if (input.min < -127 || input.max > (input.min < 0 ? 127 : 255))
    return refuse("takes inputs of 0 to 255 or -127 to 127, not " +
                  Twine(input.min) + " to " + Twine(input.max));
  if (dense.getSums() || getAccumulator(dense.getResult()) || isFed(dense))
    return refuse("takes all inputs in their order, and adds to no sums");
  if (dense.getNumInputs() > 255)
    return refuse("takes at most 255 inputs, not " +
                  Twine(dense.getNumInputs()));
  auto sums = StorageAssignment::getSumFormat(dense.getResult());
  if (failed(sums) || sums->getBytes() > 2)
    return refuse("has sums of at most 16 bits");
  Operation *before = getPreprocessing(dense);
  auto steps = dyn_cast_or_null<lowbit::StepsOp>(before);
  if (steps && steps.getSizes().size() > 1)
    return refuse("takes inputs that are all prepared alike");
  return success();
}

/// The requantisation that alone takes the sums, if its results may be the next
/// layer's inputs within the loop; else null.
static lowbit::RequantOp getRequant(lowbit::DenseOp dense) {
  auto requant =
      dyn_cast_or_null<lowbit::RequantOp>(getOnlyUser(dense.getResult()));
  if (!requant || requant.getMultiplier() != 1 ||
      isa<lowbit::FusedOp>(requant->getParentOp()))
    return {};
  Interval results = lowbit::getRange(requant.getResult());
  bool isByte = results.min >= -127 && results.max <= 255 &&
                (results.min >= 0 || results.max <= 127) &&
                requant.getMin() >= -128 && requant.getMax() <= 255 &&
                requant.getMax() - requant.getMin() <= 255;
  return isByte ? requant : lowbit::RequantOp();
}

/// The layer behind the requantisation, if it can go on with the loop of the
/// layers before; else null.
static lowbit::DenseOp getNext(lowbit::RequantOp requant,
                               ArrayRef<lowbit::DenseOp> layers,
                               lowbit::RequantOp between) {
  auto next =
      dyn_cast_or_null<lowbit::DenseOp>(getOnlyUser(requant.getResult()));
  if (!next || lowbit::getMethod(next) != lowbit::getMethod(layers.front()) ||
      next.getInput() != requant.getResult() ||
      next->getParentOp() != requant->getParentOp())
    return {};
  Requantisation one(requant, 0), other(between, 0);
  if (one < other || other < one)
    return {};
  // All weights have codes of one form; those that would do with less take no
  // more words by it than another loop does.
  SmallVector<int64_t> weights, all = next.getWeights();
  for (lowbit::DenseOp layer : layers)
    llvm::append_range(weights, layer.getWeights());
  auto own = findSerialCode(all), before = findSerialCode(weights);
  int64_t bits = own && before ? all.size() * own->getBits() +
                                     weights.size() * before->getBits()
                               : 0;
  llvm::append_range(all, weights);
  auto together = findSerialCode(all);
  bool isDense =
      own && before && together &&
      int64_t(all.size() * together->getBits()) <= bits + 8 * kWordsOfLoop;
  // Inputs of two bytes have no sign of their own.
  bool hasSigned = lowbit::getRange(next.getInput()).min < 0,
       hasWide = lowbit::getRange(next.getInput()).max > 127;
  for (lowbit::DenseOp layer : layers) {
    hasSigned |= lowbit::getRange(layer.getInput()).min < 0;
    hasWide |= lowbit::getRange(layer.getInput()).max > 127;
  }
  return isDense && !(hasSigned && hasWide) ? next : lowbit::DenseOp();
}

LogicalResult SerialMethod::specialise(Operation *op) const {
  auto dense = cast<lowbit::DenseOp>(op);
  // It may be among the layers behind another one already.
  if (getSerialLayers(dense).front() != dense)
    return success();
  if (failed(check(dense, /*isQuiet=*/false)))
    return failure();
  takeSignedInputs(dense);
  SmallVector<lowbit::DenseOp> layers = {dense};
  SmallVector<Operation *> group = {dense};
  lowbit::RequantOp between;
  while (lowbit::RequantOp requant = getRequant(layers.back())) {
    lowbit::DenseOp next =
        getNext(requant, layers, between ? between : requant);
    if (!next)
      break;
    if (failed(check(next, /*isQuiet=*/false)))
      return failure();
    between = between ? between : requant;
    layers.push_back(next);
    group.append({requant, next});
  }
  if (layers.size() == 1)
    return success();
  if (auto fused = dyn_cast<lowbit::FusedOp>(dense->getParentOp())) {
    unfuse(fused);
    if (Operation *before = dense.getInput().getDefiningOp())
      group.insert(group.begin(), before);
  }
  fuse(group);
  return success();
}

LogicalResult SerialMethod::assignStorage(Operation *op,
                                          StorageAssignment &assignment) const {
  auto dense = cast<lowbit::DenseOp>(op);
  SmallVector<lowbit::DenseOp> layers = getSerialLayers(dense);
  auto format = StorageAssignment::getSumFormat(dense.getResult());
  if (failed(format) || (dense == layers.front() && failed(checkInputs(op))))
    return failure();
  auto sums = lowbit::StorageAttr::get(op->getContext(), lowbit::Place::Buffer,
                                       /*bytes=*/2, format->getBase());
  if (dense != layers.back()) {
    assignment.set(dense.getResult(), sums.in(lowbit::Place::Element));
    return success();
  }
  int64_t buffer = assignment.addBuffer("sums", getSerialArena(layers), 2);
  assignment.set(dense.getResult(),
                 sums.in(buffer, getSerialSums(layers, dense.getNumRows()),
                         /*fresh=*/true));
  return success();
}

LogicalResult SerialMethod::emit(Operation *op, Emission &emission) const {
  auto source = emission.getSource(op);
  if (failed(source))
    return failure();
  emitSerialLoop(getSerialLayers(cast<lowbit::DenseOp>(op)), *source, emission);
  return success();
}

std::unique_ptr<Method> pdkc::makeSerialMethod() {
  return std::make_unique<SerialMethod>();
}
