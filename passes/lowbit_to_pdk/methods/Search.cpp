//===- Search.cpp - Step functions by a search ----------------------------===//
//
// A tree of comparisons: each halves the pieces that the argument x may be in.
// What is compared is what is left of x after the threshold t before,
//
//   x - t < t' - t modulo 256^b  if and only if  x < t',
//
// with as few bytes b as tell apart what x may still be: those in which
// x - t lies between two neighbouring multiples of 256^b.
//
//===----------------------------------------------------------------------===//

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"
#include "passes/lowbit_to_pdk/support/Storage.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::pdk;

namespace {
class SearchTree {
public:
  SearchTree(const StepTable &function, StepFunctions &functions)
      : function(function), functions(functions), code(functions.getCode()) {
    if (StepFunctions::getArgumentBytes(function.range) > 1)
      argument = functions.getArgument(function.range);
  }

  /// Returns the value of the pieces `first` to `last` that the argument, of
  /// which `taken` was taken off, is in.
  void emit(size_t first, size_t last, int64_t taken) {
    if (first == last) {
      code(RET_K, function.values[first]);
      return;
    }
    size_t middle = first + (last - first + 1) / 2;
    int64_t threshold = function.starts[middle] - function.range.min;
    int64_t bytes = countBytes(getStart(first) - taken,
                               getStart(last + 1) - 1 - taken);
    std::string below;
    functions.subtract(argument, bytes, getLow(threshold - taken, bytes), [&] {
      if (middle - first == 1) {
        code(RET_K, function.values[first]);
        return;
      }
      below = code.unique("below");
      code(GOTO_K, below);
    });
    emit(middle, last, threshold);
    if (below.empty())
      return;
    code.label(below);
    emit(first, middle - 1, threshold);
  }

private:
  /// Where the piece starts, counted as the argument is; behind the last one
  /// the range's end.
  int64_t getStart(size_t piece) const {
    int64_t start = piece < function.starts.size() ? function.starts[piece]
                                                   : function.range.max + 1;
    return start - function.range.min;
  }
  static int64_t countBytes(int64_t low, int64_t high) {
    int64_t bytes = 1;
    while (low >> (8 * bytes) != high >> (8 * bytes))
      ++bytes;
    return bytes;
  }
  static int64_t getLow(int64_t number, int64_t bytes) {
    return number & ((int64_t(1) << (8 * bytes)) - 1);
  }

  const StepTable &function;
  StepFunctions &functions;
  CodeBuilder &code;
  Cell argument; ///< none where it is in A
};

struct SearchMethod : FunctionMethod {
  SearchMethod(StringRef operation) : FunctionMethod(operation, "search") {}

  bool accepts(Operation *op, const Target &target) const override {
    // Up to three pieces are compared as well one after the other; of very many
    // no device holds the tree.
    constexpr int64_t kFewestPieces = 4;
    constexpr size_t kMostPieces = 300;
    auto steps = dyn_cast<lowbit::StepsOp>(op);
    return FunctionMethod::accepts(op, target) &&
           (!steps || (steps.getStarts().size() <= kMostPieces &&
                       *llvm::max_element(steps.getSizes()) >= kFewestPieces));
  }

  StepFunctions::Write makeRoutine(const StepTable &function,
                                   StepFunctions &functions) const override {
    return [function, &functions] {
      SearchTree(function, functions).emit(0, function.values.size() - 1, 0);
    };
  }
};
} // namespace

std::unique_ptr<Method> pdkc::makeSearchMethod(StringRef operation) {
  return std::make_unique<SearchMethod>(operation);
}
