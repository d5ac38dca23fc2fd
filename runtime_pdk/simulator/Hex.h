//===- Hex.h - Numbers in messages ------------------------------*- C++ -*-===//
//
// How the simulator's messages write addresses and code words.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_HEX_H
#define PDKC_RUNTIME_PDK_SIMULATOR_HEX_H

#include <string>

namespace pdkc::sim {

/// "0x1f"; at least two digits.
inline std::string hex(unsigned value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value || text.size() < 2);
  return "0x" + text;
}

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_HEX_H
