//===- BentProduct.cpp - Step functions that are lines in parts -----------===//
//
// Behind LeakyRelu and PRelu, or between clips that do not meet, a function is
// one line below an integer and another one above: each is a product. From the
// upper part down, what the argument has less than the part's start says which
// part it is in.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"
#include "passes/lowbit_to_pdk/methods/LineProduct.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/Elementwise.h"
#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {
/// A function above its first value up to the next part's.
struct Part {
  int64_t start, first; ///< argument; the value below it
  FramedProduct product;
};
} // namespace

static void emitParts(ArrayRef<Part> parts, lowbit::Interval range,
                      StepFunctions &functions) {
  CodeBuilder &code = functions.getCode();
  int64_t valueBytes = StepFunctions::getArgumentBytes(range);
  int64_t factorBytes = 1, taken = 0;
  for (const Part &part : parts)
    factorBytes = std::max(factorBytes, getBytes({0, part.product.fit.factor}));
  Cell argument = takeArgument(range, factorBytes, functions);
  for (const Part &part : llvm::reverse(parts)) {
    std::string below = code.unique("below");
    auto leave = [&] {
      if (&part == parts.begin())
        code(RET_K, part.first);
      else
        code(GOTO_K, below);
    };
    if (&part == &parts.back()) {
      functions.subtract(argument, valueBytes, part.start, leave);
    } else {
      // It went below zero, and comes back up with a carry.
      addConstant(code, taken - part.start, argument, valueBytes);
      code.skipIfFlag(kCarryFlag, true);
      leave();
    }
    taken = part.start;
    emitProduct(part.product, argument, valueBytes, factorBytes, functions);
    if (&part != parts.begin())
      code.label(below);
  }
}

namespace {
struct BentProductMethod : FunctionMethod {
  BentProductMethod(StringRef operation)
      : FunctionMethod(operation, "multiply-bent") {}

  StepFunctions::Write makeRoutine(const StepTable &function,
                                   StepFunctions &functions) const override {
    // Of more parts each has few steps.
    constexpr size_t kMostParts = 3;
    auto lines = findLines(function, kMostParts);
    if (!lines)
      return nullptr;
    SmallVector<Part> parts;
    for (const StepTable &line : *lines) {
      auto product = findProduct(line);
      if (!product)
        return nullptr;
      parts.push_back({product->frame.start - function.range.min,
                       line.values.front(), std::move(*product)});
    }
    return [parts, range = function.range, &functions] {
      emitParts(parts, range, functions);
    };
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeBentProductMethod(StringRef operation) {
  return std::make_unique<BentProductMethod>(operation);
}
