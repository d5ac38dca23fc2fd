//===- SerialPort.cpp - A serial port made of instructions ----------------===//

#include "passes/pdk/firmware/SerialPort.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace pdkc;
using namespace pdkc::pdk;

/// Cycles in the loops of sending and of receiving beside those of waiting.
static constexpr int64_t kLoop = 7;
/// Of a call and its return.
static constexpr int64_t kCall = 4;
static constexpr llvm::StringLiteral kWaitRoutine = "firmware.wait";
/// With fewer cycles a bit the start edge is seen too late.
static constexpr int64_t kMinBitCycles = 16;
/// A delay loop's body is at most this long, and runs 256 times at most.
static constexpr int64_t kMaxBody = 64, kMaxTrips = 256;
/// Bits in a frame: start, eight of data, stop.
static constexpr int64_t kFrameBits = 10;
/// Per mille of a bit that an edge may be off, and of a frame that the sender
/// may be faster.
static constexpr int64_t kEdgeTolerance = 20, kSenderTolerance = 20;

//===----------------------------------------------------------------------===//
// Timing
//===----------------------------------------------------------------------===//

int64_t SerialPort::getBitCycles() const { return (clock + baud / 2) / baud; }

std::string SerialPort::getError() const {
  int64_t cycles = getBitCycles();
  std::string what =
      llvm::formatv("{0} baud cannot be had from a clock of {1} Hz: ", baud,
                    clock)
          .str();
  if (cycles < kMinBitCycles)
    return what + llvm::formatv("a bit is {0} cycles, but takes {1} or more; "
                                "use --baud={2} or lower",
                                cycles, kMinBitCycles, clock / kMinBitCycles)
                      .str();
  if (cycles > kMaxBody * kMaxTrips)
    return what + llvm::formatv("a bit is {0} cycles, but at most {1} can be "
                                "waited for; use --baud={2} or higher",
                                cycles, kMaxBody * kMaxTrips,
                                clock / (kMaxBody * kMaxTrips) + 1)
                      .str();
  // The last edge is the stop bit's; errors add up until there.
  int64_t off = std::abs(cycles * baud - clock) * (kFrameBits - 1) * 1000;
  if (off > kEdgeTolerance * clock)
    return what +
           llvm::formatv("with {0} cycles a bit a frame's last edge is {1:F1} "
                         "% of a bit off, {2} % are allowed; use another rate "
                         "or clock",
                         cycles, double(off) / clock / 10, kEdgeTolerance / 10)
               .str();
  return "";
}

/// What to wait from the start edge's detection to the first data bit, beside
/// one turn of the loop. The edge is seen 0 to 3 cycles late, 4 more pass in
/// skipping and before the sample.
static int64_t getHalfBit(int64_t cycles) { return (cycles + 3) / 2; }

int64_t SerialPort::getPause(int64_t between, int64_t after) const {
  int64_t cycles = getBitCycles();
  // From a start edge to the last sample at the latest; from there to the
  // return 7 cycles, call and set-up 4.
  int64_t busy = getHalfBit(cycles) + 8 * cycles + 7 + between + 4;
  // From the edge of the answer's stop bit to the return 5.
  int64_t answering = 5 + after + 4;
  auto getBits = [&](int64_t needed) {
    return int64_t(
        llvm::divideCeil(uint64_t(needed) * uint64_t(baud) * 1000,
                         uint64_t(clock) * (1000 - kSenderTolerance)));
  };
  return std::max<int64_t>(
      {0, getBits(busy) - kFrameBits, getBits(answering) - 1});
}

