//===- Compiler.cpp - From a model to a module for a device ---------------===//

#include "compiler/Compiler.h"

#include "compiler/Measure.h"
#include "compiler/Planner.h"
#include "dialects/lowbit/Interpreter.h"
#include "dialects/onnx/OnnxDialect.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "passes/Passes.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace pdkc;

void pdkc::registerDialects(DialectRegistry &registry) {
  registry.insert<func::FuncDialect, onnx::OnnxDialect, lowbit::LowbitDialect,
                  pdk::PdkDialect>();
}

static LogicalResult runPipeline(ModuleOp module, StringRef pipeline) {
  PassManager manager(module.getContext());
  if (failed(parsePassPipeline(pipeline, manager)))
    return module.emitError("bad pipeline '") << pipeline << "'";
  return manager.run(module);
}

static std::string getStreamlinePipeline(const CompileOptions &options) {
  std::string pipeline = "onnx-infer-types,onnx-fold-constants,onnx-to-lowbit{";
  if (!options.inputRange.empty())
    pipeline += " input-range=" + options.inputRange;
  if (!options.inputScale.empty())
    pipeline += " input-scale=" + options.inputScale;
  if (!options.inputZeroPoint.empty())
    pipeline += " input-zero-point=" + options.inputZeroPoint;
  return pipeline + "},lowbit-narrow-ranges";
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
  if (holds(module, "onnx") &&
      failed(runPipeline(module, getStreamlinePipeline(options))))
    return failure();
  return success();
}

LogicalResult pdkc::prepare(ModuleOp module) {
  return runPipeline(module, "lowbit-flatten,lowbit-narrow-ranges,"
                             "lowbit-align-steps,lowbit-narrow-ranges");
}

/// From a module on virtual cells to one with addresses, or to a firmware.
static std::string getPlacement(const CompileOptions &options) {
  std::string pipeline;
  if (const auto &firmware = options.firmware)
    pipeline =
        llvm::formatv("pdk-firmware{{baud={0} clock={1} tx={2} rx={3} "
                      "byte-gap={4} vdd={5}},",
                      firmware->baud, firmware->clock, firmware->tx,
                      firmware->rx, firmware->byteGap, firmware->millivolts);
  return pipeline +
         "pdk-allocate{reserve-ram=" + std::to_string(options.reserveRam) + "}";
}

LogicalResult pdkc::lowerPlan(ModuleOp module, const CompileOptions &options) {
  return runPipeline(module,
                     "lowbit-flatten,lowbit-zero-base,lowbit-narrow-ranges,"
                     "lowbit-specialize,lowbit-to-pdk{device=" +
                         options.device + "}," + getPlacement(options));
}

/// The one function that is the model.
static FailureOr<func::FuncOp> getModel(ModuleOp module) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1 || functions[0].getNumArguments() != 1 ||
      functions[0].getNumResults() != 1)
    return module.emitError("a model is one function of one tensor with one "
                            "result");
  return functions[0];
}

static ModuleInterface getInterface(func::FuncOp model,
                                    const CompileOptions &options) {
  ModuleInterface interface;
  interface.name = options.name;
  interface.input = lowbit::getRange(model.getArgument(0));
  interface.inputs =
      cast<RankedTensorType>(model.getArgumentTypes()[0]).getNumElements();
  interface.classes =
      lowbit::getRange(model.getBody().front().getTerminator()->getOperand(0))
          .max +
      1;
  if (!options.inputScale.empty())
    interface.inputScale = options.inputScale;
  if (!options.inputZeroPoint.empty())
    interface.inputZeroPoint = options.inputZeroPoint;
  return interface;
}

/// Runs the words on the samples; they must agree with the interpreter.
static LogicalResult verify(Compilation &compilation, func::FuncOp model,
                            const Samples &samples) {
  Measurement measured =
      measure(compilation.layout, compilation.program, samples);
  if (!measured.error.empty())
    return model.emitError("the emitted program breaks a rule of the device: ")
           << measured.error;
  compilation.cycles = measured.cycles;
  for (auto [i, taken] : llvm::enumerate(measured.classes)) {
    lowbit::Elements input = samples.getValues(i);
    int64_t expected = lowbit::interpret(model, input)[0];
    if (expected != taken)
      return model.emitError("the emitted program gives class ")
             << int(taken) << " for input " << i << ", the model " << expected;
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
  if (failed(program) || failed(checkMarks(*layout)))
    return failure();
  result.program = *program;
  return success();
}

/// A module that holds a program already: only addresses and words are due.
/// There is no model to verify them against.
static FailureOr<Compilation> compileProgram(OwningOpRef<ModuleOp> module,
                                             const CompileOptions &options) {
  if (failed(runPipeline(*module, getPlacement(options))))
    return failure();
  auto programs = llvm::to_vector(module->getOps<pdk::ProgramOp>());
  if (programs.size() != 1)
    return module->emitError("a module holds one program, not ")
           << programs.size();
  Compilation result;
  result.interface.name = programs[0].getSymName().str();
  result.pdk = std::move(module);
  if (failed(emitWords(result, options)))
    return failure();
  return result;
}

FailureOr<Compilation> pdkc::compile(OwningOpRef<ModuleOp> module,
                                     const CompileOptions &options) {
  if (holds(*module, "pdk"))
    return compileProgram(std::move(module), options);
  Compilation result;
  if (failed(runTo(Stage::Lowbit, *module, options)))
    return failure();
  auto model = getModel(*module);
  if (failed(model))
    return failure();
  model->setSymName(options.name);
  result.interface = getInterface(*model, options);
  if (result.interface.input.max - result.interface.input.min > 255 ||
      result.interface.input.min < -128 || result.interface.input.max > 255)
    return model->emitError("inputs of ")
           << result.interface.input.min << " to " << result.interface.input.max
           << " do not fit a byte; give --input-range";
  result.lowbit = module.get().clone();
  if (failed(prepare(*module)))
    return failure();

  Samples samples =
      makeSamples(result.interface, options.samples, options.verify);
  if (failed(plan(*module, options, samples)))
    return failure();
  result.plan = module.get().clone();
  if (failed(lowerPlan(*module, options)))
    return failure();
  result.pdk = std::move(module);
  if (failed(emitWords(result, options)) ||
      failed(verify(result, *getModel(*result.lowbit), samples)))
    return failure();
  return result;
}
