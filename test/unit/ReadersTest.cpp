//===- ReadersTest.cpp - .ihx and .map files ------------------------------===//
//
// What the readers accept, and that everything else is an error that says why.
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"
#include "runtime_pdk/simulator/InputRanges.h"
#include "runtime_pdk/simulator/IntelHex.h"
#include "runtime_pdk/simulator/MapFile.h"
#include "runtime_pdk/simulator/SampleFile.h"

using namespace pdkc;

namespace {

std::string readHex(const std::string &text) {
  std::string error;
  auto words = sim::readIntelHex(text, error);
  if (!words)
    return "error: " + error;
  EXPECT_EQ(error, "");
  std::string result;
  for (uint16_t word : *words)
    result += (result.empty() ? "" : " ") + std::to_string(word);
  return result;
}

// As sdldpdk writes them, cut down.
const char *const kMap =
    "ASxxxx Linker V03.00 + NoICE + sdld,  page 1.\n"
    "Hexadecimal  [32-Bits]\n"
    "\n"
    "Area                                    Addr        Size        Decimal "
    "Bytes (Attributes)\n"
    "--------------------------------        ----        ----        ------- "
    "----- ------------\n"
    ".  .ABS.                            00000000    00000000 =           0. "
    "bytes (ABS,CON)\n"
    "\n"
    "      Value  Global                              Global Defined In "
    "Module\n"
    "      -----  --------------------------------   "
    "------------------------\n"
    "     00000000  l_OSEG                          \n"
    "     00000002  s_DATA                          \n"
    "     00000006  l_DATA                          \n"
    "     00000008  s_OSEG                          \n"
    "     00000010  _PA                                main\n"
    "\f\n"
    "DATA                                00000002    00000006 =           6. "
    "bytes (REL,CON)\n"
    "     00000007  _result                            main\n"
    "CODE                                0000003A    0000001A =          26. "
    "bytes (REL,CON)\n"
    "     0000003A  _model_infer                       model\n"
    "     00000046  _model_next_input                  main\n"
    "\n"
    "Files Linked                              [ module(s) ]\n"
    "\n"
    "main.rel                                  [ main ]\n"
    "\n"
    "User Base Address Definitions\n"
    "\n"
    "DATA = 0x0002\n";

sim::MapFile readMap(const std::string &text) {
  std::string error;
  auto map = sim::readMapFile(text, error);
  EXPECT_TRUE(map) << error;
  return map.value_or(sim::MapFile());
}

std::string getMapError(const std::string &text) {
  std::string error;
  EXPECT_FALSE(sim::readMapFile(text, error));
  return error;
}

std::string replace(std::string text, const std::string &from,
                    const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, text.npos);
  return text.replace(at, from.size(), to);
}

} // namespace

TEST(IntelHexTest, Words) {
  EXPECT_EQ(readHex(":0400000001023412B3\n:00000001FF\n"), "513 4660");
  // Holes, any order, lower case, CR LF, empty lines.
  EXPECT_EQ(
      readHex(":020004003b00bf\r\n\r\n:020000000100fd\r\n:00000001ff\r\n"),
      "1 65535 59");
}

TEST(IntelHexTest, Errors) {
  EXPECT_EQ(readHex(""), "error: the end record is missing");
  EXPECT_EQ(readHex(":00000001FF\n"), "error: no data");
  EXPECT_EQ(readHex(":020000000100FD\n"), "error: the end record is missing");
  EXPECT_EQ(readHex("S1130000\n"),
            "error: line 1: an Intel HEX record begins with ':'");
  EXPECT_EQ(readHex(":020000000100FE\n"), "error: line 1: wrong checksum");
  EXPECT_EQ(readHex(":0200000001zzFE\n"),
            "error: line 1: pairs of hexadecimal digits expected");
  EXPECT_EQ(readHex(":020000000100FD0\n"),
            "error: line 1: pairs of hexadecimal digits expected");
  EXPECT_EQ(readHex(":\n"),
            "error: line 1: the record's length is not what it says");
  EXPECT_EQ(readHex(":030000000100FC\n"),
            "error: line 1: the record's length is not what it says");
  EXPECT_EQ(
      readHex("\n:020000040000FA\n"),
      "error: line 2: record type 4; only 0 (data) and 1 (end) are known");
  EXPECT_EQ(readHex(":00000001FF\n:020000000100FD\n"),
            "error: line 2: a record after the end record");
  EXPECT_EQ(readHex(":020000000100FD\n:020000000200FC\n:00000001FF\n"),
            "error: line 2: byte address 0x00 is given twice with different "
            "values");
  EXPECT_EQ(readHex(":0100000001FE\n:00000001FF\n"),
            "error: only one byte is given of the word at byte address 0x00");
  EXPECT_EQ(readHex(":020000000080 7E\n:00000001FF\n"),
            "error: line 1: pairs of hexadecimal digits expected");
  EXPECT_EQ(readHex(":0200000000807E\n:00000001FF\n"),
            "error: the word at byte address 0x00 is wider than 15 bits");
}

