//===- SampleFile.cpp - Files of bytes that people bring ------------------===//

#include "runtime_pdk/simulator/SampleFile.h"

using namespace pdkc::sim;

constexpr std::string_view kMagic = "\x93NUMPY";

/// The text behind a key of the header's dictionary; empty without the key.
static std::string_view findValue(std::string_view header,
                                  std::string_view key) {
  size_t at = header.find("'" + std::string(key) + "'");
  if (at == header.npos)
    return {};
  header.remove_prefix(at + key.size() + 2);
  at = header.find_first_not_of(" :");
  return at == header.npos ? std::string_view() : header.substr(at);
}

namespace {
struct Shape {
  uint64_t count = 1, first = 1;
  unsigned dimensions = 0;
};
} // namespace

/// The numbers in "(3, 4), ..."; nothing where their product is too large or
/// there are other things among them.
static std::optional<Shape> readShape(std::string_view text) {
  if (text.empty() || text[0] != '(')
    return std::nullopt;
  Shape shape;
  uint64_t number = 0;
  bool hasDigits = false;
  for (char c : text.substr(1)) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + unsigned(c - '0');
      hasDigits = true;
      if (number > UINT32_MAX)
        return std::nullopt;
      continue;
    }
    if (c != ',' && c != ')' && c != ' ')
      return std::nullopt;
    if (hasDigits) {
      shape.count *= number;
      if (shape.dimensions++ == 0)
        shape.first = number;
    }
    if (shape.count > UINT32_MAX)
      return std::nullopt;
    number = 0;
    hasDigits = false;
    if (c == ')')
      return shape;
  }
  return std::nullopt;
}

static std::optional<SampleFile> readArray(std::string_view contents,
                                            std::string &error) {
  auto byte = [&](size_t i) {
    return i < contents.size() ? unsigned(uint8_t(contents[i])) : 0;
  };
  // Magic, a version of two bytes, the header's length: 2 bytes, or 4 from
  // version 2 on.
  bool isLong = byte(6) > 1;
  size_t length = byte(8) | byte(9) << 8;
  if (isLong)
    length |= size_t(byte(10)) << 16 | size_t(byte(11)) << 24;
  size_t begin = isLong ? 12 : 10;
  if (contents.size() < begin || contents.size() - begin < length) {
    error = "the array's header is cut off";
    return std::nullopt;
  }
  std::string_view header = contents.substr(begin, length);
  std::string_view data = contents.substr(begin + length);
  std::string_view type = findValue(header, "descr");
  if (!type.empty() && type[0] == '\'')
    type = type.substr(1, type.find('\'', 1) - 1);
  if (type != "|u1" && type != "|i1" && type != "u1" && type != "i1") {
    error = "an array of type '" + std::string(type.substr(0, 20)) +
            "', not of bytes; save it as uint8 or int8, or where inputs have "
            "two bytes by astype('<i2').tofile";
    return std::nullopt;
  }
  auto shape = readShape(findValue(header, "shape"));
  if (!shape || findValue(header, "fortran_order").substr(0, 5) != "False") {
    error = "an array that is not stored row by row; save "
            "numpy.ascontiguousarray(it)";
    return std::nullopt;
  }
  if (data.size() != shape->count) {
    error = "the array's shape asks for " + std::to_string(shape->count) +
            " bytes, the file has " + std::to_string(data.size());
    return std::nullopt;
  }
  return SampleFile{std::string(data),
                    SampleArray{type.substr(type.size() - 2) == "i1",
                                shape->dimensions > 1 ? shape->first : 0}};
}

/// A decimal number, blanks around it or not.
static bool isNumber(std::string_view text) {
  size_t at = text.find_first_not_of(" \t\r");
  if (at == text.npos)
    return false;
  text = text.substr(at, text.find_last_not_of(" \t\r") + 1 - at);
  if (text[0] == '-' || text[0] == '+')
    text.remove_prefix(1);
  return text.find_first_of("0123456789") != text.npos &&
         text.find_first_not_of("0123456789.e+-") == text.npos;
}

/// Lines of numbers between commas, semicolons or blanks, as many in each line,
/// under a line of names or not: bytes do not happen to read so.
static bool isText(std::string_view contents) {
  size_t fields = 0, lines = 0;
  for (size_t number = 0; !contents.empty(); ++number) {
    std::string_view line = contents.substr(0, contents.find('\n'));
    bool isEnded = line.size() < contents.size();
    contents.remove_prefix(line.size() + isEnded);
    size_t first = line.find_first_not_of(" \t\r");
    line.remove_prefix(first == line.npos ? line.size() : first);
    if (line.empty())
      continue;
    size_t here = 0;
    bool areNumbers = true;
    while (!line.empty()) {
      size_t end = line.find_first_of(",; \t\r");
      if (end != 0) {
        areNumbers &= isNumber(line.substr(0, end));
        ++here;
      }
      line.remove_prefix(end == line.npos ? line.size() : end + 1);
    }
    if (!areNumbers && number == 0 && line.find('\0') == line.npos)
      continue;
    if (!areNumbers || (fields && here != fields))
      return false;
    fields = here;
    // The last line needs no end where there are others.
    lines += isEnded || lines;
  }
  return lines > 0;
}

std::optional<SampleFile> pdkc::sim::readSampleFile(std::string_view contents,
                                                    std::string &error) {
  if (contents.substr(0, kMagic.size()) == kMagic)
    return readArray(contents, error);
  if (contents.substr(0, 4) == "PK\x03\x04") {
    error = "an archive (.npz, .zip); one byte a value is needed: "
            "array.astype('uint8').tofile(...)";
    return std::nullopt;
  }
  if (isText(contents)) {
    error = "text; one byte a value is needed, as "
            "numpy.loadtxt(..., delimiter=',').astype('uint8').tofile(...) "
            "writes it";
    return std::nullopt;
  }
  return SampleFile{std::string(contents), std::nullopt};
}
