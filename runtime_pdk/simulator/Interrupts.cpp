//===- Interrupts.cpp - Requests and the way into the routine -------------===//
//
// Between two instructions the machine looks at what execute() keeps in
// `attention`: a single comparison serves the end of the run, requests to come
// and interrupts to be taken. A skip is one instruction with the one that it
// passes over, so that no interrupt comes between the two.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/IoRegisters.h"
#include "runtime_pdk/simulator/Machine.h"

#include <algorithm>

using namespace pdkc::sim;

void Machine::scheduleInterrupt(uint64_t cycle, uint8_t requests) {
  scheduledCycle = cycle;
  scheduledRequests = requests;
  updateAttention();
}

void Machine::setInterruptsEnabled(bool enable) {
  interruptsEnabled = enable;
  updateAttention();
}

bool Machine::isInterruptPending() const {
  return interruptsEnabled && (ioLatch[INTEN] & ioLatch[INTRQ]);
}

void Machine::updateAttention() {
  attention = isInterruptPending() ? 0 : std::min(runLimit, scheduledCycle);
}

void Machine::raiseScheduled() {
  if (current.cycles < scheduledCycle)
    return;
  ioLatch[INTRQ] |= scheduledRequests;
  scheduledCycle = UINT64_MAX;
  updateAttention();
}

bool Machine::enterInterrupt() {
  if (!push(current.pc))
    return false;
  current.pc = kInterruptVector;
  current.cycles += 2;
  ++interruptsTaken;
  setInterruptsEnabled(false);
  return true;
}
