//===- ElementProgram.h - An element as a function --------------*- C++ -*-===//
//
// What the elementwise operators between two sums make of one integer, whatever
// operators they are: a list of steps, run twice side by side. In the graph's
// own arithmetic, which decides where the result jumps (a rounding, a cast), as
// long as that arithmetic is well defined; and exactly, which says what real
// number the result is. Behind a sum of floats exact arithmetic decides, too.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_ELEMENTPROGRAM_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_ELEMENTPROGRAM_H

#include "dialects/onnx/OnnxDialect.h"
#include "passes/onnx_to_lowbit/IntegerTensor.h"

namespace pdkc {

/// The tensors whose integers are known; programs begin at these.
using KnownTensors = llvm::DenseMap<mlir::Value, const IntegerTensor *>;

/// Of a value that is `slope` times another, plus `start`.
struct RealLine {
  Rational slope, start;

  Rational at(const Rational &x) const { return slope * x + start; }
};

/// What is the rounded line slope * n + start of the integer n, clipped, times
/// `scale` plus `offset`.
struct UniformQuantiser {
  /// To the nearest, ties to even, away from 0 or towards it; to the integer
  /// below; to the one above.
  enum Mode { Even, Away, Towards, Down, Up };

  Rational slope, start;
  Mode mode = Even;
  Rational scale, offset;
  /// How far off float32 may have what is rounded, besides what the integer is
  /// off by; and how often it rounds behind.
  double reach = 0;
  int roundings = 0;

  Rational at(int64_t integer) const { return slope * integer + start; }
};

class ElementProgram {
public:
  /// An integer that the element depends on.
  struct Input {
    const IntegerTensor *tensor;
    int64_t element;
    /// Its place in the program; -1 where nothing reads it.
    int slot;
  };

  /// The program of one element. `maps` remembers where moved elements come
  /// from. An error where a value is not known as integers.
  static mlir::FailureOr<ElementProgram>
  build(mlir::Value value, int64_t element, const KnownTensors &known,
        llvm::DenseMap<mlir::Value, onnx::MovementMap> &maps);

  llvm::ArrayRef<Input> getInputs() const { return inputs; }
  /// Of a program of one integer.
  /// Which element of the value the program was built for.
  int64_t getElement() const { return element; }
  const IntegerTensor &getBase() const { return *inputs.front().tensor; }
  int64_t getBaseElement() const { return inputs.front().element; }
  lowbit::Interval getRange(unsigned input = 0) const {
    return inputs[input].tensor->ranges[inputs[input].element];
  }
  /// Makes a constant's program one of an integer that it does not read.
  void bindTo(const IntegerTensor &tensor, int64_t element) {
    inputs.push_back({&tensor, element, -1});
  }

  /// The element's exact value for the integers; fails where an operator is not
  /// defined.
  mlir::FailureOr<Rational> evaluate(llvm::ArrayRef<int64_t> integers);
  /// The same with the one input, which is not defined in the graph's own
  /// arithmetic, as a real number.
  mlir::FailureOr<Rational> evaluateReal(Rational value);
  /// The same with what float32 may make of each node up to the first jump:
  /// every result is a little larger (side 1), or smaller (-1), or with
  /// `alternates` one larger and the next smaller.
  mlir::FailureOr<Rational> evaluateRounded(Rational value, int side,
                                            bool alternates);

  /// Whether one of its operators is a function that float32 libraries differ
  /// over.
  bool hasFunction() const;
  /// The value for an integer with such functions' results a little larger
  /// (side 1) or smaller (-1).
  mlir::FailureOr<Rational> evaluateBeside(int64_t integer, int side);
  /// In exact arithmetic alone. With `isSmooth` what rounds to a grid gives its
  /// operand as it is, and clips nothing.
  mlir::FailureOr<Rational> evaluateExactly(llvm::ArrayRef<int64_t> integers,
                                            bool isSmooth = false);
  /// The program as one rounding, as far as its operators say; none where it is
  /// anything else.
  std::optional<UniformQuantiser> findQuantiser();

  /// The line of the integer that the program is but for clips, as far as its
  /// operators say; none where it is anything else.
  std::optional<RealLine> findClippedLine();

