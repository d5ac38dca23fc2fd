//===- pdk-sim.cpp - Running a model's program on its test set ------------===//
//
// The tool around the simulator: reads a program and samples, runs every sample
// and says what came out, what it cost and which rules were broken.
//
// Exit status: 0 when all is well; 1 when a rule was broken, a class was not
// the expected one or a file is bad; 2 for bad usage.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/ChipRun.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/IntelHex.h"
#include "runtime_pdk/simulator/MapFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace pdkc;

//===----------------------------------------------------------------------===//
// Command line
//===----------------------------------------------------------------------===//

static cl::OptionCategory category("pdk-sim options");

static cl::opt<std::string> programFile(cl::Positional, cl::Required,
                                        cl::desc("PROGRAM.ihx"),
                                        cl::cat(category));
static cl::opt<std::string> mapFile("map", cl::value_desc("FILE"),
                                    cl::desc("The program's map (default: "
                                             "beside it)"),
                                    cl::cat(category));
static cl::opt<std::string> modelName("name", cl::init("model"),
                                      cl::value_desc("NAME"),
                                      cl::desc("Prefix of the module's "
                                               "symbols (default model)"),
                                      cl::cat(category));
static cl::opt<std::string> mcu("mcu", cl::init("pms150c"),
                                cl::desc("The device (default: pms150c)"),
                                cl::cat(category));
static cl::opt<std::string> samplesFile("samples", cl::Required,
                                        cl::value_desc("FILE"),
                                        cl::desc("Samples, one byte a value"),
                                        cl::cat(category));
static cl::opt<unsigned> inputsOption("inputs", cl::value_desc("N"),
                                      cl::desc("Bytes a sample (default: as "
                                               "many as the first inference "
                                               "takes)"),
                                      cl::cat(category));
static cl::opt<std::string> labelsFile("labels", cl::value_desc("FILE"),
                                       cl::desc("The true class of each "
                                                "sample, a byte each"),
                                       cl::cat(category));
static cl::opt<std::string> expectedFile("expected", cl::value_desc("FILE"),
                                         cl::desc("The class that each sample "
                                                  "must give, a byte each"),
                                         cl::cat(category));
static cl::opt<std::string> classesFile("classes", cl::value_desc("FILE"),
                                        cl::desc("Write the classes there, a "
                                                 "byte each"),
                                        cl::cat(category));
static cl::opt<unsigned> limitOption("limit", cl::value_desc("N"),
                                     cl::desc("Run the first N samples only"),
                                     cl::cat(category));
static cl::opt<unsigned>
    portOption("input-port", cl::value_desc("ADDR"),
               cl::desc("Run from reset; each read of this I/O address gives "
                        "the next byte of the samples"),
               cl::cat(category));
static cl::opt<unsigned>
    stackOption("stack", cl::value_desc("ADDR"),
                cl::desc("SP before the call of model_infer (default: behind "
                         "the program's variables)"),
                cl::cat(category));
static cl::opt<unsigned long long>
    cycleLimit("cycle-limit", cl::value_desc("N"), cl::init(100000000),
               cl::desc("Cycles that a sample may take (default: 100000000)"),
               cl::cat(category));
static cl::opt<bool>
    allowUndocumented("allow-undocumented",
                      cl::desc("LDSPTL and LDSPTH break no rule"),
                      cl::cat(category));
static cl::opt<bool> jsonOption("json", cl::desc("Write the result as JSON"),
                                cl::cat(category));
static cl::opt<unsigned>
    traceOption("trace", cl::value_desc("N"),
                cl::desc("Write the first N instructions to stderr"),
                cl::cat(category));

namespace {

enum ExitStatus { Good = 0, Bad = 1, BadUsage = 2 };

struct Program {
  std::vector<uint16_t> words;
  sim::ModelSymbols model;
};

struct Samples {
  std::string bytes;
  std::string labels;   ///< empty if not given
  std::string expected; ///< empty if not given
};

/// A violation, merged over the samples.
struct Finding {
  sim::Violation violation;
  size_t sample; ///< the first one
};

struct Summary {
  size_t wanted = 0; ///< samples to be run
  size_t inputs = 0; ///< bytes of a sample
  std::string classes;
  size_t correct = 0, equal = 0;
  std::optional<size_t> firstDifference;
  uint64_t minCycles = UINT64_MAX, maxCycles = 0, sumCycles = 0;
  unsigned stackBytes = 0, deepestSp = 0;
  std::vector<Finding> findings;

  double meanCycles() const {
    return classes.empty() ? 0 : double(sumCycles) / double(classes.size());
  }
  void add(const sim::InferenceResult &result);
};

} // namespace

