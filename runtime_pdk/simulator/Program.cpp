//===- Program.cpp - A program that tells what it is ----------------------===//

#include "runtime_pdk/simulator/Program.h"

#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/IntelHex.h"
#include "runtime_pdk/simulator/MapFile.h"

#include <charconv>

using namespace pdkc;
using namespace pdkc::sim;

size_t Program::countArrayBytes() const {
  size_t bytes = 0;
  for (const Array &array : arrays)
    bytes += array.bytes;
  return bytes;
}

/// A number above 0.
static bool parse(std::string_view text, unsigned &number) {
  auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() && number;
}

/// The arrays of "output=4,output_score=2".
static bool readArrays(std::string_view text, const std::string &prefix,
                       const MapFile &map, Program &program,
                       std::string &error) {
  while (!text.empty()) {
    std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), entry.size() + 1));
    Program::Array array;
    size_t equals = entry.rfind('=');
    array.name = entry.substr(0, equals);
    // A firmware sends them.
    std::optional<unsigned> address =
        program.serial ? 0 : map.find(prefix + array.name);
    if (equals == entry.npos || !parse(entry.substr(equals + 1), array.bytes) ||
        !address ||
        *address + uint64_t(array.bytes) > program.device->ramBytes) {
      error = "the map's --output-bytes has '" + std::string(entry) +
              "', which is no array in RAM";
      return false;
    }
    array.address = *address;
    program.arrays.push_back(array);
  }
  return true;
}

/// How a firmware is talked to.
static bool readSerial(const MapFile &map, Program &program,
                       std::string &error) {
  auto getTold = [&](const char *name) -> std::string {
    auto it = map.options.find(name);
    return it == map.options.end() ? "" : it->second;
  };
  auto rx = parsePin(getTold("rx"), *program.device);
  auto tx = parsePin(getTold("tx"), *program.device);
  std::string told = getTold("gap");
  unsigned clock = 0, baud = 0, gap = 0;
  bool hasGap = !told.empty() && told != "0";
  if (!rx || !tx || !parse(getTold("clock"), clock) ||
      !parse(getTold("baud"), baud) || (hasGap && !parse(told, gap)) ||
      double(clock) / baud < 8 || double(clock) / baud > 1e6 || gap > 1e6) {
    error = "the map says of a firmware no --rx, --tx, --clock, --baud and "
            "--gap that make sense";
    return false;
  }
  auto end = map.getStaticEnd();
  if (!end) {
    error = "the map tells of neither DATA nor OSEG: where does the stack "
            "begin?";
    return false;
  }
  program.model.stackBase = (*end + 1) & ~1u;
  program.serial.emplace();
  program.serial->rx = *rx;
  program.serial->tx = *tx;
  program.serial->clock = clock;
  program.serial->baud = baud;
  program.serial->gapBits = gap;
  return true;
}

std::optional<Program> sim::readProgram(std::string_view ihx,
                                        std::string_view mapText,
                                        const pdk::Device *device,
                                        size_t sampleBytes,
                                        std::string &error) {
  auto words = readIntelHex(ihx, error);
  auto map = words ? readMapFile(mapText, error) : std::nullopt;
  if (!map)
    return std::nullopt;
  auto fail = [&](const std::string &text) {
    error = text;
    return std::nullopt;
  };
  auto getTold = [&](const char *name) -> std::string {
    auto it = map->options.find(name);
    return it == map->options.end() ? "" : it->second;
  };
  Program program;
  program.words = std::move(*words);
  program.sampleBytes = sampleBytes;
  program.device = device ? device : pdk::findDevice(getTold("mcu"));
  if (!program.device)
    return fail("the map does not say for which device the program is");
  if (program.words.size() > program.device->codeWords)
    return fail("the program reaches to word " +
                hex(unsigned(program.words.size() - 1)) + ", " +
                program.device->name + " has " +
                std::to_string(program.device->codeWords) + " words");
  std::string name = getTold("name");
  if (name.empty())
    name = "model";
  if (!getTold("baud").empty()) {
    if (!readSerial(*map, program, error))
      return std::nullopt;
  } else {
    auto model = map->getModel(std::nullopt, error, name);
    if (!model)
      return std::nullopt;
    program.model = *model;
  }
  unsigned stackBase = program.model.stackBase;
  if (stackBase >= program.device->ramBytes)
    return fail("the stack would begin at RAM byte " + hex(stackBase) + ", " +
                program.device->name + " has " +
                std::to_string(program.device->ramBytes) + " bytes");
  unsigned number;
  if (!program.sampleBytes && parse(getTold("inputs"), number))
    program.sampleBytes = number;
  if (!program.sampleBytes)
    return fail("the map does not say how many bytes a sample has");
  if (!getTold("value-bytes").empty() &&
      !parse(getTold("value-bytes"), program.model.inputBytes))
    return fail("the map has --value-bytes=" + getTold("value-bytes"));
  if (program.model.inputBytes > 2 ||
      program.sampleBytes % program.model.inputBytes)
    return fail("a sample has whole values of one byte or two");
  auto ranges = readInputRanges(getTold("ranges"));
  if (!ranges)
    return fail("the map has --ranges=" + getTold("ranges"));
  program.ranges = std::move(*ranges);
  if (!readArrays(getTold("output-bytes"), "_" + name + "_", *map, program,
                  error))
    return std::nullopt;
  return program;
}

