//===- Compile.cpp - Compiling through the C API --------------------------===//

#include "compiler/Explore.h"
#include "compiler/Report.h"
#include "compiler/capi/Result.h"
#include "compiler/import/ReadModel.h"
#include "compiler/tool/Version.h"
#include "llvm/Config/llvm-config.h"

using namespace mlir;
using namespace pdkc;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

PdkcOptions PdkcResult::getDefaults() {
  PdkcOptions options{};
  options.level = '3';
  options.verify = CompileOptions().verify;
  FirmwareOptions firmware;
  options.baud = firmware.baud;
  options.vdd = firmware.millivolts;
  return options;
}

static void set(std::string &option, const char *given) {
  if (given)
    option = given;
}

bool PdkcResult::take(const PdkcOptions *from, PdkcOptions &given,
                      CompileOptions &options) {
  given = getDefaults();
  auto fail = [&](const std::string &text) {
    this->fail(PDKC_BAD_USAGE, text);
    return false;
  };
  if (!pdkc::take(from, given))
    return fail("the options are of another version: make them by "
                "pdkcOptionsInit");
  if (unsigned(given.emit) > PDKC_EMIT_EXPLORE)
    return fail("there is no such thing to emit");
  if (unsigned(given.format) > PDKC_FORMAT_MLIR)
    return fail("there is no such format of models");
  if (unsigned(given.sampleType) > PDKC_SAMPLES_INT8)
    return fail("there is no such type of samples");
  if (!llvm::is_contained({'2', '3', 's'}, given.level))
    return fail("the level is 's', '2' or '3'");
  if (!given.samples && given.samplesSize)
    return fail("the samples are missing");
  set(options.device, given.mcu);
  options.device = StringRef(options.device).lower();
  set(options.name, given.name);
  options.forSize = given.level == 's';
  options.isBalanced = given.level == '2';
  options.maxWords = given.maxWords;
  options.maxCycles = given.maxCycles;
  options.undocumented = given.undocumented;
  set(options.inputRange, given.inputRange);
  set(options.inputScale, given.inputScale);
  set(options.inputZeroPoint, given.inputZeroPoint);
  set(options.input, given.input);
  set(options.output, given.output);
  set(options.outputs, given.outputs);
  options.reserveWords = given.reserveWords;
  options.reserveRam = given.reserveRam;
  options.verify = given.verify;
  options.samples.assign(given.samples, given.samples + given.samplesSize);
  if (given.sampleType != PDKC_SAMPLES_AS_ON_DEVICE)
    options.sampleArray =
        sim::SampleArray{given.sampleType == PDKC_SAMPLES_INT8, 0};
  set(options.calibrate, given.calibrate);
  set(options.labels, given.labels);
  if (given.emit == PDKC_EMIT_FIRMWARE) {
    options.firmware.emplace();
    options.firmware->baud = given.baud;
    options.firmware->clock = given.clock;
    set(options.firmware->tx, given.tx);
    set(options.firmware->rx, given.rx);
    options.firmware->byteGap = given.byteGap;
    options.firmware->millivolts = given.vdd;
  }
  if (given.progress && given.emit != PDKC_EMIT_EXPLORE)
    options.progress = [given](int64_t plans) {
      given.progress(given.progressData, plans, 0);
    };
  std::string error = checkOptions(options);
  return error.empty() || fail(error);
}

void pdkcOptionsInit(PdkcOptions *options, size_t size) {
  initialise(options, PdkcResult::getDefaults(), size);
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

void PdkcResult::run(llvm::function_ref<LogicalResult(MLIRContext &)> compile) {
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    for (const Message &message : getMessages(diagnostic))
      add(message);
    return success();
  });
  if (failed(compile(context))) {
    status = PDKC_BAD_MODEL;
    texts.clear();
  }
}

/// What `write` writes.
static std::string
getText(llvm::function_ref<void(llvm::raw_ostream &)> write) {
  std::string text;
  llvm::raw_string_ostream out(text);
  write(out);
  return text;
}

static std::string print(ModuleOp module) {
  return getText([&](auto &out) { module->print(out); });
}

/// What there is of a compiled model.
static LogicalResult keep(Compilation &compilation,
                          const CompileOptions &options, PdkcEmit emit,
                          PdkcResult &result) {
  if (emit == PDKC_EMIT_PLAN && !compilation.plan)
    return compilation.pdk->emitError("a program has no plan");
  if (emit == PDKC_EMIT_PLAN)
    result.texts[PDKC_TEXT] = print(*compilation.plan);
  if (emit == PDKC_EMIT_PDK)
    result.texts[PDKC_TEXT] = print(*compilation.pdk);
  const Layout &layout = compilation.layout;
  const ModuleInterface &interface = compilation.interface;
  if (!options.firmware) {
    result.texts[PDKC_ASSEMBLY] =
        getText([&](auto &out) { writeAssembly(layout, interface, out); });
    result.texts[PDKC_HEADER] =
        getText([&](auto &out) { writeHeader(layout, interface, out); });
  }
  result.texts[PDKC_IHX] =
      getText([&](auto &out) { writeIntelHex(compilation.program, out); });
  result.texts[PDKC_MAP] = getText([&](auto &out) {
    writeMap(layout, compilation.program, interface, out);
  });
  result.texts[PDKC_REPORT] =
      getText([&](auto &out) { writeReport(compilation, options, out); });
  result.words = compilation.program.words;
  return success();
}

