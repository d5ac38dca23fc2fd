//===- Devices.cpp - The device table -------------------------------------===//

#include "dialects/pdk/Devices.h"

using namespace pdkc::pdk;

const std::vector<Device> &pdkc::pdk::getDevices() {
  // name, set, code words, words usable from 0 up, RAM bytes
  static const std::vector<Device> devices = {
      {"pms150c", InstructionSet::PDK13, 1024, 1014, 64},
      {"pms15a", InstructionSet::PDK13, 1024, 1014, 64},
      {"pms150g", InstructionSet::PDK13, 1024, 1014, 64},
      {"pms15b", InstructionSet::PDK13, 1024, 1014, 64},
      {"pms152", InstructionSet::PDK14, 1280, 1270, 80},
      {"pms171b", InstructionSet::PDK14, 1536, 1526, 96},
      {"pms131", InstructionSet::PDK14, 1536, 1529, 88},
      {"pfs154", InstructionSet::PDK14, 2048, 2016, 128},
      {"pfs172", InstructionSet::PDK14, 2048, 2016, 128},
      {"pms154b", InstructionSet::PDK14, 2048, 2024, 128},
      {"pms154c", InstructionSet::PDK14, 2048, 2024, 128},
      {"pms132b", InstructionSet::PDK14, 2048, 2038, 128},
      {"pfs173", InstructionSet::PDK15, 3072, 3040, 256},
      {"pms133", InstructionSet::PDK15, 4096, 4086, 256},
      {"pms134", InstructionSet::PDK15, 4096, 4086, 256},
  };
  return devices;
}

const Device *pdkc::pdk::findDevice(std::string_view name) {
  for (const Device &device : getDevices())
    if (name == device.name)
      return &device;
  return nullptr;
}
