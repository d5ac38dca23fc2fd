//===- CompileTest.cpp - The compiler behind the C API --------------------===//
//
// Seen from outside: options that make no sense, models that are wrong, callers
// of other versions, many threads at once.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "compiler/include/pdkc-c.h"
#include "test/unit/planning/RandomNetwork.h"

#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <thread>

using namespace pdkc;

namespace {

// Two inputs, and which of two sums of them is larger.
const char *const kModel = R"(
func.func @model(%x: tensor<2x!lowbit.int<0, 15>>)
    -> tensor<1x!lowbit.int<0, 1>> {
  %sums = lowbit.dense %x weights dense<[[2, 0], [1, 1]]> : tensor<2x2xi8>
    of [-1, 1, 2] bias [-3, 0]
    : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-18, 30>>
  %class = lowbit.argmax %sums
    : tensor<2x!lowbit.int<-18, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %class : tensor<1x!lowbit.int<0, 1>>
})";

struct Deleter {
  void operator()(PdkcResult *result) { pdkcResultDestroy(result); }
};
using Result = std::unique_ptr<PdkcResult, Deleter>;

PdkcOptions getOptions() {
  PdkcOptions options;
  pdkcOptionsInit(&options, sizeof(options));
  options.format = PDKC_FORMAT_MLIR;
  return options;
}

Result compile(const std::string &text, const PdkcOptions &options) {
  return Result(pdkcCompile(text.data(), text.size(), &options));
}

std::string getText(const Result &result, PdkcText text) {
  size_t size = 0;
  const char *bytes = pdkcResultGetText(result.get(), text, &size);
  return bytes ? std::string(bytes, size) : "";
}

/// The first error, "" where there is none.
std::string getError(const Result &result) {
  for (size_t i = 0;
       const PdkcDiagnostic *it = pdkcResultGetDiagnostic(result.get(), i); ++i)
    if (it->severity == PDKC_ERROR)
      return it->text;
  return "";
}

TEST(CompileTest, Module) {
  Result result = compile(kModel, getOptions());
  ASSERT_EQ(pdkcResultGetStatus(result.get()), PDKC_OK) << getError(result);
  EXPECT_NE(getText(result, PDKC_ASSEMBLY).find("_model_infer"),
            std::string::npos);
  EXPECT_NE(getText(result, PDKC_HEADER).find("model_infer"),
            std::string::npos);
  EXPECT_NE(getText(result, PDKC_REPORT).find("\"device\": \"pms150c\""),
            std::string::npos);
  EXPECT_EQ(pdkcResultGetText(result.get(), PDKC_TEXT, nullptr), nullptr);
  size_t words = 0;
  EXPECT_NE(pdkcResultGetWords(result.get(), &words), nullptr);
  EXPECT_GT(words, 10u);
}

TEST(CompileTest, Firmware) {
  PdkcOptions options = getOptions();
  options.emit = PDKC_EMIT_FIRMWARE;
  Result result = compile(kModel, options);
  ASSERT_EQ(pdkcResultGetStatus(result.get()), PDKC_OK) << getError(result);
  EXPECT_EQ(getText(result, PDKC_ASSEMBLY), "");
  EXPECT_EQ(getText(result, PDKC_IHX).substr(0, 1), ":");
  EXPECT_NE(getText(result, PDKC_MAP).find("--baud=9600"), std::string::npos);
}

TEST(CompileTest, Stages) {
  const std::pair<PdkcEmit, const char *> kStages[] = {
      {PDKC_EMIT_LOWBIT, "lowbit.argmax"},
      {PDKC_EMIT_PLAN, "method"},
      {PDKC_EMIT_PDK, "pdk.program"}};
  for (auto [stage, part] : kStages) {
    PdkcOptions options = getOptions();
    options.emit = stage;
    Result result = compile(kModel, options);
    EXPECT_NE(getText(result, PDKC_TEXT).find(part), std::string::npos);
    // Each stage is taken again, and becomes the same program.
    if (stage == PDKC_EMIT_PLAN)
      continue;
    std::string text = getText(result, PDKC_TEXT);
    EXPECT_EQ(getText(compile(text, getOptions()), PDKC_IHX),
              getText(compile(kModel, getOptions()), PDKC_IHX));
  }
}

