//===- InputRanges.h - What a model's inputs may be -------------*- C++ -*-===//
//
// pdkc proves a program for inputs of a range, which it writes into the map. A
// sample beyond it is a mistake of who made it: what the program makes of it
// says nothing.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_INPUTRANGES_H
#define PDKC_RUNTIME_PDK_SIMULATOR_INPUTRANGES_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pdkc::sim {

/// Of `count` values in a row, of 8 or 16 bits, little end first; in two's
/// complement where `min` is below 0.
struct InputRange {
  unsigned count;
  int32_t min, max;
};

/// The ranges of "64:-31:31,3:0:15", for the values of a sample in their order;
/// nothing where the text is none.
std::optional<std::vector<InputRange>> readInputRanges(std::string_view text);

/// What is wrong with the first value of the samples that is beyond its range;
/// empty where none is. A last sample may be incomplete.
std::string findOutside(const std::vector<InputRange> &ranges,
                        const uint8_t *samples, size_t bytes,
                        unsigned valueBytes);

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_INPUTRANGES_H
