//===- Files.h - The files that pdkc reads and writes -----------*- C++ -*-===//

#ifndef PDKC_COMPILER_TOOL_FILES_H
#define PDKC_COMPILER_TOOL_FILES_H

#include "compiler/tool/Options.h"
#include "llvm/Support/ToolOutputFile.h"

namespace pdkc {

/// Files that appear together or not at all.
class Outputs {
public:
  /// Null, after an error, where the file cannot be made.
  llvm::raw_ostream *open(llvm::StringRef path);
  void keep() {
    for (auto &file : files)
      file->keep();
  }

private:
  std::vector<std::unique_ptr<llvm::ToolOutputFile>> files;
};

/// Reads the file of --samples where one is given; the exit status.
int readSamples(const CommandLine &options, CompileOptions &result);

/// Writes a module to -o; the exit status.
int writeModule(mlir::ModuleOp module, const CommandLine &options);

/// Writes a compiled model to -o, its header or map beside it; the exit status.
int writeFiles(Compilation &result, const CommandLine &options);

/// Writes the model's meaning on the samples, without a device; the exit
/// status.
int writeValues(mlir::ModuleOp module, const CompileOptions &compileOptions,
                const CommandLine &options);

} // namespace pdkc

#endif // PDKC_COMPILER_TOOL_FILES_H
