//===- Fused.cpp - Layers that are fed, or not ----------------------------===//
//
// A dense layer at the end of a convolution's region is fed with the results
// one by one, and these take no RAM; or they are stored, and the layer's sums
// are begun when all of them are there.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;

namespace {
struct FusedMethod : Method {
  FusedMethod(StringRef name) : Method("lowbit.fused", name) {}

  /// What comes while pixels arrive is not stored.
  bool suits(Operation *op) const override {
    return getName() == "fed" ||
           !isStreamed(cast<lowbit::FusedOp>(op).getLayer());
  }

  bool accepts(Operation *op, const Target &) const override {
    return bool(cast<lowbit::FusedOp>(op).getFedLayer());
  }

  LogicalResult specialise(Operation *op) const override {
    auto fused = cast<lowbit::FusedOp>(op);
    if (getName() == "stored" && fused.getFedLayer())
      unfeed(fused);
    return success();
  }

  LogicalResult assignStorage(Operation *,
                              StorageAssignment &) const override {
    llvm_unreachable("the operations within have methods of their own");
  }
  LogicalResult emit(Operation *, Emission &) const override {
    llvm_unreachable("the operations within have methods of their own");
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeFusedMethod(StringRef name) {
  return std::make_unique<FusedMethod>(name);
}
