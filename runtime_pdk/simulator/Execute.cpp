//===- Execute.cpp - What each instruction does ---------------------------===//
//
// The meaning of every instruction of PDK13, PDK14 and PDK15, by hand: nothing
// of it is derived from the instruction table, so that a wrong row there shows.
// Cycles too are counted here.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/IoRegisters.h"
#include "runtime_pdk/simulator/Machine.h"

using namespace pdkc;
using namespace pdkc::sim;

//===----------------------------------------------------------------------===//
// Flags
//===----------------------------------------------------------------------===//

/// All four flags, of a sum or difference of x and y whose ninth bit is the
/// carry or borrow. `overflow` has bit 7 set on signed overflow.
static uint8_t getFlags(unsigned x, unsigned y, unsigned result,
                        unsigned overflow) {
  unsigned z = (result & 0xFF) == 0;
  unsigned c = (result >> 8) & 1;
  unsigned ac = ((x ^ y ^ result) >> 4) & 1;
  unsigned ov = (overflow >> 7) & 1;
  return uint8_t(z | c << 1 | ac << 2 | ov << 3);
}

inline uint8_t Machine::add(unsigned x, unsigned y, unsigned carry) {
  unsigned result = x + y + carry;
  current.flags = getFlags(x, y, result, ~(x ^ y) & (x ^ result));
  return uint8_t(result);
}

inline uint8_t Machine::subtract(unsigned x, unsigned y, unsigned borrow) {
  unsigned result = x - y - borrow;
  current.flags = getFlags(x, y, result, (x ^ y) & (x ^ result));
  return uint8_t(result);
}

inline uint8_t Machine::setZ(uint8_t value) {
  current.flags = uint8_t((current.flags & ~FlagZ) | (value == 0));
  return value;
}

inline void Machine::setC(bool carry) {
  current.flags = uint8_t((current.flags & ~FlagC) | carry << 1);
}

//===----------------------------------------------------------------------===//
// RAM and I/O
//===----------------------------------------------------------------------===//

uint8_t Machine::loadSlow(unsigned address) {
  if (address >= device.ramBytes) {
    report(Rule::RamRange, "read of RAM byte " + hex(address) +
                               ", RAM ends at " + hex(device.ramBytes));
    return 0;
  }
  report(Rule::UnwrittenRead,
         "RAM byte " + hex(address) + " read before it was written");
  return ram[address];
}

inline void Machine::store(unsigned address, uint8_t value) {
  if (address >= device.ramBytes)
    return storeSlow(address);
  ram[address] = value;
  written[address] = 1;
}

void Machine::storeSlow(unsigned address) {
  report(Rule::RamRange, "write to RAM byte " + hex(address) +
                             ", RAM ends at " + hex(device.ramBytes));
}

/// The two bytes at `address`, which is even.
unsigned Machine::loadPointer(unsigned address) {
  unsigned low = load(address), high = load(address + 1);
  return low | high << 8;
}

uint8_t Machine::readIo(unsigned address, uint8_t used) {
  switch (address) {
  case FLAG:
    return current.flags;
  case SP:
    return uint8_t(current.sp);
  default:
    return io ? io->read(address, ioLatch[address], used) : ioLatch[address];
  }
}

void Machine::writeIo(unsigned address, uint8_t value) {
  switch (address) {
  case FLAG:
    current.flags = value & (FlagZ | FlagC | FlagAC | FlagOV);
    return;
  case SP:
    if (value & 1)
      report(Rule::StackMisaligned, "SP set to " + hex(value));
    current.sp = value;
    return;
  case T16M:
    timerRan |= (value >> 5) != 0;
    break;
  }
  ioLatch[address] = value;
  if (address == INTEN || address == INTRQ)
    updateAttention();
  if (io)
    io->write(address, value);
}

//===----------------------------------------------------------------------===//
// Instructions with rules of their own
//===----------------------------------------------------------------------===//

/// Reports what no simulation can follow; always false.
bool Machine::stop(Rule rule, const char *what) {
  report(rule, what);
  return false;
}

/// LDTABL and LDTABH: 8 low or 7 high bits of a code word. The top nibble of
/// the pointer is ignored.
bool Machine::loadTable(unsigned pointer, bool high) {
  unsigned address = loadPointer(pointer) & 0xFFF;
  uint16_t word = getWord(address);
  if (word == kNoWord)
    report(Rule::TablePointer,
           "table read at word " + hex(address) + ", where none is loaded");
  current.a = uint8_t(high ? (word >> 8) & 0x7F : word);
  return true;
}

