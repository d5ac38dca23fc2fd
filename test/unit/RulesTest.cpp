//===- RulesTest.cpp - Broken rules are reported --------------------------===//
//
// For each rule a program that breaks it, and no other, and where the rule has
// a border, one just inside it that breaks none.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"
#include "runtime_pdk/simulator/Inference.h"

using namespace pdkc;
using namespace pdkc::pdk;
using pdkc::sim::Stop;

namespace {

/// Runs up to 1000 cycles from word 0 with a stack from 40 on; returns the
/// rules broken.
std::string run(Bench &machine, Stop expected) {
  machine.state().sp = 40;
  machine.setStackBase(40);
  EXPECT_EQ(machine.run(1000), expected);
  return describe(machine.getViolations());
}

std::string run(const char *device, std::vector<Word> program, Stop expected) {
  Bench machine(device, std::move(program));
  return run(machine, expected);
}

/// Calls a model at word 0 with two inputs; model_next_input is word 1.
std::string infer(std::vector<Word> program, unsigned stackBase = 8,
                  bool isBuffered = false) {
  Bench machine("pms150c", std::move(program));
  sim::ModelSymbols symbols;
  symbols.nextInput = 1;
  symbols.stackBase = stackBase;
  if (isBuffered)
    symbols.input = 4;
  // The model begins with a jump over the stub.
  const uint8_t inputs[] = {11, 22};
  sim::InferenceOptions options;
  options.cycleLimit = 1000;
  auto result = sim::infer(machine, symbols, inputs, 2, options);
  EXPECT_EQ(result.ok(), result.returned && result.violations.empty());
  return describe(result.violations);
}

/// A program's end: a jump to itself, which breaks no rule.
Word loopAt(unsigned address) { return {GOTO_K, uint16_t(address)}; }

const Word kStub = {RET};
const Word kTake = {CALL_K, 1};
const Word kBegin = {GOTO_K, 2};

} // namespace

TEST(RulesTest, RamRange) {
  // 80 bytes of RAM, 128 within reach.
  EXPECT_EQ(run("pms152", {{CLEAR_M, 79}, loopAt(1)}, Stop::CycleLimit), "");
  EXPECT_EQ(run("pms152", {{CLEAR_M, 80}, loopAt(1)}, Stop::CycleLimit),
            "ram-range@0");
  EXPECT_EQ(run("pms152", {{MOV_A_M, 80}, loopAt(1)}, Stop::CycleLimit),
            "ram-range@0");
  // Through a pointer.
  Bench machine("pms150c", {{IDXM_A_M, 4}, loopAt(1)});
  machine.writeRam(4, 64);
  machine.writeRam(5, 0);
  EXPECT_EQ(run(machine, Stop::CycleLimit), "ram-range@0");
}

TEST(RulesTest, CodeRangePastTheEnd) {
  EXPECT_EQ(run("pms150c", {{NOP}}, Stop::Broken), "code-range@1");
  // Skipping past it.
  EXPECT_EQ(run("pms150c", {{T0SN_IOBIT, 16, 0}}, Stop::Broken),
            "code-range@2");
}

TEST(RulesTest, CodeRangeByPcadd) {
  EXPECT_EQ(run("pms150c", {{MOV_A_K, 9}, {PCADD_A}, {NOP}}, Stop::Broken),
            "code-range@10");
}

TEST(RulesTest, CodeRangeHole) {
  Bench machine("pms150c", {});
  auto set = machine.getDevice().set;
  machine.load(
      {*encode({GOTO_K, 1}, set), sim::Machine::kNoWord, *encode({NOP}, set)});
  EXPECT_EQ(run(machine, Stop::Broken), "code-range@1");
}

