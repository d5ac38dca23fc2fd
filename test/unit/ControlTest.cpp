//===- ControlTest.cpp - Jumps, stack, pointers, I/O ----------------------===//
//
// The instructions whose effect is not a function of A and one byte, on all
// sets that have them, with their cycles.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

using namespace pdkc;
using namespace pdkc::pdk;
using pdkc::sim::Stop;

class ControlTest : public testing::TestWithParam<const char *> {};

/// Checks that the next `count` steps cost what the instruction table says.
static void expectCycles(Bench &machine, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    auto word =
        decode(machine.getWord(machine.state().pc), machine.getDevice().set);
    ASSERT_TRUE(word);
    uint64_t before = machine.state().cycles;
    ASSERT_EQ(machine.step(), Stop::None);
    EXPECT_EQ(machine.state().cycles - before,
              getInstruction(word->opcode).cycles)
        << getInstruction(word->opcode).name;
  }
  EXPECT_EQ(describe(machine.getViolations()), "");
}

TEST_P(ControlTest, NothingHappens) {
  Bench machine(GetParam(), {{NOP}, {WDRESET}, {DISGINT}});
  machine.state().a = 5;
  machine.state().flags = 9;
  expectCycles(machine, 3);
  EXPECT_EQ(machine.state().pc, 3);
  EXPECT_EQ(machine.state().cycles, 3u);
  EXPECT_EQ(machine.state().a, 5);
  EXPECT_EQ(machine.state().flags, 9);
}

TEST_P(ControlTest, Goto) {
  Bench machine(GetParam(), {{GOTO_K, 2}, {NOP}, {GOTO_K, 0}});
  expectCycles(machine, 2);
  EXPECT_EQ(machine.state().pc, 0);
  EXPECT_EQ(machine.state().cycles, 4u);
}

TEST_P(ControlTest, GotoReachesTheLastWord) {
  Bench machine(GetParam(), {});
  unsigned last = machine.getDevice().codeWords - 1;
  std::vector<uint16_t> words(last + 1, sim::Machine::kNoWord);
  auto set = machine.getDevice().set;
  words[0] = *encode({GOTO_K, uint16_t(last)}, set);
  words[last] = *encode({NOP}, set);
  ASSERT_TRUE(machine.load(words));
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, last);
  words.push_back(0);
  EXPECT_FALSE(machine.load(words));
}

TEST_P(ControlTest, CallAndReturn) {
  Bench machine(GetParam(),
                {{CALL_K, 2}, {NOP}, {CALL_K, 4}, {RET}, {RET_K, 77}});
  machine.state().sp = 20;
  expectCycles(machine, 2);
  // Return addresses, low byte first, the stack growing upwards.
  EXPECT_EQ(machine.state().sp, 24);
  EXPECT_EQ(machine.readRam(20), 1);
  EXPECT_EQ(machine.readRam(21), 0);
  EXPECT_EQ(machine.readRam(22), 3);
  EXPECT_EQ(machine.getStackHigh(), 24u);
  machine.state().flags = 15;
  expectCycles(machine, 2);
  EXPECT_EQ(machine.state().pc, 1);
  EXPECT_EQ(machine.state().sp, 20);
  EXPECT_EQ(machine.state().a, 77);
  EXPECT_EQ(machine.state().flags, 15);
  EXPECT_EQ(machine.getStackHigh(), 24u);
  EXPECT_EQ(machine.state().cycles, 8u);
}

TEST_P(ControlTest, ReturnAddressHasTwoBytes) {
  Bench machine(GetParam(), {});
  auto set = machine.getDevice().set;
  std::vector<uint16_t> words(0x301, *encode({NOP}, set));
  words[0x2FE] = *encode({CALL_K, 0x300}, set);
  words[0x300] = *encode({RET}, set);
  machine.load(words);
  machine.state().sp = 10;
  machine.state().pc = 0x2FE;
  machine.steps(1);
  EXPECT_EQ(machine.readRam(10), 0xFF);
  EXPECT_EQ(machine.readRam(11), 0x02);
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, 0x2FF);
}

