//===- StepFunction.h - Functions of an integer with few values -*- C++ -*-===//
//
// What lies between two sums, as a list of the integers at which its value
// changes, however wide the range is; and the integer grid of such values.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_STEPFUNCTION_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_STEPFUNCTION_H

#include "passes/onnx_to_lowbit/ElementProgram.h"

namespace pdkc {

/// The value from `start` up to the next piece's start, or the range's end.
template <typename Value> struct Piece {
  int64_t start;
  Value value;
};

/// A function that is constant on pieces of a range.
template <typename Value> struct StepFunction {
  lowbit::Interval range;
  llvm::SmallVector<Piece<Value>, 0> pieces;

  int64_t getEnd(size_t piece) const {
    return piece + 1 < pieces.size() ? pieces[piece + 1].start - 1 : range.max;
  }
};
using RealSteps = StepFunction<Rational>;
using IntegerSteps = StepFunction<int64_t>;

/// The most values that a function is looked for, one after the other.
constexpr size_t kMostPieces = 1 << 12;

/// The program's values on the range, found by bisection where the program is
/// monotone, else one by one. An error at `loc` where there are too many.
/// `view` is a rising function through which the values are seen.
mlir::FailureOr<RealSteps>
findSteps(ElementProgram &program, lowbit::Interval range, mlir::Location loc,
          llvm::function_ref<Rational(const Rational &)> view = nullptr);

/// The numbers that the program's quantiser has on the range, up to 65,536 of
/// them; none where it is not what it seems to be.
std::optional<IntegerSteps>
findQuantiserSteps(ElementProgram &program, const UniformQuantiser &quantiser,
                   lowbit::Interval range);

/// value = scale * integer + offset, for every value of the functions.
struct Grid {
  Rational scale, offset;
};

/// Where float32 arithmetic behind the sum could give either of two values: in
/// rising order, the jumps that a sum reaches that is off by up to `reach`, in
/// units of the integers.
llvm::SmallVector<lowbit::FloatSteps::Jump, 0>
findJumps(ElementProgram &program, const RealSteps &steps, double reach,
          llvm::function_ref<Rational(const Rational &)> view = nullptr);

/// The same of a program that float32 defines but for functions that libraries
/// differ over: the integers beside its steps for which these may decide.
llvm::SmallVector<lowbit::FloatSteps::Jump, 0>
findUnsure(ElementProgram &program, const RealSteps &steps);

/// The coarsest grid that holds all values; through 0 where that is one of it.
Grid findGrid(llvm::ArrayRef<RealSteps> functions);

/// The values as integers of the grid; none where one does not fit 32 bits.
std::optional<IntegerSteps> toIntegers(const RealSteps &function,
                                       const Grid &grid);

/// The function of -n: n = range.min becomes -range.min.
IntegerSteps mirror(const IntegerSteps &function);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_STEPFUNCTION_H
