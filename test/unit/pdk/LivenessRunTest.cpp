//===- LivenessRunTest.cpp - What is not needed may be anything -----------===//
//
// Whole models run in the simulator. Before each instruction every place that
// liveness calls dead, A, flags and bytes of the module's cells, is overwritten
// with noise. Classes must come out as without that.
//
//===----------------------------------------------------------------------===//

#include "compiler/Measure.h"
#include "compiler/import/OnnxImport.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "passes/pdk/analysis/Liveness.h"
#include "runtime_pdk/simulator/Machine.h"
#include "llvm/Support/MemoryBuffer.h"

#include <gtest/gtest.h>

#include <random>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

struct Case {
  const char *name, *model, *inputRange, *device;
  bool forSize = false, undocumented = false;
  const char *input = "auto";
  int64_t samples = 4;
};

enum class Noise { None, Dead, All };

class Runner {
public:
  Runner(const Compilation &compilation, bool undocumented)
      : compilation(compilation), machine(*compilation.layout.device) {
    machine.allowUndocumented(undocumented);
    EXPECT_TRUE(machine.load(compilation.program.words));
    ModuleOp module = *compilation.pdk;
    analyses = std::make_unique<ModuleAnalysisManager>(module, nullptr);
    auto program = *module.getOps<ProgramOp>().begin();
    AnalysisManager manager = *analyses;
    liveness = &manager.nest(program).getAnalysis<ProgramLiveness>();
    EXPECT_TRUE(liveness->isValid());
  }

  /// The class of a sample, or -1 where a rule of the chip is broken.
  int run(const uint8_t *inputs, Noise noise);

  uint64_t scrambledRegisters = 0, scrambledBytes = 0;

private:
  void scramble(unsigned pc, Noise noise);

  const Compilation &compilation;
  sim::Machine machine;
  std::unique_ptr<ModuleAnalysisManager> analyses;
  ProgramLiveness *liveness;
  std::mt19937 random;
};

} // namespace

void Runner::scramble(unsigned pc, Noise noise) {
  const Layout &layout = compilation.layout;
  // The module comes behind the reset goto and the stub.
  unsigned base = compilation.program.words.size() - layout.words.size();
  // Tables are no nodes; with everything noise control goes anywhere.
  if (pc - base >= layout.words.size() ||
      isa<TableOp>(layout.words[pc - base].op))
    return;
  Operation *op = layout.words[pc - base].op;
  const Places &live =
      liveness->getLiveIn(liveness->getFlow().getNumber(op));
  std::vector<bool> isLive(layout.device->ramBytes);
  isLive[1] = true; // p+1 is 0 for C
  for (unsigned byte : live.bytes.set_bits()) {
    unsigned cells = liveness->getCellsOfByte(byte);
    isLive[*CellsOp(liveness->getCells()[cells]).getAddress() + byte -
           liveness->getFirstByte(cells)] = true;
  }
  uint8_t dead = noise == Noise::All ? 0xFF : uint8_t(~live.registers);
  auto &state = machine.state();
  state.flags ^= random() & dead & AllFlags;
  if (dead & Accumulator)
    state.a = uint8_t(random());
  scrambledRegisters += llvm::popcount(unsigned(dead & 0x1F));
  for (int64_t i = 0; i < layout.firstByte + layout.staticBytes; ++i)
    if (!isLive[i]) {
      machine.writeRam(i, uint8_t(random()));
      ++scrambledBytes;
    }
}

int Runner::run(const uint8_t *inputs, Noise noise) {
  machine.reset();
  machine.writeRam(1, 0);
  for (CellsOp cells : compilation.layout.exportedCells)
    if (cells.getName() == "input")
      for (int64_t i = 0; i < compilation.interface.countInputs(); ++i)
        machine.writeRam(*cells.getAddress() + i, inputs[i]);
  auto &state = machine.state();
  const Standalone &program = compilation.program;
  state.pc = uint16_t(program.infer);
  state.sp = uint16_t(program.stackBase);
  EXPECT_TRUE(machine.push(sim::Machine::kSentinel));
  sim::Stop stop = sim::Stop::None;
  while (stop == sim::Stop::None && state.cycles < 150000) {
    if (program.nextInput && state.pc == *program.nextInput) {
      state.a = *inputs++;
      state.flags = random() & AllFlags;
      machine.writeRam(0, uint8_t(random()));
    } else if (noise != Noise::None) {
      scramble(state.pc, noise);
    }
    stop = machine.step();
  }
  bool isDone =
      stop == sim::Stop::Returned && machine.takeViolations().empty();
  return isDone ? state.a : -1;
}

class LivenessRunTest : public testing::TestWithParam<Case> {
protected:
  static void SetUpTestSuite() {
    registerPdkcPasses();
    registerCSEPass();
  }
};

TEST_P(LivenessRunTest, DeadPlacesMayBeAnything) {
  const Case &it = GetParam();
  auto buffer = llvm::MemoryBuffer::getFile(PDKC_SOURCE_DIR "/" +
                                            std::string(it.model));
  if (!buffer)
    GTEST_SKIP() << it.model << " is not here";
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry);
  CompileOptions options;
  options.device = it.device;
  options.inputRange = it.inputRange;
  options.forSize = it.forSize;
  options.undocumented = it.undocumented;
  options.input = it.input;
  options.verify = 1;
  auto compilation =
      compile(importOnnx((*buffer)->getMemBufferRef(), context), options);
  ASSERT_TRUE(succeeded(compilation));
  Runner runner(*compilation, it.undocumented);
  Samples samples =
      makeSamples(lowbit::InputLayout::get(
                      *compilation->lowbit->getOps<func::FuncOp>().begin()),
                  {}, it.samples);
  for (int64_t i = 0; i < samples.getCount(); ++i) {
    int expected = runner.run(samples.get(i).data(), Noise::None);
    ASSERT_GE(expected, 0);
    EXPECT_EQ(runner.run(samples.get(i).data(), Noise::Dead), expected);
    // That the noise is heard.
    if (i == 0) {
      EXPECT_NE(runner.run(samples.get(i).data(), Noise::All), expected);
    }
  }
  EXPECT_GT(runner.scrambledRegisters, 0u);
  EXPECT_GT(runner.scrambledBytes, 0u);
}

static constexpr const char *kTrained =
    "onnx_models/mnist_64_16_16_16_10/model.onnx";

INSTANTIATE_TEST_SUITE_P(
    Models, LivenessRunTest,
    testing::Values(
        Case{"packed", kTrained, "0:15", "pms150c"},
        Case{"straight", kTrained, "0:15", "pfs173"},
        Case{"looped", kTrained, "0:15", "pfs173", true},
        Case{"buffer", kTrained, "0:15", "pfs173", false, false, "buffer"},
        Case{"stack", kTrained, "0:15", "pfs154", true, true},
        Case{"windows", "../shared/conv/patch4x4s3_12_tern.onnx", "0:255",
             "pfs173", false, false, "auto", 2}),
    [](const auto &info) { return std::string(info.param.name); });
