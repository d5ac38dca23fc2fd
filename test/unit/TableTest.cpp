//===- TableTest.cpp - What the table says instructions do ----------------===//
//
// The columns of the instruction table that analyses rely on, control flow, the
// stack, A and the flags, against what the simulator, whose instructions are
// written by hand, is seen to do. Bits of FLAG are operands as well.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

using namespace pdkc;
using namespace pdkc::pdk;
using pdkc::sim::Stop;

namespace {

constexpr unsigned kPc = 20, kReturn = 50, kStack = 40;

/// A word, and the set and device that it is tried on.
struct Case {
  Word word;
  const char *device;
};

/// Everything of one step that the table speaks of.
struct Step {
  unsigned pc, sp, registers; ///< registers: flags, and A above them
  std::vector<uint8_t> memory; ///< RAM, and what is written to I/O registers
};

/// The simulator stops at these, and can say nothing.
bool isSimulated(Opcode opcode) {
  return opcode != RESET && opcode != STOPSYS && opcode != STOPEXE &&
         opcode != MUL;
}

/// One word on a machine whose memory is filled with one value.
class Executor : sim::IoPort {
public:
  explicit Executor(const Case &it) : word(it.word), machine(it.device, {}) {
    auto set = machine.getDevice().set;
    std::vector<uint16_t> words(400, *encode({NOP}, set));
    words[kPc] = *encode(word, set);
    EXPECT_TRUE(machine.load(words));
    machine.allowUndocumented(true);
    machine.attach(this);
  }

  Step run(uint8_t a, uint8_t flags, uint8_t memory) {
    machine.reset(); // the outputs
    outputs.clear();
    unsigned size = machine.getDevice().ramBytes;
    for (unsigned i = 0; i < size; ++i)
      machine.writeRam(i, memory);
    // A return address, or what popaf takes, on top of the stack; and pointers
    // whose high bytes are 0.
    machine.writeRam(kStack - 2, kReturn);
    machine.writeRam(kStack - 1, 0);
    if (getInstruction(word.opcode).form == OperandForm::Pointer)
      machine.writeRam(word.operand + 1, 0);
    auto &state = machine.state();
    state.pc = kPc;
    state.sp = kStack;
    state.a = a;
    state.flags = flags;
    EXPECT_EQ(machine.step(), Stop::None);
    EXPECT_EQ(describe(machine.getViolations()), "");
    Step step = {state.pc, state.sp, unsigned(state.flags | state.a << 4),
                 outputs};
    for (unsigned i = 0; i < size; ++i)
      step.memory.push_back(machine.readRam(i));
    return step;
  }

private:
  void write(unsigned address, uint8_t value) override {
    outputs.push_back(value);
  }

  std::vector<uint8_t> outputs;
  Word word;
  Bench machine;
};

constexpr uint8_t kOperand = 30;
constexpr uint8_t kValues[] = {0x00, 0x01, 0x0E, kOperand, 0x55,
                               0x80, 0xAA, 0xFE, 0xFF};

/// One operand or several of each form, FLAG and each of its bits among them.
std::vector<Case> getCases() {
  std::vector<Case> cases;
  for (unsigned i = 0; i < getNumInstructions(); ++i) {
    Opcode opcode = Opcode(i);
    if (!isSimulated(opcode))
      continue;
    const char *device =
        isAvailable(opcode, InstructionSet::PDK15) ? "pfs173" : "pfs154";
    switch (getInstruction(opcode).form) {
    case OperandForm::None:
      cases.push_back({{opcode}, device});
      break;
    case OperandForm::IoBit:
      for (uint8_t bit = 0; bit < 4; ++bit)
        cases.push_back({{opcode, kFlagAddress, bit}, device});
      cases.push_back({{opcode, 0x12, 1}, device});
      break;
    case OperandForm::Io:
      cases.push_back({{opcode, kFlagAddress}, device});
      cases.push_back({{opcode, 0x12}, device});
      break;
    default:
      cases.push_back({{opcode, kOperand}, device});
    }
  }
  return cases;
}

} // namespace

class TableTest : public testing::TestWithParam<Case> {};

