//===- AssemblerTest.cpp - The encoder against SDCC's assembler -----------===//
//
// Every form with every operand and bit number, as text from format(), through
// sdaspdk13/14/15 and sdldpdk, compared word by word with encode(). Skipped
// where SDCC is not installed.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"
#include "TestTools.h"
#include "runtime_pdk/simulator/IntelHex.h"

using namespace pdkc;
using namespace pdkc::pdk;

namespace {

/// What sdas 4.2.0 does not assemble.
bool isAssembled(Opcode opcode) {
  return opcode != NMOV_A_M && opcode != NMOV_M_A && opcode != SWAP_M &&
         opcode != SWAPC_IOBIT;
}

} // namespace

class AssemblerTest : public testing::TestWithParam<InstructionSet> {
protected:
  void SetUp() override {
    assembler = "sdas" + std::string(getName(GetParam()));
    if (!isInstalled(assembler) || !isInstalled("sdldpdk"))
      GTEST_SKIP() << assembler << " and sdldpdk are not installed";
  }

  /// Assembles and links a module; its area CODE begins at word 0.
  void assembleText(const std::string &text, std::vector<uint16_t> &words) {
    Folder folder;
    folder.write("t.asm", "\t.module t\n\t.area CODE\n" + text);
    folder.run(assembler + " -plosgff t.asm && sdldpdk -n -i t.ihx t.rel");
    std::string error;
    auto read = sim::readIntelHex(folder.read("t.ihx"), error);
    ASSERT_TRUE(read) << error;
    words = *read;
  }

  std::string assembler;
};

TEST_P(AssemblerTest, AllFormsAndOperands) {
  InstructionSet set = GetParam();
  std::vector<uint16_t> expected;
  std::vector<std::string> lines;
  for (unsigned i = 0; i < getNumInstructions(); ++i) {
    Opcode opcode = Opcode(i);
    OperandForm form = getInstruction(opcode).form;
    if (!isAvailable(opcode, set) || !isAssembled(opcode) ||
        form == OperandForm::Target)
      continue;
    bool hasBit = form == OperandForm::MemoryBit || form == OperandForm::IoBit;
    for (unsigned operand = 0; operand <= getMaxOperand(opcode, set);
         operand += form == OperandForm::Pointer ? 2 : 1) {
      for (unsigned bit = 0; bit < (hasBit ? 8 : 1); ++bit) {
        auto bits = encode({opcode, uint16_t(operand), uint8_t(bit)}, set);
        ASSERT_TRUE(bits);
        expected.push_back(*bits);
        lines.push_back(format(opcode, std::to_string(operand), bit));
      }
    }
  }
  std::string text;
  for (const std::string &line : lines)
    text += "\t" + line + "\n";
  std::vector<uint16_t> words;
  assembleText(text, words);
  ASSERT_EQ(words.size(), expected.size());
  for (size_t i = 0; i < words.size(); ++i)
    ASSERT_EQ(words[i], expected[i]) << lines[i];
}

/// GOTO and CALL take labels, so there is one at each target; every word jumps
/// as far across the program as it is from its middle.
TEST_P(AssemblerTest, JumpsAndCalls) {
  InstructionSet set = GetParam();
  std::vector<uint16_t> expected;
  std::string text;
  unsigned limit = getMaxOperand(GOTO_K, set);
  for (unsigned address = 0; address <= limit; ++address) {
    Opcode opcode = address % 3 ? GOTO_K : CALL_K;
    unsigned target = limit - address;
    expected.push_back(*encode({opcode, uint16_t(target)}, set));
    text += "L" + std::to_string(address) + ":\t" +
            format(opcode, "L" + std::to_string(target)) + "\n";
  }
  std::vector<uint16_t> words;
  assembleText(text, words);
  EXPECT_EQ(words, expected);
}

INSTANTIATE_TEST_SUITE_P(Sets, AssemblerTest,
                         testing::Values(InstructionSet::PDK13,
                                         InstructionSet::PDK14,
                                         InstructionSet::PDK15),
                         [](const auto &info) {
                           return std::string(getName(info.param));
                         });
