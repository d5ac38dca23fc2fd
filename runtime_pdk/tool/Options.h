//===- Options.h - The command line of pdk-sim ------------------*- C++ -*-===//

#ifndef PDKC_RUNTIME_PDK_TOOL_OPTIONS_H
#define PDKC_RUNTIME_PDK_TOOL_OPTIONS_H

#include "runtime_pdk/simulator/InputRanges.h"
#include "runtime_pdk/simulator/SerialBench.h"

#include "llvm/ADT/Twine.h"

#include <optional>
#include <string>

namespace pdkc::tool {

enum ExitStatus { Good = 0, Bad = 1, BadUsage = 2 };

/// Prints an error and returns the status.
ExitStatus fail(const llvm::Twine &message, ExitStatus status = Bad);

struct Options {
  const pdk::Device *device = nullptr;
  std::string program;
  std::string map;
  std::string name;
  std::string samples;                   ///< empty: the program has its own
  std::string labels, expected, classes; ///< empty: not given
  std::string outputs;                   ///< empty: not given
  /// Arrays of the module's that outputs gets, in this order: the name behind
  /// the module's, and bytes.
  std::vector<std::pair<std::string, unsigned>> outputArrays;
  std::optional<unsigned> inputs;        ///< bytes of a sample
  unsigned valueBytes = 1;               ///< of a value of them
  std::vector<sim::InputRange> ranges;   ///< of these; empty: any
  std::optional<unsigned> limit;         ///< samples to run
  bool isFromReset = false;              ///< with a main
  std::optional<unsigned> port;          ///< of the inputs, with isFromReset
  std::optional<unsigned> stack;
  uint64_t cycleLimit = 0;
  bool allowUndocumented = false;
  bool json = false;
  unsigned trace = 0;

  bool isSweep = false;
  bool isSerial = false;
  sim::SerialOptions serial;
  unsigned answerBytes = 1;
  std::string answers; ///< empty: not given
};

/// The options if they make sense; otherwise says why not. What is not given is
/// as pdkc wrote it into the program's map.
std::optional<Options> parseOptions(int argc, char **argv);

} // namespace pdkc::tool

#endif // PDKC_RUNTIME_PDK_TOOL_OPTIONS_H
