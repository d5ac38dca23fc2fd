//===- SerialTest.cpp - Pins, and firmware at the end of a serial line ----===//

#include "TestProgram.h"
#include "runtime_pdk/simulator/SerialBench.h"

using namespace pdkc;
using namespace pdkc::pdk;

namespace {

enum : uint16_t { PADIER = 0x0D, PA = 0x10, PAC = 0x11, PAPH = 0x12 };

/// "cycle:level ..."
std::string describe(const std::vector<sim::Pins::Edge> &edges) {
  std::string text;
  for (sim::Pins::Edge edge : edges)
    text += std::to_string(int(edge.cycle)) + (edge.level ? "+ " : "- ");
  return text;
}

} // namespace

TEST(PinsTest, Names) {
  auto pin = sim::parsePin("PA.7", getDevice("pms150c"));
  ASSERT_TRUE(pin);
  EXPECT_EQ(pin->port, 0u);
  EXPECT_EQ(pin->bit, 7u);
  EXPECT_FALSE(sim::parsePin("PB.0", getDevice("pms150c")));
  EXPECT_EQ(sim::parsePin("PB.3", getDevice("pfs154"))->port, 1u);
  for (const char *text : {"", "PA7", "PA.8", "PC.0", "pa.0", "PA.00"})
    EXPECT_FALSE(sim::parsePin(text, getDevice("pfs154"))) << text;
}

TEST(PinsTest, OutputEdges) {
  Bench machine("pms150c", {{MOV_A_K, 0x84},
                            {MOV_IO_A, PA},  // still an input
                            {MOV_A_K, 0x8C}, // from here on an output
                            {MOV_IO_A, PAC},
                            {SET1_IOBIT, PA, 3},
                            {SET0_IOBIT, PA, 7},
                            {SET0_IOBIT, PA, 7},
                            {SET0_IOBIT, PAC, 7}});
  sim::Pins pins(machine);
  EXPECT_TRUE(pins.getOutput({0, 3}));
  EXPECT_FALSE(pins.isOutput({0, 3}));
  machine.steps(4);
  EXPECT_TRUE(pins.isOutput({0, 3}));
  EXPECT_FALSE(pins.getOutput({0, 3}));
  machine.steps(4);
  EXPECT_EQ(describe(pins.takeEdges({0, 3})), "4- 5+ ");
  EXPECT_EQ(describe(pins.takeEdges({0, 7})), "6- 8+ ");
  EXPECT_EQ(describe(pins.takeEdges({0, 2})), "");
  EXPECT_EQ(describe(pins.takeEdges({0, 7})), "");
}

TEST(PinsTest, Inputs) {
  Bench machine("pms150c", {{MOV_A_IO, PA}, // digital inputs are disabled
                            {MOV_A_K, 0x7F},
                            {MOV_IO_A, PADIER},
                            {MOV_A_IO, PA},
                            {MOV_A_K, 0x0F}, // PA.1 and PA.2 stay undriven
                            {MOV_IO_A, PAPH},
                            {MOV_A_IO, PA},
                            {SET1_IOBIT, PAC, 3}, // its latch is 0
                            {MOV_A_IO, PA}});
  sim::Pins pins(machine);
  pins.watchReads({0, 3});
  for (unsigned bit : {0, 3, 6, 7})
    pins.drive({0, bit}, 0, true);
  pins.drive({0, 0}, 5.5, false);
  machine.steps(1);
  EXPECT_EQ(machine.state().a, 0);
  machine.steps(3);
  EXPECT_EQ(machine.state().a, 0x49);
  machine.steps(3);
  EXPECT_EQ(machine.state().a, 0x4E); // at cycle 6
  machine.steps(2);
  EXPECT_EQ(machine.state().a, 0x46);
  EXPECT_EQ(pins.takeReads({0, 3}), (std::vector<double>{0, 3, 6, 8}));
}

TEST(PinsTest, OnlyTheTestedBitIsRead) {
  Bench machine(
      "pms150c",
      {{T0SN_IOBIT, PA, 3}, {NOP}, {SET1_IOBIT, PA, 7}, {T1SN_IOBIT, PA, 4}});
  sim::Pins pins(machine);
  pins.watchReads({0, 3});
  machine.steps(3);
  EXPECT_EQ(pins.takeReads({0, 3}), (std::vector<double>{0}));
}

TEST(PinsTest, PortB) {
  // free-pdk's headers: PB at 0x14 on the PFS154, at 0x13 on the PFS173.
  for (auto [name, address] : {std::pair("pfs154", 0x14), {"pfs173", 0x13}}) {
    auto pb = uint16_t(address), pbc = uint16_t(address + 1);
    Bench machine(name, {{SET1_IOBIT, pbc, 2}, {SET1_IOBIT, pb, 2}});
    sim::Pins pins(machine);
    machine.steps(2);
    EXPECT_EQ(describe(pins.takeEdges({1, 2})), "1- 2+ ");
  }
}

//===----------------------------------------------------------------------===//
// A firmware
//===----------------------------------------------------------------------===//

