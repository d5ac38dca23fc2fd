//===- ShapesTest.cpp - Networks without weights behind the C API ---------===//
//
// What estimates say is compared with compilations by test/e2e/estimates.py;
// here is how the API is used, and misused.
//
//===----------------------------------------------------------------------===//

#include "compiler/include/pdkc-c.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Deleter {
  void operator()(PdkcResult *result) { pdkcResultDestroy(result); }
};
using Result = std::unique_ptr<PdkcResult, Deleter>;

const int64_t kTernary[] = {-1, 0, 1};

/// 16 inputs, 8 neurons, 3 classes.
struct Shapes {
  Shapes() {
    for (PdkcLayer &layer : layers) {
      pdkcLayerInit(&layer, sizeof(layer));
      layer.codebook = kTernary;
      layer.codebookSize = 3;
    }
    layers[0].outputs = 8;
    layers[0].activationMax = 15;
    layers[1].outputs = 3;
    pdkcNetworkInit(&network, sizeof(network));
    network.inputShape[0] = 16;
    network.inputRank = 1;
    network.inputMax = 15;
    network.layers = pointers;
    network.layerCount = 2;
    pdkcOptionsInit(&options, sizeof(options));
  }

  Result estimate() { return Result(pdkcEstimate(&network, &options)); }

  PdkcLayer layers[2];
  const PdkcLayer *pointers[2] = {layers, layers + 1};
  PdkcNetwork network;
  PdkcOptions options;
};

std::string getReport(const Result &result) {
  const char *text = pdkcResultGetText(result.get(), PDKC_REPORT, nullptr);
  return text ? text : "";
}

TEST(ShapesTest, Estimate) {
  Shapes shapes;
  Result result = shapes.estimate();
  ASSERT_EQ(pdkcResultGetStatus(result.get()), PDKC_OK)
      << pdkcResultGetDiagnostic(result.get(), 0)->text;
  EXPECT_NE(getReport(result).find("\"words\""), std::string::npos);
  EXPECT_NE(getReport(result).find("layer 2"), std::string::npos);
  // There is no program.
  EXPECT_EQ(pdkcResultGetText(result.get(), PDKC_ASSEMBLY, nullptr), nullptr);
  EXPECT_EQ(pdkcResultGetWords(result.get(), nullptr), nullptr);
  // The same again, as by options that are left out.
  EXPECT_EQ(getReport(result), getReport(shapes.estimate()));
  EXPECT_EQ(getReport(result),
            getReport(Result(pdkcEstimate(&shapes.network, nullptr))));
}

TEST(ShapesTest, DoesNotFit) {
  Shapes shapes;
  shapes.options.reserveWords = 990;
  Result result = shapes.estimate();
  EXPECT_EQ(pdkcResultGetStatus(result.get()), PDKC_BAD_MODEL);
  EXPECT_EQ(getReport(result), "");
  EXPECT_STREQ(pdkcResultGetDiagnostic(result.get(), 0)->resource, "code");
}

TEST(ShapesTest, Scalings) {
  std::vector<std::string> reports;
  for (PdkcScaling scaling :
       {PDKC_SCALING_SHIFT, PDKC_SCALING_PRODUCT, PDKC_SCALING_BY_CHANNEL}) {
    Shapes shapes;
    shapes.layers[0].scaling = scaling;
    reports.push_back(getReport(shapes.estimate()));
    EXPECT_NE(reports.back(), "");
  }
  EXPECT_NE(reports[0], reports[1]);
  EXPECT_NE(reports[1], reports[2]);
}

TEST(ShapesTest, BadUsage) {
  auto refuse = [](PdkcStatus status, auto change) {
    Shapes shapes;
    change(shapes);
    Result result = shapes.estimate();
    EXPECT_EQ(pdkcResultGetStatus(result.get()), status);
    const PdkcDiagnostic *error = pdkcResultGetDiagnostic(result.get(), 0);
    ASSERT_NE(error, nullptr);
    EXPECT_STRNE(error->text, "");
  };
  auto bad = PDKC_BAD_USAGE;
  refuse(bad, [](Shapes &it) { it.network.size = 1; });
  refuse(bad, [](Shapes &it) { it.network.layers = nullptr; });
  refuse(bad, [](Shapes &it) { it.network.inputRank = 4; });
  refuse(bad, [](Shapes &it) { it.network.inputRank = 0; });
  refuse(bad, [](Shapes &it) { it.pointers[1] = nullptr; });
  refuse(bad, [](Shapes &it) { it.layers[1].size = 0; });
  refuse(bad, [](Shapes &it) { it.layers[1].kind = PdkcLayerKind(7); });
  refuse(bad, [](Shapes &it) { it.layers[1].scaling = PdkcScaling(-1); });
  refuse(bad, [](Shapes &it) { it.layers[1].codebook = nullptr; });
  refuse(bad, [](Shapes &it) { it.options.mcu = "pic16"; });
  refuse(bad, [](Shapes &it) { it.options.size = 1; });
  EXPECT_EQ(pdkcResultGetStatus(Result(pdkcEstimate(nullptr, nullptr)).get()),
            bad);
  bad = PDKC_BAD_MODEL;
  refuse(bad, [](Shapes &it) { it.network.layerCount = 0; });
  refuse(bad, [](Shapes &it) { it.network.inputShape[0] = -3; });
  refuse(bad, [](Shapes &it) { it.network.inputMin = 16; });
  refuse(bad, [](Shapes &it) { it.layers[0].outputs = INT64_MAX; });
  refuse(bad, [](Shapes &it) { it.layers[0].kind = PDKC_LAYER_CONV; });
  refuse(bad, [](Shapes &it) { it.layers[0].codebookSize = 0; });
}

} // namespace
