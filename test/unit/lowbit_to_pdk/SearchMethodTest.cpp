//===- SearchMethodTest.cpp - Step functions by a search ------------------===//
//
// Random functions of all integers of one byte and of two: the emitted words
// give for each what the interpreter does.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <random>
#include <set>

using namespace mlir;
using namespace pdkc;

namespace {

std::string join(const std::vector<int64_t> &numbers) {
  std::string text;
  for (int64_t number : numbers)
    text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

/// A function of %1 in the range, with its first piece from the lower end on.
std::string makeSteps(lowbit::Interval range, size_t pieces,
                      std::mt19937 &random) {
  std::set<int64_t> starts{range.min};
  while (starts.size() < pieces)
    starts.insert(range.min + int64_t(random() % (range.max - range.min + 1)));
  std::vector<int64_t> values;
  for (size_t i = 0; i < pieces; ++i)
    values.push_back(int64_t(random() % 256));
  std::string type = "tensor<1x!lowbit.int<";
  return "  %2 = lowbit.steps %1 starts [" +
         join({starts.begin(), starts.end()}) + "] values [" + join(values) +
         "] sizes [" + std::to_string(pieces) + "] {method = \"search\"} : " +
         type + std::to_string(range.min) + ", " + std::to_string(range.max) +
         ">> -> " + type + "0, 255>>\n";
}

/// Whether the program agrees with the interpreter on all samples, which
/// compile() sees to.
void expectRight(const std::string &inputs, const std::string &sum,
                 const std::string &steps, std::vector<uint8_t> samples) {
  std::string text =
      "func.func @model(%0: " + inputs +
      ") -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>) {\n" +
      sum + steps +
      "  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 255>> -> "
      "tensor<1x!lowbit.int<0, 0>>\n"
      "  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, "
      "tensor<1x!lowbit.int<0, 255>>\n}\n";
  SCOPED_TRACE(text);
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  CompileOptions options;
  options.input = "buffer";
  options.verify = 0;
  options.samples = std::move(samples);
  auto compilation = compile(std::move(module), options);
  ASSERT_TRUE(succeeded(compilation));
  bool isSearched = false;
  ModuleOp(*compilation->plan).walk([&](lowbit::StepsOp op) {
    isSearched |= lowbit::getMethod(op) == "search";
  });
  EXPECT_TRUE(isSearched);
}

TEST(SearchMethod, OneByte) {
  std::vector<uint8_t> samples;
  for (int i = 0; i < 256; ++i)
    samples.push_back(uint8_t(i));
  std::mt19937 random(1);
  for (size_t pieces : {2, 3, 4, 7, 16, 41})
    expectRight("tensor<1x!lowbit.int<-128, 127>>",
                "  %1 = lowbit.reshape %0 : tensor<1x!lowbit.int<-128, 127>> "
                "-> tensor<1x!lowbit.int<-128, 127>>\n",
                makeSteps({-128, 127}, pieces, random), samples);
}

TEST(SearchMethod, TwoBytes) {
  std::vector<uint8_t> samples;
  for (int i = 0; i < 65536; ++i) {
    samples.push_back(uint8_t(i));
    samples.push_back(uint8_t(i >> 8));
  }
  std::string in = "tensor<2x!lowbit.int<0, 255>>",
              one = "tensor<1x!lowbit.int<0, 255>>";
  std::mt19937 random(2);
  for (size_t pieces : {2, 5, 16, 77})
    expectRight(in,
                "  %low = lowbit.select %0 [0] : " + in + " -> " + one +
                    "\n  %high = lowbit.select %0 [1] : " + in + " -> " + one +
                    "\n  %1 = lowbit.scale %low, %high times [1, 256] plus "
                    "[-30000] : " +
                    one + ", " + one +
                    " -> tensor<1x!lowbit.int<-30000, 35535>>\n",
                makeSteps({-30000, 35535}, pieces, random), samples);
}

} // namespace
