//===- AssignStorage.cpp - Where tensors lie, and in how many bits --------===//

#include "passes/Passes.h"
#include "passes/lowbit_to_pdk/StorageAssignment.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITASSIGNSTORAGE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitAssignStorage
    : pdkc::impl::LowbitAssignStorageBase<LowbitAssignStorage> {
  using LowbitAssignStorageBase::LowbitAssignStorageBase;

  void runOnOperation() override {
    Target target{pdk::findDevice(device), undocumented};
    if (!target.device) {
      getOperation().emitError("unknown device '") << device << "'";
      return signalPassFailure();
    }
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (failed(StorageAssignment(func, target).run()))
        return signalPassFailure();
  }
};

} // namespace
