//===- RunTest.cpp - The simulator behind the C API -----------------------===//

#include "compiler/include/pdkc-c.h"

#include <gtest/gtest.h>
#include <memory>

namespace {

// Gives 1 where its input is above 5.
const char *const kModel = R"(
func.func @model(%x: tensor<1x!lowbit.int<0, 15>>)
    -> tensor<1x!lowbit.int<0, 1>> {
  %sums = lowbit.dense %x weights dense<[[0], [1]]> : tensor<2x1xi8>
    of [0, 1] bias [5, 0]
    : tensor<1x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
  %class = lowbit.argmax %sums
    : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %class : tensor<1x!lowbit.int<0, 1>>
})";

class RunTest : public testing::Test {
protected:
  void SetUp() override {
    PdkcOptions options;
    pdkcOptionsInit(&options, sizeof(options));
    options.format = PDKC_FORMAT_MLIR;
    std::string model = kModel;
    result.reset(pdkcCompile(model.data(), model.size(), &options));
    ASSERT_EQ(pdkcResultGetStatus(result.get()), PDKC_OK)
        << pdkcResultGetDiagnostic(result.get(), 0)->text;
    ihx = pdkcResultGetText(result.get(), PDKC_IHX, nullptr);
    map = pdkcResultGetText(result.get(), PDKC_MAP, nullptr);
  }

  PdkcRun *run(const std::vector<uint8_t> &samples,
               const PdkcRunOptions *options = nullptr) {
    last.reset(pdkcRun(ihx.data(), ihx.size(), map.data(), map.size(),
                       samples.data(), samples.size(), options));
    return last.get();
  }

  struct Deleter {
    void operator()(PdkcResult *it) { pdkcResultDestroy(it); }
    void operator()(PdkcRun *it) { pdkcRunDestroy(it); }
  };
  std::unique_ptr<PdkcResult, Deleter> result;
  std::unique_ptr<PdkcRun, Deleter> last;
  std::string ihx, map;
};

TEST_F(RunTest, Classes) {
  PdkcRun *all = run({0, 5, 6, 15});
  ASSERT_EQ(pdkcRunGetError(all), nullptr) << pdkcRunGetError(all);
  ASSERT_EQ(pdkcRunGetCount(all), 4u);
  const uint8_t *classes = pdkcRunGetClasses(all);
  EXPECT_EQ(std::vector<uint8_t>(classes, classes + 4),
            (std::vector<uint8_t>{0, 0, 1, 1}));
  const PdkcRunSummary *summary = pdkcRunGetSummary(all);
  const uint64_t *cycles = pdkcRunGetCycles(all);
  uint64_t sum = 0;
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_GE(cycles[i], summary->minCycles);
    EXPECT_LE(cycles[i], summary->maxCycles);
    sum += cycles[i];
  }
  EXPECT_DOUBLE_EQ(summary->meanCycles, double(sum) / 4);
  EXPECT_GE(summary->stackBytes, 2u);
  size_t bytes = 1;
  pdkcRunGetOutputs(all, &bytes);
  EXPECT_EQ(bytes, 0u);
  EXPECT_EQ(pdkcRunGetViolation(all, 0), nullptr);
}

/// The same model as a firmware, which is talked to by its pins.
TEST_F(RunTest, Firmware) {
  PdkcOptions options;
  pdkcOptionsInit(&options, sizeof(options));
  options.format = PDKC_FORMAT_MLIR;
  options.emit = PDKC_EMIT_FIRMWARE;
  options.baud = 19200;
  std::string model = kModel;
  result.reset(pdkcCompile(model.data(), model.size(), &options));
  ASSERT_EQ(pdkcResultGetStatus(result.get()), PDKC_OK);
  ihx = pdkcResultGetText(result.get(), PDKC_IHX, nullptr);
  map = pdkcResultGetText(result.get(), PDKC_MAP, nullptr);
  PdkcRun *all = run({0, 5, 6, 15});
  ASSERT_EQ(pdkcRunGetError(all), nullptr) << pdkcRunGetError(all);
  const uint8_t *classes = pdkcRunGetClasses(all);
  EXPECT_EQ(std::vector<uint8_t>(classes, classes + pdkcRunGetCount(all)),
            (std::vector<uint8_t>{0, 0, 1, 1}));
  EXPECT_GT(pdkcRunGetSummary(all)->minCycles, 0u);
  // Told of another rate it sends what is no answer.
  map.replace(map.find("--baud=19200"), 12, "--baud=25000");
  EXPECT_NE(pdkcRunGetError(run({0, 5})), nullptr);
  map.replace(map.find("--rx=PA.0"), 9, "--rx=PZ.9");
  EXPECT_NE(std::string(pdkcRunGetError(run({0, 5}))).find("--rx"),
            std::string::npos);
}

TEST_F(RunTest, NoSamples) {
  PdkcRun *none = run({});
  EXPECT_EQ(pdkcRunGetError(none), nullptr);
  EXPECT_EQ(pdkcRunGetCount(none), 0u);
}

TEST_F(RunTest, CycleLimit) {
  PdkcRunOptions options;
  pdkcRunOptionsInit(&options, sizeof(options));
  options.cycleLimit = 3;
  PdkcRun *stopped = run({1, 2}, &options);
  EXPECT_NE(pdkcRunGetError(stopped), nullptr);
  EXPECT_EQ(pdkcRunGetCount(stopped), 0u);
  const PdkcViolation *violation = pdkcRunGetViolation(stopped, 0);
  ASSERT_NE(violation, nullptr);
  EXPECT_STREQ(violation->rule, "cycle-limit");
  EXPECT_EQ(violation->sample, 0u);
}

TEST_F(RunTest, Errors) {
  auto refuse = [&](const std::string &part,
                    const std::vector<uint8_t> &samples = {1},
                    const PdkcRunOptions *options = nullptr) {
    const char *error = pdkcRunGetError(run(samples, options));
    ASSERT_NE(error, nullptr) << part;
    EXPECT_NE(std::string(error).find(part), std::string::npos) << error;
  };
  PdkcRunOptions options;
  pdkcRunOptionsInit(&options, sizeof(options));
  options.mcu = "pic16";
  refuse("pic16", {1}, &options);
  options.mcu = nullptr;
  options.sampleBytes = 3;
  refuse("whole number", {1, 2}, &options);
  options.size = 1;
  refuse("version", {1}, &options);
  std::string good = map;
  map.replace(map.find("--mcu=pms150c"), 13, "--mcu=pms999z");
  refuse("which device");
  map = good;
  map.replace(map.find("_model_infer"), 12, "_model_other");
  refuse("_model_infer");
  map = good;
  map.replace(map.find("--inputs=1"), 10, "--inputs=x");
  refuse("bytes a sample");
  map = good;
  map.insert(map.find("--inputs"), "--output-bytes=nowhere=2 ");
  refuse("no array in RAM");
  map = good;
  map.insert(map.find("--inputs"), "--baud=9600 ");
  refuse("--clock");
  map = "";
  refuse("");
  map = good;
  ihx = ":00000001F";
  refuse("");
}

} // namespace
