//===- SemanticsTest.cpp - What instructions compute ----------------------===//
//
// Every instruction that computes something from A, a memory byte and the
// flags, for all values of A and memory, against a second formulation that adds
// and subtracts bit by bit. The same runs show what an instruction reads and
// writes, which has to be what the instruction table says.
//
//===----------------------------------------------------------------------===//

#include "SemanticsTable.h"
#include "TestProgram.h"

using namespace pdkc;
using namespace pdkc::pdk;

namespace {

constexpr unsigned kCell = 10;

/// Values around every border that an instruction could have.
constexpr unsigned kSpread[] = {0x00, 0x01, 0x02, 0x07, 0x08, 0x0F, 0x10, 0x11,
                                0x3C, 0x55, 0x7E, 0x7F, 0x80, 0x81, 0xAA, 0xC3,
                                0xE0, 0xEF, 0xF0, 0xF8, 0xFD, 0xFE, 0xFF};

unsigned getFlags(const Outcome &state) {
  return unsigned(state.z | state.c << 1 | state.ac << 2 | state.ov << 3);
}

Outcome makeState(unsigned a, unsigned m, unsigned flags) {
  Outcome state;
  state.a = uint8_t(a);
  state.m = uint8_t(m);
  state.z = flags & 1;
  state.c = flags & 2;
  state.ac = flags & 4;
  state.ov = flags & 8;
  return state;
}

/// One instruction on a machine; the bytes around its cell hold what they hold.
class Executor {
public:
  Executor(const char *device, const Semantics &row) : machine(device, {}) {
    program.opcode = row.opcode;
    program.bit = row.bit;
    form = getInstruction(row.opcode).form;
    program.operand = form == OperandForm::None ? 0 : kCell;
    if (form != OperandForm::Immediate)
      machine.load(assemble(machine.getDevice().set, {program}));
  }

  /// Loads the immediate, for the forms that have one.
  void setImmediate(unsigned m) {
    if (form != OperandForm::Immediate)
      return;
    program.operand = uint16_t(m);
    machine.load(assemble(machine.getDevice().set, {program}));
  }

  Outcome run(const Outcome &before) {
    auto &state = machine.state();
    state.pc = 0;
    state.a = before.a;
    state.flags = uint8_t(getFlags(before));
    uint64_t cycles = state.cycles;
    machine.writeRam(kCell, before.m);
    EXPECT_EQ(machine.step(), sim::Stop::None);
    Outcome after = makeState(state.a, machine.readRam(kCell), state.flags);
    after.skips = state.pc == 2;
    EXPECT_TRUE(state.pc == 1 || state.pc == 2);
    EXPECT_EQ(state.cycles - cycles, after.skips ? 2u : 1u);
    return after;
  }

  bool ok() const { return machine.getViolations().empty(); }

private:
  Bench machine;
  Word program{NOP};
  OperandForm form;
};

bool equal(const Outcome &x, const Outcome &y) {
  return x.a == y.a && x.m == y.m && getFlags(x) == getFlags(y) &&
         x.skips == y.skips;
}

std::string describe(const Outcome &state) {
  return "A=" + std::to_string(state.a) + " M=" + std::to_string(state.m) +
         " flags=" + std::to_string(getFlags(state)) +
         (state.skips ? " skips" : "");
}

} // namespace

class SemanticsTest : public testing::TestWithParam<Semantics> {};

TEST_P(SemanticsTest, AllValues) {
  const Semantics &row = GetParam();
  Executor executor("pfs173", row);
  for (unsigned m = 0; m < 256; ++m) {
    executor.setImmediate(m);
    for (unsigned a = 0; a < 256; ++a) {
      for (unsigned flags : {0u, 2u, 13u, 15u}) {
        Outcome before = makeState(a, m, flags), expected = before;
        row.apply(expected);
        Outcome got = executor.run(before);
        ASSERT_TRUE(equal(got, expected))
            << "from " << describe(before) << " to " << describe(got)
            << ", expected " << describe(expected);
      }
    }
  }
  EXPECT_TRUE(executor.ok());
}

TEST_P(SemanticsTest, AllSets) {
  const Semantics &row = GetParam();
  for (const char *device : kDeviceNames) {
    if (!isAvailable(row.opcode, getDevice(device).set))
      continue;
    Executor executor(device, row);
    for (unsigned m : {0x00u, 0x01u, 0x7Fu, 0x80u, 0xA5u, 0xFFu}) {
      executor.setImmediate(m);
      for (unsigned a : {0x00u, 0x01u, 0x0Fu, 0x80u, 0xA5u, 0xFFu}) {
        Outcome before = makeState(a, m, 2), expected = before;
        row.apply(expected);
        EXPECT_TRUE(equal(executor.run(before), expected)) << device;
      }
    }
    EXPECT_TRUE(executor.ok());
  }
}

