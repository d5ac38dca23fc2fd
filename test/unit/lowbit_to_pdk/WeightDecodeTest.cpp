//===- WeightDecodeTest.cpp - Decoding programs give weight x input -------===//
//
// findDecode's program is evaluated byte for byte, as the engine executes it:
// for every weight of a codebook and every input up to getMaxInput it must end
// at bias + weight x input.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/support/WeightDecode.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

using namespace pdkc;
using Codebook = llvm::SmallVector<int64_t>;

/// The accumulator after the program of one code.
static uint8_t decode(const WeightDecode &program, unsigned code,
                      int64_t input) {
  auto getCell = [&](unsigned multiple) {
    const Multiple &m = program.multiples[multiple];
    return uint8_t(m.coefficient * input + m.bias);
  };
  uint8_t a = getCell(program.first);
  for (size_t bit = 0; bit < program.steps.size(); ++bit) {
    if (!(code >> bit & 1))
      continue;
    const DecodeStep &step = program.steps[bit];
    switch (step.kind) {
    case DecodeStep::Take:
      a = getCell(step.multiple);
      break;
    case DecodeStep::Add:
      a += getCell(step.multiple);
      break;
    case DecodeStep::Double:
      a *= 2;
      break;
    case DecodeStep::Negate:
      a = -a;
      break;
    case DecodeStep::Exchange:
      ADD_FAILURE() << "only relative codes exchange";
      break;
    }
  }
  return a + program.finalOffset;
}

static std::string print(const Codebook &codebook) {
  std::string text;
  for (int64_t value : codebook)
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  return "{" + text + "}";
}

/// Checks a codebook; `bits`, where not 0, is what its program must take.
static void check(const Codebook &codebook, unsigned bits = 0) {
  SCOPED_TRACE(print(codebook));
  std::optional<WeightDecode> program = findDecode(codebook);
  ASSERT_TRUE(program);
  ASSERT_GE(program->getBits(), 1u);
  ASSERT_LE(program->getBits(), 8u);
  EXPECT_GE(1u << program->getBits(), codebook.size());
  if (bits) {
    EXPECT_EQ(program->getBits(), bits);
  }
  ASSERT_EQ(program->values.size(), size_t(1) << program->getBits());

  int64_t maxInput = program->getMaxInput(codebook);
  ASSERT_LE(maxInput, 255);
  // Weights of -16 to 16 times 1 always fit.
  ASSERT_GE(maxInput, 1);
  bool exceedsOnce = false;
  for (int64_t weight : codebook) {
    unsigned code = program->getCode(weight);
    ASSERT_LT(code, 1u << program->getBits());
    for (int64_t input = 0; input <= maxInput; ++input) {
      int64_t expected = program->bias + weight * input;
      ASSERT_GE(expected, 0) << weight << " x " << input;
      ASSERT_LE(expected, 255) << weight << " x " << input;
      ASSERT_EQ(decode(*program, code, input), expected)
          << "weight " << weight << ", input " << input << ", code " << code;
    }
    int64_t next = program->bias + weight * (maxInput + 1);
    exceedsOnce |= next < 0 || next > 255;
  }
  // And it is the largest input: the next one leaves the byte.
  EXPECT_TRUE(maxInput == 255 || exceedsOnce);
}

TEST(WeightDecode, KnownCodebooks) {
  check({-1, 1}, 1);
  check({-1, 0, 1}, 2);
  check({-2, -1, 1, 2}, 2);
  check({-3, -1, 1, 3}, 2);
  check({-8, -4, -2, -1, 1, 2, 4, 8}, 3);
  check({-4, -3, -2, -1, 0, 1, 2, 3}, 3);
  check({-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7}, 4);
  check({-5, 0, 2, 7}, 2);
}

