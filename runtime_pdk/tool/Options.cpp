//===- Options.cpp - The command line of pdk-sim --------------------------===//

#include "runtime_pdk/tool/Options.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/MapFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace pdkc;
using namespace pdkc::tool;

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
static cl::opt<std::string>
    samplesFile("samples", cl::value_desc("FILE"),
                cl::desc("Samples, a byte a value or two"), cl::cat(category));
static cl::opt<unsigned> inputsOption("inputs", cl::value_desc("N"),
                                      cl::desc("Bytes a sample (default: as "
                                               "many as the first inference "
                                               "takes)"),
                                      cl::cat(category));
static cl::alias bytesOption("bytes-per-sample", cl::aliasopt(inputsOption),
                             cl::desc("The same as --inputs"),
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
static cl::opt<unsigned> valueBytesOption("value-bytes", cl::init(1),
                                          cl::value_desc("N"),
                                          cl::desc("Bytes of a value in the "
                                                   "samples, 1 (default) or 2, "
                                                   "low byte first"),
                                          cl::cat(category));
static cl::opt<std::string>
    outputsFile("outputs", cl::value_desc("FILE"),
                cl::desc("Write there what the model's arrays hold after each "
                         "inference"),
                cl::cat(category));
static cl::opt<std::string>
    rangesOption("ranges", cl::value_desc("COUNT:LOW:HIGH,..."),
                 cl::desc("What the values of a sample may be, so many after "
                          "another (default: anything)"),
                 cl::cat(category));
static cl::list<std::string>
    outputBytesOption("output-bytes", cl::value_desc("[ARRAY=]N,..."),
                      cl::CommaSeparated,
                      cl::desc("Bytes of model_output, or of model_ARRAY, for "
                               "--outputs; several are written in this order"),
                      cl::cat(category));
static cl::opt<unsigned> limitOption("limit", cl::value_desc("N"),
                                     cl::desc("Run the first N samples only"),
                                     cl::cat(category));
static cl::opt<bool>
    fromResetOption("from-reset",
                    cl::desc("Run from reset a program that has a main and "
                             "inputs of its own; without --samples"),
                    cl::cat(category));
static cl::opt<unsigned>
    portOption("input-port", cl::value_desc("ADDR"),
               cl::desc("Run from reset; each read of this I/O address gives "
                        "the next byte of the samples"),
               cl::cat(category));
static cl::opt<bool>
    sweepOption("interrupt-at-each",
                cl::desc("With --input-port, run each sample once for each "
                         "instruction boundary, with an interrupt there; all "
                         "must give the same class"),
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

static cl::OptionCategory serialCategory("pdk-sim --serial options");

static cl::opt<bool>
    serialOption("serial",
                 cl::desc("Run a firmware from reset and send it the samples "
                          "as 8N1 frames, as they are; the first byte of each "
                          "answer is the class"),
                 cl::cat(serialCategory));
static cl::opt<std::string> rxOption("rx", cl::init("PA.0"),
                                     cl::value_desc("PIN"),
                                     cl::desc("The chip's serial input "
                                              "(default PA.0)"),
                                     cl::cat(serialCategory));
static cl::opt<std::string> txOption("tx", cl::init("PA.7"),
                                     cl::value_desc("PIN"),
                                     cl::desc("The chip's serial output "
                                              "(default PA.7)"),
                                     cl::cat(serialCategory));
static cl::opt<double> baudOption("baud", cl::init(9600), cl::value_desc("N"),
                                  cl::desc("Bits a second (default 9600)"),
                                  cl::cat(serialCategory));
static cl::opt<double> clockOption("clock", cl::init(8000000),
                                   cl::value_desc("HZ"),
                                   cl::desc("Cycles a second (default "
                                            "8000000)"),
                                   cl::cat(serialCategory));
static cl::opt<double> gapOption("gap", cl::init(0), cl::value_desc("BITS"),
                                 cl::desc("Idle time between two bytes sent, "
                                          "in bits (default 0)"),
                                 cl::cat(serialCategory));
static cl::opt<double>
    deviationOption("sender-deviation", cl::init(0), cl::value_desc("PERCENT"),
                    cl::desc("How much the sender is too fast (default 0)"),
                    cl::cat(serialCategory));
static cl::opt<unsigned> answerOption("answer-bytes", cl::init(1),
                                      cl::value_desc("N"),
                                      cl::desc("Bytes of an answer (default "
                                               "1)"),
                                      cl::cat(serialCategory));

static cl::opt<std::string> answersFile("answers", cl::value_desc("FILE"),
                                        cl::desc("Write all bytes of the "
                                                 "answers there"),
                                        cl::cat(serialCategory));

/// The file of the program's map: as given, or beside it.
static std::string getMapName(const std::string &program,
                              const std::string &map) {
  SmallString<128> name(map);
  if (name.empty()) {
    name = program;
    sys::path::replace_extension(name, ".map");
  }
  return name.str().str();
}

ExitStatus tool::fail(const Twine &message, ExitStatus status) {
  WithColor::error(errs(), "pdk-sim") << message << "\n";
  return status;
}

static void complain(const Twine &message) { fail(message, BadUsage); }

template <typename T>
static std::optional<T> getIfGiven(const cl::opt<T> &option) {
  if (option.getNumOccurrences())
    return T(option);
  return std::nullopt;
}

using Told = std::map<std::string, std::string, std::less<>>;

/// What pdkc wrote about the program into its map, where there is one and it
/// can be read: whoever needs the map says what is wrong with it.
static Told readTold() {
  auto buffer = MemoryBuffer::getFile(getMapName(programFile, mapFile));
  std::string error;
  auto map =
      buffer ? sim::readMapFile((*buffer)->getBuffer(), error) : std::nullopt;
  return map ? map->options : Told();
}

static bool parseTold(StringRef text, std::string &value) {
  value = text.str();
  return true;
}

static bool parseTold(StringRef text, unsigned &value) {
  return !text.getAsInteger(10, value);
}

static bool parseTold(StringRef text, double &value) {
  return !text.getAsDouble(value);
}

/// Options that are not given are as the map has them. Says what it is whose
/// value there makes no sense, and returns false.
template <typename T>
static bool applyTold(const Told &told, cl::opt<T> &option) {
  auto it = told.find(std::string_view(option.ArgStr));
  T value;
  if (option.getNumOccurrences() || it == told.end())
    return true;
  if (!parseTold(it->second, value)) {
    complain("the map has --" + it->first + "=" + it->second);
    return false;
  }
  option = value;
  return true;
}

/// The same of an option without a default.
static bool applyTold(const Told &told, const cl::opt<unsigned> &option,
                      std::optional<unsigned> &result) {
  unsigned value;
  auto it = told.find(std::string_view(option.ArgStr));
  result = getIfGiven(option);
  if (result || it == told.end())
    return true;
  if (!parseTold(it->second, value)) {
    complain("the map has --" + it->first + "=" + it->second);
    return false;
  }
  result = value;
  return true;
}

static bool parseSerial(Options &options) {
  auto parsePin = [&](const cl::opt<std::string> &option, sim::Pin &result) {
    auto pin = sim::parsePin(option, *options.device);
    if (!pin)
      complain("--" + option.ArgStr + ": '" + option + "' is no pin of " +
               options.device->name + "; a pin is written PA.0");
    result = pin.value_or(sim::Pin());
    return pin.has_value();
  };
  sim::SerialOptions &serial = options.serial;
  if (!parsePin(rxOption, serial.rx) || !parsePin(txOption, serial.tx))
    return false;
  serial.clock = clockOption;
  serial.baud = baudOption;
  serial.gapBits = gapOption;
  serial.senderDeviation = deviationOption / 100;
  serial.cycleLimit = cycleLimit;
  // Negated so that not-a-number is refused as well.
  if (!(serial.baud > 0) || !(serial.clock / serial.baud >= 8) ||
      !(serial.clock / serial.baud <= 1e6))
    complain("--baud, --clock: a bit has to last 8 to 1000000 cycles");
  else if (!(serial.gapBits >= 0) || !(serial.gapBits <= 1e6))
    complain("--gap: 0 to 1000000 bits");
  else if (!(serial.senderDeviation > -0.5) || !(serial.senderDeviation < 0.5))
    complain("--sender-deviation: less than 50 percent");
  else if (!options.answerBytes)
    complain("--answer-bytes: an answer has at least one byte");
  else
    return true;
  return false;
}

std::optional<Options> tool::parseOptions(int argc, char **argv) {
  cl::HideUnrelatedOptions({&category, &serialCategory});
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Runs a model's program on the simulated chip\n",
          &errs()))
    return std::nullopt;

  Options options;
  Told told = readTold();
  if (!applyTold(told, mcu) || !applyTold(told, modelName) ||
      !applyTold(told, rxOption) || !applyTold(told, txOption) ||
      !applyTold(told, baudOption) || !applyTold(told, clockOption) ||
      !applyTold(told, gapOption) || !applyTold(told, answerOption) ||
      !applyTold(told, inputsOption, options.inputs) ||
      !applyTold(told, valueBytesOption) || !applyTold(told, rangesOption))
    return std::nullopt;
  options.device = pdk::findDevice(StringRef(mcu).lower());
  options.program = programFile;
  options.map = getMapName(programFile, mapFile);
  options.name = modelName;
  options.samples = samplesFile;
  options.labels = labelsFile;
  options.expected = expectedFile;
  options.classes = classesFile;
  options.outputs = outputsFile;
  options.valueBytes = valueBytesOption;
  options.limit = getIfGiven(limitOption);
  options.port = getIfGiven(portOption);
  options.isFromReset = fromResetOption || options.port;
  options.stack = getIfGiven(stackOption);
  options.cycleLimit = cycleLimit;
  options.allowUndocumented = allowUndocumented;
  options.json = jsonOption;
  options.trace = traceOption;
  options.isSweep = sweepOption;
  options.isSerial = serialOption;
  options.answerBytes = answerOption;
  options.answers = answersFile;

  const pdk::Device *device = options.device;
  if (!device) {
    complain("--mcu: no device is called '" + mcu + "'");
    return std::nullopt;
  }
  std::vector<std::string> arrays = outputBytesOption;
  if (auto it = told.find("output-bytes");
      !options.outputs.empty() && arrays.empty() && it != told.end()) {
    SmallVector<StringRef> entries;
    StringRef(it->second).split(entries, ',');
    arrays.assign(entries.begin(), entries.end());
  }
  for (const std::string &entry : arrays) {
    auto [name, bytes] = StringRef(entry).rsplit('=');
    if (bytes.data() == nullptr || bytes.empty())
      std::tie(name, bytes) = std::pair(StringRef("output"), StringRef(entry));
    unsigned count;
    if (bytes.getAsInteger(10, count) || !count) {
      complain("--output-bytes takes [ARRAY=]N, not '" + entry + "'");
      return std::nullopt;
    }
    options.outputArrays.push_back({name.str(), count});
  }
  auto ranges = sim::readInputRanges(std::string(rangesOption));
  if (!ranges) {
    complain("--ranges takes COUNT:LOW:HIGH,..., not '" + rangesOption + "'");
    return std::nullopt;
  }
  options.ranges = std::move(*ranges);
  bool needsSamples = !options.isFromReset || options.port;
  if (needsSamples == options.samples.empty()) {
    complain(needsSamples
                 ? "--samples is missing"
                 : "--from-reset takes no --samples; --input-port does");
    return std::nullopt;
  }
  unsigned lastPort = pdk::getMaxOperand(pdk::MOV_A_IO, device->set);
  if (options.port && *options.port > lastPort)
    complain("--input-port: I/O addresses end at " + sim::hex(lastPort));
  else if (options.stack &&
           (*options.stack % 2 || *options.stack >= device->ramBytes))
    complain("--stack: an even RAM address below " +
             sim::hex(device->ramBytes) + " is needed");
  else if (options.inputs && !*options.inputs)
    complain("--inputs: a sample has at least one byte");
  else if (options.limit && !*options.limit)
    complain("--limit: at least one sample has to be run");
  else if (options.valueBytes != 1 && options.valueBytes != 2)
    complain("--value-bytes: a value has one byte or two");
  else if (options.inputs && *options.inputs % options.valueBytes)
    complain("--inputs: a sample has whole values");
  else if (options.outputs.empty() != options.outputArrays.empty())
    complain("--outputs and --output-bytes go together");
  else if (!options.outputs.empty() && (options.isSerial || options.isSweep))
    complain("--outputs goes without --serial and --interrupt-at-each");
  else if (options.isSerial && options.isFromReset)
    complain("--serial goes without --input-port and --from-reset");
  else if (options.isSweep && !options.port)
    complain("--interrupt-at-each goes with --input-port");
  else if (!options.isSerial || parseSerial(options))
    return options;
  return std::nullopt;
}
