//===- Devices.cpp - The device table -------------------------------------===//

#include "dialects/pdk/Devices.h"

using namespace pdkc::pdk;

const std::vector<Device> &pdkc::pdk::getDevices() {
  // name, set, code words, words usable from 0 up, RAM bytes,
  // I/O address of port B (free-pdk's headers), then pins of ports A and B and
  // fastest system clock, 0 where easypdkprog does not write the device
  static const std::vector<Device> devices = {
      {"pms150c", InstructionSet::PDK13, 1024, 1014, 64, 0, 0xF9, 0, 8000000},
      {"pms15a", InstructionSet::PDK13, 1024, 1014, 64, 0, 0xF9, 0, 8000000},
      {"pms150g", InstructionSet::PDK13, 1024, 1014, 64, 0, 0xF9, 0, 2000000},
      {"pms15b", InstructionSet::PDK13, 1024, 1014, 64, 0, 0xF9, 0, 2000000},
      {"pms152", InstructionSet::PDK14, 1280, 1270, 80, 0x14, 0xF9, 0xFF,
       8000000},
      {"pms171b", InstructionSet::PDK14, 1536, 1526, 96, 0x14, 0xF9, 0xFF,
       8000000},
      {"pms131", InstructionSet::PDK14, 1536, 1529, 88, 0x14, 0, 0, 0},
      {"pfs154", InstructionSet::PDK14, 2048, 2016, 128, 0x14, 0xF9, 0xFF,
       8000000},
      {"pfs172", InstructionSet::PDK14, 2048, 2016, 128, 0x15, 0xF9, 0xFF,
       8000000},
      {"pms154b", InstructionSet::PDK14, 2048, 2024, 128, 0x14, 0xF9, 0xFF,
       8000000},
      {"pms154c", InstructionSet::PDK14, 2048, 2024, 128, 0x14, 0xF9, 0xFF,
       8000000},
      {"pms132b", InstructionSet::PDK14, 2048, 2038, 128, 0x14, 0, 0, 0},
      {"pfs173", InstructionSet::PDK15, 3072, 3040, 256, 0x13, 0xF9, 0xFF,
       8000000},
      {"pms133", InstructionSet::PDK15, 4096, 4086, 256, 0x13, 0, 0, 0},
      {"pms134", InstructionSet::PDK15, 4096, 4086, 256, 0x13, 0, 0, 0},
  };
  return devices;
}

std::optional<Pin> pdkc::pdk::findPin(const Device &device,
                                      std::string_view name) {
  if (name.size() != 4 || name[0] != 'P' || name[2] != '.' || name[3] < '0' ||
      name[3] > '7')
    return std::nullopt;
  unsigned bit = name[3] - '0';
  if (name[1] == 'A' && device.pinsA >> bit & 1)
    return Pin{kPortA, 0x0D, bit};
  if (name[1] == 'B' && device.pinsB >> bit & 1)
    return Pin{device.portB, 0x0E, bit};
  return std::nullopt;
}

const Device *pdkc::pdk::findDevice(std::string_view name) {
  for (const Device &device : getDevices())
    if (name == device.name)
      return &device;
  return nullptr;
}