TEST(WeightDecode, OneSided) {
  check({0, 1}, 1);
  check({0, 1, 2, 3}, 2);
  check({1, 2, 4, 8}, 2);
  check({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, 4);
  check({-2, -1}, 1);
  check({-16, 0}, 1);
}

TEST(WeightDecode, SingleValues) {
  for (int64_t value = -16; value <= 16; ++value)
    check({value}, 1);
}

TEST(WeightDecode, Pairs) {
  for (int64_t low = -16; low <= 16; ++low)
    for (int64_t high = low + 1; high <= 16; ++high)
      check({low, high}, 1);
}

/// Bias 128 has room for 127 above and 128 below, bias 0 for 255.
TEST(WeightDecode, MaxInput) {
  auto getMaxInput = [](const Codebook &codebook) {
    return findDecode(codebook)->getMaxInput(codebook);
  };
  EXPECT_EQ(getMaxInput({-1, 1}), 127);
  EXPECT_EQ(getMaxInput({-1, 0}), 128);
  EXPECT_EQ(getMaxInput({-2, -1, 1, 2}), 63);
  EXPECT_EQ(getMaxInput({-8, 7}), 16);
  EXPECT_EQ(getMaxInput({0, 1}), 255);
  EXPECT_EQ(getMaxInput({0, 2}), 127);
  EXPECT_EQ(getMaxInput({0, 300}), 0);
}

/// A weight takes a byte at most.
TEST(WeightDecode, TooManyBits) {
  Codebook codebook;
  for (int64_t i = 0; i < 257; ++i)
    codebook.push_back(i);
  EXPECT_FALSE(findDecode(codebook));
  EXPECT_FALSE(findDecode({-1000, -500, -3, 0, 1, 7, 90, 400, 999}));
}

TEST(WeightDecode, RandomCodebooks) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    size_t size = 1 + i % 16;
    std::set<int64_t> values;
    while (values.size() < size)
      values.insert(int64_t(random() % 33) - 16);
    check(Codebook(values.begin(), values.end()));
  }
}

/// Weights one after the other, with A and the cell as they are left.
static void checkRelative(const Codebook &codebook, unsigned bits) {
  SCOPED_TRACE(print(codebook));
  std::optional<WeightDecode> program = findRelativeDecode(codebook);
  ASSERT_TRUE(program);
  ASSERT_EQ(program->getBits(), bits);
  EXPECT_EQ(program->bias, 128);
  EXPECT_EQ(program->finalOffset, 0);
  int64_t maxInput = program->getMaxInput(codebook);
  std::mt19937 random(1);
  for (int64_t input = 0; input <= maxInput; ++input) {
    Codebook weights;
    for (int i = 0; i < 40; ++i)
      weights.push_back(codebook[random() % codebook.size()]);
    std::vector<uint8_t> cells;
    for (const Multiple &multiple : program->multiples)
      cells.push_back(uint8_t(multiple.coefficient * input + multiple.bias));
    uint8_t a = cells[program->first];
    auto codes = program->getCodes(weights);
    ASSERT_EQ(codes.size(), weights.size());
    for (size_t i = 0; i < weights.size(); ++i) {
      ASSERT_LT(codes[i], 1u << bits);
      for (unsigned bit = 0; bit < bits; ++bit) {
        if (!(codes[i] >> bit & 1))
          continue;
        const DecodeStep &step = program->steps[bit];
        if (step.kind == DecodeStep::Exchange)
          std::swap(a, cells[step.multiple]);
        else
          a = -a;
      }
      ASSERT_EQ(a, 128 + weights[i] * input) << i << " of input " << input;
    }
  }
}

TEST(WeightDecode, Relative) {
  checkRelative({-1, 1}, 1);
  checkRelative({-5}, 1);
  checkRelative({-1, 0, 1}, 2);
  checkRelative({-2, -1, 1, 2}, 2);
  checkRelative({-7, 3, 7}, 2);
  checkRelative({-3, 0}, 2);
  // Three magnitudes; and with none below 0 there is no bias to negate around.
  EXPECT_FALSE(findRelativeDecode({-2, -1, 0, 1, 2}));
  EXPECT_FALSE(findRelativeDecode({0, 1}));
}
