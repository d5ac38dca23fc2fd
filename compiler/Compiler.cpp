//===- Compiler.cpp - From a model to a module for a device ---------------===//

#include "compiler/Compiler.h"

#include "compiler/Measure.h"
#include "compiler/Planner.h"
#include "dialects/exact/Rational.h"
#include "dialects/lowbit/Interpreter.h"
#include "dialects/onnx/OnnxDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/Streaming.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstdio>

using namespace mlir;
using namespace pdkc;

void pdkc::registerDialects(DialectRegistry &registry) {
  registry.insert<func::FuncDialect, onnx::OnnxDialect, lowbit::LowbitDialect,
                  pdk::PdkDialect>();
}

static LogicalResult runPipeline(ModuleOp module, StringRef pipeline,
                                 bool verifies = true) {
  PassManager manager(module.getContext());
  manager.enableVerifier(verifies);
  if (failed(parsePassPipeline(pipeline, manager)))
    return module.emitError("bad pipeline '") << pipeline << "'";
  return manager.run(module);
}

static std::string getStreamlinePipeline(const CompileOptions &options) {
  std::string pipeline = "onnx-fold-constants,onnx-to-lowbit{";
  if (!options.inputRange.empty())
    pipeline += " input-range=" + options.inputRange;
  if (!options.inputScale.empty())
    pipeline += " input-scale=" + options.inputScale;
  if (!options.inputZeroPoint.empty())
    pipeline += " input-zero-point=" + options.inputZeroPoint;
  if (options.output != "class")
    pipeline += " output=" + options.output;
  return pipeline + "},cse,lowbit-narrow-ranges,lowbit-narrow-outputs";
}

/// Of files, whose names no pipeline's text could hold.
static LogicalResult calibrate(ModuleOp module, const CompileOptions &options) {
  OnnxCalibrateOptions calibration;
  calibration.samples = options.calibrate;
  calibration.labels = options.labels;
  calibration.inputRange = options.inputRange;
  if (!options.inputScale.empty())
    calibration.inputScale = options.inputScale;
  if (!options.inputZeroPoint.empty())
    calibration.inputZeroPoint = options.inputZeroPoint;
  PassManager manager(module.getContext());
  manager.addPass(createOnnxFoldConstants());
  manager.addPass(createOnnxCalibrate(calibration));
  return manager.run(module);
}

static LogicalResult streamline(ModuleOp module,
                                const CompileOptions &options) {
  if (failed(runPipeline(module, "onnx-decompose-qlinear,onnx-infer-types")) ||
      (!options.calibrate.empty() && failed(calibrate(module, options))))
    return failure();
  return runPipeline(module, getStreamlinePipeline(options));
}