static int fail(const Twine &message, ExitStatus status = Bad) {
  WithColor::error(errs(), "pdk-sim") << message << "\n";
  return status;
}

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

//===----------------------------------------------------------------------===//
// The program and its samples
//===----------------------------------------------------------------------===//

static bool readProgram(const pdk::Device &device, Program &program) {
  std::string text, error;
  if (!readFile(programFile, text))
    return false;
  auto words = sim::readIntelHex(text, error);
  if (!words) {
    fail(programFile + ": " + error);
    return false;
  }
  if (words->size() > device.codeWords) {
    fail(programFile + ": the program reaches to word " +
         sim::hex(unsigned(words->size() - 1)) + ", " + device.name + " has " +
         Twine(device.codeWords) + " words");
    return false;
  }
  program.words = *words;

  SmallString<128> name(mapFile);
  if (mapFile.empty()) {
    name = programFile;
    sys::path::replace_extension(name, ".map");
  }
  if (!readFile(name, text))
    return false;
  std::optional<unsigned> stackBase;
  if (stackOption.getNumOccurrences())
    stackBase = stackOption;
  std::optional<sim::ModelSymbols> model;
  if (auto map = sim::readMapFile(text, error))
    model = map->getModel(stackBase, error, modelName);
  if (!model) {
    fail(name + ": " + error);
    return false;
  }
  program.model = *model;
  return true;
}

static bool readSamples(Samples &samples) {
  if (!readFile(samplesFile, samples.bytes) ||
      (!labelsFile.empty() && !readFile(labelsFile, samples.labels)) ||
      (!expectedFile.empty() && !readFile(expectedFile, samples.expected)))
    return false;
  if (samples.bytes.empty())
    fail(samplesFile + ": no samples");
  return !samples.bytes.empty();
}

