//===- InterruptTest.cpp - Requests, the vector, RETI ---------------------===//

#include "TestProgram.h"
#include "runtime_pdk/simulator/InterruptSweep.h"

using namespace pdkc;
using namespace pdkc::pdk;

namespace {

enum : uint16_t { SP = 2, INTEN = 4, INTRQ = 5 };
constexpr unsigned kVector = 0x10;

/// `program` from word 0, `routine` at the vector. A is 4, INTEN is 4, SP is 8,
/// byte 4 is 0.
Bench makeBench(const char *device, std::vector<Word> program,
                std::vector<Word> routine) {
  std::vector<Word> words = {{CLEAR_M, 4},
                             {MOV_A_K, 8},
                             {MOV_IO_A, SP},
                             {MOV_A_K, 4},
                             {MOV_IO_A, INTEN}};
  words.insert(words.end(), program.begin(), program.end());
  EXPECT_LE(words.size(), kVector);
  words.resize(kVector, {NOP});
  words.insert(words.end(), routine.begin(), routine.end());
  Bench bench(device, words);
  bench.steps(5);
  EXPECT_EQ(bench.state().cycles, 5u);
  return bench;
}

/// Counts in byte 4 and leaves everything else alone.
const std::vector<Word> kCount = {
    {PUSHAF}, {SET0_IOBIT, INTRQ, 2}, {INC_M, 4}, {POPAF}, {RETI}};

class InterruptTest : public testing::TestWithParam<const char *> {};

} // namespace

TEST_P(InterruptTest, Entry) {
  Bench machine = makeBench(GetParam(), {{ENGINT}, {NOP}, {NOP}}, kCount);
  machine.scheduleInterrupt(7, 4);
  machine.steps(2); // to cycle 7
  EXPECT_EQ(machine.state().pc, 7);
  EXPECT_EQ(machine.getIo(INTRQ), 0);
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, kVector);
  EXPECT_EQ(machine.state().cycles, 9u);
  EXPECT_EQ(machine.state().sp, 10);
  EXPECT_EQ(machine.readRam(8), 7);
  EXPECT_EQ(machine.readRam(9), 0);
  EXPECT_EQ(machine.getIo(INTRQ), 4);
  EXPECT_EQ(machine.getInterruptsTaken(), 1u);
  machine.steps(5); // back again
  EXPECT_EQ(machine.state().pc, 7);
  EXPECT_EQ(machine.state().cycles, 15u);
  EXPECT_EQ(machine.state().sp, 8);
  EXPECT_EQ(machine.getStackHigh(), 12u);
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, 8);
  EXPECT_EQ(machine.readRam(4), 1);
  EXPECT_EQ(describe(machine.getViolations()), "");
}

TEST_P(InterruptTest, WaitsUntilEnabled) {
  Bench machine = makeBench(GetParam(), {{NOP}, {ENGINT}, {DISGINT}}, kCount);
  machine.scheduleInterrupt(0, 4);
  machine.steps(1);
  EXPECT_EQ(machine.getIo(INTRQ), 4);
  EXPECT_EQ(machine.state().pc, 6);
  machine.steps(2); // ENGINT and, before DISGINT, the interrupt
  EXPECT_EQ(machine.state().pc, kVector);
}

TEST_P(InterruptTest, StaysOutWhileDisabled) {
  Bench machine =
      makeBench(GetParam(), {{ENGINT}, {DISGINT}, {NOP}, {NOP}}, kCount);
  machine.steps(2);
  machine.scheduleInterrupt(0, 4);
  machine.steps(2);
  EXPECT_EQ(machine.state().pc, 9);
  EXPECT_EQ(machine.getInterruptsTaken(), 0u);
}

TEST_P(InterruptTest, OnlyThoseOfInten) {
  Bench machine =
      makeBench(GetParam(), {{ENGINT}, {NOP}, {MOV_IO_A, INTEN}}, kCount);
  machine.scheduleInterrupt(0, 1);
  machine.steps(2);
  EXPECT_EQ(machine.state().pc, 7);
  machine.state().a = 1;
  machine.steps(2); // INTEN is 1 now
  EXPECT_EQ(machine.state().pc, kVector);
}

