//===- Machine.cpp - Loading, stack, outside access, violations -----------===//
//
// All of the machine that is not the meaning of a single instruction; that is
// in Execute.cpp.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/Machine.h"
#include "runtime_pdk/simulator/Hex.h"

#include <algorithm>

using namespace pdkc;
using namespace pdkc::sim;

const char *sim::getName(Rule rule) {
  switch (rule) {
  case Rule::RamRange:
    return "ram-range";
  case Rule::CodeRange:
    return "code-range";
  case Rule::NotInstruction:
    return "not-an-instruction";
  case Rule::UnwrittenRead:
    return "unwritten-read";
  case Rule::StackOverflow:
    return "stack-overflow";
  case Rule::StackCollision:
    return "stack-collision";
  case Rule::StackUnderflow:
    return "stack-underflow";
  case Rule::StackMisaligned:
    return "stack-misaligned";
  case Rule::StackUnbalanced:
    return "stack-unbalanced";
  case Rule::PointerHigh:
    return "pointer-high-byte";
  case Rule::TablePointer:
    return "table-pointer";
  case Rule::Undocumented:
    return "undocumented-instruction";
  case Rule::PseudoRegister:
    return "pseudo-register";
  case Rule::CycleLimit:
    return "cycle-limit";
  case Rule::TooManyInputs:
    return "too-many-inputs";
  case Rule::InputsLeft:
    return "inputs-left";
  case Rule::NotReady:
    return "not-ready";
  case Rule::LineBusy:
    return "line-busy";
  case Rule::NoAnswer:
    return "no-answer";
  case Rule::Framing:
    return "framing";
  case Rule::Halted:
    return "halted";
  case Rule::Unsupported:
    return "unsupported";
  }
  return "";
}

Machine::Machine(const pdk::Device &device) : device(device) {
  load(std::vector<uint16_t>());
}

bool Machine::load(const std::vector<uint16_t> &program) {
  bool fits = program.size() <= device.codeWords;
  words.assign(device.codeWords, kNoWord);
  if (fits)
    std::copy(program.begin(), program.end(), words.begin());
  decoded.assign(device.codeWords, Op{kHole, 0, 0});
  for (size_t i = 0; fits && i < program.size(); ++i) {
    if (program[i] == kNoWord)
      continue;
    if (auto word = pdk::decode(program[i], device.set))
      decoded[i] = {uint8_t(word->opcode), uint8_t(1u << word->bit),
                    word->operand};
    else
      decoded[i].opcode = kInvalid;
  }
  traps.assign(device.codeWords, false);
  withTraps = decoded;
  reset();
  return fits;
}

void Machine::reset() {
  current = State();
  // Nothing may depend on what RAM holds when the power comes on; bytes that
  // differ from each other make it likely that something is seen to.
  for (size_t i = 0; i < ram.size(); ++i)
    ram[i] = uint8_t(0xA5 + 29 * i);
  written.fill(0);
  ioLatch.fill(0);
  interruptsEnabled = false;
  interruptsTaken = 0;
  scheduledCycle = UINT64_MAX;
  timer16 = 0;
  timerRan = false;
  stackBase = 0;
  stackHigh = 0;
  violations.clear();
}

void Machine::setTrap(unsigned address, bool enable) {
  if (address >= traps.size())
    return;
  traps[address] = enable;
  withTraps[address] = decoded[address];
  if (enable)
    withTraps[address].opcode = kTrap;
}

Stop Machine::run(uint64_t cycleLimit) {
  while (traceLeft) {
    if (current.cycles >= cycleLimit)
      return Stop::CycleLimit;
    if (current.pc < traps.size() && traps[current.pc])
      return Stop::Trap;
    if (Stop stop = step(); stop != Stop::None)
      return stop;
  }
  return execute<false>(cycleLimit);
}

Stop Machine::step() {
  if (traceLeft) {
    --traceLeft;
    tracer(*this);
  }
  return execute<true>(UINT64_MAX);
}

void Machine::trace(std::function<void(const Machine &)> trace,
                    uint64_t count) {
  tracer = std::move(trace);
  traceLeft = tracer ? count : 0;
}

bool Machine::push(uint16_t value) {
  unsigned sp = current.sp;
  if (sp + 2 > device.ramBytes) {
    report(Rule::StackOverflow,
           "push at " + hex(sp) + ", RAM ends at " + hex(device.ramBytes));
    return false;
  }
  if (sp < stackBase)
    report(Rule::StackCollision, "push at " + hex(sp) +
                                     ", the stack's space begins at " +
                                     hex(stackBase));
  ram[sp] = uint8_t(value);
  ram[sp + 1] = uint8_t(value >> 8);
  written[sp] = written[sp + 1] = 1;
  current.sp = uint16_t(sp + 2);
  stackHigh = std::max(stackHigh, sp + 2);
  return true;
}

bool Machine::pop(uint16_t &value) {
  unsigned sp = current.sp;
  if (sp < stackBase + 2) {
    report(Rule::StackUnderflow, "pop with SP at " + hex(sp) +
                                     ", the stack's space begins at " +
                                     hex(stackBase));
    if (sp < 2)
      return false;
  }
  if (sp > device.ramBytes) {
    report(Rule::RamRange, "pop with SP at " + hex(sp) + ", RAM ends at " +
                               hex(device.ramBytes));
    return false;
  }
  current.sp = uint16_t(sp - 2);
  unsigned low = load(sp - 2), high = load(sp - 1);
  value = uint16_t(low | high << 8);
  return true;
}

uint8_t Machine::readRam(unsigned address) const {
  return address < device.ramBytes ? ram[address] : 0;
}

void Machine::writeRam(unsigned address, uint8_t value) {
  if (address >= device.ramBytes)
    return;
  ram[address] = value;
  written[address] = 1;
}

bool Machine::isWritten(unsigned address) const {
  return address < device.ramBytes && written[address];
}

void Machine::spoilRam(unsigned address, uint8_t value) {
  if (address >= device.ramBytes)
    return;
  ram[address] = value;
  written[address] = 0;
}

uint16_t Machine::getWord(unsigned address) const {
  return address < words.size() ? words[address] : kNoWord;
}

uint8_t Machine::getIo(unsigned address) const {
  if (address == 0)
    return current.flags;
  if (address == 2)
    return uint8_t(current.sp);
  return address < ioLatch.size() ? ioLatch[address] : 0;
}

void Machine::report(Rule rule, std::string detail) {
  for (Violation &violation : violations) {
    if (violation.rule == rule && violation.pc == current.pc) {
      ++violation.count;
      return;
    }
  }
  if (violations.size() < kMaxViolations)
    violations.push_back({rule, current.pc, std::move(detail)});
}

std::vector<Violation> Machine::takeViolations() {
  std::vector<Violation> taken = std::move(violations);
  violations.clear();
  return taken;
}