namespace {

constexpr unsigned kBit = 24; ///< cycles, of the firmware below
enum : uint16_t { First = 2, Second = 3 };

/// Receives two bytes, sends their sum and their XOR; its bits last exactly
/// kBit cycles and it samples at the centre, give or take 2 cycles that finding
/// the start edge costs.
struct Firmware {
  std::vector<Word> words;
  unsigned lateEdge = 0; ///< cycles by which data bit 3 comes too late
  unsigned work = 0;     ///< cycles before the answer
  bool stops = true;     ///< with a stop bit
  unsigned lateSample = 0;
  bool looksOut = false; ///< reads on, 6 cycles after its last sample

  void add(std::vector<Word> more) {
    words.insert(words.end(), more.begin(), more.end());
  }
  void wait(unsigned cycles) { words.resize(words.size() + cycles, {NOP}); }

  void receive(uint16_t cell) {
    add({{CLEAR_M, cell}});
    auto loop = uint16_t(words.size());
    add({{T0SN_IOBIT, PA, 0}, {GOTO_K, loop}});
    // Seen 0 to 2 cycles after the edge, so 1 on average; the skip took 2.
    wait(kBit * 3 / 2 - 3 + lateSample);
    for (uint8_t bit = 0; bit < 8; ++bit) {
      add({{T0SN_IOBIT, PA, 0}, {SET1_MBIT, cell, bit}});
      if (bit < 7)
        wait(kBit - 2);
    }
    wait(4);
    add({looksOut ? Word{T0SN_IOBIT, PA, 0} : Word{NOP}, {NOP}});
    wait(kBit - 6); // half into the stop bit
  }

  void send(uint16_t cell) {
    add({{SET0_IOBIT, PA, 7}});
    for (unsigned bit = 0; bit < 8; ++bit) {
      wait(kBit - 3 + (bit == 3 ? lateEdge : 0) - (bit == 4 ? lateEdge : 0));
      add({{SR_M, cell}, {SRC_A}, {MOV_IO_A, PA}});
    }
    wait(kBit - 1);
    add({stops ? Word{SET1_IOBIT, PA, 7} : Word{SET0_IOBIT, PA, 7}});
    wait(kBit - 1);
  }

  std::vector<Word> build() {
    add({{SET1_IOBIT, PA, 7}, {SET1_IOBIT, PAC, 7}, {SET1_IOBIT, PADIER, 0}});
    auto loop = uint16_t(words.size());
    receive(First);
    receive(Second);
    add({{MOV_A_M, First}, {XOR_M_A, Second}}); // a, a ^ b
    wait(work);
    send(First);
    send(Second);
    add({{GOTO_K, loop}});
    return words;
  }
};

sim::SerialOptions getOptions(double bit = kBit) {
  sim::SerialOptions options;
  options.baud = 1000;
  options.clock = 1000 * bit;
  options.cycleLimit = 10000;
  return options;
}

struct Line {
  Bench machine;
  sim::SerialBench bench;
  explicit Line(Firmware firmware, sim::SerialOptions options = getOptions())
      : machine("pms150c", firmware.build()), bench(machine, options) {}

  sim::SerialExchange exchange(uint8_t first, uint8_t second,
                               size_t answerBytes = 2) {
    EXPECT_TRUE(bench.waitUntilReady());
    const uint8_t bytes[] = {first, second};
    return bench.exchange(bytes, 2, answerBytes);
  }
};

using Bytes = std::vector<uint8_t>;

} // namespace

TEST(SerialTest, Exchanges) {
  Firmware firmware;
  firmware.work = 40;
  Line line(firmware);
  auto result = line.exchange(0x35, 0xC6);
  EXPECT_EQ(describe(result.violations), "");
  EXPECT_EQ(result.answer, (Bytes{0x35, 0xF3}));
  EXPECT_EQ(result.worstEdge, 0);
  EXPECT_EQ(result.unreadBits, 0u);
  // The firmware looks at each bit's centre, up to 2 cycles late.
  EXPECT_LE(result.worstSample, 2.0 / kBit);
  // Half a stop bit, the firmware's last sample and the cycles that it is
  // late, 40 of work, and from there to the start edge.
  EXPECT_NEAR(double(result.cyclesToAnswer), kBit / 2.0 + 3 + 40 + 3, 3);
  for (unsigned value = 0; value < 256; value += 15) {
    const uint8_t bytes[] = {uint8_t(value), 0xFF};
    result = line.bench.exchange(bytes, 2, 2);
    EXPECT_EQ(describe(result.violations), "");
    EXPECT_EQ(result.answer, (Bytes{uint8_t(value), uint8_t(~value)}));
  }
  EXPECT_EQ(describe(line.bench.finish()), "");
}

TEST(SerialTest, WorstEdgeIsThatOfTheLateBit) {
  Firmware firmware;
  firmware.lateEdge = 3;
  Line line(firmware);
  // 0x08: bit 3 has an edge at both ends.
  auto result = line.exchange(0x08, 0);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.answer, (Bytes{0x08, 0x08}));
  EXPECT_NEAR(result.worstEdge, 3.0 / kBit, 1e-9);
}

