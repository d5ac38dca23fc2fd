//===- Bisect.cpp - Step functions by a table of steps, halved ------------===//
//
// The steps' integers stand in tables. From the largest power of two down, the
// number of the piece takes each that leaves its step at or below the argument:
// eight comparisons for 255 steps, where the table of distances (Table.cpp) is
// walked and a tree of comparisons (Search.cpp) takes several words a step.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/Storage.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static void emitBisection(const StepTable &function, StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  int64_t bytes = StepFunctions::getArgumentBytes(function.range);
  Cell argument = functions.getArgument(function.range);
  int64_t last = function.values.size() - 1;
  SmallVector<std::string> tables;
  for (int64_t byte = 0; byte < bytes; ++byte) {
    SmallVector<int32_t> entries;
    // One less: below the argument is what the step is not above.
    for (int64_t piece = 1; piece <= last; ++piece)
      entries.push_back((function.starts[piece] - 1 - function.range.min) >>
                            (8 * byte) &
                        255);
    tables.push_back(functions.addTable("steps", entries));
  }
  Cell piece = code.cells("piece", 1), half = code.cells("half", 1),
       tried = code.cells("tried", 1);
  std::string loop = code.unique("half"), next = code.unique("next");
  unsigned halves = llvm::Log2_64(last) + 1;
  code(CLEAR_M, piece);
  code(MOV_A_K, 1 << (halves - 1));
  code(MOV_M_A, half);
  code.label(loop, halves);
  code(MOV_A_M, piece);
  code(ADD_A_M, half);
  code(MOV_M_A, tried);
  if (last + 1 != int64_t(1) << halves) {
    code(SUB_A_K, last + 1);
    code.skipIfFlag(kCarryFlag, true);
    code(GOTO_K, next);
  }
  for (int64_t byte = 0; byte < bytes; ++byte) {
    code(MOV_A_M, tried);
    code(CALL_K, tables[byte]);
    code(byte ? SUBC_A_M : SUB_A_M, argument.at(byte));
  }
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, next);
  code(MOV_A_M, tried);
  code(MOV_M_A, piece);
  code.label(next);
  // The last one leaves its bit.
  code(SR_M, half);
  code.skipIfFlag(kCarryFlag, true);
  code(GOTO_K, loop);
  code(MOV_A_M, piece);
  int64_t first = function.values[0];
  bool risesByOne = true;
  SmallVector<int32_t> values;
  for (auto [i, value] : llvm::enumerate(function.values)) {
    risesByOne &= value == first + int64_t(i);
    values.push_back(uint8_t(value));
  }
  if (!risesByOne) {
    code(ADD_A_K, 1);
    code(CALL_K, functions.addTable("values", values));
  } else if (first != 0) {
    code(ADD_A_K, first);
  }
  code(RET);
}

namespace {
struct BisectMethod : FunctionMethod {
  BisectMethod(StringRef operation) : FunctionMethod(operation, "bisect") {}

  /// Of a byte a table holds the values; of a few steps trees are smaller.
  bool accepts(Operation *op, const Target &target) const override {
    constexpr int64_t kFewestPieces = 8;
    auto steps = dyn_cast<lowbit::StepsOp>(op);
    lowbit::Interval range = lowbit::getRange(op->getOperand(0));
    return FunctionMethod::accepts(op, target) &&
           StepFunctions::getArgumentBytes(range) > 1 &&
           (!steps || *llvm::max_element(steps.getSizes()) >= kFewestPieces);
  }

  StepFunctions::Write makeRoutine(const StepTable &function,
                                   StepFunctions &functions) const override {
    if (int64_t(function.values.size()) > kMostEntries ||
        StepFunctions::getArgumentBytes(function.range) == 1)
      return nullptr;
    return [function, &functions] { emitBisection(function, functions); };
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeBisectMethod(StringRef operation) {
  return std::make_unique<BisectMethod>(operation);
}
