//===- StepFunctions.h - Functions of an integer on the device --*- C++ -*-===//
//
// One routine a function, by one of three methods: "compare" takes off one
// threshold's distance after the other until there is a borrow; "table" looks
// the value up, or the distances where the range is wide; "multiply" is for
// functions that are a product, but for a few integers. And the functions of a
// layer whose channels have scales of their own, which are one loop over a
// table of factors.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STEPFUNCTIONS_H
#define PDKC_PASSES_LOWBIT_TO_PDK_SUPPORT_STEPFUNCTIONS_H

#include "mlir/Support/LLVM.h"
#include "passes/lowbit_to_pdk/support/Multiply.h"
#include "passes/lowbit_to_pdk/support/ScaleFit.h"

namespace pdkc {

class StepFunctions {
public:
  explicit StepFunctions(CodeBuilder &code) : code(code), multiply(code) {}

  /// Where a function of integers of that range takes its argument from, less
  /// the range's lower end: A where it fits a byte, else the cells.
  Cell getArgument(lowbit::Interval range);

  /// A routine that gives A = f(argument), one byte; or the one value of a
  /// function that has no other.
  struct Callee {
    std::string name;
    int64_t value = 0;
  };
  /// The function's routine, made where it is new; none where the method cannot
  /// give the function.
  std::optional<Callee> find(const StepTable &function, llvm::StringRef method);
  static void call(CodeBuilder &code, const Callee &callee);

  /// The functions of a vector's elements as multiply: constants in tables,
  /// the element's number in a cell that counts up.
  struct ChannelProducts {
    lowbit::Interval range;
    ScaleFrame frame;
    int64_t factorBytes = 0;
    int64_t direction = 0, exceptions = 0; ///< as NearProduct; most of one
    llvm::SmallVector<std::string> tables; ///< factor, addend, exceptions
    /// Elements whose functions are no such products, each by itself.
    llvm::SmallVector<std::pair<int64_t, Callee>> others;
    Cell number;
  };
  /// Makes the tables and clears the number; none where more than one or two of
  /// the functions are no products in the frame of all, but for a few integers.
  /// The functions' ranges are those of their elements, `range` that of all.
  std::optional<ChannelProducts>
  beginChannels(llvm::ArrayRef<StepTable> functions, lowbit::Interval range);
  /// A = f(argument) for the next element.
  void callChannel(const ChannelProducts &channels);

  Multiply &getMultiply() { return multiply; }
  /// A table of its own; gives its name.
  std::string addTable(llvm::StringRef stem, llvm::ArrayRef<int32_t> entries);

  /// All routines and tables. `mark` is told what the code written since the
  /// last call computes, in words that are the same in every program.
  void emitRoutines(llvm::function_ref<void(const std::string &)> mark);

private:
  /// Takes a constant off the argument; leaves with `below` where it borrows.
  void subtract(Cell argument, int64_t bytes, int64_t distance,
                llvm::function_ref<void()> below);
  void emitCompare(const StepTable &function);
  void emitDistances(const StepTable &function);
  void emitLookup(const StepTable &function);
  void emitProduct(const StepTable &function, const ScaleFrame &frame,
                   const ScaleFit &fit, int64_t direction,
                   llvm::ArrayRef<int64_t> exceptions);
  /// Sends the value on in the direction by each exception that it is;
  /// `load` leaves in A an exception's byte.
  void emitExceptions(Cell value, int64_t bytes, int64_t direction,
                      int64_t count,
                      llvm::function_ref<void(int64_t, int64_t)> load);
  /// From the product to the value in A; `addend` leaves a byte of it in A. To
  /// `below` where it is negative, as it can be where addends have high bytes.
  void finishProduct(const Multiply::Routine &routine, int64_t productBytes,
                     const ScaleFrame &frame,
                     llvm::function_ref<void(int64_t)> addend,
                     llvm::StringRef below = "");

  CodeBuilder &code;
  Multiply multiply;
  std::map<int64_t, Cell> arguments;
  struct Routine {
    std::string name;
    std::function<void()> emit;
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
