//===- MapFile.cpp - Reading the linker's .map files ----------------------===//
//
// The format has headings and page breaks but no grammar: lines that look like
// a symbol or an area are taken for one.
//
//===----------------------------------------------------------------------===//

#include "runtime_pdk/simulator/MapFile.h"
#include "runtime_pdk/simulator/Hex.h"

#include <algorithm>

using namespace pdkc::sim;

static std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> tokens;
  constexpr std::string_view space = " \t\r\f";
  for (;;) {
    size_t begin = line.find_first_not_of(space);
    if (begin == line.npos)
      return tokens;
    line.remove_prefix(begin);
    tokens.push_back(line.substr(0, line.find_first_of(space)));
    line.remove_prefix(tokens.back().size());
  }
}

/// Addresses are written with 4, 6 or 8 digits, as the linker is set.
static std::optional<unsigned> parseAddress(std::string_view token) {
  if (token.size() < 4 || token.size() > 8)
    return std::nullopt;
  unsigned value = 0;
  for (char c : token) {
    size_t digit = std::string_view("0123456789ABCDEF").find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    value = value << 4 | unsigned(digit);
  }
  return value;
}

std::optional<MapFile> pdkc::sim::readMapFile(std::string_view text,
                                              std::string &error) {
  MapFile map;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::vector<std::string_view> tokens = split(line);
    if (tokens.size() < 2)
      continue;
    if ((tokens[0] == "Octal" || tokens[0] == "Decimal") &&
        tokens[1][0] == '[') {
      error = "the map's addresses are not hexadecimal";
      return std::nullopt;
    }
    if (tokens[0] == "Value" &&
        std::count(tokens.begin(), tokens.end(), "Value") > 1) {
      error = "the map cuts off long names: link with -w";
      return std::nullopt;
    }
    if (tokens[0] == ";" && tokens[1] == "pdk-sim") {
      for (std::string_view token : tokens)
        if (size_t end = token.find('=');
            token.substr(0, 2) == "--" && end != token.npos)
          map.options.emplace(token.substr(2, end - 2), token.substr(end + 1));
      continue;
    }
    if (tokens.size() >= 4 && tokens[3] == "=") {
      auto address = parseAddress(tokens[1]), size = parseAddress(tokens[2]);
      if (address && size)
        map.areas[std::string(tokens[0])] = {*address, *size};
      continue;
    }
    auto value = parseAddress(tokens[0]);
    if (!value)
      continue;
    auto [it, isNew] = map.symbols.emplace(tokens[1], *value);
    if (!isNew && it->second != *value) {
      error = "the map gives " + it->first + " two values, " + hex(it->second) +
              " and " + hex(*value);
      return std::nullopt;
    }
  }
  if (map.symbols.empty()) {
    error = "no symbols: not a linker's map";
    return std::nullopt;
  }
  return map;
}

std::optional<unsigned> MapFile::find(std::string_view symbol) const {
  auto it = symbols.find(symbol);
  if (it == symbols.end())
    return std::nullopt;
  return it->second;
}

std::optional<unsigned> MapFile::getStaticEnd() const {
  std::optional<unsigned> end;
  for (const char *name : {"DATA", "OSEG"}) {
    // An empty area has no page of its own but still its symbols.
    std::optional<unsigned> start = find(std::string("s_") + name);
    std::optional<unsigned> size = find(std::string("l_") + name);
    if (auto it = areas.find(name); it != areas.end()) {
      start = it->second.address;
      size = it->second.size;
    }
    if (start && size)
      end = std::max(end.value_or(0), *start + *size);
  }
  return end;
}

std::optional<ModelSymbols> MapFile::getModel(std::optional<unsigned> stackBase,
                                              std::string &error,
                                              const std::string &name) const {
  ModelSymbols model;
  auto findCode = [&](const std::string &name) {
    std::optional<unsigned> address = find(name);
    if (address && *address & 1)
      error = name + " at " + hex(*address) +
              ": code begins at even byte addresses";
    return address ? std::optional<unsigned>(*address / 2) : address;
  };
  error.clear();
  std::optional<unsigned> infer = findCode("_" + name + "_infer");
  model.nextInput = findCode("_" + name + "_next_input");
  model.input = find("_" + name + "_input");
  if (!infer)
    error = "the map has no _" + name + "_infer";
  if (!error.empty())
    return std::nullopt;
  model.infer = *infer;

  std::optional<unsigned> base = stackBase;
  if (!base) {
    base = getStaticEnd();
    // The bytes of C code that is not there yet.
    if (base && !find("_main"))
      *base += 2;
  }
  if (!base) {
    error = "the map tells of neither DATA nor OSEG: where does the stack "
            "begin?";
    return std::nullopt;
  }
  model.stackBase = (*base + 1) & ~1u;
  // Variables from address 0 on leave no place for p.
  if (auto data = areas.find("DATA"); data != areas.end())
    model.hasPointerP = data->second.address != 0;
  return model;
}