std::optional<int64_t>
SerialPort::getHighestRate(int64_t clock, int64_t between, int64_t after) {
  for (int64_t rate : {250000, 230400, 115200, 76800, 57600, 38400, 28800,
                       19200, 14400, 9600, 4800, 2400, 1200, 600, 300}) {
    SerialPort port(rate, clock, {}, {});
    if (port.getError().empty() && port.getPause(between, after) == 0)
      return rate;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

/// Cycles in the fewest words: a goto to the next word takes two.
static void emitPadding(CodeBuilder &code, int64_t cycles) {
  for (; cycles >= 2; cycles -= 2) {
    std::string next = code.unique("serial_pad");
    code(GOTO_K, next);
    code.label(next);
  }
  if (cycles)
    code(NOP);
}

/// Exactly so many cycles; destroys A and the flags.
static void emitDelay(CodeBuilder &code, int64_t cycles) {
  auto getWords = [](int64_t padding) { return (padding + 1) / 2; };
  // `mov a,#n`, then n turns of a body with padding, less the last goto, which
  // is skipped: 1 + n * body - 1 cycles.
  int64_t bestBody = 0, bestWords = getWords(cycles);
  for (int64_t body = 3; body <= kMaxBody; ++body) {
    int64_t trips = std::min(cycles / body, kMaxTrips);
    int64_t words = 3 + getWords(body - 3) + getWords(cycles - trips * body);
    if (trips > 0 && words < bestWords) {
      bestWords = words;
      bestBody = body;
    }
  }
  if (bestBody == 0)
    return emitPadding(code, cycles);
  int64_t trips = std::min(cycles / bestBody, kMaxTrips);
  std::string loop = code.unique("serial_delay");
  code(MOV_A_K, trips);
  code.label(loop, trips);
  emitPadding(code, bestBody - 3);
  code(DZSN_A);
  code(GOTO_K, loop);
  emitPadding(code, cycles - trips * bestBody);
}

void SerialPort::emitWait(CodeBuilder &code) const {
  code.routine(kWaitRoutine);
  emitDelay(code, getBitCycles() - kLoop - kCall);
  code(RET);
}

void SerialPort::emitSetUp(CodeBuilder &code) const {
  code(MOV_A_K, 1 << tx.bit);
  code(MOV_IO_A, tx.data);
  code(MOV_IO_A, tx.getDirection());
  code(MOV_A_K, 1 << rx.bit);
  code(MOV_IO_A, rx.inputEnable);
  code(MOV_IO_A, rx.getPullUp());
}

void SerialPort::emitReceive(CodeBuilder &code, llvm::StringRef name) const {
  // Bits come in from the top; when the 1 that it begins with falls out, it is
  // full.
  Cell byte = code.cells("received", 1);
  std::string idle = code.unique("serial_idle"),
              start = code.unique("serial_start"),
              bit = code.unique("serial_bit");
  code.routine(name);
  code(MOV_A_K, 128);
  code(MOV_M_A, byte);
  // The last byte's stop bit, and then the next one's start.
  code.label(idle);
  code.ioBit(T1SN_IOBIT, rx.data, rx.bit);
  code(GOTO_K, idle);
  code.label(start);
  code.ioBit(T0SN_IOBIT, rx.data, rx.bit);
  code(GOTO_K, start);
  emitDelay(code, getHalfBit(getBitCycles()));
  code.label(bit, 8);
  code(CALL_K, kWaitRoutine);
  code(SR_M, byte);
  code(MOV_A_K, 128);
  code.ioBit(T0SN_IOBIT, rx.data, rx.bit);
  code(OR_M_A, byte);
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, bit);
  code(MOV_A_M, byte);
  code(RET);
}

void SerialPort::emitSend(CodeBuilder &code, llvm::StringRef name) const {
  // Of the byte's complement: what follows it from the top is the stop bit.
  Cell byte = code.cells("sent", 1), left = code.cells("sent_left", 1);
  std::string bit = code.unique("serial_bit");
  code.routine(name);
  code(MOV_M_A, byte);
  code(CALL_K, kWaitRoutine);
  code.ioBit(SET0_IOBIT, tx.data, tx.bit);
  // As long as from the pin's change below to the label.
  code(NOT_M, byte);
  code(MOV_A_K, 9);
  code(MOV_M_A, left);
  code.label(bit, 9);
  code(CALL_K, kWaitRoutine);
  code(SR_M, byte);
  // The pin becomes 1 less the carry; bits below it are inputs' and mean
  // nothing.
  code(MOV_A_K, 1 << tx.bit);
  code(SUBC_A);
  code(MOV_IO_A, tx.data);
  code(DZSN_M, left);
  code(GOTO_K, bit);
  code(RET);
}