TEST(SerialTest, SlowFirmware) {
  // Bits of 24 cycles where 23.4 would be right: the stop bit's edge, the
  // ninth, is furthest off.
  Line line(Firmware(), getOptions(23.4));
  auto result = line.exchange(0x5A, 0xA5);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.answer, (Bytes{0x5A, 0xFF}));
  EXPECT_NEAR(result.worstEdge, 9 * 0.6 / 23.4, 1e-9);
}

TEST(SerialTest, FastSender) {
  // At 4 % the last data bit, the eighth, is sampled a third of a bit late.
  auto options = getOptions();
  options.senderDeviation = 0.04;
  Line line(Firmware(), options);
  auto result = line.exchange(0x80, 0x7F);
  EXPECT_EQ(result.answer, (Bytes{0x80, 0xFF}));
  EXPECT_NEAR(result.worstSample, 8.5 * 0.04, 2.0 / kBit);
  EXPECT_GT(result.worstSample, 8.5 * 0.04 - 1.0 / kBit);
}

TEST(SerialTest, Gap) {
  // A gap before each of the two frames, instead of one bit before the first.
  uint64_t cycles[2];
  for (bool isWide : {false, true}) {
    auto options = getOptions();
    options.gapBits = isWide ? 3.5 : 0;
    Line line(Firmware(), options);
    EXPECT_EQ(line.exchange(1, 2).answer, (Bytes{1, 3}));
    cycles[isWide] = line.machine.state().cycles;
  }
  EXPECT_NEAR(double(cycles[1] - cycles[0]), (2 * 3.5 - 1) * kBit, 3);
}

TEST(SerialTest, LateSamples) {
  Firmware firmware;
  firmware.lateSample = 8;
  Line line(firmware);
  auto result = line.exchange(0x12, 0x34);
  EXPECT_EQ(result.answer, (Bytes{0x12, 0x26}));
  EXPECT_NEAR(result.worstSample, 8.0 / kBit, 2.0 / kBit);
}

TEST(SerialTest, LooksOutForTheNextByte) {
  Firmware firmware;
  firmware.looksOut = true;
  Line line(firmware);
  auto result = line.exchange(0x80, 0x80);
  EXPECT_EQ(result.answer, (Bytes{0x80, 0}));
  EXPECT_LE(result.worstSample, 2.0 / kBit);
}

TEST(SerialTest, NoStopBit) {
  Firmware firmware;
  firmware.stops = false;
  Line line(firmware);
  auto result = line.exchange(0x80, 0, 1);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.violations[0].rule, sim::Rule::Framing);
}

TEST(SerialTest, AnswerTooShort) {
  Line line((Firmware()));
  auto result = line.exchange(1, 2, 3);
  EXPECT_EQ(result.answer, (Bytes{1, 3}));
  ASSERT_EQ(result.violations.size(), 1u);
  EXPECT_EQ(result.violations[0].rule, sim::Rule::NoAnswer);
}

TEST(SerialTest, AnswerTooLong) {
  Line line((Firmware()));
  EXPECT_TRUE(line.exchange(1, 2, 1).ok());
  auto violations = line.bench.finish();
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].rule, sim::Rule::LineBusy);
}

TEST(SerialTest, AnswerTooEarly) {
  Line line((Firmware()));
  EXPECT_TRUE(line.bench.waitUntilReady());
  const uint8_t bytes[] = {1, 2, 3, 4};
  auto result = line.bench.exchange(bytes, 4, 2);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.violations[0].rule, sim::Rule::LineBusy);
}

TEST(SerialTest, NeverReady) {
  struct Case {
    std::vector<Word> words;
    const char *why;
  };
  for (const Case &test : std::vector<Case>{
           {{{GOTO_K, 0}}, "TX is no output"},
           {{{SET1_IOBIT, PAC, 7}, {GOTO_K, 1}}, "TX is low"},
           {{{SET1_IOBIT, PA, 7}, {SET1_IOBIT, PAC, 7}, {GOTO_K, 2}},
            "RX is no digital input"},
           {{{SET1_IOBIT, PADIER, 0},
             {SET1_IOBIT, PA, 7},
             {SET1_IOBIT, PAC, 7},
             {GOTO_K, 3}},
            "RX is not looked at"}}) {
    Bench machine("pms150c", test.words);
    sim::SerialBench bench(machine, getOptions());
    EXPECT_FALSE(bench.waitUntilReady());
    auto violations = machine.takeViolations();
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(violations[0].rule, sim::Rule::NotReady);
    EXPECT_EQ(violations[0].detail.rfind(test.why, 0), 0u)
        << violations[0].detail;
  }
}

TEST(SerialTest, ProgramEnds) {
  Bench machine("pms150c", {{STOPSYS}});
  sim::SerialBench bench(machine, getOptions());
  EXPECT_FALSE(bench.waitUntilReady());
  EXPECT_EQ(describe(machine.takeViolations()), "halted@0");
}
