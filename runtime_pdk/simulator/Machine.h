//===- Machine.h - A Padauk microcontroller ---------------------*- C++ -*-===//
//
// The simulated chip: code words, RAM, accumulator, flags, stack pointer and
// I/O registers, and the rules a program has to keep. It counts true cycles and
// reports each rule that a program breaks.
//
// Plain C++ without global state or output of its own, so that the compiler can
// run thousands of candidate programs and a web page a single one.
//
// Interrupts are simulated, their sources are not: requests come from outside.
// Not simulated: timers, the multiplier, the watchdog. A program that needs one
// of the first two is stopped and the violation says why; the watchdog never
// bites.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_MACHINE_H
#define PDKC_RUNTIME_PDK_SIMULATOR_MACHINE_H

#include "dialects/pdk/Devices.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pdkc::sim {

/// What a program must not do, or what no simulation can follow.
enum class Rule : uint8_t {
  RamRange,        ///< a RAM address beyond the device's RAM
  CodeRange,       ///< execution where no word was loaded
  NotInstruction,  ///< execution of a word that is no instruction
  UnwrittenRead,   ///< a RAM byte read before it was written
  StackOverflow,   ///< a push beyond the end of RAM
  StackCollision,  ///< a push onto the program's static cells
  StackUnderflow,  ///< a pop below the stack's base
  StackMisaligned, ///< an odd value written to SP
  StackUnbalanced, ///< a return with SP not where it was at the call
  PointerHigh,     ///< an IDXM pointer whose high byte is not 0
  TablePointer,    ///< a table read where no code word was loaded
  Undocumented,    ///< LDSPTL or LDSPTH
  PseudoRegister,  ///< p+1 (RAM byte 1) not 0 when SDCC code takes over
  CycleLimit,      ///< no end within the cycles allowed
  TooManyInputs,   ///< more inputs taken than there are
  InputsLeft,      ///< fewer inputs taken than there are
  NotReady,        ///< a firmware that never waits for its serial input
  LineBusy,        ///< serial output when the line should be quiet
  NoAnswer,        ///< no, or not all, serial output
  Framing,         ///< a start or stop bit of serial output is missing
  Halted,          ///< STOPSYS, STOPEXE or RESET
  Unsupported,     ///< what is not simulated: Timer16, MUL
};

/// The rule's name as tools print it, such as "stack-overflow".
const char *getName(Rule rule);

/// A broken rule.
struct Violation {
  Rule rule;
  unsigned pc;        ///< word address of the instruction
  std::string detail; ///< what happened the first time
  uint64_t count = 1; ///< how often this rule was broken at this address
};

/// Why execution stopped.
enum class Stop : uint8_t {
  None,       ///< it did not: a single step was made
  Trap,       ///< before the instruction at an address with a trap
  Returned,   ///< after a return to Machine::kSentinel; pc is that of the RET
  CycleLimit, ///< the cycles allowed are used up
  Broken,     ///< after the last violation reported, nothing has a meaning
};

/// What is attached to the I/O registers (all but FLAG and SP).
class IoPort {
public:
  virtual ~IoPort() = default;
  /// The value that an instruction reads at `address`; `latch` is what was last
  /// written there. The instruction acts upon the bits of `used`: all of them,
  /// the one it tests, or none where it only writes the others back.
  virtual uint8_t read(unsigned address, uint8_t latch, uint8_t used) {
    return latch;
  }
  /// An instruction writes `value` to `address`.
  virtual void write(unsigned address, uint8_t value) {}
};

/// Word address at which interrupts continue.
constexpr unsigned kInterruptVector = 0x10;

/// Bits of the FLAG register.
using pdk::FlagAC, pdk::FlagC, pdk::FlagOV, pdk::FlagZ;

class Machine {
public:
  /// Marks an address of a program where no word is loaded; no code word is as
  /// wide.
  static constexpr uint16_t kNoWord = 0xFFFF;
  /// A return address that no program can have: returning to it stops the run.
  static constexpr uint16_t kSentinel = 0xFFFF;

  /// What a program can see of the processor.
  struct State {
    uint8_t a = 0;
    uint8_t flags = 0;   ///< bits of FLAG; the others do not exist
    uint16_t sp = 0;     ///< RAM address; 256 is above a full RAM of 256 bytes
    uint16_t pc = 0;     ///< word address of the next instruction
    uint64_t cycles = 0; ///< system clock cycles since the reset
  };

  explicit Machine(const pdk::Device &device);

  /// Loads a program, the word at address 0 first, kNoWord for holes, and
  /// resets. Returns false, with nothing loaded, when the device has fewer
  /// words.
  bool load(const std::vector<uint16_t> &words);

  /// Power on: all RAM unwritten (its bytes hold a pattern), registers 0, the
  /// stack allowed everywhere, no violations. Program and traps stay.
  void reset();

  /// Runs until a trap, a return to the sentinel, a state without meaning, or
  /// until `cycleLimit` cycles since the reset are reached. A trap at the
  /// address where the run starts stops it at once: step() over it.
  Stop run(uint64_t cycleLimit);

  /// Executes one instruction, traps or not, or takes a pending interrupt.
  Stop step();

  State &state() { return current; }
  const State &state() const { return current; }
  const pdk::Device &getDevice() const { return device; }

  /// Stops run() before the instruction at this word address; beyond the
  /// device's code words nothing happens.
  void setTrap(unsigned address, bool enable);

  /// The lowest RAM address that the stack may use.
  void setStackBase(unsigned address) { stackBase = address; }