TEST(RulesTest, CodeRangeBeyondTheDevice) {
  // PDK14 reaches 2048 words, this device has 1280.
  EXPECT_EQ(run("pms152", {{GOTO_K, 1280}}, Stop::Broken), "code-range@1280");
  // A return to an address that no device has.
  Bench machine("pms150c", {{CALL_K, 1},
                            {CLEAR_M, 40},
                            {SET1_IOBIT, 0, 0},
                            {MOV_A_K, 0x70},
                            {MOV_M_A, 41},
                            {RET}});
  EXPECT_EQ(run(machine, Stop::Broken), "code-range@28672");
}

TEST(RulesTest, NotInstruction) {
  Bench machine("pms150c", {});
  ASSERT_EQ(decode(1, InstructionSet::PDK13), std::nullopt);
  machine.load({0, 1});
  EXPECT_EQ(run(machine, Stop::Broken), "not-an-instruction@1");
  // A table may hold it, and any word too wide is none.
  machine.load({0, 0x2000});
  EXPECT_EQ(run(machine, Stop::Broken), "not-an-instruction@1");
}

TEST(RulesTest, UnwrittenRead) {
  EXPECT_EQ(run("pms150c", {{MOV_A_M, 5}, loopAt(1)}, Stop::CycleLimit),
            "unwritten-read@0");
  EXPECT_EQ(
      run("pms150c", {{CLEAR_M, 5}, {MOV_A_M, 5}, loopAt(2)}, Stop::CycleLimit),
      "");
  // Once written by a read-modify-write it counts as written.
  EXPECT_EQ(
      run("pms150c", {{INC_M, 5}, {INC_M, 5}, loopAt(2)}, Stop::CycleLimit),
      "unwritten-read@0");
  // The pointer, its two bytes being one instruction's fault.
  Bench machine("pms150c", {{IDXM_A_M, 4}, loopAt(1)});
  machine.spoilRam(4, 6);
  machine.spoilRam(5, 0);
  machine.writeRam(6, 0);
  EXPECT_EQ(run(machine, Stop::CycleLimit), "unwritten-read@0");
  EXPECT_EQ(machine.getViolations()[0].count, 2u);
}

TEST(RulesTest, EveryReaderSeesUnwrittenBytes) {
  for (unsigned i = 0; i < getNumInstructions(); ++i) {
    const Instruction &info = getInstruction(Opcode(i));
    bool isBit = info.form == OperandForm::MemoryBit;
    if (info.form != OperandForm::Memory && !isBit)
      continue;
    Bench machine("pfs173", {{Opcode(i), 6}});
    machine.step();
    EXPECT_EQ(describe(machine.getViolations()),
              info.has(ReadsM) ? "unwritten-read@0" : "")
        << info.name;
    EXPECT_EQ(machine.isWritten(6), info.has(WritesM)) << info.name;
  }
}

TEST(RulesTest, StackOverflow) {
  Bench machine("pms150c", {{CALL_K, 1}, {PUSHAF}, loopAt(2)});
  machine.state().sp = 60;
  EXPECT_EQ(machine.run(1000), Stop::CycleLimit);
  EXPECT_EQ(describe(machine.getViolations()), "");
  machine.reset();
  machine.state().sp = 62;
  EXPECT_EQ(machine.run(1000), Stop::Broken);
  EXPECT_EQ(describe(machine.getViolations()), "stack-overflow@1");
}

TEST(RulesTest, StackCollision) {
  Bench machine("pms150c", {{MOV_A_K, 38}, {MOV_IO_A, 2}, {PUSHAF}, loopAt(3)});
  EXPECT_EQ(run(machine, Stop::CycleLimit), "stack-collision@2");
}

TEST(RulesTest, StackCollisionInAnInference) {
  // The stack is moved down onto what lies below its base, and back.
  EXPECT_EQ(infer({kBegin,
                   kStub,
                   kTake,
                   kTake,
                   {MOV_A_K, 4},
                   {MOV_IO_A, 2},
                   {PUSHAF},
                   {MOV_A_K, 10},
                   {MOV_IO_A, 2},
                   {RET}}),
            "stack-collision@6");
}

