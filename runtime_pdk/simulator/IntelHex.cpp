//===- IntelHex.cpp - Reading .ihx files ----------------------------------===//
//
// Everything is checked: a wrong word that goes unseen would be taken for the
// compiler's fault.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/IntelHex.h"
#include "runtime_pdk/simulator/Hex.h"
#include "runtime_pdk/simulator/Machine.h"

using namespace pdkc::sim;

namespace {

constexpr int kNoByte = -1;

class Reader {
public:
  explicit Reader(std::string &error) : error(error) {}

  std::optional<std::vector<uint16_t>> read(std::string_view text);

private:
  bool readRecord(std::string_view record);
  bool fail(const std::string &what) {
    error = "line " + std::to_string(line) + ": " + what;
    return false;
  }

  std::string &error;
  unsigned line = 0;
  bool ended = false;
  std::vector<int> image; ///< by byte address
};

} // namespace

static int getDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

bool Reader::readRecord(std::string_view record) {
  if (record[0] != ':')
    return fail("an Intel HEX record begins with ':'");
  std::vector<uint8_t> bytes;
  unsigned sum = 0;
  for (size_t i = 1; i < record.size(); i += 2) {
    int high = getDigit(record[i]);
    int low = i + 1 < record.size() ? getDigit(record[i + 1]) : -1;
    if (high < 0 || low < 0)
      return fail("pairs of hexadecimal digits expected");
    bytes.push_back(uint8_t(high << 4 | low));
    sum += bytes.back();
  }
  // Length, two bytes of address, type, data, checksum.
  if (bytes.size() < 5 || bytes.size() != bytes[0] + 5u)
    return fail("the record's length is not what it says");
  if (sum & 0xFF)
    return fail("wrong checksum");
  unsigned address = bytes[1] << 8 | bytes[2], type = bytes[3];
  if (type > 1)
    return fail("record type " + std::to_string(type) +
                "; only 0 (data) and 1 (end) are known");
  if (ended)
    return fail("a record after the end record");
  if (type == 1) {
    ended = true;
    return true;
  }
  for (unsigned i = 0; i < bytes[0]; ++i) {
    if (address + i >= image.size())
      image.resize(address + i + 1, kNoByte);
    int &byte = image[address + i];
    if (byte != kNoByte && byte != bytes[4 + i])
      return fail("byte address " + hex(address + i) +
                  " is given twice with different values");
    byte = bytes[4 + i];
  }
  return true;
}

std::optional<std::vector<uint16_t>> Reader::read(std::string_view text) {
  while (!text.empty()) {
    ++line;
    size_t length = text.find('\n');
    std::string_view record = text.substr(0, length);
    text.remove_prefix(length == text.npos ? text.size() : length + 1);
    while (!record.empty() && (record.back() == '\r' || record.back() == ' '))
      record.remove_suffix(1);
    if (!record.empty() && !readRecord(record))
      return std::nullopt;
  }
  if (!ended) {
    error = "the end record is missing";
    return std::nullopt;
  }
  if (image.empty()) {
    error = "no data";
    return std::nullopt;
  }
  image.resize((image.size() + 1) & ~size_t(1), kNoByte);
  std::vector<uint16_t> words;
  for (size_t i = 0; i < image.size(); i += 2) {
    int low = image[i], high = image[i + 1];
    if ((low == kNoByte) != (high == kNoByte)) {
      error = "only one byte is given of the word at byte address " +
              hex(unsigned(i));
      return std::nullopt;
    }
    // No instruction set has words this wide, and this one marks a hole.
    if (high > 0x7F) {
      error = "the word at byte address " + hex(unsigned(i)) +
              " is wider than 15 bits";
      return std::nullopt;
    }
    words.push_back(low == kNoByte ? Machine::kNoWord
                                   : uint16_t(low | high << 8));
  }
  return words;
}

std::optional<std::vector<uint16_t>>
pdkc::sim::readIntelHex(std::string_view text, std::string &error) {
  return Reader(error).read(text);
}