/// What the instruction was seen to read and write, against the table.
TEST_P(SemanticsTest, TableAgrees) {
  const Semantics &row = GetParam();
  const Instruction &info = getInstruction(row.opcode);
  bool isImmediate = info.form == OperandForm::Immediate;
  Executor executor("pfs173", row);
  bool writesA = false, writesM = false, skips = false;
  bool readsA = false, readsM = false, readsC = false;
  unsigned flags = 0;
  // Does changing one input alone change more than that input's own copy?
  auto differs = [&](const Outcome &x, const Outcome &y, bool sawA, bool sawM) {
    return (x.a != y.a && (!sawA || info.has(WritesA))) ||
           (x.m != y.m && (!sawM || info.has(WritesM))) || x.skips != y.skips ||
           ((getFlags(x) ^ getFlags(y)) & info.flagsSet);
  };
  for (unsigned m : kSpread) {
    executor.setImmediate(m);
    for (unsigned a : kSpread) {
      for (unsigned f : {0u, 15u}) {
        Outcome before = makeState(a, m, f), after = executor.run(before);
        writesA |= after.a != before.a;
        writesM |= after.m != before.m;
        skips |= after.skips;
        flags |= getFlags(after) ^ getFlags(before);
        readsA |= differs(after, executor.run(makeState(a ^ 0x99, m, f)), true,
                          false);
        readsC |=
            differs(after, executor.run(makeState(a, m, f ^ 2)), false, false);
        readsM |= differs(after, executor.run(makeState(a, m ^ 0x99, f)), false,
                          true);
      }
    }
  }
  EXPECT_EQ(writesA, info.has(WritesA));
  EXPECT_EQ(readsA, info.has(ReadsA));
  EXPECT_EQ(readsC, info.has(ReadsC));
  EXPECT_EQ(writesM, info.has(WritesM));
  EXPECT_EQ(readsM && !isImmediate, info.has(ReadsM));
  EXPECT_EQ(info.flow, skips ? Flow::Skip : Flow::Next);
  EXPECT_EQ(info.cycles, 1);
  EXPECT_EQ(flags, info.flagsSet);
}

INSTANTIATE_TEST_SUITE_P(
    Instructions, SemanticsTest, testing::ValuesIn(getSemantics()),
    [](const testing::TestParamInfo<Semantics> &info) {
      return std::string(getInstruction(info.param.opcode).name) +
             (info.param.bit ? "_" + std::to_string(info.param.bit) : "");
    });

//===----------------------------------------------------------------------===//
// The corners, spelt out
//===----------------------------------------------------------------------===//

namespace {
struct Corner {
  Opcode opcode;
  unsigned a, m, flags;          ///< before
  unsigned newA, newM, newFlags; ///< after; flags: Z 1, C 2, AC 4, OV 8
  bool skips = false;
};
} // namespace

