//===- ElementProgram.h - An element as a function of an integer -*- C++
//-*-===//
//
// What the elementwise operators between two sums make of one integer, whatever
// operators they are: a list of steps, run twice side by side. In the graph's
// own arithmetic, which decides where the result jumps (a rounding, a cast), as
// long as that arithmetic is well defined; and exactly, which says what real
// number the result is. Behind a sum of floats exact arithmetic decides, too.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_ELEMENTPROGRAM_H
#define PDKC_PASSES_ONNX_ELEMENTPROGRAM_H

#include "dialects/onnx/OnnxDialect.h"
#include "passes/onnx/IntegerTensor.h"

namespace pdkc {

/// The tensors whose integers are known; programs begin at these.
using KnownTensors = llvm::DenseMap<mlir::Value, const IntegerTensor *>;

class ElementProgram {
public:
  /// The program of one element; an error where it depends on more than one
  /// integer. `maps` remembers where moved elements come from.
  static mlir::FailureOr<ElementProgram>
  build(mlir::Value value, int64_t element, const KnownTensors &known,
        llvm::DenseMap<mlir::Value, onnx::MovementMap> &maps);

  const IntegerTensor &getBase() const { return *base; }
  int64_t getBaseElement() const { return baseElement; }

  /// The element's exact value for the integer; fails where an operator is not
  /// defined.
  mlir::FailureOr<Rational> evaluate(int64_t integer);

  /// Whether the value is a constant times the integer plus a constant.
  bool isAffine() const { return slots.back().isAffine; }
  /// 1 where the value never falls as the integer rises, -1 where it never
  /// rises, 0 where neither is known.
  int getDirection() const { return slots.back().direction; }
  /// Whether the graph's arithmetic gives the result one value.
  bool isDefined() const { return slots.back().isDefined; }

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
    bool isAffine = true;
    int direction = 1;
    /// Constant, or of the evaluation that runs.
    onnx::Scalar typed, exact;
  };

  mlir::LogicalResult addConstant(mlir::Value value, int64_t element);
  void addConstant(onnx::Scalar scalar, mlir::Type elementType);
  mlir::LogicalResult addInput(mlir::Value value, const IntegerTensor &tensor,
                               int64_t element, mlir::Operation *user);
  mlir::LogicalResult addNode(onnx::Elementwise node,
                              llvm::ArrayRef<int> operands);
  mlir::LogicalResult run(Slot &slot);

  const IntegerTensor *base = nullptr;
  int64_t baseElement = 0;
  int inputSlot = -1;
  llvm::SmallVector<Slot, 4> slots;
};

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_ELEMENTPROGRAM_H
