//===- GraphLowering.h - The tensors of a graph as integers -----*- C++ -*-===//
//
// The heart of --onnx-to-lowbit. Sums of products and decisions are lowered in
// the order of the nodes; each asks for its operand as integers, and what lies
// between, elementwise operators and movements, is evaluated then.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_GRAPHLOWERING_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_GRAPHLOWERING_H

#include "passes/onnx_to_lowbit/InputRule.h"
#include "passes/onnx_to_lowbit/IntegerForm.h"
#include "passes/onnx_to_lowbit/LowbitEmitter.h"
#include "passes/onnx_to_lowbit/WeightGrid.h"
#include <deque>

namespace pdkc {

/// Where float32 may make another of a function's values, and from how far, in
/// units of the input's integers.
struct FloatFunction {
  lowbit::FloatSteps::Function steps;
  double reach = 0;
};

/// Functions of integers, alike for many elements.
struct FunctionTable {
  llvm::SmallVector<ElementProgram *> programs;
  lowbit::Intervals ranges;
  /// What float32 may be off by before the first jump; 0 where it is defined.
  llvm::SmallVector<double> errors;
  /// The function of each element.
  llvm::SmallVector<size_t> functionOf;
};

/// Whether the element depends on two integers, few pairs of which there are.
bool isFunctionOfPairs(const ElementProgram &program);

inline int64_t getCount(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getNumElements();
}
/// An error where the tensor has more elements than a device's program could
/// visit.
mlir::LogicalResult checkSize(mlir::Value value);

/// The class of a device for a graph's -1: none.
constexpr int64_t kNoClass = 255;

/// Which element's number a decision gives: that of the largest or the
/// smallest, the lowest number at ties or the highest.
struct Preference {
  bool isSmallest = false, takesLast = false;
};

/// The least value that is accepted, of those that elements have, and the real
/// number at which float32 decides about them.
struct Bound {
  Rational accepted, threshold;
};

class GraphLowering {
public:
  /// With `keepsSums` the sums that decide are tensors of their own, which
  /// others may take; with `needsLogits` they have to be integers.
  GraphLowering(mlir::OpBuilder &builder, bool keepsSums, bool needsLogits)
      : emitter(builder), keepsSums(keepsSums), needsLogits(needsLogits) {}

  LowbitEmitter &getEmitter() { return emitter; }

  /// Takes the tensor as the integers of an onnx value.
  void setKnown(mlir::Value value, IntegerTensor tensor);
  bool isKnown(mlir::Value value) const { return known.contains(value); }
  /// Takes the quantiser's value as codes of the model's inputs.
  void setQuantised(const InputQuantiser &quantiser, mlir::ValueRange inputs);

