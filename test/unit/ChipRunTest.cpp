//===- ChipRunTest.cpp - Whole programs from reset ------------------------===//
//
// A program with start-up code and a main that loops on model_infer, its inputs
// coming in through an I/O port.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/ChipRun.h"
#include "TestProgram.h"

using namespace pdkc;
using namespace pdkc::pdk;

namespace {

constexpr unsigned kPort = 16;

struct Fixture {
  Bench machine;
  sim::ModelSymbols symbols;

  /// The model is at word 8.
  explicit Fixture(std::vector<Word> model) : machine("pms150c", {}) {
    std::vector<Word> program = {
        {CLEAR_M, 1},      {MOV_A_K, 10}, {MOV_IO_A, 2}, // start-up
        {CALL_K, 8},       {MOV_M_A, 4},  {GOTO_K, 3},   // main
        {MOV_A_IO, kPort}, {RET}};                       // model_next_input
    program.insert(program.end(), model.begin(), model.end());
    machine.load(assemble(InstructionSet::PDK13, program));
    symbols.infer = 8;
    symbols.nextInput = 6;
    symbols.stackBase = 10;
  }
};

const std::vector<Word> kSumOfTwo = {
    {CALL_K, 6}, {MOV_M_A, 5}, {CALL_K, 6}, {ADD_A_M, 5}, {RET}};

} // namespace

TEST(ChipRunTest, Samples) {
  Fixture fixture(kSumOfTwo);
  const uint8_t bytes[] = {1, 2, 30, 40, 100, 155};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 6);
  std::optional<size_t> inputs;
  for (unsigned expected : {3u, 70u, 255u}) {
    auto result = chip.next(inputs, 1000);
    EXPECT_TRUE(result.ok()) << describe(result.violations);
    EXPECT_EQ(result.classIndex, expected);
    EXPECT_EQ(result.inputsTaken, 2u);
    // Here model_next_input costs 5.
    EXPECT_EQ(result.cycles, 2u * 5 + 2 + 2);
    EXPECT_EQ(result.stackBytes, 4u);
    EXPECT_EQ(result.deepestSp, 14u);
    inputs = 2;
  }
}

TEST(ChipRunTest, InputsOfItsOwn) {
  Fixture fixture({{MOV_A_K, 7}, {RET}});
  sim::ChipRun chip(fixture.machine, fixture.symbols, std::nullopt, nullptr, 0);
  for (unsigned i = 0; i < 2; ++i) {
    auto result = chip.next(std::nullopt, 1000);
    EXPECT_TRUE(result.ok()) << describe(result.violations);
    EXPECT_EQ(result.classIndex, 7);
    EXPECT_EQ(result.inputsTaken, 0u);
    EXPECT_TRUE(chip.runToCall(1000));
    EXPECT_EQ(fixture.machine.state().pc, 8);
    EXPECT_EQ(fixture.machine.readRam(4), 7); // main has put it there
  }
}

TEST(ChipRunTest, NotCalledAgain) {
  // A return to a main that loops for ever.
  Fixture fixture(std::vector<Word>{{RET}});
  std::vector<uint16_t> words;
  for (unsigned i = 0; i < 9; ++i)
    words.push_back(fixture.machine.getWord(i));
  words[5] = *encode({GOTO_K, 5}, InstructionSet::PDK13);
  fixture.machine.load(words);
  sim::ChipRun chip(fixture.machine, fixture.symbols, std::nullopt, nullptr, 0);
  EXPECT_TRUE(chip.next(std::nullopt, 1000).ok());
  EXPECT_FALSE(chip.runToCall(1000));
  EXPECT_EQ(describe(fixture.machine.takeViolations()), "cycle-limit@5");
}

TEST(ChipRunTest, TooManyInputs) {
  Fixture fixture(kSumOfTwo);
  const uint8_t bytes[] = {1};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 1);
  auto result = chip.next(1, 1000);
  EXPECT_TRUE(result.returned);
  EXPECT_EQ(describe(result.violations), "too-many-inputs@6");
}

TEST(ChipRunTest, InputsLeft) {
  Fixture fixture(kSumOfTwo);
  const uint8_t bytes[] = {1, 2, 3, 4, 5, 6};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 6);
  EXPECT_EQ(describe(chip.next(3, 1000).violations), "inputs-left@4");
  // The next sample begins where it should.
  EXPECT_EQ(chip.next(3, 1000).classIndex, 4 + 5);
}

TEST(ChipRunTest, PseudoRegister) {
  Fixture fixture({{SET1_MBIT, 1, 3}, {CALL_K, 6}, {CLEAR_M, 1}, {RET}});
  const uint8_t bytes[] = {1};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 1);
  EXPECT_EQ(describe(chip.next(1, 1000).violations), "pseudo-register@6");
}

TEST(ChipRunTest, NoEnd) {
  Fixture fixture({{GOTO_K, 8}});
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, nullptr, 0);
  auto result = chip.next(std::nullopt, 1000);
  EXPECT_FALSE(result.returned);
  EXPECT_EQ(describe(result.violations), "cycle-limit@8");
}

TEST(ChipRunTest, StackOntoCells) {
  Fixture fixture(kSumOfTwo);
  fixture.symbols.stackBase = 12;
  const uint8_t bytes[] = {1, 2};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 2);
  EXPECT_EQ(describe(chip.next(2, 1000).violations),
            "stack-collision@3 stack-underflow@12");
}

TEST(ChipRunTest, Recursion) {
  // Only the return that belongs to the outer call ends the sample.
  Fixture fixture({{CALL_K, 6},
                   {CEQSN_A_K, 7},
                   {GOTO_K, 8},
                   {CALL_K, 13},
                   {RET_K, 5},
                   {RET}});
  const uint8_t bytes[] = {3, 7, 7};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 3);
  auto result = chip.next(std::nullopt, 1000);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.classIndex, 5);
  EXPECT_EQ(result.inputsTaken, 2u);
}

TEST(ChipRunTest, InnerCallFromTheSamePlace) {
  // The model jumps back into main, whose call then returns to the same
  // address two bytes up the stack: that is not the sample's end.
  Fixture fixture({{CALL_K, 6}, {CEQSN_A_K, 7}, {GOTO_K, 3}, {RET}});
  const uint8_t bytes[] = {3, 7};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 2);
  auto result = chip.next(std::nullopt, 1000);
  EXPECT_FALSE(result.returned);
}

TEST(ChipRunTest, DeeperStackElsewhere) {
  // model_next_input as the deepest of main's own calls, before the model's.
  Fixture fixture(
      {{CALL_K, 6}, {RET}, {CALL_K, 11}, {CALL_K, 12}, {CALL_K, 13}, {RET}});
  std::vector<uint16_t> words;
  for (unsigned i = 0; i < 14; ++i)
    words.push_back(fixture.machine.getWord(i));
  // Start-up calls word 10 first.
  words[3] = *encode({CALL_K, 10}, InstructionSet::PDK13);
  words[4] = *encode({CALL_K, 8}, InstructionSet::PDK13);
  fixture.machine.load(words);
  const uint8_t bytes[] = {9};
  sim::ChipRun chip(fixture.machine, fixture.symbols, kPort, bytes, 1);
  auto result = chip.next(1, 1000);
  EXPECT_TRUE(result.ok()) << describe(result.violations);
  EXPECT_EQ(result.classIndex, 9);
  EXPECT_EQ(result.stackBytes, 4u);
  EXPECT_EQ(result.deepestSp, 18u);
}