  /// Whether the value is a constant times the integer plus a constant.
  bool isAffine() const { return slots.back().isAffine; }
  /// 1 where the value never falls as the integers rise, -1 where it never
  /// rises, 0 where neither is known.
  int getDirection() const { return slots.back().direction; }
  /// Whether the result, or what it is computed from, jumps.
  bool hasStep() const;
  /// Whether the graph's arithmetic gives the result one value.
  bool isDefined() const { return slots.back().isDefined; }
  /// Whether it does but for rounding errors: behind a jump.
  bool isDecided() const { return slots.back().isDecided; }

  /// A jump, of known direction, through which alone the result depends on the
  /// integer: where its value stays, so does the result's. Its slot; -1 where
  /// there is none.
  int findCut() const;
  /// The value of the first jump, where the result depends on the integer
  /// through that alone, and jumps again; null where there is none.
  mlir::Value findInnerJump() const;
  /// What that slot had in the last evaluation.
  Rational getValue(int slot) const;
  /// What the element's value lies between for integers of the range, of a
  /// program that reads its one integer; fails where no bounds are known.
  mlir::FailureOr<std::pair<Rational, Rational>> bound(lowbit::Interval range);

  /// How many nodes up to the first jump float32 rounds in.
  int countRoundings() const;
  /// How far off the result of the last evaluation float32 has it, where it is
  /// defined.
  double getRounding() const;
  /// Bounds, in the input's units, what float32 rounding in the affine steps up
  /// to the first jump may amount to, for integers of its range.
  double boundRounding();
  /// What rounding amounts to in an affine program that is defined, in the
  /// result's units.
  Rounding boundDefinedRounding();
  /// Bounds what x + (q - x) differs from q in float32, for integers of its
  /// range; 0 where there is no such sum.
  double boundCancellation();

  /// Whether the other program gives the same value for the same integer.
  bool isSame(const ElementProgram &other) const;

private:
  /// The integer, a constant, or a node's result.
  struct Slot {
    onnx::Elementwise node;
    /// Slots of the node's operands; -1 for those it leaves out.
    llvm::SmallVector<int, 3> operands;
    mlir::Type elementType;
    bool isConstant = false;
    bool isDefined = true;
    bool isDecided = true;
    /// Whether a jump behind an undefined value depends on it.
    bool feedsJump = false;
    bool isAffine = true;
    bool needsExact = false;
    /// A sum that equals one of what it is made of.
    bool isCancelled = false;
    int direction = 1;
    /// Constant, or of the evaluation that runs.
    onnx::Scalar typed, exact;
  };

  /// Moves what the slot's function gives to a side of it.
  void moveAside(Slot &slot);
  mlir::LogicalResult addConstant(mlir::Value value, int64_t element);
  void addConstant(onnx::Scalar scalar, mlir::Type elementType);
  void addInput(mlir::Value value, const IntegerTensor &tensor,
                int64_t element);
  mlir::LogicalResult addNode(onnx::Elementwise node,
                              llvm::ArrayRef<int> operands);
  bool hasDefinedOperands(const Slot &slot) const;
  /// A node's operands, null for those that are not constant.
  using Constants = llvm::SmallVector<const onnx::Scalar *, 3>;
  int splitOperands(const Slot &slot, Constants &constants) const;
  /// The line of the integer that the program is, where clips leave a value
  /// what it is: `follow` gives a slot's line from that of its operand, which
  /// has that number; none, and the program has none.
  std::optional<RealLine> followLine(
      llvm::function_ref<std::optional<RealLine>(
          Slot &, const Constants &, int operand, const RealLine &before)>
          follow);
  /// The slot that equals the sum of slots a and sign * b by cancellation, as
  /// in x + (q - x); -1 where there is none.
  int cancel(int a, int b, int sign) const;
  void markExact();
  void markFeeding();
  mlir::LogicalResult run(Slot &slot);
  mlir::LogicalResult runExact(Slot &slot);
  mlir::FailureOr<Rational> runAll();

  int64_t element = 0;
  llvm::SmallVector<Input, 2> inputs;
  llvm::SmallVector<Slot, 4> slots;
  /// Of evaluateRounded; 0 where results are exact.
  int roundingSide = 0;
  bool alternates = false;
};

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_ELEMENTPROGRAM_H
