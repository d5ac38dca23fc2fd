//===- Firmware.h - A program of its own around a module --------*- C++ -*-===//
//
// From reset to the answer: clock, pins and stack are set up, samples come in
// and classes go out by a serial port.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PDK_FIRMWARE_FIRMWARE_H
#define PDKC_PASSES_PDK_FIRMWARE_FIRMWARE_H

#include "passes/pdk/firmware/SerialPort.h"

#include <optional>
#include <string>

namespace pdkc {

struct FirmwareOptions {
  int64_t baud = 9600;
  int64_t clock = 0; ///< in Hz; 0: 8 MHz, or the device's fastest below that
  std::string tx = "PA.7", rx = "PA.0";
  int64_t byteGap = 0;       ///< bits that the sender pauses after each byte
  int64_t millivolts = 4000; ///< supply for which the clock is calibrated
};

/// How long the module takes, and what that means for the sender.
struct FirmwareTiming {
  int64_t betweenInputs = 0; ///< cycles at most from an input to the next
  int64_t afterAnswer = 0; ///< from an answer to the next sample's first input
  int64_t pause = 0;       ///< bits, after each byte
  std::optional<int64_t> highestRate; ///< in baud, without pauses
};

class Firmware {
public:
  /// Nothing, and why, where the device cannot do as the options say.
  static std::optional<Firmware> create(const pdk::Device &device,
                                        const FirmwareOptions &options,
                                        std::string &error);

  int64_t getClock() const { return options.clock; }

  /// Adds the code to a module. Errors are the program's.
  mlir::LogicalResult emit(pdk::ProgramOp program) const;

  /// Of the complete program; fails where no bound can be given.
  mlir::FailureOr<FirmwareTiming> analyse(pdk::ProgramOp program) const;
  /// Keeps the timing with the program.
  void record(pdk::ProgramOp program, const FirmwareTiming &timing) const;

private:
  Firmware(const FirmwareOptions &options, const SerialPort &port)
      : options(options), port(port) {}

  /// What a module has of its surroundings' concern.
  struct Module {
    std::string infer;  ///< routine
    pdk::CellsOp input; ///< where there is a buffer
    llvm::SmallVector<pdk::CellsOp> outputs;
  };

  void emitStart(CodeBuilder &code, const Module &module) const;

  FirmwareOptions options;
  SerialPort port;
};

/// What Firmware::record has kept.
struct SerialSummary {
  int64_t baud, clock, byteGap;
  std::string tx, rx; ///< pins
  FirmwareTiming timing;
};

/// Of a firmware; nothing for a module.
std::optional<SerialSummary> getSerialSummary(pdk::ProgramOp program);

/// Fails with an error where the sender would have to pause for longer than it
/// promises.
mlir::LogicalResult checkPace(pdk::ProgramOp program);

/// Names within a firmware; the module's own hold no dot.
constexpr llvm::StringLiteral kStartRoutine = "firmware.start",
                              kSendRoutine = "firmware.send",
                              kReceiveRoutine = "firmware.receive",
                              kMainLabel = "firmware.main";

} // namespace pdkc

#endif // PDKC_PASSES_PDK_FIRMWARE_FIRMWARE_H