static bool holds(ModuleOp module, StringRef dialect) {
  return module
      ->walk([&](Operation *op) {
        return op->getName().getDialectNamespace() == dialect
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult pdkc::runTo(Stage stage, ModuleOp module,
                          const CompileOptions &options) {
  if (stage == Stage::Onnx)
    return success();
  if (holds(module, "onnx") && failed(streamline(module, options)))
    return failure();
  return success();
}

LogicalResult pdkc::prepare(ModuleOp module) {
  return runPipeline(module, "lowbit-flatten,lowbit-remove-neurons,"
                             "lowbit-diagonal-sums,lowbit-narrow-ranges,"
                             "lowbit-align-steps,lowbit-narrow-ranges,"
                             "lowbit-split-inputs,lowbit-split-weights");
}

LogicalResult pdkc::lowerToCells(ModuleOp module, const CompileOptions &options,
                                 bool verifies) {
  return runPipeline(module,
                     "lowbit-flatten,lowbit-zero-base,lowbit-narrow-ranges,"
                     "lowbit-specialize,lowbit-to-pdk{device=" +
                         options.device +
                         (options.undocumented ? " undocumented=true}" : "}"),
                     verifies);
}

LogicalResult pdkc::placeCells(ModuleOp module, const CompileOptions &options,
                               bool verifies) {
  std::string pipeline;
  if (const auto &firmware = options.firmware)
    pipeline =
        llvm::formatv("pdk-firmware{{baud={0} clock={1} tx={2} rx={3} "
                      "byte-gap={4} vdd={5}},",
                      firmware->baud, firmware->clock, firmware->tx,
                      firmware->rx, firmware->byteGap, firmware->millivolts);
  pipeline +=
      "pdk-allocate{reserve-ram=" + std::to_string(options.reserveRam) + "}";
  return runPipeline(module, pipeline, verifies);
}

/// The one function that is the model.
static FailureOr<func::FuncOp> getModel(ModuleOp module) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1 || functions[0].getNumArguments() != 1 ||
      functions[0].getNumResults() < 1 || functions[0].getNumResults() > 2)
    return module.emitError("a model is one function of one tensor that gives "
                            "a class and, if at all, outputs");
  return functions[0];
}

/// What the device's integers are worth: as the user wrote it, else as import
/// found it, to the nine digits that tell any two floats apart.
static std::string getInputText(func::FuncOp model, StringRef attribute,
                                StringRef given, StringRef otherwise) {
  if (!given.empty())
    return given.str();
  auto text = model.getArgAttrOfType<StringAttr>(0, attribute);
  if (!text)
    return otherwise.str();
  std::optional<Rational> value = Rational::parse(text.getValue());
  if (!value || value->isInteger())
    return text.str();
  char digits[32];
  std::snprintf(digits, sizeof(digits), "%.9g", value->toDouble());
  return digits;
}

static ModuleInterface getInterface(func::FuncOp model,
                                    const CompileOptions &options) {
  ModuleInterface interface;
  Operation *end = model.front().getTerminator();
  interface.name = options.name;
  interface.input = lowbit::getRange(model.getArgument(0));
  interface.inputs =
      cast<RankedTensorType>(model.getArgumentTypes()[0]).getNumElements();
  interface.classes = lowbit::getRange(end->getOperand(0)).max + 1;
  interface.inputScale =
      getInputText(model, "lowbit.scale", options.inputScale, "1");
  interface.inputZeroPoint =
      getInputText(model, "lowbit.zero_point", options.inputZeroPoint, "0");
  if (end->getNumOperands() < 2)
    return interface;
  Value outputs = end->getOperand(1);
  interface.outputs =
      cast<RankedTensorType>(outputs.getType()).getNumElements();
  interface.output = lowbit::getRange(outputs);
  auto getNumbers = [&](StringRef name, double otherwise) {
    auto numbers = model->getAttrOfType<DenseF64ArrayAttr>(name);
    return numbers ? SmallVector<double>(numbers.asArrayRef())
                   : SmallVector<double>{otherwise};
  };
  interface.outputScale = getNumbers("lowbit.output_scale", 1);
  interface.outputOffset = getNumbers("lowbit.output_offset", 0);
  return interface;
}

/// The outputs as integers, from the bytes in RAM.
static lowbit::Elements readOutputs(const ModuleInterface &interface,
                                    ArrayRef<uint8_t> bytes) {
  lowbit::Elements values;
  size_t size = bytes.size() / interface.outputs;
  for (; !bytes.empty(); bytes = bytes.drop_front(size)) {
    int64_t value = size == 1 ? bytes[0] : bytes[0] | bytes[1] << 8;
    if (interface.output.min < 0)
      value = llvm::SignExtend64(value, 8 * size);
    values.push_back(value);
  }
  return values;
}

/// Runs the words on the samples; they must agree with the interpreter.
static LogicalResult verify(Compilation &compilation, func::FuncOp model,
                            const Samples &samples) {
  const auto &undocumented = compilation.undocumented;
  Measurement measured = measure(compilation.layout, compilation.program,
                                 samples, undocumented && undocumented->isUsed);
  if (!measured.error.empty())
    return model.emitError("the emitted program breaks a rule of the device: ")
           << measured.error;
  compilation.cycles = measured.cycles;
  for (auto [i, taken] : llvm::enumerate(measured.classes)) {
    auto expected = lowbit::interpretAll(model, samples.getValues(i));
    if (expected[0][0] != taken)
      return model.emitError("the emitted program gives class ")
             << int(taken) << " for input " << i << ", the model "
             << expected[0][0];
    if (expected.size() > 1 &&
        expected[1] != readOutputs(compilation.interface, measured.outputs[i]))
      return model.emitError("the emitted program gives other outputs for "
                             "input ")
             << i << " than the model";
  }
  compilation.verified = measured.classes.size();
  return success();
}

/// From a program with addresses in result.pdk to words that fit.
static LogicalResult emitWords(Compilation &result,
                               const CompileOptions &options) {
  pdk::ProgramOp programOp = *result.pdk->getOps<pdk::ProgramOp>().begin();
  auto layout = layOut(programOp);
  if (failed(layout))
    return failure();
  result.layout = *layout;
  if (layout->exported.empty())
    return programOp.emitError("exports no routine to call");
  const pdk::Device &device = *result.layout.device;
  int64_t needed = int64_t(layout->words.size()) + getReservedWords(options);
  if (needed > int64_t(device.usableWords)) {
    auto diagnostic =
        programOp.emitError("does not fit the code memory of the ")
        << device.name << ": needs " << needed << " words (";
    if (options.firmware)
      diagnostic << "firmware " << layout->words.size();
    else
      diagnostic << "network " << layout->words.size() << ", C " << kWordsForC;
    if (options.reserveWords)
      diagnostic << ", reserved " << options.reserveWords;
    diagnostic << "), has " << device.usableWords
               << "; use fewer weights or bits, -Os, or a larger device";
    return failure();
  }
  auto program = makeStandalone(*layout);
  if (failed(program) || failed(checkProgrammerPatterns(*layout)))
    return failure();
  result.program = *program;
  return success();
}

/// A module that holds a program already: only addresses and words are due.
/// There is no model to verify them against.
static FailureOr<Compilation> compileProgram(OwningOpRef<ModuleOp> module,
                                             const CompileOptions &options) {
  if (failed(placeCells(*module, options)))
    return failure();
  auto programs = llvm::to_vector(module->getOps<pdk::ProgramOp>());
  if (programs.size() != 1)
    return module->emitError("a module holds one program, not ")
           << programs.size();
  Compilation result;
  result.interface.name = programs[0].getSymName().str();
  result.pdk = std::move(module);
  if (failed(emitWords(result, options)) || failed(checkPace(programs[0])))
    return failure();
  return result;
}

/// Decides how inputs come, and marks the prepared model so.
static LogicalResult chooseInput(func::FuncOp model,
                                 const CompileOptions &options) {
  bool isBuffer = options.input == "buffer";
  if (options.input == "auto") {
    Value argument = model.getArgument(0);
    Operation *layer = argument.hasOneUse() ? *argument.user_begin() : nullptr;
    if (isElementwise(layer) && layer->getResult(0).hasOneUse())
      layer = *layer->getResult(0).user_begin();
    isBuffer = !isa_and_nonnull<lowbit::DenseOp, lowbit::ChainsOp>(layer);
  }
  if (isBuffer)
    model->setAttr(kBufferAttr, UnitAttr::get(model.getContext()));
  return success();
}

/// From a model in integers, which it leaves in `lowbit`, to a device.
static FailureOr<Compilation> compileFor(ModuleOp imported,
                                         CompileOptions options) {
  Compilation result;
  func::FuncOp model = *getModel(imported);
  result.interface = getInterface(model, options);
  result.lowbit = imported.clone();
  OwningOpRef<ModuleOp> module = imported.clone();
  if (failed(prepare(*module)))
    return failure();
  func::FuncOp prepared = *getModel(*module);
  if (failed(chooseInput(prepared, options)))
    return failure();
  result.interface.isBuffer = prepared->hasAttr(kBufferAttr);

  Samples samples =
      makeSamples(result.interface, options.samples, options.verify);
  auto undocumented = plan(*module, options, samples);
  if (failed(undocumented))
    return failure();
  if (options.undocumented)
    result.undocumented = *undocumented;
  options.undocumented = undocumented->isUsed;
  result.plan = module.get().clone();
  if (failed(lowerToCells(*module, options)) ||
      failed(placeCells(*module, options)))
    return failure();
  result.pdk = std::move(module);
  if (failed(emitWords(result, options)) ||
      failed(verify(result, *getModel(*result.lowbit), samples)))
    return failure();
  return result;
}

/// Passes on what fits, unless the firmware's sender is too fast for it.
static FailureOr<Compilation> refuseLate(FailureOr<Compilation> result) {
  if (succeeded(result) &&
      failed(checkPace(*result->pdk->getOps<pdk::ProgramOp>().begin())))
    return failure();
  return result;
}

/// The same for another device, without diagnostics: with a quick plan, and in
/// full where that fails and it has to be certain.
static FailureOr<Compilation> tryFor(ModuleOp imported, StringRef device,
                                     CompileOptions options, bool isCertain) {
  ScopedDiagnosticHandler quiet(imported.getContext(),
                                [](Diagnostic &) { return success(); });
  options.device = device.str();
  options.isQuick = true;
  FailureOr<Compilation> result = refuseLate(compileFor(imported, options));
  options.isQuick = false;
  return succeeded(result) || !isCertain
             ? std::move(result)
             : refuseLate(compileFor(imported, options));
}

std::vector<std::string> pdkc::getDevicesBySize() {
  auto getSize = [](const pdk::Device &device) {
    return std::make_tuple(device.usableWords, device.ramBytes, device.set);
  };
  std::vector<const pdk::Device *> devices;
  for (const pdk::Device &device : pdk::getDevices())
    if (llvm::none_of(devices, [&](const pdk::Device *other) {
          return getSize(*other) == getSize(device);
        }))
      devices.push_back(&device);
  llvm::stable_sort(devices, [&](const auto *a, const auto *b) {
    return getSize(*a) < getSize(*b);
  });
  std::vector<std::string> names;
  for (const pdk::Device *device : devices)
    names.push_back(device->name);
  return names;
}

/// After the errors of a device that the model does not fit.
static void remarkDevices(ModuleOp imported, const CompileOptions &options) {
  std::string fitting;
  const pdk::Device &mine = *pdk::findDevice(options.device);
  for (const std::string &name : getDevicesBySize()) {
    const pdk::Device &device = *pdk::findDevice(name);
    if (device.usableWords < mine.usableWords ||
        (device.usableWords == mine.usableWords &&
         device.ramBytes <= mine.ramBytes))
      continue;
    auto result = tryFor(imported, name, options, /*isCertain=*/false);
    if (failed(result))
      continue;
    fitting +=
        llvm::formatv("{0}{1} ({2} of {3} words, {4} of {5} bytes)",
                      fitting.empty() ? "" : ", ", name,
                      result->layout.words.size(), device.usableWords,
                      result->layout.firstByte + result->layout.staticBytes +
                          result->layout.stackBytes,
                      device.ramBytes);
  }
  func::FuncOp model = *getModel(imported);
  if (fitting.empty())
    model.emitRemark("it fits no larger device either");
  else
    model.emitRemark("it fits: ") << fitting;
}

FailureOr<Compilation> pdkc::compile(OwningOpRef<ModuleOp> module,
                                     const CompileOptions &options) {
  if (holds(*module, "pdk"))
    return compileProgram(std::move(module), options);
  if (failed(runTo(Stage::Lowbit, *module, options)))
    return failure();
  auto model = getModel(*module);
  if (failed(model))
    return failure();
  model->setSymName(options.name);
  lowbit::Interval input = lowbit::getRange(model->getArgument(0));
  if (input.min < -128 || input.max > (input.min < 0 ? 127 : 255))
    return model->emitError("inputs of ")
           << input.min << " to " << input.max
           << " do not fit a byte; give --input-range";
  if (options.device != "auto") {
    FailureOr<Compilation> result = compileFor(*module, options);
    if (failed(result))
      remarkDevices(*module, options);
    return refuseLate(std::move(result));
  }
  CompileOptions chosen = options;
  for (const std::string &name : getDevicesBySize()) {
    // Of some devices a firmware does not know the pins.
    if (options.firmware && !pdk::findDevice(name)->maxClock)
      continue;
    chosen.device = name;
    if (succeeded(tryFor(*module, name, chosen, /*isCertain=*/true)))
      break;
  }
  // Once more in full, with the errors of the largest if none fits.
  return refuseLate(compileFor(*module, chosen));
}