TEST_P(InterruptTest, RequestByTheProgram) {
  Bench machine =
      makeBench(GetParam(), {{ENGINT}, {SET1_IOBIT, INTRQ, 2}}, kCount);
  machine.steps(3);
  EXPECT_EQ(machine.state().pc, kVector);
}

TEST_P(InterruptTest, NotNested) {
  Bench machine = makeBench(GetParam(), {{ENGINT}, {NOP}, {GOTO_K, 6}}, kCount);
  machine.scheduleInterrupt(0, 4);
  machine.steps(4); // in the routine, the request cleared
  machine.scheduleInterrupt(0, 4);
  machine.steps(3);
  EXPECT_EQ(machine.getInterruptsTaken(), 1u);
  EXPECT_EQ(machine.state().pc, 6); // RETI enables again
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, kVector);
  EXPECT_EQ(machine.getStackHigh(), 12u);
}

TEST_P(InterruptTest, NeverBetweenASkipAndItsTarget) {
  // A loop that skips on every second pass, interrupted at every boundary in
  // turn; what it leaves must be what it leaves undisturbed.
  const std::vector<Word> program = {
      {ENGINT},          {MOV_A_K, 6}, {T0SN_MBIT, 4, 7}, // never set: skips
      {SET1_MBIT, 5, 0},                                  // passed over
      {DZSN_A},          {GOTO_K, 7},  {GOTO_K, 11}};
  auto run = [&](uint64_t cycle) {
    Bench machine = makeBench(GetParam(), program, kCount);
    machine.writeRam(5, 0);
    machine.scheduleInterrupt(cycle, 4);
    EXPECT_EQ(machine.run(60), sim::Stop::CycleLimit);
    EXPECT_EQ(machine.state().a, 0);
    EXPECT_EQ(machine.state().pc, 11);
    EXPECT_EQ(machine.readRam(5), 0);
    EXPECT_EQ(describe(machine.getViolations()), "");
    return unsigned(machine.readRam(4));
  };
  for (uint64_t cycle = 6; cycle < 36; ++cycle)
    EXPECT_EQ(run(cycle), 1u) << cycle;
  EXPECT_EQ(run(1000), 0u);
}

TEST_P(InterruptTest, TrapsAreNotLost) {
  Bench machine = makeBench(GetParam(), {{ENGINT}, {NOP}, {NOP}}, kCount);
  machine.setTrap(7, true);
  machine.setTrap(kVector, true);
  machine.scheduleInterrupt(7, 4);
  EXPECT_EQ(machine.run(100), sim::Stop::Trap);
  EXPECT_EQ(machine.state().pc, kVector);
  machine.steps(1);
  EXPECT_EQ(machine.run(100), sim::Stop::Trap);
  EXPECT_EQ(machine.state().pc, 7);
}

TEST_P(InterruptTest, NoStack) {
  Bench machine = makeBench(GetParam(), {{ENGINT}, {NOP}}, kCount);
  machine.state().sp = uint16_t(machine.getDevice().ramBytes);
  machine.scheduleInterrupt(0, 4);
  machine.steps(1);
  EXPECT_EQ(machine.step(), sim::Stop::Broken);
  EXPECT_EQ(describe(machine.getViolations()), "stack-overflow@6");
}

