//===- Inference.cpp - Calling a model as C would -------------------------===//
//
// The surroundings of one call of model_infer: a caller that promises nothing
// beyond the calling convention and a model_next_input that destroys all it is
// allowed to destroy.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/Inference.h"
#include "runtime_pdk/simulator/Hex.h"

using namespace pdkc::sim;

namespace {

/// SDCC's pseudo-register p, in RAM.
enum PseudoRegister : unsigned { P = 0, PHigh = 1 };

/// Values without meaning, the same in every run (Marsaglia's xorshift).
class Noise {
public:
  uint8_t next() {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return uint8_t(state >> 8);
  }

private:
  uint32_t state = 0x2545F491;
};

class Caller {
public:
  Caller(Machine &machine, const ModelSymbols &symbols, const uint8_t *inputs,
         size_t count, const InferenceOptions &options)
      : machine(machine), symbols(symbols), inputs(inputs), count(count),
        options(options) {}

  InferenceResult run();

private:
  bool prepare();
  bool execute();
  bool passInput();
  void spoil();

  Machine &machine;
  const ModelSymbols &symbols;
  const uint8_t *inputs;
  size_t count;
  const InferenceOptions &options;
  size_t taken = 0;
  Noise noise;
};

} // namespace

void pdkc::sim::checkPseudoRegister(Machine &machine, const char *when) {
  if (uint8_t value = machine.readRam(PHigh))
    machine.report(Rule::PseudoRegister,
                   "RAM byte 1 is " + hex(value) + " " + when);
}

/// Destroys what a call into C may destroy.
void Caller::spoil() {
  machine.state().a = noise.next();
  machine.state().flags = noise.next() & 15;
  if (symbols.hasPointerP)
    machine.spoilRam(P, noise.next());
}

/// Sets the call up; false if there is no room for it.
bool Caller::prepare() {
  machine.reset();
  spoil();
  if (symbols.hasPointerP)
    machine.writeRam(PHigh, 0);
  machine.state().pc = uint16_t(symbols.infer);
  if (symbols.input) {
    unsigned end = *symbols.input + unsigned(count);
    if (end > machine.getDevice().ramBytes) {
      machine.report(Rule::RamRange,
                     std::to_string(count) + " bytes of model_input at " +
                         hex(*symbols.input) + ", RAM ends at " +
                         hex(machine.getDevice().ramBytes));
      return false;
    }
    for (size_t i = 0; i < count; ++i)
      machine.writeRam(*symbols.input + unsigned(i), inputs[i]);
  }
  for (auto [address, value] : options.ram)
    machine.writeRam(address, value);
  machine.state().sp = uint16_t(symbols.stackBase);
  machine.setStackBase(symbols.stackBase);
  return machine.push(Machine::kSentinel);
}

/// What happens at model_next_input; false ends the run.
bool Caller::passInput() {
  if (symbols.hasPointerP)
    checkPseudoRegister(machine, "at a call of model_next_input");
  bool isBuffered = symbols.input.has_value();
  size_t values = count / symbols.inputBytes;
  if (isBuffered || taken >= values) {
    machine.report(Rule::TooManyInputs,
                   "input " + std::to_string(taken + 1) + " taken of " +
                       std::to_string(isBuffered ? 0 : values));
    return false;
  }
  spoil();
  const uint8_t *value = inputs + symbols.inputBytes * taken++;
  machine.state().a = value[0];
  if (symbols.inputBytes > 1)
    machine.writeRam(P, value[1]);
  uint16_t back;
  if (!machine.pop(back))
    return false;
  machine.state().pc = back;
  machine.state().cycles += 2;
  return true;
}

/// Runs to the end of model_infer; false if it does not get there.
bool Caller::execute() {
  for (;;) {
    switch (machine.run(options.cycleLimit)) {
    case Stop::Returned:
      return true;
    case Stop::Trap:
      if (!passInput())
        return false;
      break;
    case Stop::CycleLimit:
      machine.report(Rule::CycleLimit, "no end after " +
                                           std::to_string(options.cycleLimit) +
                                           " cycles");
      return false;
    case Stop::Broken:
    case Stop::None:
      return false;
    }
  }
}

InferenceResult Caller::run() {
  InferenceResult result;
  if (prepare()) {
    if (symbols.nextInput)
      machine.setTrap(*symbols.nextInput, true);
    result.returned = execute();
    if (symbols.nextInput)
      machine.setTrap(*symbols.nextInput, false);
  }
  if (result.returned) {
    result.classIndex = machine.state().a;
    if (symbols.hasPointerP)
      checkPseudoRegister(machine, "when model_infer returns");
    if (machine.state().sp != symbols.stackBase)
      machine.report(Rule::StackUnbalanced,
                     "SP is " + hex(machine.state().sp) +
                         " when model_infer returns, was " +
                         hex(symbols.stackBase));
    size_t values = count / symbols.inputBytes;
    if (!symbols.input && taken < values && !options.mayLeaveInputs)
      machine.report(Rule::InputsLeft, std::to_string(taken) +
                                           " inputs taken of " +
                                           std::to_string(values));
  }
  result.cycles = machine.state().cycles;
  result.inputsTaken = taken;
  result.deepestSp = machine.getStackHigh();
  if (result.deepestSp > symbols.stackBase)
    result.stackBytes = result.deepestSp - symbols.stackBase;
  result.violations = machine.takeViolations();
  return result;
}

InferenceResult pdkc::sim::infer(Machine &machine, const ModelSymbols &symbols,
                                 const uint8_t *inputs, size_t count,
                                 const InferenceOptions &options) {
  return Caller(machine, symbols, inputs, count, options).run();
}
