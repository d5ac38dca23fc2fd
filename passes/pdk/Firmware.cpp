//===- Firmware.cpp - The pass that makes a module a program --------------===//

#include "passes/pdk/firmware/Firmware.h"

#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_PDKFIRMWARE
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {

struct PdkFirmware : pdkc::impl::PdkFirmwareBase<PdkFirmware> {
  using PdkFirmwareBase::PdkFirmwareBase;

  void runOnOperation() override {
    for (auto program : getOperation().getOps<ProgramOp>())
      if (failed(surround(program)))
        return signalPassFailure();
  }

  LogicalResult surround(ProgramOp program);
};

} // namespace

LogicalResult PdkFirmware::surround(ProgramOp program) {
  for (auto cells : program.getBody().getOps<CellsOp>())
    if (cells.getStack())
      return success();
  FirmwareOptions options;
  options.baud = baud;
  options.clock = clock;
  options.tx = tx;
  options.rx = rx;
  options.byteGap = byteGap;
  options.millivolts = millivolts;
  std::string error;
  auto firmware =
      Firmware::create(*findDevice(program.getDevice()), options, error);
  if (!firmware)
    return program.emitError(error);
  if (failed(firmware->emit(program)))
    return failure();
  auto timing = firmware->analyse(program);
  if (failed(timing))
    return failure();
  firmware->record(program, *timing);
  return success();
}
