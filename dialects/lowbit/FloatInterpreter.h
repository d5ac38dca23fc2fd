//===- FloatInterpreter.h - What float32 may make of a sample ---*- C++ -*-===//
//
// The integers of a lowbit function are those of exact arithmetic. The graph
// that it comes from may have sums in float32, which depend on the order of
// their terms. For one input this bounds what they can be in any order, with
// fused multiplications or without: every element gets an interval of integers
// and how far the real number may be off besides. A value beside a rounding's
// jump becomes the interval of what lies on both sides, and the rest of the
// network decides whether that matters.
//
// What it needs of the graph stands in attributes of the operations that the
// import makes; without them all is as exact arithmetic says.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_LOWBIT_FLOATINTERPRETER_H
#define PDKC_DIALECTS_LOWBIT_FLOATINTERPRETER_H

#include "dialects/lowbit/RangeAnalysis.h"

namespace pdkc::lowbit {

/// Half of float32's distance from 1 to the next number.
constexpr double kFloatUnit = 1.0 / (1 << 24);

/// What float32 makes of the sums of a lowbit.dense or lowbit.conv, in units of
/// the integers.
struct FloatSums {
  struct Term {
    /// The real number is a scale times (integer + offset).
    double offset = 0;
    /// How far off float32 has it, besides what its own sum may be off.
    double error = 0;
  };
  struct Row {
    /// The magnitude of a constant that is added, too.
    double addend = 0;
    /// Up to which magnitude float32 holds all sums; 0 where it does not.
    double exact = 0;
    /// How far the graph's weights are beside the integers.
    double snapped = 0;
    /// How many terms there are that the integers do not show.
    double others = 0;
    /// What else the sum may be off.
    double error = 0;
  };
  llvm::SmallVector<Term, 0> terms;
  llvm::SmallVector<Row, 0> rows;
  /// How far off a product may be, of its magnitude.
  double relative = 0;

  mlir::DictionaryAttr getAttr(mlir::MLIRContext *context) const;
  /// None where the attribute is not of this form for so many terms and rows.
  static std::optional<FloatSums> get(mlir::Attribute attribute, size_t terms,
                                      size_t rows);
};

/// How far off float32 may have one sum, gathered term by term.
class SumBound {
public:
  /// A weight times an integer of the interval, which may be off by `error`
  /// and by what the term says.
  void add(double weight, Interval integers, double error,
           const FloatSums::Term &term);
  double get(const FloatSums &sums, const FloatSums::Row &row) const;
  /// What the sum of some of the products may have as magnitude.
  double getLargest() const { return std::max(positive, negative); }

private:
  double positive = 0, negative = 0, inputs = 0, errors = 0, count = 0;
};

/// Where float32 may take a lowbit.requant or lowbit.steps for another of its
/// values.
struct FloatSteps {
  struct Jump {
    /// In units of the integers: reals in between may come out as on either
    /// side. Where one is beyond what the function is defined on, as anything.
    double low, high;
  };
  struct Function {
    llvm::SmallVector<Jump, 0> jumps;
    /// Without jumps an error goes on, times this.
    double slope = 0;
  };
  llvm::SmallVector<Function, 0> functions;
  /// Of each element.
  llvm::SmallVector<int64_t, 0> functionOf;

  mlir::DictionaryAttr getAttr(mlir::MLIRContext *context) const;
  static std::optional<FloatSteps> get(mlir::Attribute attribute,
                                       size_t elements);
};

/// FloatSums of an operation.
constexpr llvm::StringLiteral kFloatSums = "lowbit.float_sums";
/// FloatSteps of an operation.
constexpr llvm::StringLiteral kFloatSteps = "lowbit.float_steps";
/// On a lowbit.scale or lowbit.requant that shifts, for each element: how far
/// off float32 has what is rounded besides, in units of the results.
constexpr llvm::StringLiteral kFloatReach = "lowbit.float_reach";
/// On lowbit.argmax, for each element: what its integer is worth, a scale and
/// an offset, and how far off float32 has that, as it is and as a share of it.
constexpr llvm::StringLiteral kReals = "lowbit.reals";
/// On lowbit.argmax, besides: float32 compares Sigmoids of this times the
/// reals.
constexpr llvm::StringLiteral kSaturates = "lowbit.saturates";
/// On lowbit.argmax, besides: float32 may take reals that differ by no more for
/// equal.
constexpr llvm::StringLiteral kResolution = "lowbit.resolution";

/// Takes all of these from a function: what a pass makes of it they do not
/// describe.
void dropFloat(mlir::func::FuncOp func);

/// For one function and any number of inputs.
class FloatInterpreter {
public:
  explicit FloatInterpreter(mlir::func::FuncOp func);

  /// What float32 may make of a result.
  struct Doubt {
    bool isUndecided = false; ///< other integers
    /// By element, how far off its integer float32 is where nothing has rounded
    /// it since: in units of the integers.
    llvm::SmallVector<double> errors;
  };
  /// Of the function's results, in their order, for the input.
  llvm::SmallVector<Doubt, 2> findDoubts(llvm::ArrayRef<int64_t> input);

private:
  /// What a tensor's elements may be.
  struct Possible {
    Intervals integers;
    llvm::SmallVector<double> errors;
  };
  using Operands = llvm::ArrayRef<const Possible *>;

  Possible interpret(mlir::Operation *op, Operands operands);
  void boundSums(mlir::Operation *op, const Possible &input,
                 Possible &result) const;
  Possible interpretSteps(mlir::Operation *op, const Possible &input);
  Possible interpretScale(ScaleOp op, Operands operands) const;
  Possible interpretShift(RequantOp op, const Possible &input) const;
  Possible interpretArgmax(ArgmaxOp op, const Possible &input) const;

  mlir::func::FuncOp func;
  llvm::DenseMap<mlir::Operation *, FloatSums> sums;
  llvm::DenseMap<mlir::Operation *, FloatSteps> steps;
  /// Whether a value came out that the function has no result for.
  bool isLost = false;
};

} // namespace pdkc::lowbit

#endif // PDKC_DIALECTS_LOWBIT_FLOATINTERPRETER_H
