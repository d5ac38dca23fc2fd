//===- IntelHex.h - Reading .ihx files --------------------------*- C++ -*-===//
//
// A program as the SDCC linker and pdkc write it: Intel HEX records of type 0
// and 1. Addresses are bytes, two for each code word, the low byte first.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_INTELHEX_H
#define PDKC_RUNTIME_PDK_SIMULATOR_INTELHEX_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pdkc::sim {

/// The code words from address 0 on, Machine::kNoWord in the holes; the last
/// one is not a hole. Nothing, and `error` set to a line that names the place,
/// when the text is not what it should be.
std::optional<std::vector<uint16_t>> readIntelHex(std::string_view text,
                                                  std::string &error);

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_INTELHEX_H
