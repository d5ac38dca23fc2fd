//===- pdkc.cpp - The command line ----------------------------------------===//

#include "compiler/Compiler.h"
#include "compiler/import/OnnxImport.h"
#include "mlir/IR/AsmState.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
using namespace pdkc;
namespace cl = llvm::cl;

namespace {

constexpr int kBadModel = 1, kBadUsage = 2;

enum class Emit {
  FromSuffix,
  Asm,
  Ihx,
  Module,
  Header,
  Onnx,
  Lowbit,
  Values,
  Plan,
  Pdk
};

/// The options; made in main, so that the library sees none of them.
struct CommandLine {
  cl::OptionCategory category{"pdkc options"};
  cl::opt<std::string> input{cl::Positional, cl::desc("MODEL.onnx"),
                             cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("Output file, - for stdout"),
                              cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> mcu{"mcu",
                           cl::desc("Device (default pms150c), or auto: the "
                                    "smallest that fits"),
                           cl::init("pms150c"), cl::cat(category)};
  cl::opt<bool> listMcus{"list-mcus", cl::desc("List the devices"),
                         cl::cat(category)};
  cl::opt<std::string> name{"name", cl::desc("Prefix of the module's symbols"),
                            cl::init("model"), cl::cat(category)};
  cl::opt<char> level{"O", cl::Prefix, cl::init('3'), cl::cat(category),
                      cl::desc("-O3: fewest cycles that fit (default); "
                               "-Os: fewest words")};
  cl::opt<bool> undocumented{
      "undocumented", cl::cat(category),
      cl::desc("Allow LDSPTL and LDSPTH on PDK13 and PDK14, which read whole "
               "code words; they are not in Padauk's data sheets, and none of "
               "these says that a chip has them")};
  cl::opt<Emit> emit{
      "emit", cl::init(Emit::FromSuffix), cl::cat(category),
      cl::desc("What to write (default: by the suffix of -o)"),
      cl::values(clEnumValN(Emit::Asm, "asm", "module for sdaspdk13/14/15"),
                 clEnumValN(Emit::Ihx, "ihx", "firmware, and its .map"),
                 clEnumValN(Emit::Module, "module",
                            "module alone as .ihx for pdk-sim, and its .map"),
                 clEnumValN(Emit::Header, "header", "C header"),
                 clEnumValN(Emit::Onnx, "onnx", "the model as imported"),
                 clEnumValN(Emit::Lowbit, "lowbit", "the model in integers"),
                 clEnumValN(Emit::Values, "values",
                            "what the integers make of --samples, as JSON"),
                 clEnumValN(Emit::Plan, "plan",
                            "the model with a method on each layer"),
                 clEnumValN(Emit::Pdk, "pdk", "the program"))};
  cl::opt<std::string> inputRange{
      "input-range", cl::value_desc("LO:HI"), cl::cat(category),
      cl::desc("Range of the integers that the device hands over")};
  cl::opt<std::string> inputScale{
      "input-scale", cl::value_desc("S"), cl::cat(category),
      cl::desc("What one step of them is worth, decimal or fraction")};
  cl::opt<std::string> inputZeroPoint{"input-zero-point", cl::value_desc("Z"),
                                      cl::cat(category),
                                      cl::desc("The integer that is worth 0")};
  cl::opt<std::string> wanted{
      "output", cl::value_desc("class|logits"), cl::init("class"),
      cl::cat(category),
      cl::desc("What an inference gives: the class, or the last integers "
               "before it as well")};
  cl::opt<std::string> inputMode{
      "input", cl::value_desc("auto|buffer|stream"), cl::init("auto"),
      cl::cat(category),
      cl::desc("How inputs come: an array, or one by one through "
               "<name>_next_input (auto where the first layer can take them "
               "so)")};
  cl::opt<unsigned> reserveWords{"reserve-words", cl::init(0),
                                 cl::cat(category),
                                 cl::desc("Code words kept free")};
  cl::opt<unsigned> reserveRam{"reserve-ram", cl::init(0), cl::cat(category),
                               cl::desc("RAM bytes kept free")};
  cl::opt<unsigned> verify{
      "verify", cl::init(100), cl::value_desc("N"), cl::cat(category),
      cl::desc("Check the emitted words on N made-up inputs (default 100)")};
  cl::opt<int> baud{"baud", cl::init(9600), cl::value_desc("N"),
                    cl::cat(category),
                    cl::desc("Firmware: serial rate (default 9600)")};
  cl::opt<int> clock{"clock", cl::init(0), cl::value_desc("HZ"),
                     cl::cat(category),
                     cl::desc("Firmware: system clock (default 8000000, or the "
                              "device's fastest below that)")};
  cl::opt<std::string> tx{"tx", cl::init("PA.7"), cl::value_desc("PIN"),
                          cl::cat(category),
                          cl::desc("Firmware: pin that sends (default PA.7)")};
  cl::opt<std::string> rx{
      "rx", cl::init("PA.0"), cl::value_desc("PIN"), cl::cat(category),
      cl::desc("Firmware: pin that receives (default PA.0)")};
  cl::opt<int> byteGap{
      "byte-gap", cl::init(0), cl::value_desc("BITS"), cl::cat(category),
      cl::desc("Firmware: pause that the sender leaves after each byte")};
  cl::opt<int> vdd{"vdd", cl::init(4000), cl::value_desc("MV"),
                   cl::cat(category),
                   cl::desc("Firmware: supply that easypdkprog calibrates the "
                            "clock for (default 4000)")};
  cl::opt<std::string> samples{
      "samples", cl::cat(category), cl::value_desc("file"),
      cl::desc("Inputs, one byte a value, to check and measure with")};
  cl::opt<std::string> calibrate{
      "calibrate", cl::cat(category), cl::value_desc("file"),
      cl::desc("Inputs, one byte a value, to make scales constant that depend "
               "on the input")};
  cl::opt<std::string> labels{
      "labels", cl::cat(category), cl::value_desc("file"),
      cl::desc("The classes of --calibrate's inputs, one byte each")};
};

} // namespace

static int fail(const llvm::Twine &message, int status) {
  llvm::errs() << "pdkc: error: " << message << "\n";
  return status;
}

/// The name in a location: a node's, where there is one.
static std::string getName(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().str();
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location inner : fused.getLocations())
      if (std::string text = getName(inner); !text.empty())
        return text;
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
            Twine(file.getColumn()))
        .str();
  return "";
}

