//===- EncodingTest.cpp - Code words there and back -----------------------===//
//
// encode() and decode() for all forms, all operands and all words of the three
// instruction sets, and the operand classes' limits, which are given here a
// second time.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

using namespace pdkc;
using namespace pdkc::pdk;

class EncodingTest : public testing::TestWithParam<InstructionSet> {
protected:
  InstructionSet set = GetParam();

  /// The largest operand, from the table of operand classes.
  unsigned getLimit(OperandForm form) const {
    static constexpr unsigned limits[][3] = {
        // PDK13, PDK14, PDK15
        {0, 0, 0},          // None
        {63, 127, 255},     // Memory
        {15, 63, 127},      // MemoryBit
        {30, 126, 254},     // Pointer
        {31, 63, 127},      // Io
        {31, 63, 127},      // IoBit
        {255, 255, 255},    // Immediate
        {1023, 2047, 4095}, // Target
    };
    return limits[unsigned(form)][unsigned(set)];
  }
};

TEST_P(EncodingTest, AllOperandsThereAndBack) {
  for (unsigned i = 0; i < getNumInstructions(); ++i) {
    Opcode opcode = Opcode(i);
    const Instruction &info = getInstruction(opcode);
    SCOPED_TRACE(info.name);
    if (!isAvailable(opcode, set)) {
      EXPECT_EQ(encode({opcode}, set), std::nullopt);
      continue;
    }
    unsigned limit = getLimit(info.form);
    EXPECT_EQ(getMaxOperand(opcode, set), limit);
    bool hasBit =
        info.form == OperandForm::MemoryBit || info.form == OperandForm::IoBit;
    unsigned step = info.form == OperandForm::Pointer ? 2 : 1;
    for (unsigned operand = 0; operand <= limit; operand += step) {
      for (unsigned bit = 0; bit < (hasBit ? 8 : 1); ++bit) {
        Word word{opcode, uint16_t(operand), uint8_t(bit)};
        auto bits = encode(word, set);
        ASSERT_TRUE(bits);
        ASSERT_EQ(*bits >> getWordBits(set), 0);
        auto back = decode(*bits, set);
        ASSERT_TRUE(back);
        ASSERT_TRUE(*back == word) << operand << " " << bit;
      }
    }
  }
}

TEST_P(EncodingTest, OutOfReachIsRefused) {
  for (unsigned i = 0; i < getNumInstructions(); ++i) {
    Opcode opcode = Opcode(i);
    const Instruction &info = getInstruction(opcode);
    SCOPED_TRACE(info.name);
    if (!isAvailable(opcode, set))
      continue;
    for (unsigned operand = getLimit(info.form) + 1; operand < 0x10000;
         operand += operand < 0x2000 ? 1 : 997)
      ASSERT_EQ(encode({opcode, uint16_t(operand)}, set), std::nullopt)
          << operand;
    EXPECT_EQ(encode({opcode, 0, 8}, set), std::nullopt);
    if (info.form == OperandForm::Pointer) {
      for (unsigned odd = 1; odd < 256; odd += 2)
        EXPECT_EQ(encode({opcode, uint16_t(odd)}, set), std::nullopt) << odd;
    }
    if (info.form != OperandForm::MemoryBit &&
        info.form != OperandForm::IoBit) {
      EXPECT_EQ(encode({opcode, 0, 1}, set), std::nullopt)
          << "a bit number on a form that has none";
    }
  }
}

TEST_P(EncodingTest, EveryWordBackAndThere) {
  for (unsigned bits = 0; bits < 1u << getWordBits(set); ++bits) {
    if (auto word = decode(uint16_t(bits), set)) {
      ASSERT_EQ(encode(*word, set), bits);
    }
  }
  for (unsigned bits = 1u << getWordBits(set); bits < 0x10000; bits += 0x1F1)
    EXPECT_EQ(decode(uint16_t(bits), set), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Sets, EncodingTest,
                         testing::Values(InstructionSet::PDK13,
                                         InstructionSet::PDK14,
                                         InstructionSet::PDK15),
                         [](const auto &info) {
                           return std::string(getName(info.param));
                         });

TEST(EncodingTest, FindInstruction) {
  for (unsigned i = 0; i < getNumInstructions(); ++i)
    EXPECT_EQ(findInstruction(getInstruction(Opcode(i)).name), Opcode(i));
  EXPECT_EQ(findInstruction("ADD"), std::nullopt);
}

TEST(EncodingTest, Format) {
  EXPECT_EQ(format(T0SN_MBIT, "_w+1", 3), "t0sn _w+1,#3");
  EXPECT_EQ(format(MOV_A_K, "17"), "mov a,#17");
  EXPECT_EQ(format(NEG_A, ""), "neg a");
  EXPECT_EQ(format(SET1_IOBIT, "0x10", 7), "set1.io 0x10,#7");
}