TEST_P(TableTest, FlowAndStack) {
  const Case &it = GetParam();
  const Instruction &row = getInstruction(it.word.opcode);
  int push = row.has(Pushes) ? 2 : 0, pop = row.has(Pops) ? 2 : 0;
  Executor executor(it);
  bool skipped = false, wentOn = false;
  for (uint8_t a : kValues)
    for (uint8_t flags = 0; flags < 16; ++flags)
      for (uint8_t memory : kValues) {
        Step step = executor.run(a, flags, memory);
        EXPECT_EQ(int(step.sp), int(kStack) + push - pop);
        skipped |= step.pc == kPc + 2;
        wentOn |= step.pc == kPc + 1;
        switch (row.flow) {
        case Flow::Next:
          EXPECT_EQ(step.pc, kPc + 1);
          break;
        case Flow::Skip:
          EXPECT_TRUE(step.pc == kPc + 1 || step.pc == kPc + 2);
          break;
        case Flow::Jump:
        case Flow::Call:
          EXPECT_EQ(step.pc, it.word.operand);
          break;
        case Flow::Return:
          EXPECT_EQ(step.pc, kReturn);
          break;
        case Flow::Computed:
          EXPECT_EQ(step.pc, kPc + a);
          break;
        case Flow::Reset:
          FAIL() << "cannot be simulated";
        }
      }
  EXPECT_EQ(row.flow == Flow::Call, row.form == OperandForm::Target && push);
  if (row.flow == Flow::Skip) {
    // Other inputs than FLAG are 0 here.
    bool isFixed =
        row.form == OperandForm::IoBit && it.word.operand != kFlagAddress;
    EXPECT_EQ(skipped && wentOn, !isFixed);
  }
}

/// Each of A and the flags is changed alone. What then changes beside it was
/// made of it; where nothing does, and it comes out the same, it was written.
TEST_P(TableTest, RegisterUse) {
  const Case &it = GetParam();
  RegisterUse use = getRegisterUse(it.word), seen;
  Executor executor(it);
  // Bits of Step::registers that belong to a register.
  auto getBits = [](unsigned reg) -> unsigned {
    return reg == Accumulator ? 0xFF0 : reg;
  };
  uint8_t kept = AllFlags | Accumulator;
  for (uint8_t a : kValues)
    for (uint8_t flags = 0; flags < 16; ++flags)
      for (uint8_t memory : kValues) {
        Step step = executor.run(a, flags, memory);
        unsigned before = flags | a << 4;
        for (unsigned reg = 1; reg <= Accumulator; reg *= 2) {
          if ((step.registers ^ before) & getBits(reg))
            kept &= ~reg; // it does not always stay as it is
          uint8_t otherA = reg == Accumulator ? uint8_t(a ^ 0x99) : a;
          uint8_t otherFlags = flags ^ (reg & AllFlags);
          Step other = executor.run(otherA, otherFlags, memory);
          unsigned differs = step.registers ^ other.registers;
          bool isWritten = use.writes & reg;
          if (differs & ~getBits(reg) ||
              (isWritten && differs & getBits(reg)) || step.pc != other.pc ||
              step.memory != other.memory)
            seen.reads |= reg;
        }
      }
  seen.writes = (AllFlags | Accumulator) & ~kept;
  // Of swapc of the carry with itself no write is seen.
  const bool isSwapOfCarry = it.word.opcode == SWAPC_IOBIT &&
                       it.word.operand == kFlagAddress &&
                       it.word.bit == kCarryFlag;
  EXPECT_EQ(use.writes, isSwapOfCarry ? int(FlagC) : seen.writes);
  EXPECT_EQ(use.reads, seen.reads);
}

INSTANTIATE_TEST_SUITE_P(
    Instructions, TableTest, testing::ValuesIn(getCases()),
    [](const testing::TestParamInfo<Case> &info) {
      const Instruction &row = getInstruction(info.param.word.opcode);
      std::string name = row.name;
      if (row.form == OperandForm::Io || row.form == OperandForm::IoBit)
        name += "_" + std::to_string(info.param.word.operand);
      if (row.form == OperandForm::IoBit)
        name += "_" + std::to_string(info.param.word.bit);
      return name;
    });
