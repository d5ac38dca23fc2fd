//===- InputRanges.cpp - What a model's inputs may be ---------------------===//

#include "runtime_pdk/simulator/InputRanges.h"

#include <charconv>

using namespace pdkc::sim;

/// Takes a number and what stands behind it off the text.
template <typename Number>
static bool take(std::string_view &text, Number &number, char behind) {
  auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc())
    return false;
  text.remove_prefix(end - text.data());
  if (text.empty())
    return behind == ',';
  if (text.front() != behind)
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::vector<InputRange>>
pdkc::sim::readInputRanges(std::string_view text) {
  std::vector<InputRange> ranges;
  while (!text.empty()) {
    InputRange range;
    if (!take(text, range.count, ':') || !take(text, range.min, ':') ||
        !take(text, range.max, ',') || range.count == 0 ||
        range.min > range.max)
      return std::nullopt;
    ranges.push_back(range);
  }
  return ranges;
}

std::string pdkc::sim::findOutside(const std::vector<InputRange> &ranges,
                                   const uint8_t *samples, size_t bytes,
                                   unsigned valueBytes) {
  size_t place = 0, sample = 0;
  for (; !ranges.empty(); ++sample) {
    unsigned number = 0;
    for (const InputRange &range : ranges)
      for (unsigned i = 0; i < range.count; ++i, ++number) {
        if (place + valueBytes > bytes)
          return "";
        int32_t value = samples[place];
        if (valueBytes == 2)
          value |= samples[place + 1] << 8;
        int32_t half = 1 << (8 * valueBytes - 1);
        if (range.min < 0 && value >= half)
          value -= 2 * half;
        place += valueBytes;
        if (value < range.min || value > range.max)
          return "sample " + std::to_string(sample) + " holds " +
                 std::to_string(value) + " as input " + std::to_string(number) +
                 ", outside the range " + std::to_string(range.min) + ":" +
                 std::to_string(range.max) + " that the program was made for";
      }
  }
  return "";
}