TEST(CompileTest, DoesNotFit) {
  PdkcOptions options = getOptions();
  options.reserveWords = 980;
  Result result = compile(kModel, options);
  EXPECT_EQ(pdkcResultGetStatus(result.get()), PDKC_BAD_MODEL);
  EXPECT_EQ(pdkcResultGetText(result.get(), PDKC_IHX, nullptr), nullptr);
  EXPECT_EQ(pdkcResultGetWords(result.get(), nullptr), nullptr);
  const PdkcDiagnostic *error = pdkcResultGetDiagnostic(result.get(), 0);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->severity, PDKC_ERROR);
  EXPECT_STREQ(error->resource, "code");
  EXPECT_STREQ(error->device, "pms150c");
  EXPECT_EQ(error->available, 1014);
  EXPECT_GT(error->needed, 1014);
  // What takes the words, and which devices have more of them.
  const PdkcDiagnostic *note = pdkcResultGetDiagnostic(result.get(), 1);
  ASSERT_NE(note, nullptr);
  EXPECT_EQ(note->severity, PDKC_NOTE);
  EXPECT_STREQ(note->resource, "");
}

TEST(CompileTest, BadModels) {
  PdkcOptions mlir = getOptions(), onnx = getOptions();
  onnx.format = PDKC_FORMAT_ONNX;
  const std::pair<std::string, PdkcOptions *> kModels[] = {
      {"", &mlir},       {"", &onnx},
      {"module {", &mlir}, {"module {}", &mlir},
      {kModel, &onnx},   {std::string("\x08\0\xff", 3), &onnx},
      {std::string(100, '\xff'), &mlir}};
  for (const auto &[model, options] : kModels) {
    Result result = compile(model, *options);
    EXPECT_EQ(pdkcResultGetStatus(result.get()), PDKC_BAD_MODEL) << model;
    EXPECT_NE(getError(result), "") << model;
  }
  // Of an ONNX file's bytes there is no folder in which its tensors could lie:
  // a graph with one in the file "w".
  auto field = [](int number, const std::string &bytes) {
    return std::string{char(number << 3 | 2), char(bytes.size())} + bytes;
  };
  auto integer = [](int number, int value) {
    return std::string{char(number << 3), char(value)};
  };
  std::string place = field(1, "location") + field(2, "w");
  std::string tensor = integer(1, 1) + integer(2, 1) + field(8, "w") +
                       field(13, place) + integer(14, 1);
  std::string shape = field(1, integer(1, 1));
  std::string type = field(1, integer(1, 1) + field(2, shape));
  std::string graph = field(1, field(1, "w") + field(2, "y") + field(4, "Relu")) +
                      field(5, tensor) +
                      field(11, field(1, "x") + field(2, type)) +
                      field(12, field(1, "y"));
  Result result = compile(field(7, graph), onnx);
  EXPECT_NE(getError(result).find("only its bytes"), std::string::npos)
      << getError(result);
}

TEST(CompileTest, BadOptions) {
  auto refuse = [](auto change) {
    PdkcOptions options = getOptions();
    change(options);
    Result result = compile(kModel, options);
    EXPECT_EQ(pdkcResultGetStatus(result.get()), PDKC_BAD_USAGE);
    EXPECT_NE(getError(result), "");
  };
  refuse([](PdkcOptions &it) { it.mcu = "pic16"; });
  refuse([](PdkcOptions &it) { it.level = '7'; });
  refuse([](PdkcOptions &it) { it.name = "while"; });
  refuse([](PdkcOptions &it) { it.input = "file"; });
  refuse([](PdkcOptions &it) { it.output = "all"; });
  refuse([](PdkcOptions &it) { it.inputRange = "9:1"; });
  refuse([](PdkcOptions &it) { it.inputRange = "a,b=1"; });
  refuse([](PdkcOptions &it) { it.inputScale = "fast"; });
  refuse([](PdkcOptions &it) { it.maxWords = -1; });
  refuse([](PdkcOptions &it) { it.labels = "labels.u8"; });
  refuse([](PdkcOptions &it) { it.emit = PdkcEmit(99); });
  refuse([](PdkcOptions &it) { it.format = PdkcFormat(99); });
  refuse([](PdkcOptions &it) { it.samplesSize = 1; });
  refuse([](PdkcOptions &it) { it.sampleType = 3; });
  refuse([](PdkcOptions &it) { it.sampleType = -1; });
  refuse([](PdkcOptions &it) {
    it.emit = PDKC_EMIT_FIRMWARE;
    it.tx = "PZ.9";
  });
  refuse([](PdkcOptions &it) { it.size = 3; });
  EXPECT_EQ(pdkcResultGetStatus(Result(pdkcCompile(nullptr, 5, nullptr)).get()),
            PDKC_BAD_USAGE);
}

