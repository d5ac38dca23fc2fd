//===- Options.cpp - The command line of pdkc -----------------------------===//

#include "compiler/tool/Options.h"
#include "compiler/tool/Diagnostics.h"

#include "mlir/IR/AsmState.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace pdkc;

Emit pdkc::getEmit(const CommandLine &options) {
  if (options.emit != Emit::FromSuffix)
    return options.emit;
  return llvm::StringSwitch<Emit>(llvm::sys::path::extension(options.output))
      .Case(".ihx", Emit::Ihx)
      .Case(".h", Emit::Header)
      .Case(".mlir", Emit::Pdk)
      .Default(Emit::Asm);
}

void pdkc::registerMlirOptions() {
  // The switches and the reproducers name passes.
  registerPdkcPasses();
  registerCSEPass();
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  registerAsmPrinterCLOptions();
}

void pdkc::hideOptions(cl::OptionCategory &category) {
  cl::HideUnrelatedOptions(category);
  for (auto [name, option] : cl::getRegisteredOptions())
    if (name.starts_with("mlir-"))
      option->setHiddenFlag(cl::Hidden);
}

/// Options whose words are wrong, whatever the model is; the exit status.
static int checkUsage(const CommandLine &options) {
  if (options.input.empty() || options.output.empty())
    return fail("usage: pdkc MODEL.onnx -o MODEL.asm; see pdkc --help",
                kBadUsage);
  if (options.level != 's' && options.level != '3')
    return fail("-O takes s or 3", kBadUsage);
  if (options.wanted != "class" && options.wanted != "logits")
    return fail("--output takes class or logits, not '" + options.wanted + "'",
                kBadUsage);
  if (options.inputMode != "auto" && options.inputMode != "buffer" &&
      options.inputMode != "stream")
    return fail("--input takes auto, buffer or stream, not '" +
                    options.inputMode + "'",
                kBadUsage);
  if (options.mcu != "auto" && !pdk::findDevice(options.mcu))
    return fail("unknown device '" + options.mcu + "'; see pdkc --list-mcus",
                kBadUsage);

  if (!options.labels.empty() && options.calibrate.empty())
    return fail("--labels needs --calibrate", kBadUsage);
  auto isNumber = [](StringRef text) {
    return llvm::Regex("^-?[0-9]+(\\.[0-9]+)?([eE]-?[0-9]+)?(/[0-9]+)?$")
        .match(text);
  };
  if (!options.inputRange.empty()) {
    auto [low, high] = StringRef(options.inputRange).split(':');
    int64_t min, max;
    if (low.getAsInteger(10, min) || high.getAsInteger(10, max) || min >= max)
      return fail("--input-range takes LO:HI, two integers in rising order, "
                  "not '" +
                      options.inputRange + "'",
                  kBadUsage);
  }
  for (const cl::opt<std::string> *option :
       {&options.inputScale, &options.inputZeroPoint})
    if (!option->empty() && !isNumber(*option))
      return fail("--" + option->ArgStr +
                      " takes a decimal or a fraction such "
                      "as 1/255, not '" +
                      *option + "'",
                  kBadUsage);
  return 0;
}

/// What a firmware is made with, where one is wanted; the exit status.
static int getFirmware(const CommandLine &options, CompileOptions &result) {
  if (getEmit(options) != Emit::Ihx)
    return 0;
  FirmwareOptions firmware;
  firmware.baud = options.baud;
  firmware.clock = options.clock;
  firmware.tx = options.tx;
  firmware.rx = options.rx;
  firmware.byteGap = options.byteGap;
  firmware.millivolts = options.vdd;
  std::string error;
  const pdk::Device *device = pdk::findDevice(options.mcu);
  if (device && !Firmware::create(*device, firmware, error))
    return fail(error, kBadUsage);
  result.firmware = firmware;
  return 0;
}

int pdkc::getCompileOptions(const CommandLine &options,
                            CompileOptions &result) {
  if (int status = checkUsage(options))
    return status;
  if (int status = getFirmware(options, result))
    return status;
  result.calibrate = options.calibrate;
  result.labels = options.labels;
  result.device = options.mcu;
  result.name = options.name;
  result.undocumented = options.undocumented;
  result.forSize = options.level == 's';
  result.inputRange = options.inputRange;
  result.inputScale = options.inputScale;
  result.inputZeroPoint = options.inputZeroPoint;
  result.output = options.wanted;
  result.input = options.inputMode;
  result.reserveWords = options.reserveWords;
  result.reserveRam = options.reserveRam;
  result.verify = options.verify;
  return 0;
}
