//===- Compare.cpp - Step functions by comparisons, one after the other ---===//
//
// One threshold's distance after the other is taken off the argument until
// there is a borrow.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

static void emitCompare(const StepTable &function, StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  int64_t bytes = StepFunctions::getArgumentBytes(function.range);
  Cell argument = bytes == 1 ? Cell() : functions.getArgument(function.range);
  for (size_t k = 1; k < function.starts.size(); ++k) {
    // What is left of the argument is at most so large.
    int64_t left = function.range.max - function.starts[k - 1];
    functions.subtract(argument, bytes == 1 ? 1 : getBytes({0, left}),
                       function.starts[k] - function.starts[k - 1],
                       [&] { code(RET_K, function.values[k - 1]); });
  }
  code(RET_K, function.values.back());
}

namespace {
struct CompareMethod : FunctionMethod {
  CompareMethod(StringRef operation) : FunctionMethod(operation, "compare") {}

  bool accepts(Operation *op, const Target &target) const override {
    // A comparison takes five words or so; many do not fit beside a network.
    constexpr size_t kMostCompared = 300;
    auto steps = dyn_cast<lowbit::StepsOp>(op);
    return FunctionMethod::accepts(op, target) &&
           (!steps || steps.getStarts().size() <= kMostCompared);
  }

  StepFunctions::Write makeRoutine(const StepTable &function,
                                   StepFunctions &functions) const override {
    return [function, &functions] { emitCompare(function, functions); };
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeCompareMethod(StringRef operation) {
  return std::make_unique<CompareMethod>(operation);
}
