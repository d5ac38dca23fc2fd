//===- PrintLiveness.cpp - What is live where, as remarks -----------------===//

#include "dialects/pdk/PdkDialect.h"
#include "passes/Passes.h"
#include "passes/pdk/analysis/Liveness.h"

namespace pdkc {
#define GEN_PASS_DEF_PDKPRINTLIVENESS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct PdkPrintLiveness : pdkc::impl::PdkPrintLivenessBase<PdkPrintLiveness> {
  using PdkPrintLivenessBase::PdkPrintLivenessBase;

  void runOnOperation() override {
    auto &liveness = getAnalysis<ProgramLiveness>();
    if (!liveness.isValid())
      return signalPassFailure();
    for (auto [i, node] : llvm::enumerate(liveness.getFlow().getNodes())) {
      std::string text;
      llvm::raw_string_ostream out(text);
      liveness.print(liveness.getLiveIn(i), out);
      node.op->emitRemark("live-in (") << text << ")";
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