TEST(RulesTest, StackUnderflow) {
  Bench machine("pms150c", {{CLEAR_M, 38}, {CLEAR_M, 39}, {POPAF}, loopAt(3)});
  EXPECT_EQ(run(machine, Stop::CycleLimit), "stack-underflow@2");
  // Nothing below it at all.
  Bench empty("pms150c", {{RET}});
  EXPECT_EQ(empty.run(1000), Stop::Broken);
  EXPECT_EQ(describe(empty.getViolations()), "stack-underflow@0");
}

TEST(RulesTest, PopBeyondRam) {
  Bench machine("pms150c", {{MOV_A_K, 66}, {MOV_IO_A, 2}, {POPAF}});
  EXPECT_EQ(run(machine, Stop::Broken), "ram-range@2");
}

TEST(RulesTest, StackMisaligned) {
  EXPECT_EQ(run("pms150c", {{MOV_A_K, 43}, {MOV_IO_A, 2}, loopAt(2)},
                Stop::CycleLimit),
            "stack-misaligned@1");
}

TEST(RulesTest, StackUnbalanced) {
  // Returns to the caller with two bytes left on the stack: the return address
  // is copied above itself.
  EXPECT_EQ(infer({{GOTO_K, 2},
                   kStub,
                   kTake,
                   kTake,
                   {MOV_A_M, 8},
                   {MOV_M_A, 10},
                   {MOV_A_M, 9},
                   {MOV_M_A, 11},
                   {MOV_A_K, 12},
                   {MOV_IO_A, 2},
                   {RET}}),
            "stack-unbalanced@10");
}

TEST(RulesTest, PointerHigh) {
  Bench machine("pms150c", {{IDXM_M_A, 4}, loopAt(1)});
  machine.writeRam(4, 6);
  machine.writeRam(5, 1);
  EXPECT_EQ(run(machine, Stop::CycleLimit), "pointer-high-byte@0");
  EXPECT_TRUE(machine.isWritten(6));
}

TEST(RulesTest, TablePointer) {
  for (Opcode opcode : {LDTABL_M, LDTABH_M}) {
    Bench machine("pfs173", {{opcode, 4}, loopAt(1)});
    machine.writeRam(4, 1);
    machine.writeRam(5, 0);
    EXPECT_EQ(run(machine, Stop::CycleLimit), "");
    machine.reset();
    machine.writeRam(4, 2);
    machine.writeRam(5, 0);
    EXPECT_EQ(run(machine, Stop::CycleLimit), "table-pointer@0");
  }
  Bench machine("pms150c", {{CALL_K, 1}, {LDSPTL}, loopAt(2)});
  machine.allowUndocumented(true);
  EXPECT_EQ(run(machine, Stop::CycleLimit), "");
  machine.reset();
  machine.writeRam(38, 3);
  machine.writeRam(39, 0);
  machine.state().sp = 40;
  machine.state().pc = 1;
  EXPECT_EQ(machine.run(1000), Stop::CycleLimit);
  EXPECT_EQ(describe(machine.getViolations()), "table-pointer@1");
}

TEST(RulesTest, Undocumented) {
  for (const char *device : {"pms150c", "pfs154"})
    for (Opcode opcode : {LDSPTL, LDSPTH})
      EXPECT_EQ(
          run(device, {{CALL_K, 1}, {opcode}, loopAt(2)}, Stop::CycleLimit),
          "undocumented-instruction@1");
}

TEST(RulesTest, Halted) {
  for (Opcode opcode : {RESET, STOPSYS, STOPEXE})
    EXPECT_EQ(run("pms150c", {{NOP}, {opcode}}, Stop::Broken), "halted@1");
}