TEST_P(ControlTest, PushedAddressAndReturn) {
  Bench machine(GetParam(), {{RET}, {NOP}, {NOP}});
  machine.writeRam(8, 2);
  machine.writeRam(9, 0);
  machine.state().sp = 10;
  expectCycles(machine, 1);
  EXPECT_EQ(machine.state().pc, 2);
}

TEST_P(ControlTest, Pcadd) {
  for (unsigned a : {0u, 1u, 2u, 255u}) {
    Bench machine(GetParam(), {{NOP}, {PCADD_A}});
    machine.state().a = uint8_t(a);
    machine.state().flags = 6;
    expectCycles(machine, 2);
    // The target is the instruction's own address plus A.
    EXPECT_EQ(machine.state().pc, 1 + a);
    EXPECT_EQ(machine.state().cycles, 3u);
    EXPECT_EQ(machine.state().flags, 6);
  }
}

TEST_P(ControlTest, PushafPopaf) {
  Bench machine(GetParam(), {{PUSHAF}, {MOV_A_K, 0}, {ADD_A_K, 0}, {POPAF}});
  machine.state().sp = 30;
  machine.state().a = 0xC3;
  machine.state().flags = 10;
  expectCycles(machine, 1);
  EXPECT_EQ(machine.readRam(30), 0xC3);
  EXPECT_EQ(machine.readRam(31), 10);
  EXPECT_EQ(machine.state().sp, 32);
  expectCycles(machine, 3);
  EXPECT_EQ(machine.state().a, 0xC3);
  EXPECT_EQ(machine.state().flags, 10);
  EXPECT_EQ(machine.state().sp, 30);
}

TEST_P(ControlTest, FlagsHaveFourBits) {
  Bench machine(GetParam(), {{POPAF}});
  machine.writeRam(30, 1);
  machine.writeRam(31, 0xF5);
  machine.state().sp = 32;
  machine.steps(1);
  EXPECT_EQ(machine.state().flags, 5);
}

TEST_P(ControlTest, Indirect) {
  Bench machine(GetParam(), {{IDXM_M_A, 6}, {MOV_A_K, 0}, {IDXM_A_M, 6}});
  machine.writeRam(6, 33);
  machine.writeRam(7, 0);
  machine.state().a = 0x5A;
  machine.state().flags = 15;
  expectCycles(machine, 1);
  EXPECT_EQ(machine.readRam(33), 0x5A);
  expectCycles(machine, 2);
  EXPECT_EQ(machine.state().a, 0x5A);
  EXPECT_EQ(machine.state().flags, 15);
  EXPECT_EQ(machine.state().cycles, 5u);
}

TEST_P(ControlTest, Timer16IsARegister) {
  Bench machine(GetParam(), {{STT16_M, 4}, {LDT16_M, 6}});
  machine.writeRam(4, 0x34);
  machine.writeRam(5, 0x12);
  expectCycles(machine, 2);
  EXPECT_EQ(machine.readRam(6), 0x34);
  EXPECT_EQ(machine.readRam(7), 0x12);
}

TEST_P(ControlTest, FlagRegister) {
  Bench machine(GetParam(), {{MOV_IO_A, 0},
                             {SET0_IOBIT, 0, 1},
                             {T0SN_IOBIT, 0, 1},
                             {NOP},
                             {XOR_IO_A, 0}});
  machine.state().a = 0xFF;
  machine.steps(1);
  EXPECT_EQ(machine.state().flags, 15);
  machine.steps(1);
  EXPECT_EQ(machine.state().flags, 13);
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, 4);
  machine.steps(1);
  EXPECT_EQ(machine.state().flags, 2);
}

