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
  uint8_t pinsA, pinsB; ///< pins that a package has, as bits
  unsigned maxClock;    ///< fastest system clock in Hz
};

/// I/O addresses that are the same on all devices.
constexpr unsigned kStackPointer = 0x02, kClockMode = 0x03,
                   kOscillatorTrim = 0x0B, kPortA = 0x10;

/// A pin, by its bit in these registers.
struct Pin {
  unsigned data; ///< I/O address; direction and pull-up follow
  unsigned inputEnable;
  unsigned bit;

  unsigned getDirection() const { return data + 1; }
  unsigned getPullUp() const { return data + 2; }
  /// PA.5 drives low only.
  bool isOpenDrain() const { return data == kPortA && bit == 5; }
  bool operator==(const Pin &other) const {
    return data == other.data && bit == other.bit;
  }
};

/// The pin "PA.7" of this device, or nothing.
std::optional<Pin> findPin(const Device &device, std::string_view name);

/// All devices, the smallest first (by usable words, then RAM).
const std::vector<Device> &getDevices();

/// The device of this name, or null.
const Device *findDevice(std::string_view name);

} // namespace pdkc::pdk

#endif // PDKC_DIALECTS_PDK_DEVICES_H
