//===- EstimateTest.cpp - Estimates against whole programs ----------------===//
//
// A plan's price is the sum of its operations' (CostModel.h), each from a program
// of its own. Random networks with random methods, of those that take them, have
// to cost as whole programs exactly that: in words, in the mean of the cycles
// on the samples, and never more cycles than the worst case.
//
//===----------------------------------------------------------------------===//

#include "RandomNetwork.h"

#include "compiler/Phases.h"
#include "compiler/planning/CostModel.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "mlir/IR/Diagnostics.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;

/// Networks a test; at least so many of them have to fit their device.
static constexpr int64_t kNetworks = 25, kLeastCompared = 15;
/// Plans of a network, which are priced by one model: what one plan's price
/// leaves there serves the others.
static constexpr int64_t kPlans = 3;
/// Means are over the first of the samples.
static constexpr int64_t kSamples = 24, kMeasuredSamples = 12;

namespace {

class Estimates : public testing::TestWithParam<int64_t> {
protected:
  Estimates() : context(getRegistry(), MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
  }

  static DialectRegistry getRegistry() {
    DialectRegistry registry;
    registerDialects(registry);
    return registry;
  }

  void setMethods(ModuleOp module, const Target &target, Random &random);
  /// Whether the plan's program came to be compared.
  bool compare(ModuleOp meaning, ModuleOp plan, const CompileOptions &options,
               const Samples &samples, CostModel &costs);
  bool compareNetwork(uint64_t seed);

  MLIRContext context;
};

} // namespace

void Estimates::setMethods(ModuleOp module, const Target &target,
                           Random &random) {
  module.walk([&](Operation *op) {
    auto methods = MethodRegistry::get(&context).getMethods(op, target);
    if (!methods.empty())
      lowbit::setMethod(op,
                        random.pick<const Method *>(methods)->getName());
  });
}

bool Estimates::compare(ModuleOp meaning, ModuleOp plan,
                        const CompileOptions &options, const Samples &samples,
                        CostModel &costs) {
  // Methods may refuse weights.
  if (failed(runPhase(plan, options, "Storage", buildStoragePipeline)))
    return false;
  auto func = *plan.getOps<func::FuncOp>().begin();
  PlanCost cost = costs.getCost(func, [](const PlanCost &) { return false; });
  EXPECT_FALSE(cost.isBound);
  std::optional<int64_t> worst;
  const pdk::Device &device = *pdk::findDevice(options.device);
  if (!cost.fails)
    worst = costs.getWorst(func);
  auto build = [](OpPassManager &manager, const PipelineOptions &options) {
    manager.addPass(createLowbitToPdk({options.mcu, options.undocumented}));
  };
  bool isLowered = succeeded(runPhase(plan, options, "Lower", build));
  bool isPlaced =
      isLowered && succeeded(runPhase(plan, options, "Place",
                                      buildPlacePipeline));
  EXPECT_TRUE(isLowered || cost.fails);
  EXPECT_FALSE(isPlaced && cost.fails);
  if (!isPlaced)
    return false;

  auto layout = layOut(*plan.getOps<pdk::ProgramOp>().begin());
  EXPECT_TRUE(succeeded(layout));
  EXPECT_EQ(cost.words, int64_t(layout->words.size()));
  if (cost.words > int64_t(device.usableWords))
    return false;
  auto program = makeStandalone(*layout);
  if (failed(program))
    return false;
  Measurement some = measure(*layout, *program, samples, options.undocumented,
                             kMeasuredSamples);
  Measurement all =
      measure(*layout, *program, samples, options.undocumented);
  EXPECT_EQ(all.error, "");
  EXPECT_NEAR(cost.cycles, some.cycles.mean, 1e-6 * some.cycles.mean);
  EXPECT_TRUE(worst);
  EXPECT_LE(int64_t(all.cycles.max), worst.value_or(0));
  auto model = *meaning.getOps<func::FuncOp>().begin();
  for (auto [i, taken] : llvm::enumerate(all.classes))
    EXPECT_EQ(lowbit::interpret(model, samples.getValues(i))[0], taken)
        << "sample " << i;
  return true;
}

bool Estimates::compareNetwork(uint64_t seed) {
  Random random(seed);
  OwningOpRef<ModuleOp> network = makeNetwork(&context, random);
  CompileOptions options;
  options.device = random.pick<std::string>({"pms150c", "pfs154", "pfs173"});
  options.undocumented = random.once(4);
  options.input = random.pick<std::string>({"auto", "buffer", "stream"});
  std::string errors;
  ScopedDiagnosticHandler quiet(&context, [&](Diagnostic &diagnostic) {
    errors += diagnostic.str() + "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = network->clone();
  if (failed(runPhase(*module, options, "Prepare", buildPreparePipeline))) {
    ADD_FAILURE() << errors;
    return false;
  }
  Value input =
      (*network->getOps<func::FuncOp>().begin()).getArgument(0);
  Samples samples = makeSamples(
      lowbit::getRange(input),
      cast<RankedTensorType>(input.getType()).getNumElements(), {}, kSamples);
  Target target{pdk::findDevice(options.device), options.undocumented};
  CostModel costs(target, samples, kMeasuredSamples);
  bool isCompared = false;
  for (int64_t i = 0; i < kPlans; ++i) {
    OwningOpRef<ModuleOp> plan = module->clone();
    setMethods(*plan, target, random);
    std::string text;
    llvm::raw_string_ostream(text) << *plan;
    SCOPED_TRACE("seed " + std::to_string(seed) + ", plan " +
                 std::to_string(i) + ", " + options.device + "\n" + text);
    isCompared |= compare(*network, *plan, options, samples, costs);
  }
  if (getenv("DEBUG_ESTIMATE") && !isCompared)
    llvm::errs() << "seed " << seed << " " << options.device << ": " << errors;
  return isCompared;
}

TEST_P(Estimates, AreWhatProgramsCost) {
  int64_t compared = 0;
  for (int64_t i = 0; i < kNetworks; ++i)
    compared += compareNetwork(GetParam() * kNetworks + i);
  RecordProperty("compared", compared);
  if (getenv("DEBUG_ESTIMATE"))
    llvm::errs() << "compared " << compared << "\n";
  EXPECT_GE(compared, kLeastCompared);
}

INSTANTIATE_TEST_SUITE_P(Networks, Estimates, testing::Range<int64_t>(0, 20));
