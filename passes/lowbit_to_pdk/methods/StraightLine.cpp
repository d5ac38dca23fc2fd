//===- StraightLine.cpp - Layers as straight-line code --------------------===//
//
// One or a few instructions for each step of a lowbit.chains.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/StraightLine.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;
using lowbit::Step;

/// Whether input i, which has just arrived in A, is needed from a cell: used
/// after the step `next`, which may find it in A still.
static bool isUsedLater(ArrayRef<int32_t> steps, size_t next, int32_t input) {
  for (size_t i = next; i < steps.size(); i += 2) {
    Step step = Step(steps[i]);
    if (steps[i + 1] != input)
      continue;
    if (step == Step::Add || step == Step::Sub)
      return true;
    if (step == Step::Load && i != next)
      return true;
  }
  return false;
}

Vector pdkc::emitStraightLine(CodeBuilder &code, lowbit::ChainsOp chains,
                              const InputSource &source, int64_t offset,
                              int64_t bytes, lowbit::Interval range) {
  Vector sums;
  sums.size = chains.getBias().size();
  sums.bytes = bytes;
  sums.range = range;
  sums.cells = code.cells("sum", sums.sizeInBytes());
  code.undef(sums.cells);

  // Bytes of the same value together: one load of A serves all.
  llvm::SmallMapVector<unsigned, SmallVector<Cell>, 8> cellsOf;
  for (auto [row, bias] : llvm::enumerate(chains.getBias()))
    for (int64_t byte = 0; byte < bytes; ++byte)
      cellsOf[uint8_t((bias + offset) >> (8 * byte))].push_back(
          sums.element(row).at(byte));
  for (auto &[value, cells] : cellsOf) {
    if (value != 0)
      code(MOV_A_K, value);
    for (Cell cell : cells)
      value == 0 ? code(CLEAR_M, cell) : code(MOV_M_A, cell);
  }

  ArrayRef<int32_t> steps = chains.getSteps();
  llvm::DenseMap<int32_t, Cell> stored;
  auto getInput = [&](int32_t input) {
    return source.isStream() ? stored.lookup(input)
                             : source.vector->element(input);
  };
  int32_t inA = -1;      // the input that A holds, or none
  int32_t nextInput = 0; // of the stream
  for (size_t i = 0; i < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    int32_t wasInA = inA;
    inA = -1;
    switch (Step(steps[i])) {
    case Step::Const:
      code(MOV_A_K, operand);
      break;
    case Step::Load:
      if (wasInA != operand)
        code(MOV_A_M, getInput(operand));
      inA = operand;
      break;
    case Step::Add:
      code(ADD_A_M, getInput(operand));
      break;
    case Step::Sub:
      code(SUB_A_M, getInput(operand));
      break;
    case Step::Double:
      code(SL_A);
      break;
    case Step::Offset:
      code(ADD_A_K, operand);
      break;
    case Step::Tap:
    case Step::Untap: {
      bool adds = Step(steps[i]) == Step::Tap;
      Cell sum = sums.element(operand);
      code(adds ? ADD_M_A : SUB_M_A, sum);
      for (int64_t byte = 1; byte < bytes; ++byte)
        code(adds ? ADDC_M : SUBC_M, sum.at(byte));
      inA = wasInA;
      break;
    }
    case Step::Take:
      assert(operand == nextInput && "inputs arrive in their order");
      ++nextInput;
      source.take(code, operand);
      inA = operand;
      if (isUsedLater(steps, i + 2, operand)) {
        stored[operand] = code.cells("in_" + Twine(operand), 1);
        code(MOV_M_A, stored[operand]);
      }
      break;
    }
  }
  return sums;
}