TEST_P(ControlTest, StackPointerRegister) {
  Bench machine(GetParam(), {{MOV_IO_A, 2}, {CALL_K, 2}, {MOV_A_IO, 2}});
  machine.state().a = 40;
  machine.state().flags = 15;
  machine.steps(3);
  EXPECT_EQ(machine.state().a, 42);
  EXPECT_EQ(machine.state().flags, 14);
}

namespace {
struct Recorder : sim::IoPort {
  std::string log;
  uint8_t input = 0;
  uint8_t read(unsigned address, uint8_t latch, uint8_t used) override {
    log += "r" + std::to_string(address) + "=" + std::to_string(latch) + "&" +
           std::to_string(used) + " ";
    return input;
  }
  void write(unsigned address, uint8_t value) override {
    log += "w" + std::to_string(address) + "=" + std::to_string(value) + " ";
  }
};
} // namespace

TEST_P(ControlTest, InputAndOutput) {
  Bench machine(GetParam(), {{MOV_IO_A, 17},
                             {SET1_IOBIT, 17, 0},
                             {SET0_IOBIT, 17, 7},
                             {XOR_IO_A, 17},
                             {MOV_A_IO, 17}});
  machine.state().a = 0x82;
  expectCycles(machine, 5);
  EXPECT_EQ(machine.state().a, 0x81);
  EXPECT_EQ(machine.getIo(17), 0x81);
}

TEST_P(ControlTest, AttachedPort) {
  Bench machine(GetParam(),
                {{MOV_IO_A, 16}, {MOV_A_IO, 16}, {SET1_IOBIT, 16, 2}});
  Recorder port;
  machine.attach(&port);
  machine.state().a = 7;
  port.input = 0;
  machine.steps(3);
  EXPECT_EQ(machine.state().a, 0);
  EXPECT_EQ(machine.state().flags, 1);
  EXPECT_EQ(port.log, "w16=7 r16=7&255 r16=7&0 w16=4 ");
}

TEST_P(ControlTest, InputBitSkips) {
  for (bool isSet : {false, true}) {
    Recorder port;
    port.input = isSet ? 0x20 : 0xDF;
    Bench zero(GetParam(), {{T0SN_IOBIT, 16, 5}}),
        one(GetParam(), {{T1SN_IOBIT, 16, 5}});
    zero.attach(&port);
    one.attach(&port);
    zero.steps(1);
    one.steps(1);
    EXPECT_EQ(zero.state().pc, isSet ? 1 : 2);
    EXPECT_EQ(zero.state().cycles, isSet ? 1u : 2u);
    EXPECT_EQ(one.state().pc, isSet ? 2 : 1);
    EXPECT_EQ(one.state().cycles, isSet ? 2u : 1u);
  }
}

TEST(ControlTest, SwapC) {
  for (const char *device : {"pfs154", "pfs173"}) {
    Bench machine(device, {{SWAPC_IOBIT, 16, 6}, {SWAPC_IOBIT, 16, 6}});
    machine.state().flags = 15;
    machine.steps(1);
    EXPECT_EQ(machine.state().flags, 13);
    EXPECT_EQ(machine.getIo(16), 0x40);
    machine.steps(1);
    EXPECT_EQ(machine.state().flags, 15);
    EXPECT_EQ(machine.getIo(16), 0);
  }
}

TEST(ControlTest, StackTables) {
  for (const char *device : {"pms150c", "pfs154"}) {
    Bench machine(device, {{LDSPTL}, {LDSPTH}});
    machine.allowUndocumented(true);
    auto words = assemble(machine.getDevice().set, {{LDSPTL}, {LDSPTH}});
    words.push_back(0x1ABC);
    machine.load(words);
    machine.writeRam(12, 2);
    machine.writeRam(13, 0);
    machine.state().sp = 14;
    machine.state().flags = 15;
    expectCycles(machine, 1);
    EXPECT_EQ(machine.state().a, 0xBC);
    expectCycles(machine, 1);
    EXPECT_EQ(machine.state().a, 0x1A);
    EXPECT_EQ(machine.state().sp, 14);
    EXPECT_EQ(machine.state().flags, 15);
  }
}

