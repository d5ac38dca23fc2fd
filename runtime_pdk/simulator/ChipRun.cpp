//===- ChipRun.cpp - Running a whole program from reset -------------------===//
//
// Traps at model_infer and at its return address tell where a sample begins and
// ends; the program runs undisturbed between them.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/ChipRun.h"
#include "runtime_pdk/simulator/Hex.h"

#include <algorithm>

using namespace pdkc::sim;

ChipRun::ChipRun(Machine &machine, const ModelSymbols &symbols,
                 std::optional<unsigned> port, const uint8_t *bytes,
                 size_t count)
    : machine(machine), symbols(symbols), port(port), bytes(bytes),
      count(count) {
  machine.reset();
  machine.setStackBase(symbols.stackBase);
  machine.attach(this);
  machine.setTrap(symbols.infer, true);
  machine.setTrap(kInterruptVector, true);
  if (symbols.nextInput)
    machine.setTrap(*symbols.nextInput, true);
}

ChipRun::~ChipRun() {
  machine.attach(nullptr);
  machine.setTrap(symbols.infer, false);
  machine.setTrap(kInterruptVector, false);
  if (symbols.nextInput)
    machine.setTrap(*symbols.nextInput, false);
}

uint8_t ChipRun::read(unsigned address, uint8_t latch, uint8_t used) {
  if (address != port || !used)
    return latch;
  if (position < end)
    return bytes[position++];
  machine.report(Rule::TooManyInputs,
                 "the port is read once more when all of the sample is taken");
  return 0;
}

/// At model_infer's first instruction.
void ChipRun::enter() {
  const Machine::State &state = machine.state();
  inside = true;
  callerSp = state.sp - 2u;
  returnAddress = machine.readRam(callerSp) | machine.readRam(callerSp + 1)
                                                  << 8;
  startCycles = state.cycles;
  deepestSp = std::max(deepestSp, machine.getStackHigh());
  machine.clearStackHigh();
  machine.setTrap(returnAddress, true);
}

/// Runs to the next trap; false if there is none until `lastCycle`.
bool ChipRun::runToTrap(uint64_t lastCycle, uint64_t cycleLimit) {
  Stop stop = machine.run(lastCycle);
  if (stop == Stop::CycleLimit)
    machine.report(Rule::CycleLimit,
                   std::string(inside ? "no end of model_infer"
                                      : "no call of model_infer") +
                       " after " + std::to_string(cycleLimit) + " cycles");
  return stop == Stop::Trap;
}

bool ChipRun::runToCall(uint64_t cycleLimit) {
  uint64_t lastCycle = machine.state().cycles + cycleLimit;
  while (runToTrap(lastCycle, cycleLimit)) {
    if (machine.state().pc == symbols.infer)
      return true;
    if (machine.step() != Stop::None)
      return false;
  }
  return false;
}

/// Runs to the end of a sample; false if the program does not get there.
bool ChipRun::execute(uint64_t cycleLimit, InferenceResult &result) {
  const Machine::State &state = machine.state();
  uint64_t lastCycle = state.cycles + cycleLimit;
  for (;;) {
    if (!runToTrap(lastCycle, cycleLimit))
      return false;
    if (inside && state.pc == returnAddress && state.sp == callerSp)
      break;
    if (!inside && state.pc == symbols.infer)
      enter();
    else if (inside && state.pc == symbols.nextInput)
      checkPseudoRegister(machine, "at a call of model_next_input");
    else if (state.pc == kInterruptVector &&
             machine.getInterruptsTaken() > interruptsSeen) {
      interruptsSeen = machine.getInterruptsTaken();
      if (inside)
        checkPseudoRegister(machine, "at an interrupt");
    }
    if (machine.step() != Stop::None)
      return false;
  }
  inside = false;
  machine.setTrap(returnAddress, false);
  result.classIndex = state.a;
  result.cycles = state.cycles - startCycles;
  // The call's own two bytes were pushed before the mark was cleared.
  unsigned high = std::max(machine.getStackHigh(), callerSp + 2);
  result.stackBytes = high - callerSp;
  deepestSp = std::max(deepestSp, high);
  checkPseudoRegister(machine, "when model_infer returns");
  return true;
}

InferenceResult ChipRun::next(std::optional<size_t> inputs,
                              uint64_t cycleLimit) {
  InferenceResult result;
  size_t begin = position;
  end = inputs ? std::min(count, begin + *inputs) : count;
  result.returned = execute(cycleLimit, result);
  result.inputsTaken = position - begin;
  if (result.returned && inputs && position < end) {
    machine.report(Rule::InputsLeft, std::to_string(result.inputsTaken) +
                                         " inputs taken of " +
                                         std::to_string(*inputs));
    position = end;
  }
  result.deepestSp = std::max(deepestSp, machine.getStackHigh());
  result.violations = machine.takeViolations();
  return result;
}
