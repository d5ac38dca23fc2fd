//===- SearchTest.cpp - The search against all plans ----------------------===//
//
// Of small random networks every plan is priced: none may be better than the
// one that the search says is the best, nor below the bound that it gives.
//
//===----------------------------------------------------------------------===//

#include "PlanningTest.h"
#include "RandomNetwork.h"

#include "compiler/Phases.h"
#include "compiler/planning/CostModel.h"
#include "compiler/planning/PlanSpace.h"
#include "compiler/planning/Search.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;

/// Networks a test, and how many plans one may have to be looked at.
static constexpr int64_t kNetworks = 30, kMostPlans = 1000;
static constexpr int64_t kLeastCompared = 5;
static constexpr int64_t kSamples = 12; // that plans are measured with

namespace {

class SearchAgainstAll : public PlanningTest {
protected:
  /// Cycles, or words, of the best plan of all that fit; none where none does.
  std::optional<double> tryAll(const PlanSpace &space, const Target &target,
                               const CompileOptions &options,
                               const Samples &samples);
  /// Whether the network has few enough plans, and one that fits.
  bool compare(ModuleOp network, const CompileOptions &options);
};

class RandomSearch : public SearchAgainstAll,
                     public testing::WithParamInterface<int64_t> {};

} // namespace

std::optional<double> SearchAgainstAll::tryAll(const PlanSpace &space,
                                               const Target &target,
                                               const CompileOptions &options,
                                               const Samples &samples) {
  CostModel costs(target, samples, kSamples);
  TrialPhase assign(&context, options, buildStoragePipeline);
  auto available =
      int64_t(target.device->usableWords) - getReservedWords(options);
  std::optional<double> best;
  Choices choices(space.getUnits().size(), 0);
  for (bool isLast = false; !isLast;) {
    OwningOpRef<ModuleOp> copy = space.apply(choices);
    if (succeeded(assign.run(*copy))) {
      auto prices = costs.getPrices(*copy->getOps<func::FuncOp>().begin());
      double words = 0, cycles = 0;
      for (const OperationPrice &price : prices)
        words += price.words;
      if (words < available + 0.5)
        costs.addCycles(prices, [](const OperationPrice &) { return true; });
      bool fails = words > available + 0.5;
      for (const OperationPrice &price : prices) {
        fails |= price.fails;
        cycles += price.cycles.value_or(0);
      }
      double cost = options.forSize ? words : cycles;
      if (!fails && (!best || cost < *best))
        best = cost;
    }
    size_t unit = 0;
    while (unit < choices.size() &&
           ++choices[unit] == space.getUnits()[unit].options.size())
      choices[unit++] = 0;
    isLast = unit == choices.size();
  }
  return best;
}

bool SearchAgainstAll::compare(ModuleOp network,
                               const CompileOptions &options) {
  ScopedDiagnosticHandler quiet(&context,
                                [](Diagnostic &) { return success(); });
  OwningOpRef<ModuleOp> module = network.clone();
  EXPECT_TRUE(succeeded(
      runPhase(*module, options, "Prepare", buildPreparePipeline)));
  Target target{pdk::findDevice(options.device), options.undocumented};
  PlanSpace space(*module, target);
  int64_t plans = 1;
  for (const PlanUnit &unit : space.getUnits())
    plans = std::min<int64_t>(plans * unit.options.size(), kMostPlans + 1);
  if (plans < 2 || plans > kMostPlans)
    return false;
  Samples samples = makeSamples(
      lowbit::InputLayout::get(*network.getOps<func::FuncOp>().begin()), {},
      kSamples);
  std::optional<double> best = tryAll(space, target, options, samples);
  SearchSummary summary;
  PlanResult found =
      search(*module, options, samples, PlanGoal::Best, summary);
  EXPECT_EQ(found.fits(), best.has_value());
  if (!best || !found.fits())
    return false;
  double rounding = 1e-6 * *best;
  EXPECT_LE(summary.bound, *best + rounding);
  EXPECT_LE(*best, summary.estimate + rounding);
  EXPECT_NEAR(summary.estimate, found.first, rounding);
  // With so few plans no search is cut.
  EXPECT_EQ(summary.getGap(), 0);
  return true;
}

TEST_P(RandomSearch, FindsTheBest) {
  int64_t compared = 0;
  for (int64_t i = 0; i < kNetworks; ++i) {
    uint64_t seed = 1000 + GetParam() * kNetworks + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    OwningOpRef<ModuleOp> network = makeNetwork(&context, random);
    CompileOptions options;
    options.device = "pfs173"; // RAM is no matter
    options.forSize = random.once(2);
    compared += compare(*network, options);
  }
  RecordProperty("compared", compared);
  EXPECT_GE(compared, kLeastCompared);
}

INSTANTIATE_TEST_SUITE_P(Networks, RandomSearch, testing::Range<int64_t>(0, 4));

// What a concatenation becomes decides what the layer behind it costs: as one
// layer or as two. A choice more is no loss.
TEST_F(SearchAgainstAll, LayersAreBoundByWhatDecidesThem) {
  std::string text = R"(
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0]]> : tensor<1x2xi8> of [0, 1] bias [0] : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 255>>
  %2 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [0, 1] bias [0] : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 255>>
  %3 = lowbit.concat %2, %1 {METHOD} : tensor<1x!lowbit.int<0, 255>>, tensor<1x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 255>>
  %4 = lowbit.dense %3 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [12, 61] bias [0, 7] : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 18622>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<0, 18622>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
})";
  CompileOptions options;
  options.device = "pms150c";
  for (bool forSize : {false, true}) {
    options.forSize = forSize;
    auto plan = [&](StringRef method) {
      std::string with = text;
      with.replace(with.find("METHOD"), 6, method.str());
      auto network = parseSourceString<ModuleOp>(with, &context);
      EXPECT_TRUE(succeeded(
          runPhase(*network, options, "Prepare", buildPreparePipeline)));
      SearchSummary summary;
      Samples samples = makeSamples(
          lowbit::InputLayout::get(*network->getOps<func::FuncOp>().begin()),
          {}, kSamples);
      PlanResult found =
          search(*network, options, samples, PlanGoal::Best, summary);
      EXPECT_TRUE(found.fits());
      return found.first;
    };
    double free = plan("");
    EXPECT_LE(free, plan("method = \"in-place\""));
    EXPECT_LE(free, plan("method = \"accumulate\""));
  }
}
