//===- IoRegisters.h - I/O registers that mean something --------*- C++ -*-===//
//
// Addresses that are the same on all devices, from free-pdk's headers. All
// other I/O registers are plain storage to the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_IOREGISTERS_H
#define PDKC_RUNTIME_PDK_SIMULATOR_IOREGISTERS_H

#include "dialects/pdk/Devices.h"

namespace pdkc::sim {

enum IoRegister : unsigned {
  FLAG = pdk::kFlagAddress,
  SP = pdk::kStackPointer,
  INTEN = 0x04,
  INTRQ = 0x05,
  T16M = 0x06,
  PADIER = 0x0D,
  PBDIER = 0x0E,
  PA = 0x10 ///< Device::portB is that of PB
};

/// Registers of a port, counted from its first: PA, PAC, PAPH.
enum PortRegister : unsigned { Latch = 0, Direction = 1, PullUp = 2 };

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_IOREGISTERS_H
