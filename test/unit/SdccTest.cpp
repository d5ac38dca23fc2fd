//===- SdccTest.cpp - Compiled C on the simulator -------------------------===//
//
// A C program through SDCC, its libraries and its linker: what it computes on
// the simulated chip has to be what C says. This exercises the readers on real
// files, the start-up code, and most instructions in combination. Skipped where
// SDCC is not installed.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"
#include "TestTools.h"
#include "runtime_pdk/simulator/ChipRun.h"
#include "runtime_pdk/simulator/IntelHex.h"
#include "runtime_pdk/simulator/MapFile.h"

using namespace pdkc;

namespace {

// A checksum over products, quotients, shifts and comparisons of two inputs.
const char *const kModel = R"(
#include <stdint.h>
uint8_t model_next_input(void);
static const uint8_t table[4] = {3, 141, 59, 26};
uint8_t model_infer(void) {
  uint16_t sum = 0;
  uint8_t a = model_next_input(), b = model_next_input(), i;
  sum += (uint16_t)a * b;
  sum ^= (uint16_t)(a << 8 | b) / (uint16_t)(b + 1);
  sum -= (int8_t)a < (int8_t)b ? 77 : a >> (b & 7);
  for (i = 0; i < 4; ++i)
    sum = (sum << 1 | sum >> 15) + (table[i] ^ a);
  return (uint8_t)(sum ^ sum >> 8);
}
)";

const char *const kMain = R"(
#include <stdint.h>
__sfr __at(0x10) PA;
uint8_t model_infer(void);
uint8_t result;
uint8_t model_next_input(void) { return PA; }
void main(void) { for (;;) result = model_infer(); }
)";

uint8_t compute(uint8_t a, uint8_t b) {
  static const uint8_t table[4] = {3, 141, 59, 26};
  uint16_t sum = 0;
  sum = uint16_t(sum + a * b);
  sum = uint16_t(sum ^ uint16_t(a << 8 | b) / (b + 1));
  sum = uint16_t(sum - (int8_t(a) < int8_t(b) ? 77 : a >> (b & 7)));
  for (uint8_t t : table)
    sum = uint16_t(uint16_t(sum << 1 | sum >> 15) + (t ^ a));
  return uint8_t(sum ^ sum >> 8);
}

} // namespace

class SdccTest : public testing::TestWithParam<const char *> {};

TEST_P(SdccTest, ComputesWhatCSays) {
  if (!isInstalled("sdcc"))
    GTEST_SKIP() << "sdcc is not installed";
  const pdk::Device &device = getDevice(GetParam());
  Folder folder;
  folder.write("model.c", kModel);
  folder.write("main.c", kMain);
  std::string sdcc =
      "sdcc -m" + std::string(getName(device.set)) + " --std-sdcc11 ";
  folder.run(sdcc + "-c model.c && " + sdcc + "-c main.c && " + sdcc +
             "model.rel main.rel -o out.ihx");

  std::string error;
  auto words = sim::readIntelHex(folder.read("out.ihx"), error);
  ASSERT_TRUE(words) << error;
  auto map = sim::readMapFile(folder.read("out.map"), error);
  ASSERT_TRUE(map) << error;
  auto symbols = map->getModel(std::nullopt, error);
  ASSERT_TRUE(symbols) << error;
  EXPECT_EQ(symbols->stackBase % 2, 0u);

  std::vector<uint8_t> bytes;
  for (unsigned a = 0; a < 256; a += 15)
    for (unsigned b = 0; b < 256; b += 17) {
      bytes.push_back(uint8_t(a));
      bytes.push_back(uint8_t(b));
    }
  sim::Machine machine(device);
  ASSERT_TRUE(machine.load(*words));
  std::vector<uint8_t> classes;
  {
    sim::ChipRun chip(machine, *symbols, 0x10, bytes.data(), bytes.size());
    for (size_t i = 0; i < bytes.size(); i += 2) {
      auto result = chip.next(2, 100000);
      ASSERT_TRUE(result.ok()) << describe(result.violations);
      ASSERT_EQ(result.classIndex, compute(bytes[i], bytes[i + 1])) << i;
      classes.push_back(result.classIndex);
      // Start-up code puts SP where the map says.
      ASSERT_EQ(result.deepestSp - result.stackBytes, symbols->stackBase);
    }
  }
  // The model alone, called by nobody in particular.
  for (size_t i = 0; i < bytes.size(); i += 2) {
    auto result = sim::infer(machine, *symbols, &bytes[i], 2);
    ASSERT_TRUE(result.ok()) << describe(result.violations);
    ASSERT_EQ(result.classIndex, classes[i / 2]);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, SdccTest, testing::ValuesIn(kDeviceNames),
                         [](const auto &info) {
                           return std::string(info.param);
                         });
