//===- Report.h - What became of a model, as data ---------------*- C++ -*-===//

#ifndef PDKC_COMPILER_REPORT_H
#define PDKC_COMPILER_REPORT_H

#include "compiler/Compiler.h"
#include "compiler/Explore.h"

namespace pdkc {

/// How an operation is computed.
struct LayerSummary {
  std::string node;
  int64_t inputs = 0, outputs = 0; ///< values
  std::string method;              ///< in a few words
};

/// Of what is worth a word, in the order of the computation.
std::vector<LayerSummary> getLayers(Compilation &compilation);

/// Bytes of RAM that the program takes, its stack and `p` included.
int64_t countBytes(const Layout &layout);

/// An object of JSON: device, words, bytes, cycles, inputs, outputs, layers;
/// compiler/include/pdkc-c.h lists its members.
void writeReport(Compilation &compilation, const CompileOptions &options,
                 llvm::raw_ostream &out);

/// The command line's options that make the point's program.
std::string getOptions(const ExploredPoint &point);

/// An array of JSON, an object a point.
void writePoints(llvm::ArrayRef<ExploredPoint> points, llvm::raw_ostream &out);

} // namespace pdkc

#endif // PDKC_COMPILER_REPORT_H