static LogicalResult printDiagnostic(Diagnostic &diagnostic) {
  auto print = [](Diagnostic &d, StringRef kind) {
    llvm::errs() << "pdkc: " << kind << ": ";
    if (std::string name = getName(d.getLocation()); !name.empty())
      llvm::errs() << name << ": ";
    llvm::errs() << d.str() << "\n";
  };
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    print(diagnostic, "error");
    break;
  case DiagnosticSeverity::Warning:
    print(diagnostic, "warning");
    break;
  default:
    print(diagnostic, "note");
    break;
  }
  for (Diagnostic &note : diagnostic.getNotes())
    print(note, "note");
  return success();
}

static void listDevices() {
  for (const pdk::Device &device : pdk::getDevices())
    llvm::outs() << llvm::format("%-8s  %s  %4u words of %4u  %3u bytes RAM\n",
                                 device.name, pdk::getName(device.set),
                                 device.usableWords, device.codeWords,
                                 device.ramBytes);
}

/// What a firmware takes, and how fast it can be talked to.
static void printFirmware(const Compilation &result) {
  const Layout &layout = result.layout;
  auto &out = llvm::errs();
  out << layout.device->name << ": " << layout.words.size() << " words of "
      << layout.device->usableWords << ", "
      << layout.firstByte + layout.staticBytes + layout.stackBytes
      << " bytes of " << layout.device->ramBytes << " (p " << layout.firstByte
      << ", cells " << layout.staticBytes << ", stack " << layout.stackBytes
      << ")\n";
  auto serial =
      getSerialSummary(*ModuleOp(*result.pdk).getOps<pdk::ProgramOp>().begin());
  if (!serial)
    return;
  const FirmwareTiming &timing = serial->timing;
  out << "serial: " << serial->baud << " baud at "
      << llvm::format("%g MHz, ", double(serial->clock) / 1e6);
  if (timing.highestRate)
    out << "up to " << *timing.highestRate << " baud without gaps; ";
  out << "bit times of pause needed between bytes at the chosen rate: "
      << timing.pause << "\n"
      << timing.betweenInputs << " cycles at most from an input to the next, "
      << timing.afterAnswer << " from an answer to a sample\n";
}

static void printModule(const Layout &layout) {
  llvm::errs() << layout.device->name << ": " << layout.words.size()
               << " words of " << layout.device->usableWords - kWordsForC
               << " (and " << kWordsForC << " for C), "
               << 2 + layout.staticBytes + layout.stackBytes << " bytes of "
               << layout.device->ramBytes - 2 << " (and 2 for C; p 2, "
               << "cells " << layout.staticBytes << ", stack "
               << layout.stackBytes << ")\n";
}

