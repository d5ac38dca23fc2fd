//===- Standalone.cpp - A program by itself, with its map -----------------===//
//
// A firmware as it is, or a module behind what lets the simulator call it.
//

#include "compiler/emit/Writers.h"
#include "passes/pdk/firmware/Firmware.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static FailureOr<Standalone> makeFirmware(const Layout &layout) {
  if (!layout.externals.empty())
    return CellsOp(layout.stack)
               .emitError("a program with a stack of its own calls @")
           << layout.externals.front() << ", which nothing provides";
  auto words = encode(layout, 0, {});
  if (failed(words))
    return failure();
  Standalone program;
  program.words = *words;
  StringRef infer = layout.exported.front();
  program.infer = layout.places.lookup(infer);
  infer.consume_back("_infer");
  program.main = layout.places.lookup(kMainLabel);
  program.stackBase = *CellsOp(layout.stack).getAddress();
  program.hasPointerP = layout.firstByte != 0;
  auto nextInput = layout.places.find((infer + "_next_input").str());
  if (nextInput != layout.places.end())
    program.nextInput = nextInput->second;
  return program;
}

FailureOr<Standalone> pdkc::makeStandalone(const Layout &layout) {
  if (layout.stack)
    return makeFirmware(layout);
  InstructionSet set = layout.device->set;
  constexpr unsigned base = 2; // behind the reset goto and the stub
  Standalone program;
  program.nextInput = 1;
  // Where C's start-up puts the stack: above p, the cells and C's two bytes.
  program.stackBase = (layout.firstByte + layout.staticBytes + 2 + 1) & ~1;
  program.infer = base + layout.places.lookup(layout.exported.front());
  llvm::StringMap<unsigned> externals;
  for (StringRef name : layout.externals)
    externals[name] = *program.nextInput;
  auto words = encode(layout, base, externals);
  if (failed(words))
    return failure();
  program.words = {*pdk::encode({GOTO_K, uint16_t(program.infer)}, set),
                   *pdk::encode({RET}, set)};
  program.words.insert(program.words.end(), words->begin(), words->end());
  return program;
}

void pdkc::writeIntelHex(const Standalone &program, raw_ostream &out) {
  constexpr size_t kWordsPerRecord = 16;
  for (size_t first = 0; first < program.words.size();
       first += kWordsPerRecord) {
    size_t count = std::min(kWordsPerRecord, program.words.size() - first);
    SmallVector<uint8_t> bytes = {uint8_t(2 * count), uint8_t(2 * first >> 8),
                                  uint8_t(2 * first), 0};
    for (size_t i = first; i < first + count; ++i) {
      bytes.push_back(program.words[i] & 255);
      bytes.push_back(program.words[i] >> 8);
    }
    uint8_t sum = 0;
    out << ':';
    for (uint8_t byte : bytes) {
      out << llvm::format("%02X", byte);
      sum += byte;
    }
    out << llvm::format("%02X", uint8_t(-sum)) << '\n';
  }
  out << ":00000001FF\n";
}

/// "; pdk-sim" and options.
static void writeOptions(const Layout &layout, const ModuleInterface &interface,
                         raw_ostream &out) {
  out << "; pdk-sim --mcu=" << layout.device->name
      << " --name=" << interface.name
      << " --inputs=" << interface.countInputs() * interface.inputType.bytes;
  if (interface.inputType.bytes > 1)
    out << " --value-bytes=" << interface.inputType.bytes;
  out << " --ranges=";
  llvm::interleave(
      interface.inputs, out,
      [&](const ModuleInput &input) {
        out << input.count << ':' << input.range.min << ':' << input.range.max;
      },
      ",");
  int64_t outputBytes = 0;
  for (const ModuleOutput &output : interface.outputs) {
    int64_t bytes = output.count * getCType(output.range).bytes;
    out << (outputBytes ? "," : " --output-bytes=") << output.symbol << "="
        << bytes;
    outputBytes += bytes;
  }
  if (CellsOp stack = layout.stack)
    if (auto serial = getSerialSummary(stack->getParentOfType<ProgramOp>()))
      out << " --baud=" << serial->baud << " --clock=" << serial->clock
          << " --gap=" << serial->byteGap << " --tx=" << serial->tx
          << " --rx=" << serial->rx << " --answer-bytes=" << 1 + outputBytes;
  out << "\n\n";
}

void pdkc::writeMap(const Layout &layout, const Standalone &program,
                    const ModuleInterface &interface, raw_ostream &out) {
  auto area = [&](StringRef name, unsigned address, unsigned size) {
    out << "Area                                    Addr        Size        "
           "Decimal Bytes (Attributes)\n"
        << "--------------------------------        ----        ----        "
           "------- ----- ------------\n"
        << llvm::format("%-32s    %08X    %08X =%12d. bytes (REL,CON)\n\n",
                        name.str().c_str(), address, size, int(size))
        << "      Value  Global                              Global Defined "
           "In Module\n"
        << "      -----  --------------------------------   "
           "------------------------\n";
  };
  auto symbol = [&](const std::string &name, unsigned byteAddress) {
    out << llvm::format("     %08X  %-32s   %s\n", byteAddress, name.c_str(),
                        interface.name.c_str());
  };
  writeOptions(layout, interface, out);
  // Without p a firmware's variables begin at 0; its stack comes right behind.
  area("DATA", layout.firstByte,
       layout.stack ? program.stackBase - layout.firstByte
                    : layout.staticBytes);
  for (CellsOp cells : layout.exportedCells)
    symbol(getSymbol(interface, cells), *cells.getAddress());
  out << "\n";
  area("CODE", 0, 2 * program.words.size());
  if (program.main)
    symbol("_main", 2 * *program.main);
  if (program.nextInput)
    symbol("_" + interface.name + "_next_input", 2 * *program.nextInput);
  symbol("_" + interface.name + "_infer", 2 * program.infer);
  out << "\n";
}
