//===- Plan.cpp - The pass that plans -------------------------------------===//

#include "compiler/planning/Planner.h"
#include "dialects/lowbit/ModelInterface.h"
#include "passes/Passes.h"
#include "runtime_pdk/simulator/SampleFile.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cmath>

namespace pdkc {
#define GEN_PASS_DEF_LOWBITPLAN
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitPlan : pdkc::impl::LowbitPlanBase<LowbitPlan> {
  using LowbitPlanBase::LowbitPlanBase;

  void remark(func::FuncOp func, const SearchSummary &summary) {
    StringRef unit = level == "s" ? "words" : "cycles";
    func.emitRemark() << llvm::formatv(
        "planned: {0:F1} {1}; no plan has less than {2:F1} (gap {3:F1} %; {4} "
        "nodes, {5} plans priced, {6} programs made)",
        summary.estimate, unit, summary.bound, 100 * summary.getGap(),
        summary.nodes, summary.estimates, summary.programs);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!pdk::findDevice(device)) {
      module.emitError("unknown device '") << device << "'";
      return signalPassFailure();
    }
    if (level != "3" && level != "2" && level != "s") {
      module.emitError("level takes 3, 2 or s, not '") << level << "'";
      return signalPassFailure();
    }
    for (auto [name, value] : {std::pair("reserve-words", &reserveWords),
                               std::pair("reserve-ram", &reserveRam),
                               std::pair("max-words", &maxWords),
                               std::pair("max-cycles", &maxCycles),
                               std::pair("verify", &verify)})
      if (*value < 0) {
        module.emitError() << name << " takes no negative number, such as "
                           << value->getValue();
        return signalPassFailure();
      }
    CompileOptions options;
    options.device = device;
    options.undocumented = undocumented;
    options.forSize = level == "s";
    options.isBalanced = level == "2";
    options.maxWords = maxWords;
    options.maxCycles = maxCycles;
    options.reserveWords = reserveWords;
    options.reserveRam = reserveRam;
    if (!samples.empty()) {
      auto file = llvm::MemoryBuffer::getFile(samples);
      if (!file) {
        module.emitError("cannot read '")
            << samples << "': " << file.getError().message();
        return signalPassFailure();
      }
      std::string error;
      auto read = sim::readSampleFile((*file)->getBuffer(), error);
      if (!read) {
        module.emitError("'") << samples << "': " << error;
        return signalPassFailure();
      }
      options.samples.assign(read->bytes.begin(), read->bytes.end());
      options.sampleArray = read->array;
    }
    for (auto func : module.getOps<func::FuncOp>()) {
      if (failed(lowbit::checkModel(func)))
        return signalPassFailure();
      lowbit::InputLayout layout = lowbit::InputLayout::get(func);
      if (failed(checkSamples(func, layout, options.samples,
                              options.sampleArray)))
        return signalPassFailure();
      Samples made = makeSamples(layout, options.samples, verify);
      SearchSummary summary;
      auto use = plan(module, options, made, PlanGoal::Best, summary);
      if (failed(use))
        return signalPassFailure();
      if (!summary.fits)
        return; // the passes behind say why
      numNodes += summary.nodes;
      numEstimates += summary.estimates;
      numPrograms += summary.programs;
      gap += std::lround(1000 * summary.getGap());
      if (remarks)
        remark(func, summary);
      return; // a model is one function
    }
  }
};

} // namespace