TEST_P(InterruptTest, ResetForgets) {
  Bench machine = makeBench(GetParam(), {{ENGINT}, {NOP}}, kCount);
  machine.steps(1);
  machine.scheduleInterrupt(0, 4);
  machine.reset();
  EXPECT_EQ(machine.run(10), sim::Stop::CycleLimit);
  EXPECT_EQ(machine.getInterruptsTaken(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Devices, InterruptTest,
                         testing::ValuesIn(kDeviceNames));

//===----------------------------------------------------------------------===//
// The sweep
//===----------------------------------------------------------------------===//

namespace {

/// A program that adds up two inputs, in a model that keeps something of its
/// own in `p`, with this interrupt routine.
sim::SweepResult sweepWith(std::vector<Word> routine) {
  constexpr uint16_t kPort = 0x11;
  // Start-up and main: interrupts are enabled once.
  std::vector<Word> words = {
      {CLEAR_M, 1},      {MOV_A_K, 8}, {MOV_IO_A, SP}, {MOV_A_K, 4},
      {MOV_IO_A, INTEN}, {ENGINT},     {CALL_K, 32},   {MOV_M_A, 4},
      {GOTO_K, 6}, // main's loop
      {MOV_A_IO, kPort}, {RET}};
  words.resize(kVector, {NOP});
  words.insert(words.end(), routine.begin(), routine.end());
  words.resize(32, {NOP});
  for (Word word : std::vector<Word>{{CALL_K, 9},
                                     {MOV_M_A, 0},
                                     {MOV_M_A, 5},
                                     {CALL_K, 9},
                                     {ADD_A_M, 5},
                                     {MOV_M_A, 0},
                                     {SUB_A_M, 5},
                                     {MOV_A_M, 0},
                                     {RET}})
    words.push_back(word);
  Bench machine("pms150c", words);
  sim::ModelSymbols symbols;
  symbols.infer = 32;
  symbols.nextInput = 9;
  symbols.stackBase = 8;
  const uint8_t bytes[] = {20, 22};
  return sim::sweepInterrupts(machine, symbols, kPort, bytes, 2, 1000);
}

const Word kClearRequest = {SET0_IOBIT, INTRQ, 2};

} // namespace

TEST(InterruptSweepTest, GoodRoutine) {
  auto sweep = sweepWith({{PUSHAF}, kClearRequest, {POPAF}, {RETI}});
  EXPECT_EQ(sweep.undisturbed.classIndex, 42);
  // Nine instructions of the model and twice two of its input.
  EXPECT_EQ(sweep.boundaries, 13u);
  EXPECT_EQ(sweep.taken, 13u);
  EXPECT_EQ(sweep.different, 0u);
  EXPECT_EQ(describe(sweep.violations), "");
  // The calls of the model and of its input, the interrupt, A and the flags.
  EXPECT_EQ(sweep.undisturbed.stackBytes, 4u);
  EXPECT_EQ(sweep.stackBytes, 8u);
  EXPECT_EQ(sweep.deepestSp, 16u);
}

TEST(InterruptSweepTest, RoutineThatDestroysA) {
  auto sweep = sweepWith({kClearRequest, {MOV_A_K, 0}, {RETI}});
  // No harm where A is not alive: before each call of model_next_input, before
  // its MOV A,IO, before SUB and before the MOV A,M behind it.
  EXPECT_EQ(sweep.taken, 13u);
  EXPECT_EQ(sweep.different, 13u - 2 * 2 - 2);
}

TEST(InterruptSweepTest, RoutineThatDestroysP) {
  auto sweep =
      sweepWith({{PUSHAF}, kClearRequest, {CLEAR_M, 0}, {POPAF}, {RETI}});
  EXPECT_EQ(sweep.different, 2u); // before SUB A,M and MOV A,M
}

TEST(InterruptSweepTest, TooLong) {
  // Two nested loops of 256 turns, the inner one of 3 cycles a turn; twice.
  Bench machine("pms150c", {{CALL_K, 3},
                            {GOTO_K, 0},
                            {NOP},
                            {CLEAR_M, 4},
                            {CLEAR_M, 5},
                            {MOV_A_K, 2},
                            {DZSN_M, 4},
                            {GOTO_K, 6},
                            {DZSN_M, 5},
                            {GOTO_K, 6},
                            {DZSN_A},
                            {GOTO_K, 6},
                            {RET}});
  sim::ModelSymbols symbols;
  symbols.infer = 3;
  auto sweep =
      sim::sweepInterrupts(machine, symbols, 0x11, nullptr, 0, 1000000);
  EXPECT_TRUE(sweep.undisturbed.returned);
  EXPECT_GT(sweep.undisturbed.cycles, 2 * 65536 * 3u);
  EXPECT_EQ(sweep.boundaries, 0u);
  EXPECT_EQ(describe(sweep.violations), "cycle-limit@1");
}

TEST(InterruptSweepTest, RoutineThatKeepsTheRequest) {
  auto sweep = sweepWith({{RETI}});
  EXPECT_EQ(sweep.different, sweep.boundaries);
  ASSERT_EQ(sweep.violations.size(), 1u);
  EXPECT_EQ(sweep.violations[0].rule, sim::Rule::CycleLimit);
}
