//===- StepFunctions.h - Functions of an integer on the device --*- C++ -*-===//
//
// One routine a function, which a method writes (methods/FunctionMethod.h); and
// what such routines share: where their argument is, tables, products.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STEPFUNCTIONS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STEPFUNCTIONS_H

#include "mlir/Support/LLVM.h"
#include "passes/lowbit_to_pdk/support/Multiply.h"
#include "passes/lowbit_to_pdk/support/ProductFit.h"

namespace pdkc {

/// A table has at most so many entries: what pcadd reaches.
constexpr int64_t kMostEntries = 255;

class StepFunctions {
public:
  explicit StepFunctions(CodeBuilder &code) : code(code), multiply(code) {}

  CodeBuilder &getCode() { return code; }
  Multiply &getMultiply() { return multiply; }

  /// Where a function of integers of that range takes its argument from, less
  /// the range's lower end: A where it fits a byte, else the cells.
  Cell getArgument(lowbit::Interval range);
  static int64_t getArgumentBytes(lowbit::Interval range);
  /// Takes a constant off the low bytes of the argument, which is in A where
  /// there are no cells; `below` is what is done where it borrows.
  void subtract(Cell argument, int64_t bytes, int64_t distance,
                llvm::function_ref<void()> below);
  /// A table of its own; gives its name.
  std::string addTable(llvm::StringRef stem, llvm::ArrayRef<int32_t> entries);

  /// A routine that gives A = f(argument), one byte; or the one value of a
  /// function that has no other.
  struct Callee {
    std::string name;
    int64_t value = 0;
  };
  using Write = std::function<void()>;
  /// The function's routine by the method of that name, which `make` writes if
  /// it is new; none where that gives none.
  std::optional<Callee> find(const StepTable &function, llvm::StringRef method,
                             llvm::function_ref<Write()> make);
  static void call(CodeBuilder &code, const Callee &callee);

  /// All routines and tables. `mark` is told what the code written since the
  /// last call computes, in words that are the same in every program.
  void emitRoutines(llvm::function_ref<void(const std::string &)> mark);

private:
  CodeBuilder &code;
  Multiply multiply;
  std::map<int64_t, Cell> arguments;
  struct Routine {
    std::string name;
    Write write;
  };
  std::map<std::pair<StepTable, std::string>, Routine> routines;
  llvm::SmallVector<std::pair<std::string, llvm::SmallVector<int32_t>>> tables;
};

/// The function on a range, neighbouring pieces of one value joined.
StepTable makeStepTable(lowbit::StepsOp::Pieces pieces, lowbit::Interval range);
/// What a requantisation does, as a function. None where it takes more than
/// `limit` values.
std::optional<StepTable> makeStepTable(lowbit::RequantOp op, size_t limit);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STEPFUNCTIONS_H
