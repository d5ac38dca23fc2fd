//===- pdk-sim.cpp - Running a model's program on its test set ------------===//
//
// The tool around the simulator: reads a program and samples, runs every sample
// and says what came out, what it cost and which rules were broken. tool/ has
// its parts.
//
// Exit status: 0 when all is well; 1 when a rule was broken, a class was not
// the expected one or a file is bad; 2 for bad usage.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/tool/Modes.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace pdkc;
using namespace pdkc::tool;

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

void tool::startTrace(sim::Machine &machine, const Options &options) {
  if (options.trace)
    machine.trace(trace, options.trace);
}

int main(int argc, char **argv) {
  auto options = parseOptions(argc, argv);
  if (!options)
    return BadUsage;
  Samples samples;
  auto words = readProgram(*options);
  if (!words || !readSamples(*options, samples))
    return Bad;
  sim::Machine machine(*options->device);
  machine.allowUndocumented(options->allowUndocumented);
  machine.load(*words);

  auto runMode = options->isSerial      ? runSerial
                 : options->isSweep     ? runSweep
                 : options->isFromReset ? runFromReset
                                        : runCalls;
  Summary summary;
  ExitStatus status = runMode(machine, *options, samples, summary);
  return status == Good ? finish(*options, samples, summary) : status;
}