TEST(RulesTest, Unsupported) {
  EXPECT_EQ(run("pfs154", {{NOP}, {MUL}}, Stop::Broken), "unsupported@1");
  // Timer16 with a clock (I/O address 6, bits 7 to 5).
  EXPECT_EQ(run("pms150c", {{MOV_A_K, 0x20}, {MOV_IO_A, 6}, {LDT16_M, 4}},
                Stop::Broken),
            "unsupported@2");
}

TEST(RulesTest, PseudoRegister) {
  // At the second call of model_next_input and at the return.
  EXPECT_EQ(infer({kBegin,
                   kStub,
                   kTake,
                   {SET1_MBIT, 1, 0},
                   kTake,
                   {CLEAR_M, 1},
                   {RET_K, 0}}),
            "pseudo-register@1");
  EXPECT_EQ(infer({kBegin, kStub, kTake, kTake, {SET1_MBIT, 1, 0}, {RET_K, 0}}),
            "pseudo-register@5");
  // In between it is the module's.
  EXPECT_EQ(infer({kBegin,
                   kStub,
                   kTake,
                   {SET1_MBIT, 1, 0},
                   {CLEAR_M, 1},
                   kTake,
                   {RET_K, 0}}),
            "");
}

TEST(RulesTest, CycleLimit) {
  EXPECT_EQ(infer({kBegin, kStub, kTake, kTake, {GOTO_K, 4}}), "cycle-limit@4");
}

TEST(RulesTest, TooManyInputs) {
  EXPECT_EQ(infer({kBegin, kStub, kTake, kTake, kTake, {RET_K, 0}}),
            "too-many-inputs@1");
  // With a buffer there is nothing to be taken.
  EXPECT_EQ(infer({kBegin, kStub, kTake, {RET_K, 0}}, 8, true),
            "too-many-inputs@1");
}

TEST(RulesTest, InputsLeft) {
  EXPECT_EQ(infer({kBegin, kStub, kTake, {RET_K, 0}}), "inputs-left@3");
}

TEST(RulesTest, CallerPromisesNothing) {
  // Neither RAM nor p survive what may destroy them.
  EXPECT_EQ(infer({kBegin, kStub, kTake, kTake, {MOV_A_M, 2}, {RET}}),
            "unwritten-read@4");
  EXPECT_EQ(
      infer({kBegin, kStub, {CLEAR_M, 0}, kTake, kTake, {MOV_A_M, 0}, {RET}}),
      "unwritten-read@5");
}

TEST(RulesTest, NoRoomForTheCall) {
  EXPECT_EQ(infer({{RET_K, 0}}, 64), "stack-overflow@0");
  EXPECT_EQ(infer({{RET_K, 0}}, 62), "inputs-left@0");
}

TEST(RulesTest, BufferOutsideRam) {
  Bench machine("pms150c", {{RET_K, 0}});
  sim::ModelSymbols symbols;
  symbols.input = 60;
  symbols.stackBase = 8;
  std::vector<uint8_t> inputs(5);
  auto result = sim::infer(machine, symbols, inputs.data(), inputs.size());
  EXPECT_FALSE(result.returned);
  EXPECT_EQ(describe(result.violations), "ram-range@0");
}

TEST(RulesTest, RepeatedViolationsAreCounted) {
  Bench machine("pms150c", {{T0SN_MBIT, 5, 0}, {NOP}, {GOTO_K, 0}});
  machine.run(1000);
  ASSERT_EQ(machine.getViolations().size(), 1u);
  EXPECT_GT(machine.getViolations()[0].count, 100u);
  // Not more than a machine keeps.
  std::vector<Word> program(100, {T0SN_MBIT, 5, 0});
  Bench many("pms150c", program);
  many.run(50);
  EXPECT_LE(many.getViolations().size(), sim::Machine::kMaxViolations);
}

TEST(RulesTest, Names) {
  for (unsigned i = 0; i <= unsigned(sim::Rule::Unsupported); ++i)
    EXPECT_STRNE(sim::getName(sim::Rule(i)), "");
}
