//===- Phases.cpp - Pipelines as the options say --------------------------===//

#include "compiler/Phases.h"

using namespace mlir;
using namespace pdkc;

void pdkc::setPipelineOptions(const CompileOptions &options,
                              PipelineOptions &result) {
  result.inputRange = options.inputRange;
  if (!options.inputScale.empty())
    result.inputScale = options.inputScale;
  if (!options.inputZeroPoint.empty())
    result.inputZeroPoint = options.inputZeroPoint;
  result.output = options.output;
  result.outputs = options.outputs;
  result.calibrate = options.calibrate;
  result.labels = options.labels;
  result.input = options.input;
  result.mcu = options.device;
  result.undocumented = options.undocumented;
  result.reserveRam = options.reserveRam;
  result.firmware = options.firmware.has_value();
  if (const auto &firmware = options.firmware) {
    result.baud = firmware->baud;
    result.clock = firmware->clock;
    result.tx = firmware->tx;
    result.rx = firmware->rx;
    result.byteGap = firmware->byteGap;
    result.millivolts = firmware->millivolts;
  }
}

static void buildWith(OpPassManager &manager, const CompileOptions &options,
                      PhaseBuilder build) {
  PipelineOptions pipeline;
  setPipelineOptions(options, pipeline);
  build(manager, pipeline);
}

LogicalResult pdkc::runPhase(ModuleOp module, const CompileOptions &options,
                             StringRef name, PhaseBuilder build) {
  // Passes are told apart by their addresses, which later ones take again: each
  // phase keeps times of its own.
  TimingScope timer = startTimer(options, name);
  auto manager = PassManager::on<ModuleOp>(module.getContext());
  buildWith(manager, options, build);
  if (options.configure && failed(options.configure(manager)))
    return failure();
  manager.enableTiming(timer);
  return manager.run(module);
}

TrialPhase::TrialPhase(MLIRContext *context, const CompileOptions &options,
                       PhaseBuilder build)
    : manager(PassManager::on<ModuleOp>(context)) {
  buildWith(manager, options, build);
  manager.enableVerifier(false);
}

TimingScope pdkc::startTimer(const CompileOptions &options, StringRef name) {
  return options.timing ? options.timing->nest(name) : TimingScope();
}
