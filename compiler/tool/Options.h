//===- Options.h - The command line of pdkc ---------------------*- C++ -*-===//
//
// What can be asked for, whether it makes sense, and as what the compiler takes
// it.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_TOOL_OPTIONS_H
#define PDKC_COMPILER_TOOL_OPTIONS_H

#include "compiler/Compiler.h"
#include "llvm/Support/CommandLine.h"

#include <string>

namespace pdkc {

namespace cl = llvm::cl;

/// What is written.
enum class Emit {
  FromSuffix, ///< asked for by no option
  Asm,
  Ihx,
  Module,
  Header,
  Onnx,
  Lowbit,
  Values,
  Plan,
  Pdk
};

/// The options; made in main, so that the library sees none of them.
struct CommandLine {
  cl::OptionCategory category{"pdkc options"};
  cl::opt<std::string> input{cl::Positional, cl::desc("MODEL.onnx"),
                             cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("Output file, - for stdout"),
                              cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> mcu{"mcu",
                           cl::desc("Device (default pms150c), or auto: the "
                                    "smallest that fits"),
                           cl::init("pms150c"), cl::cat(category)};
  cl::opt<bool> listMcus{"list-mcus", cl::desc("List the devices"),
                         cl::cat(category)};
  cl::opt<std::string> name{"name", cl::desc("Prefix of the module's symbols"),
                            cl::init("model"), cl::cat(category)};
  cl::opt<std::string> level{
      "O", cl::Prefix, cl::init("3"), cl::value_desc("s|2|3"),
      cl::cat(category),
                      cl::desc("-O3: fewest cycles that fit (default); "
                               "-Os: fewest words; -O2: fewest cycles of what "
                               "is a fifth larger at most")};
  cl::opt<unsigned> maxWords{
      "max-words", cl::init(0), cl::value_desc("N"), cl::cat(category),
      cl::desc("Words that the program may have (default: what the device "
               "has)")};
  cl::opt<unsigned> maxCycles{
      "max-cycles", cl::init(0), cl::value_desc("N"), cl::cat(category),
      cl::desc("Cycles that an inference may take on average; with -Os: the "
               "smallest that is so fast")};
  cl::opt<bool> explore{
      "explore", cl::cat(category),
      cl::desc("Show what the model can be: words, RAM and cycles of programs, "
               "for all devices or that of --mcu, of which no other one is "
               "better in all; with -o as JSON")};
  cl::opt<bool> undocumented{
      "undocumented", cl::cat(category),
      cl::desc("Allow LDSPTL and LDSPTH on PDK13 and PDK14, which read whole "
               "code words; they are not in Padauk's data sheets, and none of "
               "these says that a chip has them")};
  cl::opt<Emit> emit{
      "emit", cl::init(Emit::FromSuffix), cl::cat(category),
      cl::desc("What to write (default: by the suffix of -o)"),
      cl::values(clEnumValN(Emit::Asm, "asm", "module for sdaspdk13/14/15"),
                 clEnumValN(Emit::Ihx, "ihx", "firmware, and its .map"),
                 clEnumValN(Emit::Module, "module",
                            "module alone as .ihx for pdk-sim, and its .map"),
                 clEnumValN(Emit::Header, "header", "C header"),
                 clEnumValN(Emit::Onnx, "onnx", "the model as imported"),
                 clEnumValN(Emit::Lowbit, "lowbit", "the model in integers"),
                 clEnumValN(Emit::Values, "values",
                            "what the integers make of --samples, as JSON"),
                 clEnumValN(Emit::Plan, "plan",
                            "the model with a method on each layer"),
                 clEnumValN(Emit::Pdk, "pdk", "the program"))};
  cl::list<std::string> inputRange{
      "input-range", cl::value_desc("[NAME=]LO:HI"), cl::cat(category),
      cl::desc(
          "Range of the integers that the device hands over, of all inputs "
          "or of the one of that name")};
  cl::list<std::string> inputScale{
      "input-scale", cl::value_desc("[NAME=]S"), cl::cat(category),
      cl::desc("Integer r is worth (r - Z) * S at the model's input (default "
               "1)")};
  cl::list<std::string> inputZeroPoint{
      "input-zero-point", cl::value_desc("[NAME=]Z"), cl::cat(category),
      cl::desc("The integer that is worth 0")};
  cl::opt<std::string> wanted{
      "output", cl::value_desc("class|logits|values"), cl::init("class"),
      cl::cat(category),
      cl::desc("What an inference gives: the class; the last integers before "
               "it as well; or the model's output itself as integers as well")};
  cl::list<std::string> outputs{
      "outputs", cl::value_desc("NAME,..."), cl::cat(category),
      cl::desc("The model's outputs that are given (default: the first); the "
               "class comes from the first of these")};
  cl::opt<std::string> inputMode{
      "input", cl::value_desc("auto|buffer|stream"), cl::init("auto"),
      cl::cat(category),
      cl::desc("How inputs come: an array, or one by one through "
               "<name>_next_input (auto where the first layer can take them "
               "so)")};
  cl::opt<unsigned> reserveWords{"reserve-words", cl::init(0),
                                 cl::cat(category),
                                 cl::desc("Code words kept free")};
  cl::opt<unsigned> reserveRam{"reserve-ram", cl::init(0), cl::cat(category),
                               cl::desc("RAM bytes kept free")};
  cl::opt<unsigned> verify{
      "verify", cl::init(100), cl::value_desc("N"), cl::cat(category),
      cl::desc("Check the emitted words on N made-up inputs (default 100)")};
  cl::opt<int> baud{"baud", cl::init(9600), cl::value_desc("N"),
                    cl::cat(category),
                    cl::desc("Firmware: serial rate (default 9600)")};
  cl::opt<int> clock{"clock", cl::init(0), cl::value_desc("HZ"),
                     cl::cat(category),
                     cl::desc("Firmware: system clock (default 8000000, or the "
                              "device's fastest below that)")};
  cl::opt<std::string> tx{"tx", cl::init("PA.7"), cl::value_desc("PIN"),
                          cl::cat(category),
                          cl::desc("Firmware: pin that sends (default PA.7)")};
  cl::opt<std::string> rx{
      "rx", cl::init("PA.0"), cl::value_desc("PIN"), cl::cat(category),
      cl::desc("Firmware: pin that receives (default PA.0)")};
  cl::opt<int> byteGap{
      "byte-gap", cl::init(0), cl::value_desc("BITS"), cl::cat(category),
      cl::desc("Firmware: pause that the sender leaves after each byte")};
  cl::opt<int> vdd{"vdd", cl::init(4000), cl::value_desc("MV"),
                   cl::cat(category),
                   cl::desc("Firmware: supply that easypdkprog calibrates the "
                            "clock for (default 4000)")};
  cl::opt<std::string> samples{
      "samples", cl::cat(category), cl::value_desc("file"),
      cl::desc("Inputs, a byte a value or two, to check and measure with")};
  cl::opt<std::string> calibrate{
      "calibrate", cl::cat(category), cl::value_desc("file"),
      cl::desc(
          "Inputs, a byte a value or two, to make scales constant that depend "
          "on the input")};
  cl::opt<std::string> labels{
      "labels", cl::cat(category), cl::value_desc("file"),
      cl::desc("The classes of --calibrate's inputs, one byte each")};
};

/// What is written: as asked, or by the suffix of -o; FromSuffix where that is
/// none of those known.
Emit getEmit(const CommandLine &options);
/// The second file that is written: a module's header, a program's map; empty
/// where there is none.
std::string getBeside(const CommandLine &options);

/// Registers MLIR's own switches: for times, for what is between passes, for
/// reproducers. Before the options are made.
void registerMlirOptions();

/// Lets --version say pdkc's version, its commit and LLVM's version.
void setVersion();

/// Leaves the product's options in --help; --help-hidden shows MLIR's as well.
void hideOptions(cl::OptionCategory &category);

/// Checks the options and hands them to the compiler; the exit status.
int getCompileOptions(const CommandLine &options, CompileOptions &result);

} // namespace pdkc

#endif // PDKC_COMPILER_TOOL_OPTIONS_H