/// LDSPTL and LDSPTH: the code word that the top of the stack points to.
bool Machine::loadTopOfStack(bool high) {
  if (!undocumented)
    report(Rule::Undocumented, high ? "ldspth" : "ldsptl");
  uint16_t address;
  if (!pop(address))
    return false;
  current.sp = uint16_t(current.sp + 2);
  uint16_t word = getWord(address);
  if (word == kNoWord)
    report(Rule::TablePointer,
           "table read at word " + hex(address) + ", where none is loaded");
  unsigned highBits = (1u << (pdk::getWordBits(device.set) - 8)) - 1;
  current.a = uint8_t(high ? (word >> 8) & highBits : word);
  return true;
}

/// STT16 and LDT16. Timer16 is a plain register here, which is right as long as
/// it has no clock.
bool Machine::transferTimer(unsigned pointer, bool toTimer) {
  if (toTimer) {
    timer16 = uint16_t(loadPointer(pointer));
    return true;
  }
  if (timerRan)
    return stop(Rule::Unsupported,
                "ldt16 of a running Timer16, which is not simulated");
  store(pointer, uint8_t(timer16));
  store(pointer + 1, uint8_t(timer16 >> 8));
  return true;
}

Stop Machine::fetchFailed(unsigned from) {
  unsigned pc = current.pc;
  if (pc == kSentinel) {
    current.pc = uint16_t(from);
    return Stop::Returned;
  }
  std::string origin = " (the instruction before was at " + hex(from) + ")";
  if (pc < decoded.size() && decoded[pc].opcode == kInvalid)
    report(Rule::NotInstruction,
           "word " + hex(words[pc]) + " is no instruction" + origin);
  else if (pc < decoded.size())
    report(Rule::CodeRange, "no word is loaded here" + origin);
  else
    report(Rule::CodeRange,
           "the device ends at word " + hex(device.codeWords) + origin);
  return Stop::Broken;
}

//===----------------------------------------------------------------------===//
// The instructions
//===----------------------------------------------------------------------===//

