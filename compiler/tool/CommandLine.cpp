//===- CommandLine.cpp - The command line of pdkc, from its words ---------===//

#include "compiler/import/ReadModel.h"
#include "compiler/include/pdkc-c.h"
#include "compiler/tool/Diagnostics.h"
#include "compiler/tool/Exploration.h"
#include "compiler/tool/Files.h"
#include "compiler/tool/Options.h"
#include "compiler/tool/Summary.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace pdkc;

/// The whole of what the command line asks for; `timing` is where times go.
static int run(const CommandLine &options, TimingScope &timing) {
  if (options.listMcus) {
    listDevices();
    return 0;
  }
  CompileOptions compileOptions;
  if (int status = getCompileOptions(options, compileOptions))
    return status;

  auto buffer = llvm::MemoryBuffer::getFile(options.input);
  if (!buffer)
    return fail("cannot read '" + options.input +
                    "': " + buffer.getError().message(),
                kBadModel);
  if (int status = readSamples(options, compileOptions))
    return status;
  compileOptions.configure = applyPassManagerCLOptions;
  compileOptions.timing = &timing;

  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(&context, printDiagnostic);
  TimingScope importTimer = timing.nest("Import");
  OwningOpRef<ModuleOp> module = readModel((*buffer)->getMemBufferRef(),
                                           getFormat(options.input), context);
  importTimer.stop();
  if (!module)
    return kBadModel;

  if (options.explore)
    return showExploration(std::move(module), compileOptions, options);
  Emit emit = getEmit(options);
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
    return writeModule(*shown, options);
  }
  auto result = compile(std::move(module), compileOptions);
  if (failed(result))
    return kBadModel;
  if (int status = writeFiles(*result, options))
    return status;
  printSummary(*result, options);
  return 0;
}

int pdkcMain(int argc, const char *const *argv) {
  registerMlirOptions();
  CommandLine options;
  hideOptions(options.category);
  setVersion();
  std::string message;
  llvm::raw_string_ostream errors(message);
  if (!llvm::cl::ParseCommandLineOptions(
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