  /// A node that sums products, with one operand that is not constant.
  mlir::LogicalResult lowerLinear(onnx::Linear node);
  /// An elementwise node of several elements that depend on different integers:
  /// a sum or the largest or smallest of a window is lowered, any other left to
  /// what reads it.
  mlir::LogicalResult lowerGathering(onnx::Elementwise node);
  mlir::LogicalResult lowerArgMax(onnx::ArgMaxOp node);
  mlir::LogicalResult lowerArgMin(onnx::ArgMinOp node);
  mlir::LogicalResult lowerTopK(onnx::TopKOp node);
  /// A constant's elements picked by a class: a label.
  mlir::LogicalResult lowerLookup(mlir::Operation *node);
  /// Looks for an output that is computed from a class and from values beside
  /// it, such as the largest of the logits. What lies between is left to
  /// lowerOutput.
  void findBounds(mlir::Value output);
  bool isLeft(mlir::Operation *op) const;
  /// Where class kNoClass stands for a graph's -1: how many others there are.
  std::optional<int64_t> countBesideNone() const {
    return isNoneMade ? std::optional(highestClass + 1) : std::nullopt;
  }
  /// The class that the model's output names, as the class itself or as what
  /// it is the largest of.
  mlir::FailureOr<mlir::Value> lowerOutput(mlir::Value output);
  /// The last integers before a decision, and the value that they stand for.
  struct Logits {
    const IntegerTensor *tensor = nullptr; ///< null where there are none
    mlir::Value value;
  };
  /// Those of a class that lowerOutput gave.
  Logits getLogits(mlir::Value decision) const {
    return logits.lookup(decision);
  }
  /// The value as integers; an error where it is none.
  mlir::FailureOr<const IntegerTensor *> describe(mlir::Value value);
  /// The same of clipped sums that nothing quantises, on a finer grid if need
  /// be. Fails, without an error, where it is anything else.
  mlir::FailureOr<const IntegerTensor *> describeClipped(mlir::Value value);
  /// By either, the latter where the former is a wide table; the first one's
  /// errors where both fail.
  mlir::FailureOr<const IntegerTensor *> describeOrClip(mlir::Value value);
  /// These integers as a lowbit tensor.
  mlir::FailureOr<mlir::Value> close(const IntegerTensor &tensor);

private:
  void setQuantised(const InputQuantiser &quantiser, mlir::Value input,
                    llvm::ArrayRef<int64_t> indices);
  /// One of those that the largest or smallest of a window is chosen of: an
  /// element of a tensor, or where that is null a constant.
  struct Candidate {
    const IntegerTensor *tensor;
    int64_t element;
    Rational constant;

    Rational getScale() const {
      return tensor ? tensor->scale[element] : Rational();
    }
    Rational getOffset() const {
      return tensor ? tensor->offset[element] : constant;
    }
  };
  using Windows = llvm::SmallVector<llvm::SmallVector<Candidate>, 0>;
  /// The largest or smallest elements of windows that depend on several
  /// integers.
  mlir::LogicalResult lowerExtreme(onnx::Elementwise node, bool isSmallest);
  /// Makes them the integers of `result`.
  mlir::LogicalResult lowerWindows(mlir::Value result, mlir::Location loc,
                                   const Windows &windows, bool isSmallest);
  /// The windows' candidates as integers that are compared: of a tensor whose
  /// elements turned[element] are negated, or all brought to a common grid.
  /// Scales and offsets of the windows' results go to `tensor`, where in the
  /// value the candidates are to `indices`.
  mlir::FailureOr<mlir::Value>
  compareInTensor(mlir::Location loc, const Windows &windows, bool isSmallest,
                  IntegerTensor &tensor,
                  llvm::SmallVectorImpl<int64_t> &indices);
  mlir::FailureOr<mlir::Value>
  compareOnGrid(mlir::Location loc, const Windows &windows, bool isSmallest,
                IntegerTensor &tensor, llvm::SmallVectorImpl<int64_t> &indices);
  /// The tensor's integers with some elements n as turn[element] - n.
  mlir::FailureOr<mlir::Value> negate(const IntegerTensor &tensor,
                                      llvm::ArrayRef<bool> turned,
                                      llvm::SmallVectorImpl<int64_t> &turn);
  mlir::LogicalResult lowerSum(onnx::Elementwise node);
  /// Whether a sum of two small quantised integers and the quantiser behind it
  /// are lowered together, as a function of pairs that are all tried.
  bool lowerQuantisedSum(onnx::Elementwise node);
  /// Elements that are functions of one integer each.
  mlir::FailureOr<IntegerTensor>
  describeElements(mlir::Value value,
                   llvm::MutableArrayRef<ElementProgram> programs);
  /// The same where the integers are of one tensor.
  mlir::FailureOr<IntegerTensor>
  describeGroup(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                llvm::MutableArrayRef<ElementProgram> programs);
  /// Elements that are any function of an integer.
  mlir::FailureOr<IntegerTensor>
  requantise(mlir::Value value, llvm::ArrayRef<int64_t> shape,
             llvm::MutableArrayRef<ElementProgram> programs);
  /// The same in two functions, one up to a jump and one from there, where both
  /// together are dear: many steps that are no product. Null where one is
  /// better, or the only way.
  mlir::FailureOr<std::optional<IntegerTensor>>
  requantiseTwice(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                  llvm::ArrayRef<ElementProgram> programs,
                  const IntegerForm &form);
  /// The same where all functions are one rounding to more values than a byte
  /// holds, or two; null where they are not.
  mlir::FailureOr<std::optional<IntegerTensor>>
  requantiseWide(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                 llvm::ArrayRef<ElementProgram> programs,
                 const FunctionTable &table);
  /// Elements with what lies before their second jump taken as a tensor of its
  /// own; null where they have no second one, or not behind one value.
  mlir::FailureOr<std::optional<IntegerTensor>>
  describeNested(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                  llvm::ArrayRef<ElementProgram> programs);
  /// Element i of the tensor through function functionOf[i], which becomes its
  /// meaning. With `isKept` there is an operation for it, even if it leaves the
  /// integers what they are.
  mlir::LogicalResult apply(IntegerTensor &tensor, mlir::Location loc,
                            IntegerForm &form,
                            llvm::ArrayRef<size_t> functionOf, bool isKept);
  /// The same as products, one a function.
  mlir::LogicalResult applyWide(IntegerTensor &tensor, mlir::Location loc,
                                const IntegerForm &form,
                                llvm::ArrayRef<size_t> functionOf);
  /// Makes the functions' results the tensor.
  void finishFunctions(IntegerTensor &tensor, mlir::Value result,
                       const IntegerForm &form,
                       llvm::ArrayRef<size_t> functionOf);
  /// Elements that are functions of several integers: sums, or functions of two
  /// that are functions of a sum.
  mlir::FailureOr<IntegerTensor>
  describeMixed(mlir::Value value,
                llvm::MutableArrayRef<ElementProgram> programs);
  mlir::FailureOr<IntegerTensor>
  requantisePairs(mlir::Value value,
                  llvm::MutableArrayRef<ElementProgram> programs);

