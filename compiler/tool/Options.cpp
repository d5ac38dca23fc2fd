//===- Options.cpp - The command line of pdkc -----------------------------===//

#include "compiler/tool/Options.h"
#include "compiler/tool/Diagnostics.h"
#include "compiler/tool/Version.h"
#include "dialects/exact/Rational.h"

#include "mlir/IR/AsmState.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

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

std::string pdkc::getDeviceName(const CommandLine &options) {
  return StringRef(options.mcu).lower();
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

/// Whether C has words that begin so: the module's symbols.
static bool isPrefixInC(StringRef name) {
  static const StringRef keywords[] = {
      "auto",     "break",    "case",     "char",    "const",    "continue",
      "default",  "do",       "double",   "else",    "enum",     "extern",
      "float",    "for",      "goto",     "if",      "inline",   "int",
      "long",     "register", "restrict", "return",  "short",    "signed",
      "sizeof",   "static",   "struct",   "switch",  "typedef",  "union",
      "unsigned", "void",     "volatile", "while",   "_Alignas", "_Alignof",
      "_Atomic",  "_Bool",    "_Complex", "_Generic"};
  return llvm::Regex("^[A-Za-z_][A-Za-z0-9_]*$").match(name) &&
         !llvm::is_contained(keywords, name);
}

/// The assembler tells symbols apart by their first 79 characters; ours end in
/// up to 11 of their own, and in the names of outputs.
constexpr size_t kLongestName = 32;

/// Options whose words are wrong, whatever the model is; the exit status.
static int checkUsage(const CommandLine &options) {
  if (options.input.empty() || (options.output.empty() && !options.explore))
    return fail("usage: pdkc MODEL.onnx -o MODEL.asm; see pdkc --help",
                kBadUsage);
  if (options.level != "s" && options.level != "2" && options.level != "3")
    return fail("-O takes s, 2 or 3, not '" + options.level + "'", kBadUsage);
  if (options.wanted != "class" && options.wanted != "logits" &&
      options.wanted != "values")
    return fail("--output takes class, logits or values, not '" +
                    options.wanted + "'",
                kBadUsage);
  if (options.inputMode != "auto" && options.inputMode != "buffer" &&
      options.inputMode != "stream")
    return fail("--input takes auto, buffer or stream, not '" +
                    options.inputMode + "'",
                kBadUsage);
  if (!isPrefixInC(options.name) || options.name.size() > kLongestName)
    return fail("--name takes what a C identifier begins with: letters, digits "
                "and _, no digit first, no keyword, at most " +
                    llvm::Twine(kLongestName) + " characters; not '" +
                    options.name + "'",
                kBadUsage);
  if (!options.explore && getEmit(options) == Emit::FromSuffix)
    return fail("cannot tell from '" + options.output +
                    "' what to write: .asm is a module for the assembler, .ihx "
                    "a firmware, .h a header, .mlir the program; or give "
                    "--emit",
                kBadUsage);
  if (!options.explore && getBeside(options) == options.output)
    return fail("'" + options.output + "' is what the file beside it is named: "
                "the module's header ends in .h, a program's map in .map; give "
                "-o another suffix",
                kBadUsage);
  std::string mcu = getDeviceName(options);
  if (mcu != "auto" && !pdk::findDevice(mcu))
    return fail("unknown device '" + options.mcu + "'; see pdkc --list-mcus",
                kBadUsage);

  if (!options.labels.empty() && options.calibrate.empty())
    return fail("--labels needs --calibrate", kBadUsage);
  // Behind the name of an input, if any; what names there are the model says.
  auto getWord = [](StringRef entry) {
    return entry.drop_front(entry.rfind('=') + 1);
  };
  for (const std::string &entry : options.inputRange) {
    auto [low, high] = getWord(entry).split(':');
    int64_t min, max;
    if (low.getAsInteger(10, min) || high.getAsInteger(10, max) || min >= max)
      return fail("--input-range takes [NAME=]LO:HI, two integers in rising "
                  "order, not '" +
                      entry + "'",
                  kBadUsage);
  }
  for (const auto &[name, entries] :
       {std::pair("input-scale", ArrayRef<std::string>(options.inputScale)),
        std::pair("input-zero-point",
                  ArrayRef<std::string>(options.inputZeroPoint))})
    for (const std::string &entry : entries)
      if (!Rational::parse(getWord(entry)))
        return fail("--" + Twine(name) +
                        " takes a decimal or a fraction such as 1/255, behind "
                        "the name of an input and '=' or without, not '" +
                        entry + "'",
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
  const pdk::Device *device = pdk::findDevice(getDeviceName(options));
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
  result.device = getDeviceName(options);
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
  return 0;
}
