//===- Compiler.cpp - From a model to a module for a device ---------------===//

#include "compiler/Compiler.h"

#include "compiler/Measure.h"
#include "compiler/Phases.h"
#include "compiler/planning/Planner.h"
#include "dialects/lowbit/Interpreter.h"
#include "dialects/onnx/OnnxDialect.h"
#include "passes/lowbit/support/Streaming.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "passes/pdk/ResourceError.h"
#include "passes/pdk/analysis/CycleBounds.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace pdkc;

void pdkc::registerDialects(DialectRegistry &registry) {
  registry.insert<func::FuncDialect, onnx::OnnxDialect, lowbit::LowbitDialect,
                  pdk::PdkDialect>();
  registerMethods(registry);
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
  if (!holds(module, "onnx"))
    return success();
  return runPhase(module, options, "Streamline", buildStreamlinePipeline);
}

/// The one function that is the model.
static FailureOr<func::FuncOp> getModel(ModuleOp module) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1)
    return module.emitError("holds ")
           << functions.size() << " functions; a model is one";
  if (failed(lowbit::checkModel(functions[0])))
    return failure();
  return functions[0];
}

/// An output as integers, from its bytes in RAM.
static lowbit::Elements readOutput(const ModuleOutput &output,
                                   ArrayRef<uint8_t> bytes) {
  CType type = getCType(output.range);
  lowbit::Elements values;
  for (int64_t i = 0; i < output.count; ++i) {
    uint64_t value = 0;
    for (int64_t byte = 0; byte < type.bytes; ++byte)
      value |= uint64_t(bytes[i * type.bytes + byte]) << (8 * byte);
    values.push_back(type.isSigned ? llvm::SignExtend64(value, 8 * type.bytes)
                                   : int64_t(value));
  }
  return values;
}

/// Runs the words on the samples; they must agree with the interpreter.
static LogicalResult verify(Compilation &compilation, const Samples &samples,
                            const CompileOptions &options) {
  func::FuncOp model = *getModel(*compilation.lowbit);
  TimingScope timer = startTimer(options, "Verify words");
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
    for (auto [wanted, output] : llvm::zip_equal(llvm::drop_begin(expected),
                                                 compilation.interface.outputs))
      if (wanted != readOutput(output, measured.outputs[i][output.symbol]))
        return model.emitError("the emitted program gives another ")
               << output.symbol << " for input " << i << " than the model";
  }
  compilation.verified = measured.classes.size();
  return success();
}

/// Cycles on the longest path of the program.
static std::optional<int64_t> findLongest(pdk::ProgramOp program) {
  ControlFlow flow(program);
  if (!flow.isValid())
    return std::nullopt;
  int64_t cycles = CycleBounds(flow, {}).getLongestRun(kNextInputCycles);
  return cycles < CycleBounds::kUnbounded ? std::optional(cycles)
                                          : std::nullopt;
}

static pdk::ProgramOp getProgram(Compilation &result) {
  return *result.pdk->getOps<pdk::ProgramOp>().begin();
}

/// The error of a program that is too large for its device.
static LogicalResult refuseWords(pdk::ProgramOp program, const Layout &layout,
                                 int64_t needed,
                                 const CompileOptions &options) {
  ResourceError error(program, Resource::Code, *layout.device, needed,
                      layout.device->usableWords);
  llvm::raw_string_ostream detail(error.detail);
  if (options.firmware)
    detail << " (firmware " << layout.words.size();
  else
    detail << " (network " << layout.words.size() << ", C " << kWordsForC;
  if (options.reserveWords)
    detail << ", reserved " << options.reserveWords;
  detail << ")";
  error.advice = "use fewer weights or bits, or a larger device";
  llvm::MapVector<Location, int64_t> words; // by the node that they come from
  for (const CodeWord &word : layout.words)
    ++words[word.op->getLoc()];
  for (auto [loc, count] : words)
    error.addUse(loc, count,
                 loc == program.getLoc() ? "in code and tables of all layers"
                                         : "in code and tables of its own");
  return error.emit();
}

