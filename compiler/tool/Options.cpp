//===- Options.cpp - The command line of pdkc -----------------------------===//

#include "compiler/tool/Options.h"
#include "compiler/tool/Diagnostics.h"
#include "compiler/tool/Version.h"

#include "mlir/IR/AsmState.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace pdkc;

Emit pdkc::getEmit(const CommandLine &options) {
  if (options.emit != Emit::FromSuffix)
    return options.emit;
  // What is no file, as /dev/null, needs no suffix.
  llvm::sys::fs::file_status status;
  bool isOther = options.output == "-" ||
                 (!llvm::sys::fs::status(options.output, status) &&
                  llvm::sys::fs::is_other(status));
  return llvm::StringSwitch<Emit>(llvm::sys::path::extension(options.output))
      .Case(".asm", Emit::Asm)
      .Case(".ihx", Emit::Ihx)
      .Case(".h", Emit::Header)
      .Case(".mlir", Emit::Pdk)
      .Default(isOther ? Emit::Asm : Emit::FromSuffix);
}

std::string pdkc::getBeside(const CommandLine &options) {
  Emit emit = getEmit(options);
  bool hasMap = emit == Emit::Ihx || emit == Emit::Module;
  if ((!hasMap && emit != Emit::Asm) || options.output == "-")
    return "";
  SmallString<128> path(StringRef{options.output});
  llvm::sys::path::replace_extension(path, hasMap ? "map" : "h");
  return std::string(path);
}

void pdkc::setVersion() {
  cl::SetVersionPrinter([](llvm::raw_ostream &out) {
    out << "pdkc " << kVersion << " (commit " << kCommit << "), LLVM "
        << LLVM_VERSION_STRING << "\n";
  });
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

/// Options whose words are wrong, whatever the library says to the others; the
/// exit status.
static int checkUsage(const CommandLine &options) {
  if (options.input.empty() || (options.output.empty() && !options.explore))
    return fail("usage: pdkc MODEL.onnx -o MODEL.asm; see pdkc --help",
                kBadUsage);
  if (options.level != "s" && options.level != "2" && options.level != "3")
    return fail("-O takes s, 2 or 3, not '" + options.level + "'", kBadUsage);
  if (llvm::is_contained(options.outputs, std::string()))
    return fail("--outputs takes names of the graph's outputs, separated by "
                "commas; one is empty",
                kBadUsage);
  if (!options.explore && getEmit(options) == Emit::FromSuffix)
    return fail("cannot tell from '" + options.output +
                    "' what to write: .asm is a module for the assembler, .ihx "
                    "a firmware, .h a header, .mlir the program; or give "
                    "--emit",
                kBadUsage);
  if (!options.explore && getBeside(options) == options.output)
    return fail("'" + options.output +
                    "' is the name of the file beside the output, a module's "
                    "header (.h) or a program's map (.map): give -o another "
                    "suffix",
                kBadUsage);
  return 0;
}

int pdkc::getCompileOptions(const CommandLine &options,
                            CompileOptions &result) {
  if (int status = checkUsage(options))
    return status;
  if (getEmit(options) == Emit::Ihx)
    result.firmware = FirmwareOptions{options.baud, options.clock,
                                      options.tx,   options.rx,
                                      options.byteGap, options.vdd};
  result.calibrate = options.calibrate;
  result.labels = options.labels;
  result.device = StringRef(options.mcu).lower();
  result.name = options.name;
  result.undocumented = options.undocumented;
  result.forSize = options.level == "s";
  result.isBalanced = options.level == "2";
  result.maxWords = options.maxWords;
  result.maxCycles = options.maxCycles;
  result.inputRange = llvm::join(options.inputRange, ",");
  result.inputScale = llvm::join(options.inputScale, ",");
  result.inputZeroPoint = llvm::join(options.inputZeroPoint, ",");
  result.output = options.wanted;
  result.outputs = llvm::join(options.outputs, ",");
  result.input = options.inputMode;
  result.reserveWords = options.reserveWords;
  result.reserveRam = options.reserveRam;
  result.verify = options.verify;
  std::string error = checkOptions(result);
  return error.empty() ? 0 : fail(error, kBadUsage);
}
