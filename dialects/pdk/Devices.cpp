//===- Devices.cpp - The device table -------------------------------------===//

#include "dialects/pdk/Devices.h"

using namespace pdkc::pdk;

const std::vector<Device> &pdkc::pdk::getDevices() {
  // name, set, code words, words usable from 0 up, RAM bytes,
  // I/O address of port B (free-pdk's headers)
  static const std::vector<Device> devices = {
      {"pms150c", InstructionSet::PDK13, 1024, 1014, 64, 0},
      {"pms15a", InstructionSet::PDK13, 1024, 1014, 64, 0},
      {"pms150g", InstructionSet::PDK13, 1024, 1014, 64, 0},
      {"pms15b", InstructionSet::PDK13, 1024, 1014, 64, 0},
      {"pms152", InstructionSet::PDK14, 1280, 1270, 80, 0x14},
      {"pms171b", InstructionSet::PDK14, 1536, 1526, 96, 0x14},
      {"pms131", InstructionSet::PDK14, 1536, 1529, 88, 0x14},
      {"pfs154", InstructionSet::PDK14, 2048, 2016, 128, 0x14},
      {"pfs172", InstructionSet::PDK14, 2048, 2016, 128, 0x15},
      {"pms154b", InstructionSet::PDK14, 2048, 2024, 128, 0x14},
      {"pms154c", InstructionSet::PDK14, 2048, 2024, 128, 0x14},
      {"pms132b", InstructionSet::PDK14, 2048, 2038, 128, 0x14},
      {"pfs173", InstructionSet::PDK15, 3072, 3040, 256, 0x13},
      {"pms133", InstructionSet::PDK15, 4096, 4086, 256, 0x13},
      {"pms134", InstructionSet::PDK15, 4096, 4086, 256, 0x13},
  };
  return devices;
}

const Device *pdkc::pdk::findDevice(std::string_view name) {
  for (const Device &device : getDevices())
    if (name == device.name)
      return &device;
  return nullptr;
}