TEST(ControlTest, Tables) {
  for (const char *device : {"pfs173"}) {
    Bench machine(device, {});
    auto words =
        assemble(machine.getDevice().set, {{LDTABL_M, 8}, {LDTABH_M, 8}});
    words.push_back(0x7ABC);
    machine.load(words);
    // The top nibble of the pointer is ignored.
    machine.writeRam(8, 2);
    machine.writeRam(9, 0xF0);
    machine.state().flags = 15;
    expectCycles(machine, 1);
    EXPECT_EQ(machine.state().a, 0xBC);
    expectCycles(machine, 1);
    EXPECT_EQ(machine.state().a, 0x7A);
    EXPECT_EQ(machine.state().flags, 15);
  }
}

TEST_P(ControlTest, TrapStopsBeforeTheInstruction) {
  Bench machine(GetParam(), {{MOV_A_K, 1}, {MOV_A_K, 2}, {GOTO_K, 0}});
  machine.setTrap(1, true);
  EXPECT_EQ(machine.run(100), Stop::Trap);
  EXPECT_EQ(machine.state().pc, 1);
  EXPECT_EQ(machine.state().a, 1);
  EXPECT_EQ(machine.run(100), Stop::Trap);
  EXPECT_EQ(machine.step(), Stop::None);
  EXPECT_EQ(machine.state().a, 2);
  EXPECT_EQ(machine.run(100), Stop::Trap);
  machine.setTrap(1, false);
  EXPECT_EQ(machine.run(100), Stop::CycleLimit);
  EXPECT_EQ(machine.state().cycles, 100u);
}

TEST_P(ControlTest, TraceSeesEveryInstruction) {
  Bench machine(GetParam(), {{MOV_A_K, 1}, {MOV_A_K, 2}, {GOTO_K, 0}});
  std::string log;
  machine.trace(
      [&](const sim::Machine &m) { log += std::to_string(m.state().pc); }, 4);
  EXPECT_EQ(machine.run(100), Stop::CycleLimit);
  EXPECT_EQ(log, "0120");
  EXPECT_EQ(machine.state().cycles, 100u);
}

TEST_P(ControlTest, ResetForgets) {
  Bench machine(GetParam(),
                {{LDT16_M, 4}, {CLEAR_M, 3}, {MOV_A_K, 0x20}, {MOV_IO_A, 6}});
  machine.state().sp = 1;
  machine.steps(4);
  EXPECT_TRUE(machine.isWritten(3));
  EXPECT_EQ(machine.getIo(6), 0x20);
  machine.reset();
  EXPECT_FALSE(machine.isWritten(3));
  EXPECT_EQ(machine.state().cycles, 0u);
  EXPECT_EQ(machine.state().pc, 0);
  EXPECT_EQ(machine.state().sp, 0);
  EXPECT_EQ(machine.getIo(6), 0);
  // Timer16 has no clock any more, so that it can be read.
  machine.steps(2);
  EXPECT_TRUE(machine.isWritten(3));
  EXPECT_FALSE(machine.isWritten(machine.getDevice().ramBytes));
}

INSTANTIATE_TEST_SUITE_P(Devices, ControlTest, testing::ValuesIn(kDeviceNames),
                         [](const auto &info) {
                           return std::string(info.param);
                         });

/// The stack may use the very last bytes of a full RAM.
TEST(ControlTest, StackAtTheEndOf256Bytes) {
  Bench machine("pfs173", {{CALL_K, 1}, {RET}});
  machine.state().sp = 254;
  machine.steps(1);
  EXPECT_EQ(machine.state().sp, 256);
  EXPECT_EQ(machine.getStackHigh(), 256u);
  machine.steps(1);
  EXPECT_EQ(machine.state().pc, 1);
  EXPECT_EQ(machine.state().sp, 254);
  EXPECT_EQ(describe(machine.getViolations()), "");
}
