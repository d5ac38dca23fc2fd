//===- ShareEngines.cpp - Which dense layers share an engine --------------===//

#include "passes/Passes.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"
#include "passes/lowbit_to_pdk/methods/Engines.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSHAREENGINES
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

using Format = std::array<int64_t, 3>;

/// Layers that can share an engine.
struct Group {
  const DenseMethod *method;
  SmallVector<lowbit::DenseOp> ops;
  Format format = {}; ///< of the engine

  /// The engine's format, or none where there is no such engine.
  std::optional<Format> getFormat(const Target &target) const {
    SmallVector<DenseLayer, 0> layers;
    for (lowbit::DenseOp op : ops)
      layers.push_back(getLayer(
          op, *StorageAssignment::getSumFormat(op.getResult()), ops));
    auto engine = method->makeEngine(layers, target);
    return engine ? std::optional<Format>(engine->getFormat())
                  : std::nullopt;
  }
};

struct LowbitShareEngines
    : pdkc::impl::LowbitShareEnginesBase<LowbitShareEngines> {
  using LowbitShareEnginesBase::LowbitShareEnginesBase;

  void runOnOperation() override {
    Target target{pdk::findDevice(device), undocumented};
    if (!target.device) {
      getOperation().emitError("unknown device '") << device << "'";
      return signalPassFailure();
    }
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (failed(share(func, target)))
        return signalPassFailure();
  }

  LogicalResult share(func::FuncOp func, const Target &target);
};

} // namespace

/// Whether sums of the layers are used behind the operation, which would leave
/// others in their place if it shared their engine.
static bool areUsedBehind(ArrayRef<lowbit::DenseOp> layers, Operation *op) {
  return llvm::any_of(layers, [&](lowbit::DenseOp layer) {
    return llvm::any_of(getGroup(layer)->getUsers(), [&](Operation *user) {
      return getGroup(op)->isBeforeInBlock(getGroup(user));
    });
  });
}

/// The first operation whose sums are added to in the end.
static Operation *getFirstOfSums(Operation *op) {
  while (isa<lowbit::DenseOp, lowbit::ChainsOp>(op) && op->getNumOperands() > 1)
    op = getProducer(op->getOperand(1));
  return op;
}

/// Whether the layer adds to sums of one of these.
static bool addsToOneOf(ArrayRef<lowbit::DenseOp> layers,
                        lowbit::DenseOp dense) {
  return dense.getSums() &&
         llvm::any_of(layers, [&](lowbit::DenseOp layer) {
           return getFirstOfSums(layer) == getFirstOfSums(dense);
         });
}

/// Puts layers together as long as their weights have the same format.
LogicalResult LowbitShareEngines::share(func::FuncOp func,
                                        const Target &target) {
  MethodRegistry &methods = MethodRegistry::get(&getContext());
  SmallVector<Group> groups;
  WalkResult result = func.walk([&](lowbit::DenseOp dense) {
    auto *method = dynamic_cast<const DenseMethod *>(methods.find(dense));
    if (!method)
      return WalkResult::advance();
    auto sums = StorageAssignment::getSumFormat(dense.getResult());
    if (failed(sums))
      return WalkResult::interrupt();
    if (failed(checkAccumulation(dense)))
      return WalkResult::interrupt();
    // Its sums lie where those are that it adds to.
    for (Group &candidate : groups)
      if (addsToOneOf(candidate.ops, dense)) {
        candidate.ops.push_back(dense);
        auto together = candidate.method->getFamily() == method->getFamily()
                            ? candidate.getFormat(target)
                            : std::nullopt;
        if (together) {
          candidate.format = *together;
          return WalkResult::advance();
        }
        dense.emitError("cannot add to sums of a layer of the method '")
            << candidate.method->getName() << "' by the method '"
            << method->getName() << "', or is too much for it";
        return WalkResult::interrupt();
      }
    Group alone{method, {dense}};
    auto format = alone.getFormat(target);
    if (!format) {
      (void)method->refuse(dense, getLayer(dense, *sums, {dense}));
      return WalkResult::interrupt();
    }
    alone.format = *format;
    for (Group &candidate : groups) {
      if (candidate.method->getFamily() != method->getFamily() ||
          candidate.format != *format ||
          areUsedBehind(candidate.ops, getFirstOfSums(dense)))
        continue;
      Group together = candidate;
      together.ops.push_back(dense);
      if (together.getFormat(target) != format)
        continue;
      candidate = together;
      return WalkResult::advance();
    }
    groups.push_back(alone);
    return WalkResult::advance();
  });
  Builder builder(&getContext());
  for (auto [number, group] : llvm::enumerate(groups))
    for (lowbit::DenseOp op : group.ops)
      op->setAttr(kEngineAttr, builder.getI64IntegerAttr(number));
  return failure(result.wasInterrupted());
}
