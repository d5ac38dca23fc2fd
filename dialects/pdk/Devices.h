//===- Devices.h - The microcontrollers as data -----------------*- C++ -*-===//
//
// What a device offers a program. A new device is one entry in Devices.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_PDK_DEVICES_H
#define PDKC_DIALECTS_PDK_DEVICES_H

#include "dialects/pdk/InstructionTable.h"

namespace pdkc::pdk {

/// A microcontroller. Sizes are those of easypdkprog's device table.
struct Device {
  const char *name; ///< lower case, as --mcu takes it
  InstructionSet set;
  unsigned codeWords;   ///< all code words
  unsigned usableWords; ///< words from 0 up that a program can use, no hole
  unsigned ramBytes;
  unsigned portB; ///< I/O address of PB, those of PBC and PBPH following; 0
                  ///< where there is no port B. PA is at 0x10 everywhere.
};

/// All devices, the smallest first (by usable words, then RAM).
const std::vector<Device> &getDevices();

/// The device of this name, or null.
const Device *findDevice(std::string_view name);

} // namespace pdkc::pdk

#endif // PDKC_DIALECTS_PDK_DEVICES_H
