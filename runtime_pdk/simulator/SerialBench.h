//===- SerialBench.h - Talking to a firmware by its pins --------*- C++ -*-===//
//
// Runs a complete firmware from reset and is the other end of its serial line:
// sends bytes as 8N1 frames whose edges come at their ideal, fractional cycles,
// decodes the answer as a receiver does, and measures how far the firmware's
// edges, and the moments at which it samples, are off.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_SERIALBENCH_H
#define PDKC_RUNTIME_PDK_SIMULATOR_SERIALBENCH_H

#include "runtime_pdk/simulator/Pins.h"

namespace pdkc::sim {

struct SerialOptions {
  Pin rx{0, 0};               ///< the chip's input
  Pin tx{0, 7};               ///< the chip's output
  double clock = 8e6;         ///< cycles a second
  double baud = 9600;         ///< bits a second
  double gapBits = 0;         ///< idle bits between two frames sent
  double senderDeviation = 0; ///< 0.02: the sender's bits are 2 % too short
  /// Cycles for the firmware to become ready, or to begin the next byte of its
  /// answer.
  uint64_t cycleLimit = 100000000;
};

/// One message and its answer. Times in bits are those of the ideal baud rate.
struct SerialExchange {
  std::vector<uint8_t> answer; ///< as many bytes as came, framing errors too
  /// From the end of the last data bit sent to the answer's start edge; 0 if
  /// there is no answer.
  uint64_t cyclesToAnswer = 0;
  /// The largest distance of an edge sent by the firmware from the ideal one,
  /// counted from the frame's start edge, in bits. A stop bit that is too short
  /// counts as well.
  double worstEdge = 0;
  /// The largest distance of the first read of the RX pin within a data bit
  /// from the bit's centre, in bits of the sender. Later ones do not count: a
  /// firmware may already be looking out for the next byte.
  double worstSample = 0;
  /// Data bits sent during which the firmware did not look at the pin.
  size_t unreadBits = 0;
  /// Of this exchange; of the first one, since the reset.
  std::vector<Violation> violations;

  bool ok() const { return violations.empty(); }
};

class SerialBench {
public:
  /// Resets the machine and holds the RX line high.
  SerialBench(Machine &machine, const SerialOptions &options);

  /// Runs from reset until the firmware is ready: TX is a high output and RX
  /// is looked at in each of 12 bit times on end. False, and a violation
  /// reported, if it never is.
  bool waitUntilReady();

  /// Sends `count` bytes and waits for an answer of `answerBytes` bytes. The
  /// first frame begins a bit time, or the gap if that is longer, after the
  /// frame before has ended. An incomplete answer has a violation that says
  /// why.
  SerialExchange exchange(const uint8_t *bytes, size_t count,
                          size_t answerBytes);

  /// Runs on for 12 bit times and reports if the firmware sends more.
  std::vector<Violation> finish();

  /// Cycles of one bit.
  double getBit() const { return bit; }

private:
  bool runUntil(double cycle);
  bool expectSilence(const char *when);
  void send(const uint8_t *bytes, size_t count);
  bool receive(SerialExchange &result);
  void measureSamples(size_t count, SerialExchange &result);

  Machine &machine;
  const SerialOptions options;
  const double bit;       ///< cycles of a bit
  const double senderBit; ///< cycles of a bit sent to the firmware
  Pins pins;
  double lineFree = 0; ///< when both directions are through with their frames
  double firstSent = 0, dataEnd = 0; ///< of the message under way
  std::vector<Pins::Edge> edges;     ///< of TX, not yet understood
  std::vector<double> reads;         ///< of RX since the message began
};

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_SERIALBENCH_H
