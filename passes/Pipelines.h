//===- Pipelines.h - The phases of the compilation --------------*- C++ -*-===//
//
//     onnx --streamline--> lowbit --prepare--> lowbit, flat
//          --lowbit-plan--> lowbit with methods --lower--> pdk, virtual cells
//          --place--> pdk with addresses
//
// Each phase is a pipeline of passes by the name pdkc-<phase>, pdkc-compile is
// all four. Planning is a pass of its own, lowbit-plan (compiler/planning).
// Without it every operation has the method that it has by default.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_PIPELINES_H
#define PDKC_PASSES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"
#include "passes/Passes.h"

namespace pdkc {

// Defaults are those of the passes.

struct StreamlineOptions : mlir::PassPipelineOptions<StreamlineOptions> {
  Option<std::string> inputRange{
      *this, "input-range",
      llvm::cl::desc("LO:HI, the integers that the device hands over"),
      llvm::cl::init(OnnxToLowbitOptions().inputRange)};
  Option<std::string> inputScale{
      *this, "input-scale", llvm::cl::desc("What one step of them is worth"),
      llvm::cl::init(OnnxToLowbitOptions().inputScale)};
  Option<std::string> inputZeroPoint{
      *this, "input-zero-point", llvm::cl::desc("The integer that is worth 0"),
      llvm::cl::init(OnnxToLowbitOptions().inputZeroPoint)};
  Option<std::string> output{*this, "output",
                             llvm::cl::desc("class, logits or values"),
                             llvm::cl::init(OnnxToLowbitOptions().output)};
  Option<std::string> outputs{
      *this, "outputs",
      llvm::cl::desc("Names of the graph's outputs to give, with commas"),
      llvm::cl::init(OnnxChooseOutputsOptions().outputs)};
  Option<std::string> calibrate{
      *this, "calibrate",
      llvm::cl::desc("File of inputs, a byte a value or two, to make scales "
                     "constant that depend on the input"),
      llvm::cl::init("")};
  Option<std::string> labels{
      *this, "labels", llvm::cl::desc("File of their classes, one byte each"),
      llvm::cl::init("")};
};

struct PrepareOptions : mlir::PassPipelineOptions<PrepareOptions> {
  Option<std::string> input{
      *this, "input",
      llvm::cl::desc("How inputs come: auto, buffer or stream"),
      llvm::cl::init(LowbitChooseInputOptions().input)};
};

struct LowerOptions : mlir::PassPipelineOptions<LowerOptions> {
  Option<std::string> mcu{*this, "mcu", llvm::cl::desc("The device"),
                          llvm::cl::init(LowbitToPdkOptions().device)};
  Option<bool> undocumented{
      *this, "undocumented",
      llvm::cl::desc("Read tables by LDSPTL and LDSPTH where the device has "
                     "them"),
      llvm::cl::init(LowbitToPdkOptions().undocumented)};
};

struct PlaceOptions : mlir::PassPipelineOptions<PlaceOptions> {
  Option<bool> firmware{
      *this, "firmware",
      llvm::cl::desc("Make a firmware of the module; the options below are its "
                     "own"),
      llvm::cl::init(false)};
  Option<int64_t> baud{*this, "baud", llvm::cl::desc("Bits a second"),
                       llvm::cl::init(PdkFirmwareOptions().baud)};
  Option<int64_t> clock{*this, "clock",
                        llvm::cl::desc("System clock in Hz; 0: 8 MHz, or the "
                                       "device's fastest below that"),
                        llvm::cl::init(PdkFirmwareOptions().clock)};
  Option<std::string> tx{*this, "tx", llvm::cl::desc("Pin that sends"),
                         llvm::cl::init(PdkFirmwareOptions().tx)};
  Option<std::string> rx{*this, "rx", llvm::cl::desc("Pin that receives"),
                         llvm::cl::init(PdkFirmwareOptions().rx)};
  Option<int64_t> byteGap{
      *this, "byte-gap",
      llvm::cl::desc("Bits that the sender pauses after each byte"),
      llvm::cl::init(PdkFirmwareOptions().byteGap)};
  Option<int64_t> millivolts{
      *this, "vdd", llvm::cl::desc("Supply voltage to calibrate the clock for"),
      llvm::cl::init(PdkFirmwareOptions().millivolts)};
  Option<int64_t> reserveRam{
      *this, "reserve-ram",
      llvm::cl::desc("Bytes kept free beside what C needs"),
      llvm::cl::init(PdkAllocateOptions().reserve)};
};

/// Those of all phases.
struct PipelineOptions : StreamlineOptions,
                         PrepareOptions,
                         LowerOptions,
                         PlaceOptions {};

/// From the onnx dialect to integers of the lowbit dialect.
void buildStreamlinePipeline(mlir::OpPassManager &manager,
                             const StreamlineOptions &options);

/// From the lowbit dialect to its flat form, which is planned on.
void buildPreparePipeline(mlir::OpPassManager &manager,
                          const PrepareOptions &options);

/// From methods to storage: all that is decided before code is written.
void buildStoragePipeline(mlir::OpPassManager &manager,
                          const LowerOptions &options);

/// From the flat form, with a method on each operation or without, to a program
/// of the pdk dialect on virtual cells.
void buildLowerPipeline(mlir::OpPassManager &manager,
                        const LowerOptions &options);

/// Makes a firmware of the program where one is asked for, and gives its cells
/// addresses.
void buildPlacePipeline(mlir::OpPassManager &manager,
                        const PlaceOptions &options);

/// All four.
void buildCompilePipeline(mlir::OpPassManager &manager,
                          const PipelineOptions &options);

/// Registers them by their names, for tools that run them from a command line.
void registerPdkcPipelines();

} // namespace pdkc

#endif // PDKC_PASSES_PIPELINES_H