/// Words, bytes and cycles; how each layer is computed, in a word.
static void printSummary(Compilation &result, const CommandLine &options) {
  auto &out = llvm::errs();
  if (result.layout.stack)
    printFirmware(result);
  else
    printModule(result.layout);
  if (!result.plan)
    return;
  out << llvm::format("%llu cycles at least, %.0f on average, %llu at most "
                      "(%.2f ms at 8 MHz)\n",
                      (unsigned long long)result.cycles.min, result.cycles.mean,
                      (unsigned long long)result.cycles.max,
                      result.cycles.mean / 8000);
  if (options.samples.empty())
    out << "of made-up inputs; --samples=FILE gives the figures of real ones\n";
  const MethodRegistry &methods =
      MethodRegistry::get(ModuleOp(*result.plan).getContext());
  result.plan->walk([&](Operation *op) {
    const Method *method = op->getNumOperands() ? methods.find(op) : nullptr;
    if (!method || method->getDescription().empty())
      return;
    auto count = [](Value value) {
      return cast<RankedTensorType>(value.getType()).getNumElements();
    };
    out << getName(op->getLoc()) << ": " << count(op->getOperand(0)) << " to "
        << count(op->getResult(0)) << ", " << method->getDescription() << "\n";
  });
  if (const auto &use = result.undocumented) {
    out << "undocumented ldsptl, ldspth: ";
    if (!use->isUsed)
      out << "not used, the plan without is no worse\n";
    else if (use->wordsWithout)
      out << result.layout.words.size() << " words instead of "
          << *use->wordsWithout << "\n";
    else
      out << "without them there is no program\n";
  }
  out << result.verified << " inputs verified against the model\n";
}

static Emit getEmit(const CommandLine &options) {
  if (options.emit != Emit::FromSuffix)
    return options.emit;
  return llvm::StringSwitch<Emit>(llvm::sys::path::extension(options.output))
      .Case(".ihx", Emit::Ihx)
      .Case(".h", Emit::Header)
      .Case(".mlir", Emit::Pdk)
      .Default(Emit::Asm);
}

/// Files that appear together or not at all.
class Outputs {
public:
  /// Null, after an error, where the file cannot be made.
  llvm::raw_ostream *open(StringRef path) {
    std::error_code error;
    files.push_back(std::make_unique<llvm::ToolOutputFile>(
        path, error, llvm::sys::fs::OF_None));
    if (!error)
      return &files.back()->os();
    fail("cannot write '" + path + "': " + error.message(), kBadModel);
    return nullptr;
  }
  void keep() {
    for (auto &file : files)
      file->keep();
  }

private:
  std::vector<std::unique_ptr<llvm::ToolOutputFile>> files;
};

static int writeFiles(Compilation &result, Emit emit,
                      const CommandLine &options) {
  Outputs outputs;
  llvm::raw_ostream *out = outputs.open(options.output);
  if (!out)
    return kBadModel;
  auto openBeside = [&](StringRef extension) {
    SmallString<128> path(options.output);
    llvm::sys::path::replace_extension(path, extension);
    return outputs.open(path);
  };
  bool toStdout = options.output == "-";
  switch (emit) {
  case Emit::Ihx:
  case Emit::Module:
    writeIntelHex(result.program, *out);
    if (!toStdout) {
      llvm::raw_ostream *map = openBeside("map");
      if (!map)
        return kBadModel;
      writeMap(result.layout, result.program, result.interface, *map);
    }
    break;
  case Emit::Header:
    writeHeader(result.layout, result.interface, *out);
    break;
  default:
    writeAssembly(result.layout, result.interface, *out);
    if (!toStdout) {
      llvm::raw_ostream *header = openBeside("h");
      if (!header)
        return kBadModel;
      writeHeader(result.layout, result.interface, *header);
    }
    break;
  }
  outputs.keep();
  return 0;
}

/// The model's meaning on the samples, without a device.
static int writeValues(ModuleOp module, const CompileOptions &compileOptions,
                       const CommandLine &options) {
  if (failed(runTo(Stage::Lowbit, module, compileOptions)))
    return kBadModel;
  Outputs outputs;
  llvm::raw_ostream *out = outputs.open(options.output);
  if (!out || failed(writeValues(module, compileOptions, *out)))
    return kBadModel;
  outputs.keep();
  return 0;
}

