//===- FunctionMethod.h - Methods of step functions -------------*- C++ -*-===//
//
// Such a method writes the routine of one function; what is around it is the
// same for all of them: a loop over a tensor's elements, a convolution's sums
// one by one, the model's inputs as they are read (FunctionMethod.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FUNCTIONMETHOD_H
#define PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FUNCTIONMETHOD_H

#include "passes/lowbit_to_pdk/Method.h"
#include "passes/lowbit_to_pdk/methods/Elementwise.h"

namespace pdkc {

/// Of lowbit.steps, and of a lowbit.requant that is no shift.
class FunctionMethod : public Method {
public:
  using Method::Method;

  bool accepts(mlir::Operation *op, const Target &target) const override;
  mlir::LogicalResult
  assignStorage(mlir::Operation *op,
                StorageAssignment &assignment) const override;
  mlir::LogicalResult emit(mlir::Operation *op,
                           Emission &emission) const override;

  /// The function's routine; none where the method cannot give the function.
  std::optional<StepFunctions::Callee> find(StepTable function,
                                            StepFunctions &functions) const;

  /// Several functions as one piece of code.
  struct Joined {
    Cell number; ///< of the function that is next, from 1
    /// A = f(argument), where `advance` comes before the number is read; it may
    /// destroy A.
    std::function<void(llvm::function_ref<void()> advance)> apply;
  };
  /// Whether several functions are computed so, and not each by a routine.
  virtual bool joins() const { return false; }
  /// The functions' ranges are those of their elements, `range` that of all.
  /// None where the method cannot give them.
  virtual std::optional<Joined> join(llvm::ArrayRef<StepTable> functions,
                                     lowbit::Interval range,
                                     StepFunctions &routines) const {
    return std::nullopt;
  }

protected:
  /// Whether the function's line matters, and not its steps alone.
  virtual bool readsLine() const { return false; }
  /// What writes the routine of a function of two values or more: A = f(A) for
  /// an argument of a byte, else of the argument in its cells, then `ret`. Null
  /// where the method cannot give the function.
  virtual StepFunctions::Write makeRoutine(const StepTable &function,
                                           StepFunctions &functions) const = 0;
};

/// What writes a function's routine with a table; null where it has too many
/// steps.
StepFunctions::Write makeTableRoutine(const StepTable &function,
                                      StepFunctions &functions);

} // namespace pdkc

#endif // PDKC_PASSES_LOWBIT_TO_PDK_METHODS_FUNCTIONMETHOD_H
