//===- Random.h - Numbers for searches --------------------------*- C++ -*-===//

#ifndef PDKC_PASSES_LOWBIT_SUPPORT_RANDOM_H
#define PDKC_PASSES_LOWBIT_SUPPORT_RANDOM_H

#include <cstdint>

namespace pdkc {

/// The same numbers on every machine.
class Random {
public:
  /// Of 0 to `limit` - 1.
  uint32_t get(uint32_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return uint64_t(uint32_t(state >> 32)) * limit >> 32;
  }

private:
  uint64_t state = 1;
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_SUPPORT_RANDOM_H
