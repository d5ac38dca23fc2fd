//===- InferenceTest.cpp - Calling a model as C would ---------------------===//
//
// Cycles, inputs, stack and results of small models.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/Inference.h"
#include "TestProgram.h"

using namespace pdkc;
using namespace pdkc::pdk;

class InferenceTest : public testing::TestWithParam<const char *> {};

TEST_P(InferenceTest, Streamed) {
  // Adds three inputs.
  Bench machine(GetParam(), {{RET},
                             {CALL_K, 0},
                             {MOV_M_A, 4},
                             {CALL_K, 0},
                             {ADD_M_A, 4},
                             {CALL_K, 0},
                             {ADD_A_M, 4},
                             {RET}});
  sim::ModelSymbols symbols;
  symbols.infer = 1;
  symbols.nextInput = 0;
  symbols.stackBase = 6;
  const uint8_t inputs[] = {1, 20, 200};
  auto result = sim::infer(machine, symbols, inputs, 3);
  EXPECT_TRUE(result.ok()) << describe(result.violations);
  EXPECT_EQ(result.classIndex, 221);
  EXPECT_EQ(result.inputsTaken, 3u);
  // 4 for each input, the RET 2.
  EXPECT_EQ(result.cycles, 3u * 4 + 3 + 2);
  // The call of model_infer and that of model_next_input.
  EXPECT_EQ(result.stackBytes, 4u);
  EXPECT_EQ(result.deepestSp, 10u);
  // Again, the same: nothing is left over.
  auto again = sim::infer(machine, symbols, inputs, 3);
  EXPECT_EQ(again.cycles, result.cycles);
  EXPECT_EQ(again.classIndex, result.classIndex);
}

TEST_P(InferenceTest, StubCostsWhatABareReturnDoes) {
  // Whatever stands at model_next_input, here something slow.
  Bench machine(GetParam(), {{NOP}, {NOP}, {RET_K, 9}, {CALL_K, 0}, {RET}});
  sim::ModelSymbols symbols;
  symbols.infer = 3;
  symbols.nextInput = 0;
  symbols.stackBase = 6;
  const uint8_t input = 42;
  auto result = sim::infer(machine, symbols, &input, 1);
  EXPECT_TRUE(result.ok()) << describe(result.violations);
  EXPECT_EQ(result.classIndex, 42);
  EXPECT_EQ(result.cycles, 6u);
  // Only for the inference.
  machine.reset();
  machine.steps(1);
  EXPECT_EQ(machine.run(2), sim::Stop::CycleLimit);
  machine.reset();
  EXPECT_EQ(machine.run(2), sim::Stop::CycleLimit);
}

TEST_P(InferenceTest, TailCall) {
  Bench machine(GetParam(), {{RET}, {GOTO_K, 0}});
  sim::ModelSymbols symbols;
  symbols.infer = 1;
  symbols.nextInput = 0;
  symbols.stackBase = 6;
  const uint8_t input = 42;
  auto result = sim::infer(machine, symbols, &input, 1);
  EXPECT_TRUE(result.ok()) << describe(result.violations);
  EXPECT_EQ(result.classIndex, 42);
  EXPECT_EQ(result.cycles, 4u);
  EXPECT_EQ(result.stackBytes, 2u);
}

TEST_P(InferenceTest, Buffered) {
  Bench machine(GetParam(), {{MOV_A_M, 4}, {SUB_A_M, 5}, {MOV_M_A, 6}, {RET}});
  sim::ModelSymbols symbols;
  symbols.input = 4;
  symbols.stackBase = 8;
  const uint8_t inputs[] = {50, 8};
  auto result = sim::infer(machine, symbols, inputs, 2);
  EXPECT_TRUE(result.ok()) << describe(result.violations);
  EXPECT_EQ(result.classIndex, 42);
  EXPECT_EQ(result.inputsTaken, 0u);
  EXPECT_EQ(result.cycles, 5u);
  EXPECT_EQ(result.stackBytes, 2u);
  // model_output can be read afterwards.
  EXPECT_EQ(machine.readRam(6), 42);
}

TEST_P(InferenceTest, MayLeaveInputs) {
  Bench machine(GetParam(), {{RET}, {CALL_K, 0}, {RET}});
  sim::ModelSymbols symbols;
  symbols.infer = 1;
  symbols.nextInput = 0;
  symbols.stackBase = 6;
  const uint8_t inputs[] = {1, 2, 3};
  sim::InferenceOptions options;
  options.mayLeaveInputs = true;
  auto result = sim::infer(machine, symbols, inputs, 3, options);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.inputsTaken, 1u);
}

TEST_P(InferenceTest, InputsDestroyWhatTheyMay) {
  // A program that counts on the carry through a call gets it wrong now and
  // then: the flags after 8 calls are not all alike.
  std::vector<Word> program = {{RET}, {CLEAR_M, 4}};
  for (unsigned i = 0; i < 8; ++i) {
    program.push_back({CALL_K, 0});
    program.push_back({SLC_M, 4});
  }
  program.push_back({MOV_A_M, 4});
  program.push_back({RET});
  Bench machine(GetParam(), program);
  sim::ModelSymbols symbols;
  symbols.infer = 1;
  symbols.nextInput = 0;
  symbols.stackBase = 6;
  const uint8_t inputs[8] = {};
  auto result = sim::infer(machine, symbols, inputs, 8);
  EXPECT_TRUE(result.ok()) << describe(result.violations);
  EXPECT_NE(result.classIndex, 0);
  EXPECT_NE(result.classIndex, 255);
}

INSTANTIATE_TEST_SUITE_P(Devices, InferenceTest,
                         testing::ValuesIn(kDeviceNames), [](const auto &info) {
                           return std::string(info.param);
                         });
