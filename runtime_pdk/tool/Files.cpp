//===- Files.cpp - What pdk-sim reads and writes --------------------------===//

#include "runtime_pdk/tool/Files.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/IntelHex.h"
#include "runtime_pdk/simulator/SampleFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace llvm;
using namespace pdkc;
using namespace pdkc::tool;

/// Reads a file, or says why not.
static bool readFile(StringRef name, std::string &contents) {
  auto buffer = MemoryBuffer::getFile(name, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer) {
    fail("cannot read " + name + ": " + buffer.getError().message());
    return false;
  }
  contents = (*buffer)->getBuffer().str();
  return true;
}

std::optional<std::vector<uint16_t>> tool::readProgram(const Options &options) {
  const pdk::Device &device = *options.device;
  std::string text, error;
  if (!readFile(options.program, text))
    return std::nullopt;
  auto words = sim::readIntelHex(text, error);
  if (!words) {
    fail(options.program + ": " + error);
    return std::nullopt;
  }
  if (words->size() > device.codeWords) {
    fail(options.program + ": the program reaches to word " +
         sim::hex(unsigned(words->size() - 1)) + ", " + device.name + " has " +
         Twine(device.codeWords) + " words");
    return std::nullopt;
  }
  return words;
}

std::optional<sim::MapFile> tool::readMap(const Options &options) {
  std::string text, error;
  if (!readFile(options.map, text))
    return std::nullopt;
  auto map = sim::readMapFile(text, error);
  if (!map)
    fail(options.map + ": " + error);
  return map;
}

std::optional<sim::ModelSymbols> tool::readModel(const Options &options) {
  auto map = readMap(options);
  if (!map)
    return std::nullopt;
  const pdk::Device &device = *options.device;
  std::string error;
  auto model = map->getModel(options.stack, error, options.name);
  if (!model) {
    fail(options.map + ": " + error);
    return std::nullopt;
  }
  if (model->stackBase >= device.ramBytes) {
    fail("the stack would begin at RAM byte " + sim::hex(model->stackBase) +
         ", " + device.name + " has " + Twine(device.ramBytes) + " bytes");
    return std::nullopt;
  }
  return model;
}

/// Reads samples or classes, where a file of them is given, of values of so many
/// bytes.
static bool readBytes(const std::string &name, std::string &bytes,
                      unsigned valueBytes = 1) {
  std::string contents, error;
  if (name.empty())
    return true;
  if (!readFile(name, contents))
    return false;
  auto read = sim::readSampleFile(contents, error);
  if (!read) {
    fail(name + ": " + error);
    return false;
  }
  if (read->array && valueBytes > 1) {
    fail(name + ": " + sim::SampleFile::kTooNarrow);
    return false;
  }
  bytes = std::move(read->bytes);
  return true;
}

bool tool::readSamples(const Options &options, Samples &samples) {
  if (!readBytes(options.samples, samples.bytes, options.valueBytes) ||
      !readBytes(options.labels, samples.labels) ||
      !readBytes(options.expected, samples.expected))
    return false;
  if (options.samples.empty())
    return true;
  std::string error =
      samples.bytes.empty()
          ? "no samples"
          : sim::findOutside(options.ranges, samples.data(),
                             samples.bytes.size(), options.valueBytes);
  if (!error.empty())
    fail(options.samples + ": " + error);
  return error.empty();
}

std::optional<size_t> tool::guessInputs(const Options &options,
                                        const Samples &samples) {
  if (options.inputs)
    return options.inputs;
  size_t count = std::max(samples.labels.size(), samples.expected.size());
  if (count)
    return samples.bytes.size() / count;
  return std::nullopt;
}

bool tool::countsMatch(const Options &options, const Samples &samples,
                       size_t count) {
  auto matches = [&](const std::string &file, size_t size) {
    if (file.empty() || size == count)
      return true;
    fail(file + ": " + Twine(size) + " bytes for " + Twine(count) + " samples");
    return false;
  };
  return matches(options.labels, samples.labels.size()) &&
         matches(options.expected, samples.expected.size());
}

size_t tool::countSamples(const Options &options, const Samples &samples,
                          size_t inputs) {
  size_t count = samples.bytes.size() / inputs;
  if (count == 0 || samples.bytes.size() % inputs) {
    fail(options.samples + ": " + Twine(samples.bytes.size()) +
         " bytes are not a whole number of samples of " + Twine(inputs) +
         ": sample " + Twine(count) + " ends after " +
         Twine(samples.bytes.size() % inputs));
    return 0;
  }
  if (!countsMatch(options, samples, count))
    return 0;
  if (options.limit)
    count = std::min<size_t>(count, *options.limit);
  return count;
}

bool tool::writeFile(const std::string &name, const std::string &contents) {
  std::error_code error;
  ToolOutputFile output(name, error, sys::fs::OF_None);
  if (!error) {
    output.os() << contents;
    output.os().close();
    error = output.os().error();
    output.os().clear_error();
  }
  if (error) {
    fail("cannot write " + name + ": " + error.message());
    return false;
  }
  output.keep();
  return true;
}
