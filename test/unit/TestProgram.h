//===- TestProgram.h - Small programs for the tests -------------*- C++ -*-===//
//
// Builds programs of a few instructions and runs them on a bare machine.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_TEST_UNIT_TESTPROGRAM_H
#define PDKC_TEST_UNIT_TESTPROGRAM_H

#include "runtime_pdk/simulator/Machine.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace pdkc {

inline const pdk::Device &getDevice(const char *name) {
  return *pdk::findDevice(name);
}

/// One device of each instruction set.
inline constexpr const char *kDeviceNames[] = {"pms150c", "pfs154", "pfs173"};

/// The code words of these instructions.
inline std::vector<uint16_t> assemble(pdk::InstructionSet set,
                                      std::vector<pdk::Word> program) {
  std::vector<uint16_t> words;
  for (const pdk::Word &word : program) {
    auto bits = pdk::encode(word, set);
    EXPECT_TRUE(bits) << pdk::getInstruction(word.opcode).name;
    words.push_back(bits.value_or(0));
  }
  return words;
}

/// A machine with a program, about to execute word 0.
struct Bench : sim::Machine {
  Bench(const char *deviceName, std::vector<pdk::Word> program)
      : Machine(pdkc::getDevice(deviceName)) {
    EXPECT_TRUE(load(assemble(getDevice().set, std::move(program))));
  }
  void steps(unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      EXPECT_EQ(step(), sim::Stop::None);
  }
};

/// The rules broken, as "name@address name@address ...".
inline std::string describe(const std::vector<sim::Violation> &violations) {
  std::string text;
  for (const sim::Violation &violation : violations)
    text += (text.empty() ? "" : " ") +
            std::string(sim::getName(violation.rule)) + "@" +
            std::to_string(violation.pc);
  return text;
}

} // namespace pdkc

#endif // PDKC_TEST_UNIT_TESTPROGRAM_H