  /// A summand of an element: coefficient times an integer.
  struct Summand {
    const IntegerTensor *tensor;
    int64_t element;
    Rational coefficient;
  };
  /// Where a summand's tensor stands among the terms of a sum: its elements, or
  /// the terms of its open sums.
  struct Part {
    const IntegerTensor *tensor;
    bool isOpen;
    int64_t column;
  };
  static const Part &getPart(const Summand &summand,
                             llvm::ArrayRef<Part> parts);
  static void addProduct(llvm::MutableArrayRef<int64_t> weights,
                         const Summand &summand, int64_t multiplier,
                         llvm::ArrayRef<Part> parts);
  mlir::FailureOr<llvm::SmallVector<Part>>
  gatherParts(llvm::ArrayRef<llvm::SmallVector<Summand, 2>> rows,
              mlir::Value &terms, mlir::Location loc);
  /// One sum for each grid of weights of the same input, and then their sum.
  mlir::FailureOr<IntegerTensor>
  sumClasses(mlir::Location loc, llvm::ArrayRef<int64_t> shape,
             mlir::Value input, llvm::MutableArrayRef<WeightGrid> grids,
             llvm::ArrayRef<lowbit::FloatSums> floats,
             llvm::ArrayRef<double> errors, Rationals offset);
  /// Sums of integers of any scales, left open; `offset` is what they have at
  /// the integers 0.
  mlir::FailureOr<IntegerTensor>
  sum(mlir::Location loc, llvm::ArrayRef<int64_t> shape,
      llvm::ArrayRef<llvm::SmallVector<Summand, 2>> rows, Rationals offset);

