//===- MapFile.h - Reading the linker's .map files --------------*- C++ -*-===//
//
// What the simulator needs of a .map as sdldpdk writes it with -w (which sdcc
// always passes): the global symbols and the areas. All addresses are bytes,
// those of code two for each word.
//
// A symbol is a line
//     0000003A  _model_infer                       model
// and an area
//     DATA      00000002    00000006 =           6. bytes (REL,CON)
// Everything else is headings. Without -w three symbols share a line and names
// are cut off, which is refused.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_RUNTIME_PDK_SIMULATOR_MAPFILE_H
#define PDKC_RUNTIME_PDK_SIMULATOR_MAPFILE_H

#include "runtime_pdk/simulator/Inference.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pdkc::sim {

/// pdkc's own maps begin with a line of options of pdk-sim,
///     ; pdk-sim --mcu=pms150c --inputs=64
struct MapFile {
  struct Area {
    unsigned address;
    unsigned size;
  };
  std::map<std::string, unsigned, std::less<>> symbols;
  std::map<std::string, Area, std::less<>> areas;
  std::map<std::string, std::string, std::less<>> options; ///< without --

  std::optional<unsigned> find(std::string_view symbol) const;

  /// The RAM address behind the program's variables, that is, the end of DATA
  /// or of OSEG, the later one; nothing if the map tells of neither. Start-up
  /// code lets the stack begin at the next even address.
  std::optional<unsigned> getStaticEnd() const;

  /// The symbols of the model called `name`. SP before the call of model_infer
  /// is where start-up code puts it; a program without a main has its variables
  /// still to come, and 2 bytes are kept for them. `stackBase` overrides that.
  /// Nothing, and `error` set, when something is missing or makes no sense.
  std::optional<ModelSymbols> getModel(std::optional<unsigned> stackBase,
                                       std::string &error,
                                       const std::string &name = "model") const;
};

/// Reads a map; nothing, and `error` set, when the text is none.
std::optional<MapFile> readMapFile(std::string_view text, std::string &error);

} // namespace pdkc::sim

#endif // PDKC_RUNTIME_PDK_SIMULATOR_MAPFILE_H
