//===- SampleFile.h - Files of bytes that people bring ----------*- C++ -*-===//
//
// Samples and classes are files of bytes without any head. What is none, but
// easily taken for one, is read as what it is or refused.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_SAMPLEFILE_H
#define PDKC_RUNTIME_PDK_SIMULATOR_SAMPLEFILE_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pdkc::sim {

/// What an array says of its bytes: each is a value, in two's complement or not,
/// and there are so many samples; 0 where it has one dimension alone.
struct SampleArray {
  bool isSigned;
  uint64_t samples;
};

struct SampleFile {
  std::string bytes;
  std::optional<SampleArray> array; ///< where it is one

  /// The error of an array of bytes where values have two.
  static constexpr const char *kTooNarrow =
      "an array of bytes, but the inputs have two bytes each; save it by "
      "astype('<i2').tofile";
};

/// The bytes in a file's contents: all of them, or the elements of an array of
/// bytes that numpy.save wrote (uint8 or int8, row by row). Nothing, and
/// `error` set, for other arrays and for text.
std::optional<SampleFile> readSampleFile(std::string_view contents,
                                         std::string &error);

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_SAMPLEFILE_H