TEST(IntelHexTest, NoTextCrashesIt) {
  const std::string good = ":0400000001023412B3\n:00000001FF\n";
  for (size_t i = 0; i < good.size(); ++i) {
    std::string error;
    sim::readIntelHex(good.substr(0, i), error);
    for (char c : {'\0', ':', '\n', 'F', '\xFF'}) {
      std::string bad = good;
      bad[i] = c;
      sim::readIntelHex(bad, error);
    }
  }
}

TEST(MapFileTest, Symbols) {
  sim::MapFile map = readMap(kMap);
  EXPECT_EQ(map.find("_model_infer"), 0x3Au);
  EXPECT_EQ(map.find("_PA"), 0x10u);
  EXPECT_EQ(map.find("_main"), std::nullopt);
  EXPECT_EQ(map.getStaticEnd(), 8u);
  std::string error;
  auto model = map.getModel(std::nullopt, error);
  ASSERT_TRUE(model) << error;
  EXPECT_EQ(model->infer, 0x1Du);
  EXPECT_EQ(model->nextInput, 0x23u);
  EXPECT_EQ(model->input, std::nullopt);
}

TEST(MapFileTest, StackBase) {
  std::string error;
  // No main yet: its 2 bytes are kept.
  EXPECT_EQ(readMap(kMap).getModel(std::nullopt, error)->stackBase, 10u);
  std::string linked =
      std::string(kMap) + "     0000004A  _main                main\n";
  EXPECT_EQ(readMap(linked).getModel(std::nullopt, error)->stackBase, 8u);
  // Behind what overlays, rounded up.
  linked += "OSEG         00000008    00000003 =     3. bytes (REL,OVR)\n";
  EXPECT_EQ(readMap(linked).getModel(std::nullopt, error)->stackBase, 12u);
  // The area's page is enough, and so are its symbols.
  EXPECT_EQ(
      readMap("     00000002  s_DATA\n     00000005  l_DATA\n").getStaticEnd(),
      7u);
  EXPECT_EQ(readMap("DATA  00000002  00000005 =  5. bytes (REL,CON)\n"
                    "     0000003A  _x  main\n")
                .getStaticEnd(),
            7u);
  // An option beats both.
  EXPECT_EQ(readMap(kMap).getModel(20, error)->stackBase, 20u);
}

TEST(MapFileTest, Errors) {
  EXPECT_EQ(getMapError(""), "no symbols: not a linker's map");
  EXPECT_EQ(getMapError("some\ntext = of no kind\n"),
            "no symbols: not a linker's map");
  EXPECT_EQ(getMapError("Octal  [16-Bits]\n"),
            "the map's addresses are not hexadecimal");
  EXPECT_EQ(getMapError("  Value  Global     Value  Global  \n"),
            "the map cuts off long names: link with -w");
  EXPECT_EQ(getMapError("  0000003A  _x  main\n  0000003B  _x  main\n"),
            "the map gives _x two values, 0x3a and 0x3b");

  std::string error;
  auto getModelError = [&](const std::string &text) {
    EXPECT_FALSE(readMap(text).getModel(std::nullopt, error));
    return error;
  };
  EXPECT_EQ(getModelError(replace(kMap, "_model_infer", "_model_other")),
            "the map has no _model_infer");
  EXPECT_EQ(getModelError(replace(kMap, "0000003A  _model_infer",
                                  "0000003B  _model_infer")),
            "_model_infer at 0x3b: code begins at even byte addresses");
  EXPECT_EQ(getModelError("     0000003A  _model_infer   model\n"),
            "the map tells of neither DATA nor OSEG: where does the stack "
            "begin?");
}

TEST(MapFile, KnowsOptions) {
  std::string error;
  auto map = sim::readMapFile(
      "; pdk-sim --mcu=pfs154 --inputs=8\n" + std::string(kMap), error);
  ASSERT_TRUE(map) << error;
  EXPECT_EQ(map->options.size(), 2u);
  EXPECT_EQ(map->options["mcu"], "pfs154");
  EXPECT_EQ(map->options["inputs"], "8");
}