static LogicalResult exploreModel(OwningOpRef<ModuleOp> module,
                                  const CompileOptions &options,
                                  const PdkcOptions &given,
                                  PdkcResult &result) {
  std::vector<std::string> devices = getDevicesBySize();
  if (options.device != "auto" && given.mcu)
    devices = {options.device};
  auto points =
      explore(std::move(module), options, devices, [&](int64_t done, int64_t all) {
        if (given.progress)
          given.progress(given.progressData, done, all);
      });
  if (succeeded(points))
    result.texts[PDKC_TEXT] =
        getText([&](auto &out) { writePoints(*points, out); });
  return points;
}

/// From the model's bytes to what is asked for.
static LogicalResult make(llvm::MemoryBufferRef buffer, ModelFormat format,
                          const CompileOptions &options,
                          const PdkcOptions &given, MLIRContext &context,
                          PdkcResult &result) {
  OwningOpRef<ModuleOp> module = readModel(buffer, format, context);
  if (!module)
    return failure();
  switch (given.emit) {
  case PDKC_EMIT_EXPLORE:
    return exploreModel(std::move(module), options, given, result);
  case PDKC_EMIT_ONNX:
  case PDKC_EMIT_LOWBIT:
    if (failed(runTo(given.emit == PDKC_EMIT_ONNX ? Stage::Onnx : Stage::Lowbit,
                     *module, options)))
      return failure();
    result.texts[PDKC_TEXT] = print(*module);
    return success();
  case PDKC_EMIT_VALUES: {
    std::string text;
    llvm::raw_string_ostream out(text);
    if (failed(runTo(Stage::Lowbit, *module, options)) ||
        failed(writeValues(*module, options, out)))
      return failure();
    result.texts[PDKC_TEXT] = text;
    return success();
  }
  default:
    auto compilation = compile(std::move(module), options);
    if (failed(compilation))
      return failure();
    return keep(*compilation, options, given.emit, result);
  }
}

PdkcResult *pdkcCompile(const void *model, size_t size,
                        const PdkcOptions *options) {
  auto result = std::make_unique<PdkcResult>();
  PdkcOptions given;
  CompileOptions converted;
  if (!result->take(options, given, converted))
    return result.release();
  if (!model && size) {
    result->fail(PDKC_BAD_USAGE, "the model is missing");
    return result.release();
  }
  StringRef path = given.path ? given.path : "";
  ModelFormat format = given.format == PDKC_FORMAT_AUTO   ? getFormat(path)
                       : given.format == PDKC_FORMAT_MLIR ? ModelFormat::Mlir
                                                          : ModelFormat::Onnx;
  StringRef bytes(static_cast<const char *>(model), size);
  result->run([&](MLIRContext &context) {
    return make(llvm::MemoryBufferRef(bytes, path), format, converted, given,
                context, *result);
  });
  return result.release();
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void pdkcResultDestroy(PdkcResult *result) { delete result; }

PdkcStatus pdkcResultGetStatus(const PdkcResult *result) {
  return result->status;
}

const PdkcDiagnostic *pdkcResultGetDiagnostic(const PdkcResult *result,
                                              size_t index) {
  return index < result->diagnostics.size() ? &result->diagnostics[index]
                                            : nullptr;
}

const char *pdkcResultGetText(const PdkcResult *result, PdkcText text,
                              size_t *size) {
  auto it = result->texts.find(text);
  bool isThere = it != result->texts.end();
  if (size)
    *size = isThere ? it->second.size() : 0;
  return isThere ? it->second.c_str() : nullptr;
}

const uint16_t *pdkcResultGetWords(const PdkcResult *result, size_t *count) {
  if (count)
    *count = result->words.size();
  return result->words.empty() ? nullptr : result->words.data();
}

//===----------------------------------------------------------------------===//
// What pdkc is
//===----------------------------------------------------------------------===//

int pdkcGetApiVersion(void) { return PDKC_API_VERSION; }

const char *pdkcGetVersion(void) {
  static const std::string text = std::string("pdkc ") + kVersion +
                                  " (commit " + kCommit + "), LLVM " +
                                  LLVM_VERSION_STRING;
  return text.c_str();
}

const PdkcDevice *pdkcGetDevice(size_t index) {
  static const std::vector<PdkcDevice> devices = [] {
    std::vector<PdkcDevice> all;
    for (const pdk::Device &device : pdk::getDevices())
      all.push_back({device.name, pdk::getName(device.set),
                     device.usableWords, device.ramBytes, device.maxClock});
    return all;
  }();
  return index < devices.size() ? &devices[index] : nullptr;
}
