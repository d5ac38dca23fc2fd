//===- Phases.h - Pipelines as the options say ------------------*- C++ -*-===//

#ifndef PDKC_COMPILER_PHASES_H
#define PDKC_COMPILER_PHASES_H

#include "compiler/Compiler.h"
#include "passes/Pipelines.h"

namespace pdkc {

/// What the pipelines take of the options.
void setPipelineOptions(const CompileOptions &options, PipelineOptions &result);

/// Builds a phase, or several.
using PhaseBuilder = llvm::function_ref<void(mlir::OpPassManager &,
                                             const PipelineOptions &)>;

/// Runs passes on a module that is to be kept, as `options.configure` asks for,
/// and times them under the name given.
mlir::LogicalResult runPhase(mlir::ModuleOp module,
                             const CompileOptions &options,
                             llvm::StringRef name, PhaseBuilder build);

/// A pipeline for many modules that are only to be measured: what comes between
/// its passes is not verified, nor seen by the user.
class TrialPhase {
public:
  TrialPhase(mlir::MLIRContext *context, const CompileOptions &options,
             PhaseBuilder build);

  mlir::LogicalResult run(mlir::ModuleOp module) { return manager.run(module); }

private:
  mlir::PassManager manager;
};

/// Times a part of the compilation, where times are asked for.
mlir::TimingScope startTimer(const CompileOptions &options,
                             llvm::StringRef name);

} // namespace pdkc

#endif // PDKC_COMPILER_PHASES_H
