//===- EstimateTest.cpp - Estimates against whole programs ----------------===//
//
// A plan's price is the sum of its operations' (CostModel.h), each from a
// program of its own. Random networks with random methods, of those that take
// them, have to cost as whole programs exactly that: in words, in the mean of
// the cycles on the samples; never more cycles than the worst case, nor less
// RAM than what is needed at least.
//
//===----------------------------------------------------------------------===//

#include "PlanningTest.h"
#include "RandomNetwork.h"

#include "compiler/Phases.h"
#include "compiler/planning/CostModel.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MathExtras.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;

/// Networks a test; at least so many of them have to fit their device.
static constexpr int64_t kNetworks = 25, kLeastCompared = 12;
/// Plans of a network, which are priced by one model: what one plan's price
/// leaves there serves the others.
static constexpr int64_t kPlans = 4;
/// Means are over the first of the samples.
static constexpr int64_t kSamples = 24, kMeasuredSamples = 12;

namespace {

class Estimates : public PlanningTest {
protected:
  void setMethods(ModuleOp module, const Target &target, Random &random);
  /// Whether the plan's program came to be compared.
  bool compare(ModuleOp meaning, ModuleOp plan, const CompileOptions &options,
               const Samples &samples, CostModel &costs);
  /// Whether one of the plans did; `random` decides of them what the network
  /// does not say.
  bool comparePlans(ModuleOp network, const CompileOptions &options,
                    Random &random);
  /// Of the network's text, for the default device.
  void expectEstimates(StringRef text);

  int64_t leastBytes = 0, realBytes = 0;
};

class RandomEstimates : public Estimates,
                        public testing::WithParamInterface<int64_t> {};

} // namespace