template <bool singleStep> Stop Machine::execute(uint64_t cycleLimit) {
  const Op *const ops = singleStep ? decoded.data() : withTraps.data();
  const unsigned size = unsigned(decoded.size());
  State &s = current;
  uint8_t &a = s.a;
  unsigned from = s.pc;
  runLimit = cycleLimit;
  updateAttention();

  do {
    // Until the instruction is done, s.pc is its own address: violations are
    // reported there.
    const unsigned pc = s.pc;
    if (pc >= size)
      return fetchFailed(from);
    if (s.cycles >= attention) {
      if (s.cycles >= cycleLimit)
        return Stop::CycleLimit;
      raiseScheduled();
      if (isInterruptPending()) {
        if (!enterInterrupt())
          return Stop::Broken;
        continue;
      }
    }
    const Op op = ops[pc];
    const unsigned m = op.operand; // or k, or the I/O or code address
    unsigned next = pc + 1;
    unsigned cycles = 1;
    bool meaningful = true;
    auto skipIf = [&](bool condition) {
      next += condition;
      cycles += condition;
    };
    auto jump = [&](unsigned target) {
      next = target;
      cycles = 2;
    };
    auto ret = [&] {
      uint16_t target = 0;
      meaningful = pop(target);
      jump(target);
    };

    switch (op.opcode) {
    // Control.
    case pdk::NOP:
    case pdk::WDRESET:
      break;
    case pdk::GOTO_K:
      jump(m);
      break;
    case pdk::CALL_K:
      meaningful = push(uint16_t(next));
      jump(m);
      break;
    case pdk::RET:
      ret();
      break;
    case pdk::RET_K:
      a = uint8_t(m);
      ret();
      break;
    case pdk::PCADD_A:
      jump(pc + a);
      break;
    case pdk::PUSHAF:
      meaningful = push(uint16_t(a | s.flags << 8));
      break;
    case pdk::POPAF: {
      uint16_t value = 0;
      meaningful = pop(value);
      a = uint8_t(value);
      s.flags = (value >> 8) & (FlagZ | FlagC | FlagAC | FlagOV);
      break;
    }
    case pdk::RESET:
      meaningful = stop(Rule::Halted, "reset");
      break;
    case pdk::STOPSYS:
      meaningful = stop(Rule::Halted, "stopsys");
      break;
    case pdk::STOPEXE:
      meaningful = stop(Rule::Halted, "stopexe");
      break;
    case pdk::ENGINT:
      setInterruptsEnabled(true);
      break;
    case pdk::DISGINT:
      setInterruptsEnabled(false);
      break;
    case pdk::RETI:
      ret();
      setInterruptsEnabled(true);
      break;
    case pdk::MUL:
      meaningful =
          stop(Rule::Unsupported, "mul: the multiplier is not simulated");
      break;

    // Tables, pointers, timer.
    case pdk::LDSPTL:
    case pdk::LDSPTH:
      meaningful = loadTopOfStack(op.opcode == pdk::LDSPTH);
      cycles = 2;
      break;
    case pdk::LDTABL_M:
    case pdk::LDTABH_M:
      meaningful = loadTable(m, op.opcode == pdk::LDTABH_M);
      cycles = 2;
      break;
    case pdk::IDXM_A_M:
    case pdk::IDXM_M_A: {
      unsigned pointer = loadPointer(m);
      if (pointer > 0xFF)
        report(Rule::PointerHigh,
               "the pointer at " + hex(m) + " holds " + hex(pointer));
      if (op.opcode == pdk::IDXM_A_M)
        a = load(pointer & 0xFF);
      else
        store(pointer & 0xFF, a);
      cycles = 2;
      break;
    }
    case pdk::STT16_M:
    case pdk::LDT16_M:
      meaningful = transferTimer(m, op.opcode == pdk::STT16_M);
      break;

    // Moves.
    case pdk::MOV_A_K:
      a = uint8_t(m);
      break;
    case pdk::MOV_A_M:
      a = setZ(load(m));
      break;
    case pdk::MOV_M_A:
      store(m, a);
      break;
    case pdk::NMOV_A_M:
      a = setZ(uint8_t(-load(m)));
      break;
    case pdk::NMOV_M_A:
      store(m, uint8_t(-a));
      break;
    case pdk::CLEAR_M:
      store(m, 0);
      break;
    case pdk::XCH_M: {
      uint8_t value = load(m);
      store(m, a);
      a = value;
      break;
    }
    case pdk::SWAP_A:
      a = uint8_t(a << 4 | a >> 4);
      break;
    case pdk::SWAP_M: {
      uint8_t value = load(m);
      store(m, uint8_t(value << 4 | value >> 4));
      break;
    }

    // Arithmetic on A.
    case pdk::ADD_A_K:
      a = add(a, m, 0);
      break;
    case pdk::ADD_A_M:
      a = add(a, load(m), 0);
      break;
    case pdk::ADDC_A_M:
      a = add(a, load(m), carry());
      break;
    case pdk::ADDC_A:
      a = add(a, 0, carry());
      break;
    case pdk::SUB_A_K:
      a = subtract(a, m, 0);
      break;
    case pdk::SUB_A_M:
      a = subtract(a, load(m), 0);
      break;
    case pdk::SUBC_A_M:
      a = subtract(a, load(m), carry());
      break;
    case pdk::SUBC_A:
      a = subtract(a, 0, carry());
      break;
    case pdk::NADD_A_M:
      a = add(load(m), uint8_t(-a), 0);
      break;
    case pdk::NEG_A:
      a = setZ(uint8_t(-a));
      break;
    case pdk::COMP_A_M:
      subtract(a, load(m), 0);
      break;
    case pdk::COMP_M_A:
      subtract(load(m), a, 0);
      break;

    // Arithmetic on memory.
    case pdk::ADD_M_A:
      store(m, add(load(m), a, 0));
      break;
    case pdk::ADDC_M_A:
      store(m, add(load(m), a, carry()));
      break;
    case pdk::ADDC_M:
      store(m, add(load(m), 0, carry()));
      break;
    case pdk::SUB_M_A:
      store(m, subtract(load(m), a, 0));
      break;
    case pdk::SUBC_M_A:
      store(m, subtract(load(m), a, carry()));
      break;
    case pdk::SUBC_M:
      store(m, subtract(load(m), 0, carry()));
      break;
    case pdk::NADD_M_A:
      store(m, add(uint8_t(-load(m)), a, 0));
      break;
    case pdk::INC_M:
      store(m, add(load(m), 1, 0));
      break;
    case pdk::DEC_M:
      store(m, subtract(load(m), 1, 0));
      break;
    case pdk::NEG_M:
      store(m, setZ(uint8_t(-load(m))));
      break;

    // Logic.
    case pdk::AND_A_K:
      a = setZ(a & m);
      break;
    case pdk::AND_A_M:
      a = setZ(a & load(m));
      break;
    case pdk::AND_M_A:
      store(m, setZ(load(m) & a));
      break;
    case pdk::OR_A_K:
      a = setZ(uint8_t(a | m));
      break;
    case pdk::OR_A_M:
      a = setZ(a | load(m));
      break;
    case pdk::OR_M_A:
      store(m, setZ(load(m) | a));
      break;
    case pdk::XOR_A_K:
      a = setZ(uint8_t(a ^ m));
      break;
    case pdk::XOR_A_M:
      a = setZ(a ^ load(m));
      break;
    case pdk::XOR_M_A:
      store(m, setZ(load(m) ^ a));
      break;
    case pdk::NOT_A:
      a = setZ(uint8_t(~a));
      break;
    case pdk::NOT_M:
      store(m, setZ(uint8_t(~load(m))));
      break;

    // Shifts.
    case pdk::SR_A:
    case pdk::SRC_A: {
      unsigned top = op.opcode == pdk::SRC_A ? carry() << 7 : 0;
      setC(a & 1);
      a = uint8_t(top | a >> 1);
      break;
    }
    case pdk::SR_M:
    case pdk::SRC_M: {
      unsigned top = op.opcode == pdk::SRC_M ? carry() << 7 : 0;
      uint8_t value = load(m);
      setC(value & 1);
      store(m, uint8_t(top | value >> 1));
      break;
    }
    case pdk::SL_A:
    case pdk::SLC_A: {
      unsigned bottom = op.opcode == pdk::SLC_A ? carry() : 0;
      setC(a >> 7);
      a = uint8_t(a << 1 | bottom);
      break;
    }
    case pdk::SL_M:
    case pdk::SLC_M: {
      unsigned bottom = op.opcode == pdk::SLC_M ? carry() : 0;
      uint8_t value = load(m);
      setC(value >> 7);
      store(m, uint8_t(value << 1 | bottom));
      break;
    }

    // Skips.
    case pdk::IZSN_A:
      a = add(a, 1, 0);
      skipIf(a == 0);
      break;
    case pdk::DZSN_A:
      a = subtract(a, 1, 0);
      skipIf(a == 0);
      break;
    case pdk::IZSN_M: {
      uint8_t value = add(load(m), 1, 0);
      store(m, value);
      skipIf(value == 0);
      break;
    }
    case pdk::DZSN_M: {
      uint8_t value = subtract(load(m), 1, 0);
      store(m, value);
      skipIf(value == 0);
      break;
    }
    case pdk::CEQSN_A_K:
      skipIf(subtract(a, m, 0) == 0);
      break;
    case pdk::CEQSN_A_M:
      skipIf(subtract(a, load(m), 0) == 0);
      break;
    case pdk::CNEQSN_A_K:
      skipIf(subtract(a, m, 0) != 0);
      break;
    case pdk::CNEQSN_A_M:
      skipIf(subtract(a, load(m), 0) != 0);
      break;
    case pdk::T0SN_MBIT:
      skipIf(!(load(m) & op.mask));
      break;
    case pdk::T1SN_MBIT:
      skipIf(load(m) & op.mask);
      break;
    case pdk::T0SN_IOBIT:
      skipIf(!(readIo(m, op.mask) & op.mask));
      break;
    case pdk::T1SN_IOBIT:
      skipIf(readIo(m, op.mask) & op.mask);
      break;

    // Bits and I/O.
    case pdk::SET0_MBIT:
      store(m, load(m) & ~op.mask);
      break;
    case pdk::SET1_MBIT:
      store(m, load(m) | op.mask);
      break;
    case pdk::SET0_IOBIT:
      writeIo(m, readIo(m, 0) & ~op.mask);
      break;
    case pdk::SET1_IOBIT:
      writeIo(m, readIo(m, 0) | op.mask);
      break;
    case pdk::SWAPC_IOBIT: {
      uint8_t value = readIo(m, op.mask);
      bool bit = value & op.mask;
      writeIo(m, uint8_t((value & ~op.mask) | (carry() ? op.mask : 0)));
      setC(bit);
      break;
    }
    case pdk::MOV_IO_A:
      writeIo(m, a);
      break;
    case pdk::MOV_A_IO:
      a = setZ(readIo(m, 0xFF));
      break;
    case pdk::XOR_IO_A:
      writeIo(m, readIo(m, 0) ^ a);
      break;

    case kTrap:
      return Stop::Trap;
    default:
      return fetchFailed(from);
    }

    if (!meaningful)
      return Stop::Broken;
    from = pc;
    s.pc = uint16_t(next);
    s.cycles += cycles;
  } while (!singleStep);

  // The step may have been the return to the caller.
  return s.pc == kSentinel ? fetchFailed(from) : Stop::None;
}

template Stop Machine::execute<false>(uint64_t cycleLimit);
template Stop Machine::execute<true>(uint64_t cycleLimit);
