//===- ProgrammerPatterns.cpp - What easypdkprog must not find ------------===//
//
// Before it writes a program, easypdkprog looks for runs of `and a,#k`: ten
// that begin with 'R', 'C' or fourteen that begin with 'B', 'G' it replaces by
// code that calibrates an oscillator or the bandgap; any other six on end make
// it give up. Eight words `ret #k` that spell FPSERIAL become a serial number.
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Writers.h"
#include "passes/pdk/firmware/Firmware.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static constexpr size_t kShortestRun = 6;
static constexpr llvm::StringLiteral kSerialPattern = "FPSERIAL";

/// The firmware's calibration stands in its first routine.
static bool isCalibration(const CodeWord &word) {
  auto routine = word.op->getParentOfType<RoutineOp>();
  return routine && routine.getSymName() == kStartRoutine;
}

LogicalResult pdkc::checkProgrammerPatterns(const Layout &layout) {
  size_t run = 0, spelled = 0;
  for (auto [i, word] : llvm::enumerate(layout.words)) {
    // Data is searched as well.
    std::optional<Word> shown = word.word;
    if (word.data)
      shown = decode(*word.data, layout.device->set);
    auto holds = [&](Opcode opcode) {
      return shown && shown->opcode == opcode;
    };
    run = holds(AND_A_K) && !isCalibration(word) ? run + 1 : 0;
    if (run == kShortestRun)
      return word.op->emitError()
             << kShortestRun << " words `and a,#k` on end, at word "
             << i + 1 - run
             << ", are what easypdkprog takes for a calibration, and it would "
                "not write the program; put another word between them, or "
                "change the order of the layer's inputs or neurons";
    // No letter but the first occurs where a new match could begin.
    auto continues = [&] {
      return holds(RET_K) && shown->operand == uint8_t(kSerialPattern[spelled]);
    };
    if (!continues())
      spelled = 0;
    if (continues())
      ++spelled;
    if (spelled == kSerialPattern.size())
      return word.op->emitError("the words `ret #k` at word ")
             << i + 1 - spelled << " spell " << kSerialPattern
             << ", which easypdkprog replaces by a serial number; change the "
                "order of the layer's inputs or neurons, or a weight";
  }
  return success();
}