  /// The one element of a value, as a requantisation of its integer: `view` of
  /// its real value, which is an integer.
  mlir::FailureOr<mlir::Value>
  lowerElement(mlir::Value value,
               llvm::function_ref<Rational(const Rational &)> view);
  /// The integers that programs begin at, in the order of the programs.
  IntegerTensor select(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<ElementProgram> programs);
  /// Says where float32 may round otherwise, and leaves it with the operation
  /// that made `result`, to whose integers `fit` leads from the functions' own.
  void reportUndecided(mlir::Value result, mlir::Location loc,
                       llvm::ArrayRef<FloatFunction> functions,
                       llvm::ArrayRef<lowbit::Interval> ranges,
                       llvm::ArrayRef<size_t> functionOf,
                       const RequantFit *fit);
  /// What decides as `value` does: the argument of a Softmax and the like. With
  /// a preference negations are skipped, which turn it round.
  mlir::FailureOr<mlir::Value> skipSoftmax(mlir::Value value,
                                           Preference *preference = nullptr);
  /// Whether the value is computed from a Sigmoid such that something on both
  /// sides of 1/2 comes through: there lies what decides.
  bool isHalved(mlir::Value value);
  mlir::LogicalResult proveHarmless(mlir::Value quantised, mlir::Value softmax);
  /// A class as an onnx value.
  IntegerTensor describeClass(mlir::Location loc, mlir::Value value,
                              mlir::Value result);
  mlir::LogicalResult lowerDecision(mlir::Operation *node, mlir::Value data,
                                    mlir::Value result, int64_t axis,
                                    Preference preference);
  /// What a class was decided over, and the labels that it became.
  struct DecidedClass {
    mlir::Value data;
    Preference preference;
    llvm::SmallVector<int64_t> labels;
  };
  /// An output that depends on a class and on the largest of several elements,
  /// or other single values: the nodes between, and the values that depend on
  /// no class while what takes them does.
  struct BoundedClass {
    llvm::SmallVector<mlir::Value> classes, extremes, others, between, gates;
    /// Those between that depend on a class.
    llvm::DenseSet<mlir::Value> ofClass;
  };
  /// The class that a graph's value stands for, 0 to 255 or -1 for none; none
  /// where it is no such integer.
  std::optional<int64_t> takeClass(const Rational &value);
  /// The largest or smallest value that the node finds.
  mlir::LogicalResult lowerTopValue(onnx::TopKOp node);
  /// An output that is 1 where the data is largest or smallest, else 0; what
  /// lies between.
  struct OneHot {
    mlir::Value data;
    Preference preference;
    llvm::SmallVector<mlir::Value> between;
  };
  void findOneHot(mlir::Value output);
  mlir::FailureOr<mlir::Value> lowerBounded(mlir::Value output);
  /// Where the class is the same whenever the largest is below a bound: the
  /// bound is decided over as one more element. Null where it is anything else.
  mlir::FailureOr<mlir::Value> decideBounded(mlir::Value output,
                                             const DecidedClass &decided);
  /// Any function of integers of few combinations.
  mlir::FailureOr<mlir::Value> tabulateClass(mlir::Value output);
  /// What decides as integers; where a Relu has no grid, what it takes.
  mlir::FailureOr<const IntegerTensor *> describeLogits(mlir::Value value,
                                                        bool &isRectified);
  mlir::FailureOr<mlir::Value> decide(mlir::Value value, mlir::Location loc,
                                      Preference preference,
                                      std::optional<Bound> bound = {});

  LowbitEmitter emitter;
  bool keepsSums, needsLogits;
  /// The model's input, sums and decisions: programs begin here.
  KnownTensors known;
  /// What was described of the values between.
  KnownTensors described;
  /// By the lowbit tensor that is the class.
  llvm::DenseMap<mlir::Value, Logits> logits;
  /// Owns what the two point to.
  std::deque<IntegerTensor> tensors;
  llvm::DenseMap<const IntegerTensor *, mlir::Value> closed;
  llvm::DenseMap<mlir::Value, onnx::MovementMap> movements;
  llvm::DenseMap<const IntegerTensor *, DecidedClass> decidedClasses;
  /// The output that gives the class, and what findBounds found there.
  mlir::Value firstOutput;
  std::optional<BoundedClass> bounded;
  std::optional<OneHot> oneHot;
  bool isNoneMade = false;
  int64_t highestClass = 0;
};

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_GRAPHLOWERING_H