void Estimates::setMethods(ModuleOp module, const Target &target,
                           Random &random) {
  module.walk([&](Operation *op) {
    auto methods = MethodRegistry::get(&context).getMethods(op, target);
    // Sums that are added to by another method are none, mostly.
    auto dense = dyn_cast<lowbit::DenseOp>(op);
    if (dense && dense.getSums() && !random.once(3))
      lowbit::setMethod(op,
                        lowbit::getMethod(dense.getSums().getDefiningOp()));
    if (!methods.empty() && lowbit::getMethod(op).empty())
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
  const pdk::Device &device = *pdk::findDevice(options.device);
  SmallVector<OperationPrice> prices = costs.getPrices(func);
  double words = 0, cycles = 0;
  for (const OperationPrice &price : prices)
    words += price.words;
  // What the device has no room for cannot run.
  if (words < device.usableWords + 0.5)
    costs.addCycles(prices, [](const OperationPrice &) { return true; });
  bool fails = llvm::any_of(
      prices, [](const OperationPrice &price) { return price.fails; });
  int64_t bytes = 0;
  std::optional<int64_t> worst;
  if (!fails) {
    costs.addBytes(prices, /*isFirmware=*/false, options.reserveRam);
    worst = costs.getWorst(func);
  }
  for (const OperationPrice &price : prices) {
    cycles += price.cycles.value_or(0);
    bytes = std::max(bytes, price.bytes);
  }
  auto build = [](OpPassManager &manager, const PipelineOptions &options) {
    manager.addPass(createLowbitToPdk({options.mcu, options.undocumented}));
  };
  bool isLowered = succeeded(runPhase(plan, options, "Lower", build));
  bool isPlaced =
      isLowered && succeeded(runPhase(plan, options, "Place",
                                      buildPlacePipeline));
  EXPECT_TRUE(isLowered || fails);
  EXPECT_FALSE(isPlaced && fails);
  if (!isPlaced)
    return false;

  auto layout = layOut(*plan.getOps<pdk::ProgramOp>().begin());
  EXPECT_TRUE(succeeded(layout));
  EXPECT_NEAR(words, double(layout->words.size()), 1e-6);
  // The stack begins at an even address above the two bytes of C.
  int64_t top = llvm::alignTo(layout->firstByte + layout->staticBytes + 2, 2) +
                layout->stackBytes;
  EXPECT_LE(bytes, top);
  // How far below, all programs together.
  leastBytes += bytes;
  realBytes += top;
  if (layout->words.size() > device.usableWords)
    return false;
  auto program = makeStandalone(*layout);
  if (failed(program))
    return false;
  Measurement some = measure(*layout, *program, samples, options.undocumented,
                             kMeasuredSamples);
  Measurement all =
      measure(*layout, *program, samples, options.undocumented);
  EXPECT_EQ(all.error, "");
  EXPECT_NEAR(cycles, some.cycles.mean, 1e-6 * some.cycles.mean);
  EXPECT_TRUE(worst);
  EXPECT_LE(int64_t(all.cycles.max), worst.value_or(0));
  auto model = *meaning.getOps<func::FuncOp>().begin();
  for (auto [i, taken] : llvm::enumerate(all.classes)) {
    auto expected = lowbit::interpretAll(model, samples.getValues(i));
    EXPECT_EQ(expected[0][0], taken) << "sample " << i;
    // Outputs lie one after the other, low byte first.
    ArrayRef<uint8_t> bytes = all.outputs[i]["output"];
    for (size_t j = 0; expected.size() > 1 && j < bytes.size(); ++j) {
      size_t size = bytes.size() / expected[1].size();
      EXPECT_EQ(uint8_t(expected[1][j / size] >> (8 * (j % size))), bytes[j])
          << "sample " << i << ", byte " << j;
    }
  }
  return true;
}

bool Estimates::comparePlans(ModuleOp network, const CompileOptions &options,
                             Random &random) {
  std::string errors;
  ScopedDiagnosticHandler quiet(&context, [&](Diagnostic &diagnostic) {
    errors += diagnostic.str() + "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = network.clone();
  if (failed(runPhase(*module, options, "Prepare", buildPreparePipeline))) {
    ADD_FAILURE() << errors;
    return false;
  }
  Samples samples = makeSamples(
      lowbit::InputLayout::get(*network.getOps<func::FuncOp>().begin()), {},
      kSamples);
  Target target{pdk::findDevice(options.device), options.undocumented};
  CostModel costs(target, samples, kMeasuredSamples);
  bool isCompared = false;
  for (int64_t i = 0; i < kPlans; ++i) {
    OwningOpRef<ModuleOp> plan = module->clone();
    setMethods(*plan, target, random);
    std::string text;
    llvm::raw_string_ostream(text) << *plan;
    SCOPED_TRACE("plan " + std::to_string(i) + ", " + options.device + "\n" +
                 text);
    isCompared |= compare(network, *plan, options, samples, costs);
  }
  return isCompared;
}

void Estimates::expectEstimates(StringRef text) {
  auto network = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(network);
  Random random(1);
  EXPECT_TRUE(comparePlans(*network, {}, random));
}

TEST_P(RandomEstimates, AreWhatProgramsCost) {
  int64_t compared = 0;
  for (int64_t i = 0; i < kNetworks; ++i) {
    uint64_t seed = GetParam() * kNetworks + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    OwningOpRef<ModuleOp> network = makeNetwork(&context, random);
    CompileOptions options;
    options.device = random.pick<std::string>({"pms150c", "pfs154", "pfs173"});
    options.undocumented = random.once(4);
    options.input = random.pick<std::string>({"auto", "buffer", "stream"});
    compared += comparePlans(*network, options, random);
  }
  RecordProperty("compared", compared);
  RecordProperty("leastBytes", leastBytes);
  RecordProperty("realBytes", realBytes);
  // A bound that says little is no help.
  EXPECT_GE(leastBytes, realBytes * 7 / 10);
  EXPECT_GE(compared, kLeastCompared);
}

INSTANTIATE_TEST_SUITE_P(Networks, RandomEstimates,
                         testing::Range<int64_t>(0, 20));

/// Two layers of one text, each with an engine of its own: the first one's sums
/// are used behind the second one.
TEST_F(Estimates, EqualEngines) {
  expectEstimates(R"mlir(
func.func @model(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-3, 5] bias [60, 61] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 200>>
  %2 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-3, 5] bias [60, 61] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 200>>
  %3 = lowbit.requant %1 shift 4 clamp 0 to 7 {method = "loop"} : tensor<2x!lowbit.int<0, 200>> -> tensor<2x!lowbit.int<0, 7>>
  %4 = lowbit.requant %2 shift 4 clamp 0 to 7 {method = "loop"} : tensor<2x!lowbit.int<0, 200>> -> tensor<2x!lowbit.int<0, 7>>
  %5 = lowbit.concat %3, %4 : tensor<2x!lowbit.int<0, 7>>, tensor<2x!lowbit.int<0, 7>> -> tensor<4x!lowbit.int<0, 7>>
  %6 = lowbit.argmax %5 : tensor<4x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 3>>
  return %6 : tensor<1x!lowbit.int<0, 3>>
})mlir");
}

/// Two functions of one text, on sums of one range: thresholds that one element
/// seldom reaches and the other nearly always, so that their cycles differ.
TEST_F(Estimates, SameCodeOnOtherTensors) {
  expectEstimates(R"mlir(
func.func @model(%0: tensor<4x!lowbit.int<0, 15>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 10>>) {
  %1 = lowbit.dense %0 weights dense<[[1, 1, 1, 1]]> : tensor<1x4xi8> of [-1, 1] bias [0] {method = "straight"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-60, 60>>
  %2 = lowbit.dense %0 weights dense<[[0, 0, 0, 0]]> : tensor<1x4xi8> of [-1, 1] bias [60] {method = "straight"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-60, 60>>
  %3 = lowbit.steps %1 starts [0, 2, 4, 6, 8, 10] values [0, 3, 1, 4, 2, 5] sizes [6] {method = "compare"} : tensor<1x!lowbit.int<-60, 60>> -> tensor<1x!lowbit.int<0, 5>>
  %4 = lowbit.steps %2 starts [0, 2, 4, 6, 8, 10] values [0, 3, 1, 4, 2, 5] sizes [6] {method = "compare"} : tensor<1x!lowbit.int<-60, 60>> -> tensor<1x!lowbit.int<0, 5>>
  %5 = lowbit.scale %3, %4 times [1, 1] plus [0] : tensor<1x!lowbit.int<0, 5>>, tensor<1x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<0, 10>>
  %6 = lowbit.argmax %5 : tensor<1x!lowbit.int<0, 10>> -> tensor<1x!lowbit.int<0, 0>>
  return %6, %5 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 10>>
})mlir");
}

/// Selections of a packed layer's sums, which have a bias at run time, read in
/// place.
TEST_F(Estimates, SelectedSumsHaveTheirBias) {
  expectEstimates(R"mlir(
func.func @model(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 1]]> : tensor<2x2xi8> of [-3, 1] bias [0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-45, 30>>
  %2 = lowbit.select %1 [0, 0] : tensor<2x!lowbit.int<-45, 30>> -> tensor<2x!lowbit.int<-45, 30>>
  %3 = lowbit.select %1 [1, 1] : tensor<2x!lowbit.int<-45, 30>> -> tensor<2x!lowbit.int<-45, 30>>
  %4 = lowbit.scale %2, %3 times [3, 1, -2, 5] plus [7, 0] : tensor<2x!lowbit.int<-45, 30>>, tensor<2x!lowbit.int<-45, 30>> -> tensor<2x!lowbit.int<-1000, 1000>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<-1000, 1000>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
})mlir");
}

/// Results that are all below the clamp's lower end, by more than a byte.
TEST_F(Estimates, ClampedAltogether) {
  expectEstimates(R"mlir(
func.func @model(%0: tensor<2x!lowbit.int<0, 1>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 0>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-4, 1] bias [-91] {method = "straight"}
      : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<-95, -90>>
  %2 = lowbit.scale %1 times [91] plus [79] shift 5 clamp 0 to 63 : tensor<1x!lowbit.int<-95, -90>> -> tensor<1x!lowbit.int<0, 0>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 0>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 0>>
})mlir");
}