  /// The highest SP since the reset or the last clearStackHigh(), with
  /// something on the stack below it; 0 if nothing was pushed.
  unsigned getStackHigh() const { return stackHigh; }
  void clearStackHigh() { stackHigh = 0; }

  /// Pushes or pops two bytes as CALL and RET do, all rules applying. False
  /// after a violation that leaves no meaning.
  bool push(uint16_t value);
  bool pop(uint16_t &value);

  /// RAM from outside: no rule applies. Addresses beyond the device's RAM read
  /// as 0 and writing to them does nothing; isWritten is false for them.
  uint8_t readRam(unsigned address) const;
  void writeRam(unsigned address, uint8_t value);
  bool isWritten(unsigned address) const;
  /// Gives a byte a value that the program must not rely on: reading it before
  /// writing it is a violation.
  void spoilRam(unsigned address, uint8_t value);

  /// The loaded word, or kNoWord.
  uint16_t getWord(unsigned address) const;
  /// The last value written to an I/O register (FLAG and SP: their value).
  uint8_t getIo(unsigned address) const;

  /// Attaches I/O (null: plain registers). The port must outlive the machine
  /// or be detached.
  void attach(IoPort *port) { io = port; }

  /// At the first instruction boundary at `cycle` cycles since the reset or
  /// later, sets the bits `requests` of INTRQ. Takes the place of an earlier
  /// call's that is still to come; a reset forgets it.
  ///
  /// As soon as a bit is set in INTRQ and INTEN and interrupts are enabled
  /// (ENGINT; disabled after a reset), the chip goes to the interrupt vector
  /// before the next instruction: it pushes PC and disables interrupts until
  /// RETI, in the 2 cycles of a call. Clearing INTRQ is the program's business.
  void scheduleInterrupt(uint64_t cycle, uint8_t requests);
  /// Interrupts taken since the reset.
  uint64_t getInterruptsTaken() const { return interruptsTaken; }

  /// Calls `trace` before each of the next `count` instructions.
  void trace(std::function<void(const Machine &)> trace, uint64_t count);

  /// LDSPTL and LDSPTH, undocumented where they exist, are allowed.
  void allowUndocumented(bool allow) { undocumented = allow; }

  /// Records a violation at the current instruction.
  void report(Rule rule, std::string detail);
  /// The rules broken since the reset, one entry a rule and address, the first
  /// kMaxViolations of them.
  const std::vector<Violation> &getViolations() const { return violations; }
  static constexpr size_t kMaxViolations = 32;
  /// Hands the violations over and forgets them.
  std::vector<Violation> takeViolations();

private:
  /// A decoded word. Opcodes beyond the instruction table's are those below.
  struct Op {
    uint8_t opcode;
    uint8_t mask; ///< 1 << bit number
    uint16_t operand;
  };
  enum : uint8_t { kHole = 253, kInvalid = 254, kTrap = 255 };

  template <bool singleStep> Stop execute(uint64_t cycleLimit);
  Stop fetchFailed(unsigned from);

  // Interrupts.
  void setInterruptsEnabled(bool enable);
  bool isInterruptPending() const;
  void updateAttention();
  /// Sets the scheduled bits of INTRQ if their time has come.
  void raiseScheduled();
  /// False if there is no stack for it.
  bool enterInterrupt();

  // RAM and I/O as an instruction sees them.
  uint8_t load(unsigned address) {
    return written[address] ? ram[address] : loadSlow(address);
  }
  void store(unsigned address, uint8_t value);
  uint8_t loadSlow(unsigned address);
  void storeSlow(unsigned address);
  unsigned loadPointer(unsigned address);
  uint8_t readIo(unsigned address, uint8_t used);
  void writeIo(unsigned address, uint8_t value);
  bool loadTable(unsigned address, bool high);
  bool loadTopOfStack(bool high);
  bool transferTimer(unsigned pointer, bool toTimer);
  bool stop(Rule rule, const char *what);

  // Flags.
  uint8_t add(unsigned x, unsigned y, unsigned carry);
  uint8_t subtract(unsigned x, unsigned y, unsigned borrow);
  uint8_t setZ(uint8_t value);
  void setC(bool carry);
  unsigned carry() const { return (current.flags >> 1) & 1; }

  const pdk::Device device;
  std::vector<uint16_t> words;
  std::vector<Op> decoded;   ///< as loaded
  std::vector<Op> withTraps; ///< the same, with kTrap where a trap is
  std::vector<bool> traps;

  State current;
  std::array<uint8_t, 256> ram{};
  std::array<uint8_t, 256> written{}; ///< 1 for each byte written; 0 beyond RAM
  std::array<uint8_t, 128> ioLatch{};
  bool interruptsEnabled = false;
  uint64_t interruptsTaken = 0;
  uint64_t scheduledCycle = UINT64_MAX; ///< of scheduleInterrupt()
  uint8_t scheduledRequests = 0;
  uint64_t runLimit = 0; ///< of execute()
  /// execute() goes on undisturbed until this cycle: the end of the run, the
  /// next scheduled request, or 0 with an interrupt to be taken.
  uint64_t attention = 0;
  uint16_t timer16 = 0;
  bool timerRan = false; ///< Timer16 was given a clock since the reset
  IoPort *io = nullptr;

  unsigned stackBase = 0;
  unsigned stackHigh = 0;
  bool undocumented = false;
  std::vector<Violation> violations;
  std::function<void(const Machine &)> tracer;
  uint64_t traceLeft = 0;
};

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_MACHINE_H
