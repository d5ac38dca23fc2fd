//===- FunctionSequence.h - Elements' functions in one code -----*- C++ -*-===//
//
// A method may compute a tensor's functions by one piece of code that reads
// the next function's constants (FunctionMethod.h). What is around it is here:
// which function is next, element after element. The elements of a channel may
// be neighbours, or follow one another at a distance; then a channel's function
// is held once.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FUNCTIONSEQUENCE_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FUNCTIONSEQUENCE_H

#include "passes/lowbit_to_pdk/methods/FunctionMethod.h"

namespace pdkc {

/// How elements are numbered: `run` neighbours have one number; numbers count
/// from 0 and begin anew after `period` of them.
struct ElementOrder {
  int64_t run = 1, period = 1;

  int64_t getNumber(int64_t element) const { return element / run % period; }
};

/// The order by which the elements' functions are held, given their kinds: a
/// function each, but where holding fewer is worth counting otherwise.
ElementOrder findElementOrder(llvm::ArrayRef<int64_t> kinds);

class FunctionSequence {
public:
  /// The functions of the operation's elements, of which numbers[i] is element
  /// i's. None where the method has no code for them.
  static std::optional<FunctionSequence>
  create(mlir::Operation *op, const FunctionMethod &method,
         llvm::ArrayRef<StepTable> functions, llvm::ArrayRef<int64_t> numbers,
         StepFunctions &routines);

  /// That element is next. Destroys A.
  void seek(int64_t element) const;
  /// A = f(argument) for the next element, and on to the one behind it.
  void apply() const;

private:
  FunctionSequence(CodeBuilder &code) : code(&code) {}
  void advance() const;

  CodeBuilder *code;
  FunctionMethod::Joined joined;
  ElementOrder order;
  bool isPeriodic = false;
  Cell left; ///< elements of the run, this one included
};

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FUNCTIONSEQUENCE_H