static OwningOpRef<ModuleOp> readModel(MLIRContext &context,
                                       const llvm::MemoryBuffer &buffer) {
  if (!StringRef(buffer.getBufferIdentifier()).ends_with(".mlir"))
    return importOnnx(buffer.getMemBufferRef(), context);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(buffer.getMemBufferRef()), {});
  return parseSourceFile<ModuleOp>(sources, &context);
}

/// The whole of what the command line asks for; `timing` is where times go.
static int run(const CommandLine &options, TimingScope &timing) {
  if (options.listMcus) {
    listDevices();
    return 0;
  }
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

  CompileOptions compileOptions;
  Emit emit = getEmit(options);
  if (emit == Emit::Ihx) {
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
    compileOptions.firmware = firmware;
  }

  auto buffer = llvm::MemoryBuffer::getFile(options.input);
  if (!buffer)
    return fail("cannot read '" + options.input +
                    "': " + buffer.getError().message(),
                kBadModel);
  if (!options.samples.empty()) {
    auto samples = llvm::MemoryBuffer::getFile(options.samples);
    if (!samples)
      return fail("cannot read '" + options.samples +
                      "': " + samples.getError().message(),
                  kBadModel);
    compileOptions.samples.assign((*samples)->getBufferStart(),
                                  (*samples)->getBufferEnd());
  }
  compileOptions.calibrate = options.calibrate;
  compileOptions.labels = options.labels;
  compileOptions.device = options.mcu;
  compileOptions.name = options.name;
  compileOptions.undocumented = options.undocumented;
  compileOptions.forSize = options.level == 's';
  compileOptions.inputRange = options.inputRange;
  compileOptions.inputScale = options.inputScale;
  compileOptions.inputZeroPoint = options.inputZeroPoint;
  compileOptions.output = options.wanted;
  compileOptions.input = options.inputMode;
  compileOptions.reserveWords = options.reserveWords;
  compileOptions.reserveRam = options.reserveRam;
  compileOptions.verify = options.verify;
  compileOptions.configure = applyPassManagerCLOptions;
  compileOptions.timing = &timing;

  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(&context, printDiagnostic);
  TimingScope importTimer = timing.nest("Import");
  OwningOpRef<ModuleOp> module = readModel(context, **buffer);
  importTimer.stop();
  if (!module)
    return kBadModel;

  if (emit == Emit::Values)
    return writeValues(*module, compileOptions, options);
  if (emit == Emit::Onnx || emit == Emit::Lowbit || emit == Emit::Plan ||
      emit == Emit::Pdk) {
    OwningOpRef<ModuleOp> shown;
    if (emit == Emit::Plan || emit == Emit::Pdk) {
      auto result = compile(std::move(module), compileOptions);
      if (failed(result))
        return kBadModel;
      if (emit == Emit::Plan && !result->plan)
        return fail("a program has no plan", kBadModel);
      shown = std::move(emit == Emit::Plan ? result->plan : result->pdk);
    } else {
      if (failed(runTo(emit == Emit::Onnx ? Stage::Onnx : Stage::Lowbit,
                       *module, compileOptions)))
        return kBadModel;
      shown = std::move(module);
    }
    Outputs outputs;
    llvm::raw_ostream *out = outputs.open(options.output);
    if (!out)
      return kBadModel;
    shown->print(*out);
    outputs.keep();
    return 0;
  }
  auto result = compile(std::move(module), compileOptions);
  if (failed(result))
    return kBadModel;
  if (int status = writeFiles(*result, emit, options))
    return status;
  printSummary(*result, options);
  return 0;
}

/// MLIR's own switches: for times, for what is between passes, for reproducers.
static void registerMlirOptions() {
  // The switches and the reproducers name passes.
  registerPdkcPasses();
  registerCSEPass();
  registerPassManagerCLOptions();
  registerDefaultTimingManagerCLOptions();
  registerAsmPrinterCLOptions();
}

/// --help shows the product's options, --help-hidden MLIR's as well.
static void hideOptions(cl::OptionCategory &category) {
  cl::HideUnrelatedOptions(category);
  for (auto [name, option] : cl::getRegisteredOptions())
    if (name.starts_with("mlir-"))
      option->setHiddenFlag(cl::Hidden);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  registerMlirOptions();
  CommandLine options;
  hideOptions(options.category);
  std::string message;
  llvm::raw_string_ostream errors(message);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "compiles low-bit networks for Padauk PDK chips\n",
          &errors)) {
    llvm::errs() << message;
    return kBadUsage;
  }
  DefaultTimingManager timingManager;
  applyDefaultTimingManagerCLOptions(timingManager);
  TimingScope timing = timingManager.getRootScope();
  return run(options, timing);
}
