//===- Exploration.h - What --explore shows ---------------------*- C++ -*-===//

#ifndef PDKC_COMPILER_TOOL_EXPLORATION_H
#define PDKC_COMPILER_TOOL_EXPLORATION_H

#include "compiler/tool/Options.h"

namespace pdkc {

/// Explores what the model can be, on the device of --mcu where one is named,
/// and writes it: as a table, or to -o as JSON; the exit status.
int showExploration(mlir::OwningOpRef<mlir::ModuleOp> module,
                    const CompileOptions &compileOptions,
                    const CommandLine &options);

} // namespace pdkc

#endif // PDKC_COMPILER_TOOL_EXPLORATION_H