/// From a program with addresses in result.pdk to words that fit.
static LogicalResult emitWords(Compilation &result,
                               const CompileOptions &options) {
  pdk::ProgramOp programOp = getProgram(result);
  auto layout = layOut(programOp);
  if (failed(layout))
    return failure();
  result.layout = *layout;
  if (layout->exported.empty())
    return programOp.emitError("exports no routine to call");
  const pdk::Device &device = *result.layout.device;
  int64_t words = layout->words.size();
  int64_t needed = words + getReservedWords(options);
  if (needed > int64_t(device.usableWords))
    return refuseWords(programOp, *layout, needed, options);
  if (options.maxWords && words > options.maxWords)
    return programOp.emitError("takes ")
           << words << " words, --max-words allows " << options.maxWords
           << "; allow more, or use fewer weights or bits";
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
  if (failed(runPhase(*module, options, "Place", buildPlacePipeline)))
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

namespace {
/// A model as plans for any device begin with it.
struct PreparedModel {
  ModuleOp imported;            ///< what it means
  OwningOpRef<ModuleOp> module; ///< flat
  ModuleInterface interface;
  Samples samples; ///< to measure plans and to verify the words with
};
} // namespace

static FailureOr<PreparedModel> prepare(ModuleOp imported,
                                        const CompileOptions &options) {
  PreparedModel model;
  model.imported = imported;
  lowbit::InputLayout layout = lowbit::InputLayout::get(*getModel(imported));
  if (failed(checkSamples(imported, layout, options.samples,
                          options.sampleArray)))
    return failure();
  model.samples = makeSamples(layout, options.samples, options.verify);
  model.module = imported.clone();
  if (failed(runPhase(*model.module, options, "Prepare", buildPreparePipeline)))
    return failure();
  model.interface = getInterface(*getModel(*model.module), options.name);
  return model;
}

/// From a prepared model to words that fit the options' device.
static FailureOr<Compilation>
compileFor(PreparedModel &model, CompileOptions options, PlanGoal goal) {
  Compilation result;
  result.interface = model.interface;
  result.lowbit = model.imported.clone();
  OwningOpRef<ModuleOp> module = model.module.get().clone();
  SearchSummary summary;
  auto undocumented = plan(*module, options, model.samples, goal, summary);
  if (failed(undocumented))
    return failure();
  if (options.undocumented)
    result.undocumented = *undocumented;
  options.undocumented = undocumented->isUsed;
  result.plan = module.get().clone();
  auto buildEmit = [](OpPassManager &manager, const PipelineOptions &pipeline) {
    buildLowerPipeline(manager, pipeline);
    buildPlacePipeline(manager, pipeline);
  };
  if (failed(runPhase(*module, options, "Lower and place", buildEmit)))
    return failure();
  result.pdk = std::move(module);
  if (failed(emitWords(result, options)))
    return failure();
  return result;
}

/// The program that a model is on a device which it fits. Nothing, and no word
/// about it, where there is none.
static std::optional<Compilation>
findFit(PreparedModel &model, StringRef device, CompileOptions options) {
  TimingScope timer = startTimer(options, "Try a device");
  ScopedDiagnosticHandler quiet(model.imported.getContext(),
                                [](Diagnostic &) { return success(); });
  options.configure = nullptr;
  options.timing = nullptr;
  options.device = device.str();
  auto result = compileFor(model, options,
                           options.isEstimate ? PlanGoal::Near : PlanGoal::Fit);
  if (failed(result) || failed(checkPace(getProgram(*result))))
    return std::nullopt;
  return std::move(*result);
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
static void remarkDevices(PreparedModel &model,
                          const CompileOptions &options) {
  std::string fitting;
  const pdk::Device &mine = *pdk::findDevice(options.device);
  for (const std::string &name : getDevicesBySize()) {
    const pdk::Device &device = *pdk::findDevice(name);
    if (device.usableWords < mine.usableWords ||
        (device.usableWords == mine.usableWords &&
         device.ramBytes <= mine.ramBytes))
      continue;
    auto fit = findFit(model, name, options);
    if (!fit)
      continue;
    fitting += llvm::formatv("{0}{1} ({2} of {3} words, {4} of {5} bytes)",
                             fitting.empty() ? "" : ", ", name,
                             fit->layout.words.size(), device.usableWords,
                             fit->layout.firstByte + fit->layout.staticBytes +
                                 fit->layout.stackBytes,
                             device.ramBytes);
  }
  func::FuncOp function = *getModel(model.imported);
  if (fitting.empty())
    function.emitRemark("it fits no larger device either");
  else
    function.emitRemark("it fits: ") << fitting;
}

/// Whether the model's program on the device is as fast as is asked for.
static bool isFastEnough(PreparedModel &model, StringRef device,
                         CompileOptions options) {
  ScopedDiagnosticHandler quiet(model.imported.getContext(),
                                [](Diagnostic &) { return success(); });
  options.configure = nullptr;
  options.timing = nullptr;
  options.device = device.str();
  auto result = compileFor(model, options, PlanGoal::Best);
  return succeeded(result) &&
         succeeded(verify(*result, model.samples, options)) &&
         result->cycles.mean <= double(options.maxCycles);
}

/// The smallest device that the model fits, fast enough where that is asked for;
/// else the largest.
static std::string chooseDevice(PreparedModel &model,
                                const CompileOptions &options) {
  std::string device;
  for (const std::string &name : getDevicesBySize()) {
    // Of some devices a firmware does not know the pins.
    if (options.firmware && !pdk::findDevice(name)->maxClock)
      continue;
    device = name;
    if (findFit(model, name, options) &&
        (!options.maxCycles || isFastEnough(model, name, options)))
      break;
  }
  return device;
}

FailureOr<Compilation> pdkc::compile(OwningOpRef<ModuleOp> module,
                                     const CompileOptions &options) {
  // Planning writes programs before a pass asks for their dialect.
  module.get()->getContext()->loadDialect<lowbit::LowbitDialect,
                                          pdk::PdkDialect>();
  if (holds(*module, "pdk"))
    return compileProgram(std::move(module), options);
  if (failed(runTo(Stage::Lowbit, *module, options)))
    return failure();
  auto function = getModel(*module);
  if (failed(function))
    return failure();
  if ((*function)->hasAttr(lowbit::LowbitDialect::kRamAttr))
    return function->emitError("is planned already; go on with pdkc-opt "
                               "--lowbit-to-pdk, whose program pdkc takes");
  function->setSymName(options.name);
  auto model = prepare(*module, options);
  if (failed(model))
    return failure();
  CompileOptions chosen = options;
  if (options.device == "auto")
    chosen.device = chooseDevice(*model, options);
  // Whether another device could help.
  bool isTooSmall = false;
  auto result = [&] {
    ScopedDiagnosticHandler look(module->getContext(), [&](Diagnostic &error) {
      isTooSmall |= ResourceError::find(error).has_value();
      return failure();
    });
    return compileFor(*model, chosen,
                      options.isEstimate ? PlanGoal::Near : PlanGoal::Best);
  }();
  if (failed(result) && isTooSmall && options.device != "auto" &&
      !options.isEstimate)
    remarkDevices(*model, options);
  if (failed(result) || failed(verify(*result, model->samples, options)) ||
      failed(checkPace(getProgram(*result))))
    return failure();
  if (!options.firmware) {
    result->longest = findLongest(getProgram(*result));
    assert((!result->longest ||
            int64_t(result->cycles.max) <= *result->longest) &&
           "an input takes more cycles than there are");
  }
  double cycles = result->cycles.mean;
  if (options.maxCycles && cycles > double(options.maxCycles))
    return getProgram(*result).emitError("takes ")
           << int64_t(std::ceil(cycles))
           << " cycles on average, --max-cycles allows " << options.maxCycles
           << "; allow more, or use a larger device or fewer weights";
  return result;
}
