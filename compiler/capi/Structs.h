//===- Structs.h - The caller's structs, as long as they are ----*- C++ -*-===//

#ifndef PDKC_COMPILER_CAPI_STRUCTS_H
#define PDKC_COMPILER_CAPI_STRUCTS_H

#include <algorithm>
#include <cstring>

namespace pdkc {

/// Defaults for as much of a struct as its caller knows.
template <typename T> void initialise(T *given, T defaults, size_t size) {
  defaults.size = size;
  std::memcpy(given, &defaults, std::min(size, sizeof(T)));
}

/// The struct of a caller who may know less of it, or more: then what is beyond
/// has to be 0. False where it is not, or the size is none.
template <typename T> bool take(const T *given, T &result) {
  if (!given)
    return true;
  size_t size = given->size;
  const char *bytes = reinterpret_cast<const char *>(given);
  constexpr size_t kLargest = 1 << 12;
  if (size < sizeof(size_t) || size > kLargest ||
      (size > sizeof(T) && std::any_of(bytes + sizeof(T), bytes + size,
                                       [](char byte) { return byte != 0; })))
    return false;
  std::memcpy(&result, given, std::min(size, sizeof(T)));
  return true;
}

} // namespace pdkc

#endif // PDKC_COMPILER_CAPI_STRUCTS_H