/// With the bytes of a sample known: the number of samples, or 0 after an
/// error.
static size_t countSamples(const Samples &samples, size_t inputs) {
  size_t count = samples.bytes.size() / inputs;
  if (count == 0 || samples.bytes.size() % inputs) {
    fail(samplesFile + ": " + Twine(samples.bytes.size()) +
         " bytes are not a whole number of samples of " + Twine(inputs));
    return 0;
  }
  auto matches = [&](const cl::opt<std::string> &file, size_t size) {
    if (file.empty() || size == count)
      return true;
    fail(file + ": " + Twine(size) + " bytes for " + Twine(count) +
         " samples of " + Twine(inputs));
    return false;
  };
  if (!matches(labelsFile, samples.labels.size()) ||
      !matches(expectedFile, samples.expected.size()))
    return 0;
  if (limitOption.getNumOccurrences())
    count = std::min<size_t>(count, limitOption);
  return count;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static void trace(const sim::Machine &machine) {
  const sim::Machine::State &state = machine.state();
  uint16_t bits = machine.getWord(state.pc);
  std::string text = "-";
  auto set = machine.getDevice().set;
  if (auto word = pdk::decode(bits, set)) {
    bool isImmediate =
        pdk::getInstruction(word->opcode).form == pdk::OperandForm::Immediate;
    text = pdk::format(word->opcode,
                       isImmediate ? std::to_string(word->operand)
                                   : sim::hex(word->operand),
                       word->bit);
  }
  errs() << format("%8llu  %03x  %04x  ", (unsigned long long)state.cycles,
                   unsigned(state.pc), unsigned(bits))
         << left_justify(text, 20);
  errs() << format("  A=%02x SP=%02x ", unsigned(state.a), unsigned(state.sp))
         << (state.flags & sim::FlagZ ? "Z" : "-")
         << (state.flags & sim::FlagC ? "C" : "-")
         << (state.flags & sim::FlagAC ? "A" : "-")
         << (state.flags & sim::FlagOV ? "V" : "-") << "\n";
}

void Summary::add(const sim::InferenceResult &result) {
  for (const sim::Violation &violation : result.violations) {
    auto it = find_if(findings, [&](const Finding &finding) {
      return finding.violation.rule == violation.rule &&
             finding.violation.pc == violation.pc;
    });
    if (it != findings.end())
      it->violation.count += violation.count;
    else
      findings.push_back({violation, classes.size()});
  }
  stackBytes = std::max(stackBytes, result.stackBytes);
  deepestSp = std::max(deepestSp, result.deepestSp);
  if (!result.returned)
    return;
  classes.push_back(char(result.classIndex));
  minCycles = std::min(minCycles, result.cycles);
  maxCycles = std::max(maxCycles, result.cycles);
  sumCycles += result.cycles;
}

/// How many bytes a sample has, without running anything: by the option or by
/// the number of classes given.
static std::optional<size_t> guessInputs(const Samples &samples) {
  if (inputsOption.getNumOccurrences())
    return inputsOption;
  size_t count = std::max(samples.labels.size(), samples.expected.size());
  if (count)
    return samples.bytes.size() / count;
  return std::nullopt;
}

/// Calls model_infer for each sample, as C would.
static bool runCalls(sim::Machine &machine, const Program &program,
                     const Samples &samples, Summary &summary) {
  auto *bytes = reinterpret_cast<const uint8_t *>(samples.bytes.data());
  sim::InferenceOptions options;
  options.cycleLimit = cycleLimit;
  if (inputsOption.getNumOccurrences()) {
    summary.inputs = inputsOption;
  } else if (!program.model.input) {
    options.mayLeaveInputs = true;
    auto result = sim::infer(machine, program.model, bytes,
                             samples.bytes.size(), options);
    options.mayLeaveInputs = false;
    if (!result.returned) {
      summary.add(result);
      return true;
    }
    summary.inputs = result.inputsTaken;
  } else if (auto inputs = guessInputs(samples)) {
    summary.inputs = *inputs;
  }
  if (!summary.inputs) {
    fail("how many bytes has a sample? give --inputs");
    return false;
  }
  summary.wanted = countSamples(samples, summary.inputs);
  if (traceOption)
    machine.trace(trace, traceOption);
  for (size_t i = 0; i < summary.wanted; ++i) {
    auto result = sim::infer(machine, program.model, bytes + i * summary.inputs,
                             summary.inputs, options);
    summary.add(result);
    if (!result.returned)
      break;
  }
  return summary.wanted != 0;
}

/// Runs the program from reset until all samples are through.
static bool runFromReset(sim::Machine &machine, const Program &program,
                         const Samples &samples, Summary &summary) {
  sim::ChipRun chip(machine, program.model, portOption,
                    reinterpret_cast<const uint8_t *>(samples.bytes.data()),
                    samples.bytes.size());
  if (traceOption)
    machine.trace(trace, traceOption);
  std::optional<size_t> inputs;
  if (inputsOption.getNumOccurrences())
    inputs = inputsOption;
  auto result = chip.next(inputs, cycleLimit);
  summary.add(result);
  if (!result.returned)
    return true;
  summary.inputs = inputs.value_or(result.inputsTaken);
  if (!summary.inputs) {
    fail("the first sample took no input from port " + sim::hex(portOption));
    return false;
  }
  summary.wanted = countSamples(samples, summary.inputs);
  for (size_t i = 1; i < summary.wanted && result.returned; ++i) {
    result = chip.next(summary.inputs, cycleLimit);
    summary.add(result);
  }
  return summary.wanted != 0;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static void compare(const Samples &samples, Summary &summary) {
  for (size_t i = 0; i < summary.classes.size(); ++i) {
    summary.correct +=
        i < samples.labels.size() && summary.classes[i] == samples.labels[i];
    if (i >= samples.expected.size())
      continue;
    if (summary.classes[i] == samples.expected[i])
      ++summary.equal;
    else if (!summary.firstDifference)
      summary.firstDifference = i;
  }
}

static void printText(const Summary &summary) {
  size_t count = summary.classes.size();
  auto percent = [&](size_t part) {
    return format("%.2f %%", count ? 100.0 * double(part) / double(count) : 0);
  };
  outs() << "samples     " << count << " of " << summary.inputs << " inputs\n";
  if (!labelsFile.empty())
    outs() << "accuracy    " << percent(summary.correct) << " ("
           << summary.correct << ")\n";
  if (!expectedFile.empty())
    outs() << "expected    " << summary.equal << " equal, "
           << count - summary.equal << " not\n";
  if (count)
    outs() << "cycles      " << summary.minCycles << " min, "
           << format("%.1f", summary.meanCycles()) << " mean, "
           << summary.maxCycles << " max\n";
  outs() << "stack       " << summary.stackBytes << " bytes, SP up to "
         << sim::hex(summary.deepestSp) << "\n"
         << "violations  " << summary.findings.size() << "\n";
}

static void printJson(const Summary &summary) {
  size_t count = summary.classes.size();
  json::OStream out(outs(), 2);
  out.object([&] {
    out.attribute("samples", int64_t(count));
    out.attribute("inputs", int64_t(summary.inputs));
    if (!labelsFile.empty()) {
      out.attribute("correct", int64_t(summary.correct));
      out.attribute("accuracy",
                    count ? double(summary.correct) / double(count) : 0);
    }
    if (!expectedFile.empty()) {
      out.attribute("equal", int64_t(summary.equal));
      out.attribute("different", int64_t(count - summary.equal));
    }
    if (count)
      out.attributeObject("cycles", [&] {
        out.attribute("min", int64_t(summary.minCycles));
        out.attribute("mean", summary.meanCycles());
        out.attribute("max", int64_t(summary.maxCycles));
      });
    out.attributeObject("stack", [&] {
      out.attribute("bytes", int64_t(summary.stackBytes));
      out.attribute("deepest_sp", int64_t(summary.deepestSp));
    });
    out.attributeArray("violations", [&] {
      for (const Finding &finding : summary.findings)
        out.object([&] {
          out.attribute("rule", sim::getName(finding.violation.rule));
          out.attribute("address", int64_t(finding.violation.pc));
          out.attribute("detail", finding.violation.detail);
          out.attribute("sample", int64_t(finding.sample));
          out.attribute("count", int64_t(finding.violation.count));
        });
    });
  });
  outs() << "\n";
}

static int finish(const Samples &samples, Summary &summary) {
  compare(samples, summary);
  if (jsonOption)
    printJson(summary);
  else
    printText(summary);
  outs().flush();

  int status = Good;
  for (const Finding &finding : summary.findings) {
    const sim::Violation &violation = finding.violation;
    std::string where = "sample " + std::to_string(finding.sample);
    if (violation.count > 1)
      where += " first, " + std::to_string(violation.count) + " times";
    status = fail(Twine(sim::getName(violation.rule)) + " at word " +
                  sim::hex(violation.pc) + ": " + violation.detail + " (" +
                  where + ")");
  }
  if (!expectedFile.empty() && summary.equal != summary.classes.size()) {
    size_t i = *summary.firstDifference;
    status =
        fail(Twine(summary.classes.size() - summary.equal) +
             " classes are not the expected ones; first sample " + Twine(i) +
             ": " + Twine(unsigned(uint8_t(summary.classes[i]))) +
             ", expected " + Twine(unsigned(uint8_t(samples.expected[i]))));
  }
  if (summary.classes.size() < std::max<size_t>(summary.wanted, 1))
    return fail("sample " + Twine(summary.classes.size()) +
                " gave no class; nothing was run after it");
  if (classesFile.empty())
    return status;
  std::error_code error;
  ToolOutputFile output(classesFile, error, sys::fs::OF_None);
  if (error)
    return fail("cannot write " + classesFile + ": " + error.message());
  output.os() << summary.classes;
  output.os().close();
  if (output.os().has_error()) {
    error = output.os().error();
    output.os().clear_error();
    return fail("cannot write " + classesFile + ": " + error.message());
  }
  output.keep();
  return status;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Runs a model's program on the simulated chip\n",
          &errs()))
    return BadUsage;
  const pdk::Device *device = pdk::findDevice(mcu);
  if (!device)
    return fail("--mcu: no device is called '" + mcu + "'", BadUsage);
  bool fromReset = portOption.getNumOccurrences();
  unsigned lastPort = pdk::getMaxOperand(pdk::MOV_A_IO, device->set);
  if (fromReset && portOption > lastPort)
    return fail("--input-port: I/O addresses end at " + sim::hex(lastPort),
                BadUsage);
  if (stackOption.getNumOccurrences() &&
      (stackOption % 2 || stackOption >= device->ramBytes))
    return fail("--stack: an even RAM address below " +
                    sim::hex(device->ramBytes) + " is needed",
                BadUsage);
  if (inputsOption.getNumOccurrences() && !inputsOption)
    return fail("--inputs: a sample has at least one byte", BadUsage);
  if (limitOption.getNumOccurrences() && !limitOption)
    return fail("--limit: at least one sample has to be run", BadUsage);

  Program program;
  Samples samples;
  if (!readProgram(*device, program) || !readSamples(samples))
    return Bad;
  sim::Machine machine(*device);
  machine.allowUndocumented(allowUndocumented);
  machine.load(program.words);
  if (program.model.stackBase >= device->ramBytes)
    return fail("the stack would begin at RAM byte " +
                sim::hex(program.model.stackBase) + ", " + device->name +
                " has " + Twine(device->ramBytes) + " bytes");
  if (fromReset && program.model.nextInput &&
      machine.getWord(*program.model.nextInput) ==
          pdk::encode({pdk::RET}, device->set))
    return fail("--input-port: this program's model_next_input is a bare RET "
                "and reads no port; leave the option out",
                BadUsage);

  Summary summary;
  bool ran = fromReset ? runFromReset(machine, program, samples, summary)
                       : runCalls(machine, program, samples, summary);
  return ran ? finish(samples, summary) : Bad;
}
