//===- Summary.h - What pdkc tells of a compiled model ----------*- C++ -*-===//

#ifndef PDKC_COMPILER_TOOL_SUMMARY_H
#define PDKC_COMPILER_TOOL_SUMMARY_H

#include "compiler/tool/Options.h"

namespace pdkc {

/// Prints the devices, a line each, to stdout.
void listDevices();

/// Prints to stderr words, bytes and cycles; how each layer is computed, in a
/// word.
void printSummary(Compilation &result, const CommandLine &options);

} // namespace pdkc

#endif // PDKC_COMPILER_TOOL_SUMMARY_H