TEST(SemanticsTest, Corners) {
  const Corner corners[] = {
      {ADD_A_M, 0xFF, 0x01, 0, 0x00, 0x01, 7},
      {ADD_A_M, 0x7F, 0x01, 0, 0x80, 0x01, 12},
      {ADD_A_M, 0x80, 0x80, 0, 0x00, 0x80, 11},
      {ADD_A_M, 0x08, 0x08, 2, 0x10, 0x08, 4},
      // C is borrow.
      {SUB_A_M, 0x00, 0x01, 0, 0xFF, 0x01, 6},
      {SUB_A_M, 0x05, 0x05, 15, 0x00, 0x05, 1},
      {SUB_A_M, 0x80, 0x01, 0, 0x7F, 0x01, 12},
      {SUB_A_M, 0x7F, 0xFF, 0, 0x80, 0xFF, 10},
      // M minus A into M.
      {SUB_M_A, 0x01, 0x00, 0, 0x01, 0xFF, 6},
      {SUB_M_A, 0x01, 0x10, 0, 0x01, 0x0F, 4},
      // The carry counts in the half carry and in the overflow.
      {ADDC_A_M, 0xFF, 0xFF, 2, 0xFF, 0xFF, 6},
      {ADDC_A_M, 0x7F, 0x00, 2, 0x80, 0x00, 12},
      {ADDC_M, 0x55, 0xFF, 2, 0x55, 0x00, 7},
      {ADDC_M, 0x55, 0xFF, 0, 0x55, 0xFF, 0},
      {SUBC_A_M, 0x00, 0xFF, 2, 0x00, 0xFF, 7},
      {SUBC_A_M, 0x10, 0x0F, 2, 0x00, 0x0F, 5},
      {SUBC_M, 0x55, 0x00, 2, 0x55, 0xFF, 6},
      {SUBC_M, 0x55, 0x80, 2, 0x55, 0x7F, 12},
      // Only Z, whatever the carry is.
      {NEG_A, 0x00, 0, 14, 0x00, 0, 15},
      {NEG_A, 0x80, 0, 15, 0x80, 0, 14},
      {NOT_M, 0x55, 0xFF, 0, 0x55, 0x00, 1},
      // Only C.
      {SL_A, 0x80, 0, 0, 0x00, 0, 2},
      {SR_A, 0x01, 0, 1, 0x00, 0, 3},
      {SLC_M, 0x55, 0x80, 2, 0x55, 0x01, 2},
      {SRC_M, 0x55, 0x01, 2, 0x55, 0x80, 2},
      {SRC_A, 0x00, 0, 2, 0x80, 0, 0},
      // Moves: from memory Z, constants nothing.
      {MOV_A_M, 0x55, 0x00, 14, 0x00, 0x00, 15},
      {MOV_A_K, 0x55, 0x00, 14, 0x00, 0x00, 14},
      {XCH_M, 0x55, 0x00, 14, 0x00, 0x55, 14},
      // Skips set all flags as the subtraction or addition does.
      {IZSN_M, 0x55, 0xFF, 0, 0x55, 0x00, 7, true},
      {IZSN_M, 0x55, 0x7F, 0, 0x55, 0x80, 12, false},
      {DZSN_M, 0x55, 0x01, 2, 0x55, 0x00, 1, true},
      {DZSN_A, 0x00, 0, 0, 0xFF, 0, 6, false},
      {CEQSN_A_M, 0x01, 0x02, 0, 0x01, 0x02, 6, false},
      {CEQSN_A_K, 0x42, 0x42, 14, 0x42, 0x42, 1, true},
      {CNEQSN_A_M, 0x42, 0x42, 0, 0x42, 0x42, 1, false},
      {CNEQSN_A_K, 0x43, 0x42, 0, 0x43, 0x42, 0, true},
      {COMP_A_M, 0x00, 0x01, 0, 0x00, 0x01, 6},
      {COMP_M_A, 0x00, 0x01, 2, 0x00, 0x01, 0},
  };
  for (const Corner &corner : corners) {
    Executor executor("pfs173", {corner.opcode, 0, nullptr});
    executor.setImmediate(corner.m);
    Outcome got = executor.run(makeState(corner.a, corner.m, corner.flags));
    Outcome expected = makeState(corner.newA, corner.newM, corner.newFlags);
    expected.skips = corner.skips;
    EXPECT_TRUE(equal(got, expected))
        << getInstruction(corner.opcode).name << ": " << describe(got)
        << ", expected " << describe(expected);
  }
}

/// No instruction goes untested: what is not in the table of this file is in
/// ControlTest.cpp or, where it always breaks a rule, in RulesTest.cpp.
TEST(SemanticsTest, Complete) {
  const Opcode elsewhere[] = {
      NOP,        WDRESET,    DISGINT,    GOTO_K,     CALL_K,   RET,
      RET_K,      PCADD_A,    PUSHAF,     POPAF,      RESET,    STOPSYS,
      STOPEXE,    ENGINT,     RETI,       MUL,        LDSPTL,   LDSPTH,
      LDTABL_M,   LDTABH_M,   IDXM_A_M,   IDXM_M_A,   STT16_M,  LDT16_M,
      T0SN_IOBIT, T1SN_IOBIT, SET0_IOBIT, SET1_IOBIT, MOV_IO_A, MOV_A_IO,
      XOR_IO_A,   SWAPC_IOBIT};
  std::vector<bool> seen(getNumInstructions());
  for (Opcode opcode : elsewhere)
    seen[opcode] = true;
  for (const Semantics &row : getSemantics())
    seen[row.opcode] = true;
  for (unsigned i = 0; i < seen.size(); ++i)
    EXPECT_TRUE(seen[i]) << getInstruction(Opcode(i)).name;
}