/// Merges what a sample broke into what others did.
static void add(std::vector<SampleViolation> &all,
                const std::vector<Violation> &violations, size_t sample) {
  for (const Violation &violation : violations) {
    auto it = std::find_if(all.begin(), all.end(), [&](const auto &other) {
      return other.violation.rule == violation.rule &&
             other.violation.pc == violation.pc;
    });
    if (it == all.end())
      all.push_back({violation, sample});
    else
      it->violation.count += violation.count;
  }
}

/// Sends the samples to a firmware, which runs all the while.
static void exchange(const Program &program, Machine &machine,
                     const uint8_t *samples, size_t count,
                     const BatchOptions &options, BatchResult &result) {
  SerialOptions serial = *program.serial;
  serial.cycleLimit = options.cycleLimit;
  unsigned stackBase = program.model.stackBase;
  SerialBench bench(machine, serial);
  machine.setStackBase(stackBase);
  size_t bytes = 1 + program.countArrayBytes();
  bool goesOn = bench.waitUntilReady();
  if (!goesOn)
    add(result.violations, machine.takeViolations(), 0);
  for (size_t i = 0; i < count && goesOn; ++i) {
    SerialExchange run = bench.exchange(samples + i * program.sampleBytes,
                                        program.sampleBytes, bytes);
    add(result.violations, run.violations, i);
    goesOn = run.answer.size() == bytes;
    if (!goesOn)
      break;
    result.classes.push_back(run.answer[0]);
    result.cycles.push_back(run.cyclesToAnswer);
    result.arrays.insert(result.arrays.end(), run.answer.begin() + 1,
                         run.answer.end());
  }
  if (goesOn)
    add(result.violations, bench.finish(), count ? count - 1 : 0);
  unsigned deepest = machine.getStackHigh();
  result.stackBytes = deepest > stackBase ? deepest - stackBase : 0;
}

BatchResult sim::runBatch(const Program &program, const uint8_t *samples,
                          size_t count, const BatchOptions &options) {
  BatchResult result;
  Machine machine(*program.device);
  machine.allowUndocumented(options.allowUndocumented);
  machine.load(program.words);
  if (program.serial) {
    exchange(program, machine, samples, count, options, result);
    return result;
  }
  InferenceOptions limits;
  limits.cycleLimit = options.cycleLimit;
  for (size_t i = 0; i < count; ++i) {
    InferenceResult run =
        infer(machine, program.model, samples + i * program.sampleBytes,
              program.sampleBytes, limits);
    add(result.violations, run.violations, i);
    result.stackBytes = std::max(result.stackBytes, run.stackBytes);
    if (!run.returned)
      break;
    result.classes.push_back(run.classIndex);
    result.cycles.push_back(run.cycles);
    for (const Program::Array &array : program.arrays)
      for (unsigned k = 0; k < array.bytes; ++k)
        result.arrays.push_back(machine.readRam(array.address + k));
  }
  return result;
}
