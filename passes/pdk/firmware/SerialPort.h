//===- SerialPort.h - A serial port made of instructions --------*- C++ -*-===//
//
// 8N1 over two pins, bit-banged: every path from edge to edge, and from sample
// to sample, takes the same number of cycles, so timing errs by no more than
// the rounding of a bit to whole cycles.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_FIRMWARE_SERIALPORT_H
#define PDKC_PASSES_PDK_FIRMWARE_SERIALPORT_H

#include "dialects/pdk/CodeBuilder.h"

#include <optional>

namespace pdkc {

class SerialPort {
public:
  /// The clock is the system's, in Hz.
  SerialPort(int64_t baud, int64_t clock, pdk::Pin tx, pdk::Pin rx)
      : baud(baud), clock(clock), tx(tx), rx(rx) {}

  /// Why this rate cannot be had from this clock; empty if it can.
  std::string getError() const;

  /// Cycles of a bit.
  int64_t getBitCycles() const;

  /// Makes the one pin an output, high, and the other an input with pull-up.
  void emitSetUp(CodeBuilder &code) const;
  /// A routine that waits for a byte and returns it in A.
  void emitReceive(CodeBuilder &code, llvm::StringRef name) const;
  /// A routine that sends the byte in A, a bit's time after its call: the last
  /// byte's stop bit, one's own or the other end's. It returns when the stop
  /// bit begins.
  void emitSend(CodeBuilder &code, llvm::StringRef name) const;
  /// The routine that those two wait with.
  void emitWait(CodeBuilder &code) const;

  /// The pause, in bits, that the sender has to leave behind each byte: with
  /// `between` cycles from a byte's return to the next call for one, and
  /// `after` from an answer's return to that call. The sender's clock may be
  /// fast by 2 %.
  int64_t getPause(int64_t between, int64_t after) const;

  /// The highest usual rate with this clock that needs no pause, if any does.
  static std::optional<int64_t> getHighestRate(int64_t clock, int64_t between,
                                               int64_t after);

private:
  int64_t baud, clock;
  pdk::Pin tx, rx;
};

} // namespace pdkc

#endif // PDKC_PASSES_PDK_FIRMWARE_SERIALPORT_H
