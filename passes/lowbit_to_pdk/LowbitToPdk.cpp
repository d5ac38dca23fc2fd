//===- LowbitToPdk.cpp - A planned model to a program on virtual cells ----===//

#include "dialects/lowbit/ModelInterface.h"
#include "passes/Passes.h"
#include "passes/lowbit_to_pdk/Emission.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITTOPDK
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitToPdk : pdkc::impl::LowbitToPdkBase<LowbitToPdk> {
  using LowbitToPdkBase::LowbitToPdkBase;

  void runOnOperation() override {
    Target target{pdk::findDevice(device), undocumented};
    if (!target.device) {
      getOperation().emitError("unknown device '") << device << "'";
      return signalPassFailure();
    }
    for (auto func :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      if (failed(lowbit::checkModel(func)) ||
          failed(Emission(func, target).run()))
        return signalPassFailure();
      func.erase();
    }
  }
};

} // namespace
