//===- Files.h - What pdk-sim reads and writes ------------------*- C++ -*-===//

#ifndef PDKC_RUNTIME_PDK_TOOL_FILES_H
#define PDKC_RUNTIME_PDK_TOOL_FILES_H

#include "runtime_pdk/simulator/MapFile.h"
#include "runtime_pdk/tool/Options.h"

namespace pdkc::tool {

// What follows says what is wrong before it returns false, 0 or nothing.

/// The program's words, which fit the device.
std::optional<std::vector<uint16_t>> readProgram(const Options &options);

/// The map of the program.
std::optional<sim::MapFile> readMap(const Options &options);

/// The model, by the program's map; its stack begins in RAM.
std::optional<sim::ModelSymbols> readModel(const Options &options);

struct Samples {
  std::string bytes;    ///< empty if the program has its own
  std::string labels;   ///< empty if not given
  std::string expected; ///< empty if not given

  const uint8_t *data() const {
    return reinterpret_cast<const uint8_t *>(bytes.data());
  }
};

bool readSamples(const Options &options, Samples &samples);

/// How many bytes a sample has, without running anything: by the option or by
/// the number of classes given.
std::optional<size_t> guessInputs(const Options &options,
                                  const Samples &samples);

/// With the bytes of a sample known: the number of samples to run, or 0.
size_t countSamples(const Options &options, const Samples &samples,
                    size_t inputs);

/// Whether the labels and expected classes, where given, are `count`.
bool countsMatch(const Options &options, const Samples &samples, size_t count);

bool writeFile(const std::string &name, const std::string &contents);

} // namespace pdkc::tool

#endif // PDKC_RUNTIME_PDK_TOOL_FILES_H