TEST(InputRanges, KnowOutsideValues) {
  auto ranges = sim::readInputRanges("2:-3:3,1:0:200");
  ASSERT_TRUE(ranges);
  std::vector<uint8_t> samples = {253, 3, 200, 0, 0, 201, 252};
  EXPECT_EQ(sim::findOutside(*ranges, samples.data(), 5, 1), "");
  EXPECT_EQ(sim::findOutside(*ranges, samples.data(), 6, 1),
            "sample 1 holds 201 as input 2, outside the range 0:200 that the "
            "program was made for");
  samples[5] = 0;
  EXPECT_EQ(sim::findOutside(*ranges, samples.data(), 7, 1),
            "sample 2 holds -4 as input 0, outside the range -3:3 that the "
            "program was made for");
  ranges = sim::readInputRanges("1:-300:300,1:0:65535");
  ASSERT_TRUE(ranges);
  samples = {0xd4, 0xfe, 0xff, 0xff, 0xd3, 0xfe};
  EXPECT_EQ(sim::findOutside(*ranges, samples.data(), 4, 2), "");
  EXPECT_EQ(sim::findOutside(*ranges, samples.data(), 6, 2),
            "sample 1 holds -301 as input 0, outside the range -300:300 that "
            "the program was made for");
  for (const char *text : {"1", "1:2", "1:3:2", "0:0:1", "1:0:1;", "1:0:x", ",",
                           "1:0:1:", "4294967296:0:1"})
    EXPECT_FALSE(sim::readInputRanges(text)) << text;
}

TEST(SampleFile, TakesBytesAsTheyAre) {
  std::string error;
  for (std::string bytes :
       {"", "3", "3,4\n5", "12 13 14", ",,,,\n\n--", "a\n3\n4"}) {
    // Too little, or too irregular, for a text of numbers.
    auto read = sim::readSampleFile(bytes + '\0', error);
    ASSERT_TRUE(read) << bytes << ": " << error;
    EXPECT_EQ(read->bytes, bytes + '\0');
    EXPECT_FALSE(read->array);
  }
  for (std::string text :
       {"1,2\n3,4\n", "x;y\r\n1;-2\r\n3;4e1\r\n", " 1 2\n3 4"})
    EXPECT_FALSE(sim::readSampleFile(text, error)) << text;
}

TEST(SampleFile, ReadsArraysOfBytes) {
  auto array = [](std::string header, const std::string &data) {
    header += '\n';
    return "\x93NUMPY\1" + std::string(1, '\0') + char(header.size()) +
           std::string(1, '\0') + header + data;
  };
  auto head = [](std::string type, std::string order, std::string shape) {
    return "{'descr': '" + type + "', 'fortran_order': " + order +
           ", 'shape': " + shape + ", }";
  };
  std::string error;
  for (auto [shape, samples] : {std::pair("(6,)", 0u), std::pair("(2, 3)", 2u),
                                std::pair("(1, 2, 3, 1)", 1u)}) {
    auto read = sim::readSampleFile(
        array(head("|u1", "False", shape), "abcdef"), error);
    ASSERT_TRUE(read) << error;
    EXPECT_EQ(read->bytes, "abcdef");
    ASSERT_TRUE(read->array);
    EXPECT_FALSE(read->array->isSigned);
    EXPECT_EQ(read->array->samples, samples);
  }
  EXPECT_TRUE(sim::readSampleFile(array(head("|i1", "False", "(6,)"), "abcdef"),
                                  error)
                  ->array->isSigned);
  for (const std::string &bad :
       {array(head("<f4", "False", "(6,)"), "abcdef"),
        array(head("|u1", "True", "(2, 3)"), "abcdef"),
        array(head("|u1", "False", "(7,)"), "abcdef"),
        array(head("|u1", "False", "(5,)"), "abcdef"),
        array(head("|u1", "False", "(99999999999999999999,)"), "abcdef"),
        array(head("|u1", "False", "(-6,)"), "abcdef"),
        array(head("|u1", "False", "(6"), "abcdef"), array("", "abcdef"),
        array("{'descr'", ""), std::string("\x93NUMPY"),
        std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12)}) {
    error.clear();
    EXPECT_FALSE(sim::readSampleFile(bad, error)) << bad;
    EXPECT_NE(error, "");
  }
}