TEST(CompileTest, OptionsOfOtherVersions) {
  // One that ends before `name` has the defaults of what comes from there on.
  PdkcOptions options = getOptions();
  options.name = "never_read";
  options.level = '7';
  options.size = offsetof(PdkcOptions, name);
  EXPECT_EQ(pdkcResultGetStatus(compile(kModel, options).get()), PDKC_OK);
  // One that has more, which asks for nothing, and for something.
  struct Longer {
    PdkcOptions options;
    int64_t more;
  } longer;
  longer.options = getOptions();
  longer.options.size = sizeof(longer);
  longer.more = 0;
  EXPECT_EQ(pdkcResultGetStatus(compile(kModel, longer.options).get()), PDKC_OK);
  longer.more = 1;
  EXPECT_EQ(pdkcResultGetStatus(compile(kModel, longer.options).get()),
            PDKC_BAD_USAGE);
}

TEST(CompileTest, Devices) {
  std::vector<std::string> names;
  for (size_t i = 0; const PdkcDevice *device = pdkcGetDevice(i); ++i)
    names.push_back(device->name);
  ASSERT_EQ(names.size(), pdk::getDevices().size());
  EXPECT_EQ(names.front(), "pms150c");
  EXPECT_EQ(pdkcGetDevice(0)->words, 1014u);
}

TEST(CompileTest, Explore) {
  PdkcOptions options = getOptions();
  options.emit = PDKC_EMIT_EXPLORE;
  options.mcu = "pms150c";
  int64_t told = 0;
  options.progressData = &told;
  options.progress = [](void *data, int64_t done, int64_t all) {
    EXPECT_LE(done, all);
    ++*static_cast<int64_t *>(data);
  };
  Result result = compile(kModel, options);
  EXPECT_NE(getText(result, PDKC_TEXT).find("\"options\": \"-O"),
            std::string::npos);
  EXPECT_GT(told, 1);
}

TEST(CompileTest, Progress) {
  PdkcOptions options = getOptions();
  int64_t told = 0;
  options.progressData = &told;
  options.progress = [](void *data, int64_t done, int64_t all) {
    // One plan after the other.
    EXPECT_EQ(done, ++*static_cast<int64_t *>(data));
    EXPECT_EQ(all, 0);
  };
  Result result = compile(kModel, options);
  EXPECT_GT(told, 3);
  options.progress = nullptr;
  EXPECT_EQ(getText(result, PDKC_IHX),
            getText(compile(kModel, options), PDKC_IHX));
}

/// A random network's words, or why there are none.
std::string compileNetwork(const std::string &text) {
  PdkcOptions options = getOptions();
  options.mcu = "pfs173";
  options.level = 's';
  options.verify = 2;
  Result result = compile(text, options);
  return getText(result, PDKC_IHX) + getText(result, PDKC_ASSEMBLY) +
         getError(result);
}

TEST(CompileTest, Threads) {
  constexpr size_t kThreads = 8;
  const size_t kNetworks = std::getenv("PDKC_TEST_ALL") ? 200 : 60;
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  std::vector<std::string> networks, alone, together(kNetworks);
  for (size_t i = 0; i < kNetworks; ++i) {
    std::string &text = networks.emplace_back();
    llvm::raw_string_ostream out(text);
    Random random(i);
    makeNetwork(&context, random)->print(out);
    alone.push_back(compileNetwork(text));
  }
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (size_t k; (k = next++) < kNetworks;)
        together[k] = compileNetwork(networks[k]);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(alone, together);
}

} // namespace
