//===- Files.cpp - The files that pdkc reads and writes -------------------===//

#include "compiler/tool/Files.h"
#include "compiler/tool/Diagnostics.h"

#include "runtime_pdk/simulator/SampleFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace pdkc;

llvm::raw_ostream *Outputs::open(StringRef path) {
  std::error_code error;
  files.push_back(std::make_unique<llvm::ToolOutputFile>(
      path, error, llvm::sys::fs::OF_None));
  if (!error)
    return &files.back()->os();
  fail("cannot write '" + path + "': " + error.message(), kBadModel);
  return nullptr;
}

int pdkc::readSamples(const CommandLine &options, CompileOptions &result) {
  if (options.samples.empty())
    return 0;
  auto file = llvm::MemoryBuffer::getFile(options.samples);
  if (!file)
    return fail("cannot read '" + options.samples +
                    "': " + file.getError().message(),
                kBadModel);
  std::string error;
  auto read = sim::readSampleFile((*file)->getBuffer(), error);
  if (!read)
    return fail("'" + options.samples + "': " + error, kBadModel);
  if (read->bytes.empty())
    return fail("'" + options.samples + "': no samples", kBadModel);
  result.samples.assign(read->bytes.begin(), read->bytes.end());
  result.sampleArray = read->array;
  return 0;
}

int pdkc::writeModule(ModuleOp module, const CommandLine &options) {
  Outputs outputs;
  llvm::raw_ostream *out = outputs.open(options.output);
  if (!out)
    return kBadModel;
  module->print(*out);
  outputs.keep();
  return 0;
}

int pdkc::writeFiles(Compilation &result, const CommandLine &options) {
  Outputs outputs;
  llvm::raw_ostream *out = outputs.open(options.output);
  if (!out)
    return kBadModel;
  std::string besidePath = getBeside(options);
  llvm::raw_ostream *beside = nullptr;
  if (!besidePath.empty() && !(beside = outputs.open(besidePath)))
    return kBadModel;
  switch (getEmit(options)) {
  case Emit::Ihx:
  case Emit::Module:
    writeIntelHex(result.program, *out);
    if (beside)
      writeMap(result.layout, result.program, result.interface, *beside);
    break;
  case Emit::Header:
    writeHeader(result.layout, result.interface, *out);
    break;
  default:
    writeAssembly(result.layout, result.interface, *out);
    if (beside)
      writeHeader(result.layout, result.interface, *beside);
    break;
  }
  outputs.keep();
  return 0;
}

int pdkc::writeValues(ModuleOp module, const CompileOptions &compileOptions,
                      const CommandLine &options) {
  if (failed(runTo(Stage::Lowbit, module, compileOptions)))
    return kBadModel;
  Outputs outputs;
  llvm::raw_ostream *out = outputs.open(options.output);
  if (!out || failed(writeValues(module, compileOptions, *out)))
    return kBadModel;
  outputs.keep();
  return 0;
}
