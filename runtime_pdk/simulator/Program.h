//===- Program.h - A program that tells what it is --------------*- C++ -*-===//
//
// pdkc's .ihx and the .map beside it say together for which device a program
// is, where its model lies, how many bytes a sample has and where the outputs
// are: enough to run samples from memory. A module is called; a firmware is
// talked to by its pins.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_PROGRAM_H
#define PDKC_RUNTIME_PDK_SIMULATOR_PROGRAM_H

#include "runtime_pdk/simulator/Inference.h"
#include "runtime_pdk/simulator/InputRanges.h"
#include "runtime_pdk/simulator/SerialBench.h"

namespace pdkc::sim {

struct Program {
  /// An array of the model's beside the class.
  struct Array {
    std::string name; ///< behind the model's
    unsigned address = 0; ///< of a firmware's not known
    unsigned bytes = 0;
  };

  const pdk::Device *device = nullptr;
  std::vector<uint16_t> words;
  ModelSymbols model;
  size_t sampleBytes = 0;
  std::vector<InputRange> ranges; ///< empty: any
  std::vector<Array> arrays;
  /// Of a firmware its line; an answer is the class and the arrays' bytes.
  std::optional<SerialOptions> serial;

  /// Bytes of all arrays.
  size_t countArrayBytes() const;
};

/// From the texts of the two files. A program that SDCC has linked, whose map
/// does not tell of them, is for the device and has the bytes a sample that are
/// given; else null and 0. Nothing, and `error` set, where something is missing
/// or makes no sense.
std::optional<Program> readProgram(std::string_view ihx, std::string_view map,
                                   const pdk::Device *device,
                                   size_t sampleBytes, std::string &error);

/// A violation, merged over the samples.
struct SampleViolation {
  Violation violation;
  size_t sample; ///< the first one
};

/// What samples gave, up to the first one without an end.
struct BatchResult {
  std::vector<uint8_t> classes;
  /// Of the inference; of a firmware from a sample's last bit to the answer.
  std::vector<uint64_t> cycles;
  std::vector<uint8_t> arrays; ///< of each sample all arrays' bytes, in order
  unsigned stackBytes = 0;
  std::vector<SampleViolation> violations;
};

struct BatchOptions {
  uint64_t cycleLimit = 100000000; ///< of a sample; see SerialOptions, too
  bool allowUndocumented = false;  ///< LDSPTL and LDSPTH
};

/// Runs `count` samples, each of program.sampleBytes bytes.
BatchResult runBatch(const Program &program, const uint8_t *samples,
                     size_t count, const BatchOptions &options = {});

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_PROGRAM_H
