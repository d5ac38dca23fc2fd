//===- Pipelines.cpp - The phases of the compilation ----------------------===//

#include "passes/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace pdkc;

/// Makes scales constant that depend on the input, by the samples of a file.
static void addCalibration(OpPassManager &manager,
                           const StreamlineOptions &options) {
  OnnxCalibrateOptions calibration;
  calibration.samples = options.calibrate;
  calibration.labels = options.labels;
  calibration.inputRange = options.inputRange;
  calibration.inputScale = options.inputScale;
  calibration.inputZeroPoint = options.inputZeroPoint;
  manager.addPass(createOnnxFoldConstants());
  manager.addPass(createOnnxCalibrate(calibration));
}

void pdkc::buildStreamlinePipeline(OpPassManager &manager,
                                   const StreamlineOptions &options) {
  manager.addPass(createOnnxChooseOutputs({options.outputs}));
  manager.addPass(createOnnxDecomposeQLinear());
  manager.addPass(createOnnxCheckBatch());
  manager.addPass(createOnnxInferTypes());
  if (!options.calibrate.empty())
    addCalibration(manager, options);
  manager.addPass(createOnnxFoldConstants());
  OnnxToLowbitOptions integers;
  integers.inputRange = options.inputRange;
  integers.inputScale = options.inputScale;
  integers.inputZeroPoint = options.inputZeroPoint;
  integers.output = options.output;
  manager.addPass(createOnnxToLowbit(integers));
  manager.addPass(createCSEPass());
  manager.addPass(createLowbitNarrowRanges());
  manager.addPass(createLowbitNarrowOutputs());
}

void pdkc::buildPreparePipeline(OpPassManager &manager,
                                const PrepareOptions &options) {
  manager.addPass(createLowbitFlatten());
  manager.addPass(createLowbitRemoveNeurons());
  manager.addPass(createLowbitElementwiseSums());
  manager.addPass(createLowbitNarrowRanges());
  manager.addPass(createLowbitShareStepFunctions());
  manager.addPass(createLowbitNarrowRanges());
  manager.addPass(createLowbitSplitInputs());
  manager.addPass(createLowbitSplitWeights());
  // Splitting leaves selections behind, which fold into what reads them.
  manager.addPass(createLowbitFlatten());
  manager.addPass(createLowbitChooseInput({options.input}));
  manager.addPass(createLowbitRebaseInputs());
  manager.addPass(createLowbitNarrowRanges());
  manager.addPass(createLowbitStoreInputs());
  manager.addPass(createLowbitFuse());
}

void pdkc::buildStoragePipeline(OpPassManager &manager,
                                const LowerOptions &options) {
  manager.addPass(createLowbitSpecialize());
  manager.addPass(
      createLowbitShareEngines({options.mcu, options.undocumented}));
  manager.addPass(
      createLowbitAssignStorage({options.mcu, options.undocumented}));
}

void pdkc::buildLowerPipeline(OpPassManager &manager,
                              const LowerOptions &options) {
  buildStoragePipeline(manager, options);
  manager.addPass(createLowbitToPdk({options.mcu, options.undocumented}));
}

void pdkc::buildPlacePipeline(OpPassManager &manager,
                              const PlaceOptions &options) {
  if (options.firmware) {
    PdkFirmwareOptions firmware;
    firmware.baud = options.baud;
    firmware.clock = options.clock;
    firmware.tx = options.tx;
    firmware.rx = options.rx;
    firmware.byteGap = options.byteGap;
    firmware.millivolts = options.millivolts;
    manager.addPass(createPdkFirmware(firmware));
  }
  manager.addPass(createPdkAllocate({options.reserveRam}));
}

void pdkc::buildCompilePipeline(OpPassManager &manager,
                                const PipelineOptions &options) {
  buildStreamlinePipeline(manager, options);
  buildPreparePipeline(manager, options);
  buildLowerPipeline(manager, options);
  buildPlacePipeline(manager, options);
}

void pdkc::registerPdkcPipelines() {
  PassPipelineRegistration<StreamlineOptions>(
      "pdkc-streamline", "From onnx to integers of lowbit",
      buildStreamlinePipeline);
  PassPipelineRegistration<PrepareOptions>(
      "pdkc-prepare", "To the flat lowbit that is planned on",
      buildPreparePipeline);
  PassPipelineRegistration<LowerOptions>(
      "pdkc-lower", "From flat lowbit to a program of pdk on virtual cells",
      buildLowerPipeline);
  PassPipelineRegistration<PlaceOptions>(
      "pdkc-place", "Make a firmware if wanted, and give cells addresses",
      buildPlacePipeline);
  PassPipelineRegistration<PipelineOptions>(
      "pdkc-compile", "All four, each layer by its default method",
      buildCompilePipeline);
}
