//===- GraphLowering.h - The tensors of a graph as integers -----*- C++ -*-===//
//
// The heart of --onnx-to-lowbit. Sums of products and decisions are lowered in
// the order of the nodes; each asks for its operand as integers, and what lies
// between, elementwise operators and movements, is evaluated then.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_PASSES_ONNX_GRAPHLOWERING_H
#define PDKC_PASSES_ONNX_GRAPHLOWERING_H

#include "passes/onnx/LowbitEmitter.h"
#include <deque>

namespace pdkc {

class GraphLowering {
public:
  explicit GraphLowering(mlir::OpBuilder &builder) : emitter(builder) {}

  LowbitEmitter &getEmitter() { return emitter; }

  /// Takes the tensor as the integers of an onnx value.
  void setKnown(mlir::Value value, IntegerTensor tensor);

  /// A node that sums products, with one operand that is not constant.
  mlir::LogicalResult lowerLinear(onnx::Linear node);
  mlir::LogicalResult lowerArgMax(onnx::ArgMaxOp node);
  /// The class that the model's output names, as the class itself or as what
  /// it is the largest of.
  mlir::FailureOr<mlir::Value> lowerOutput(mlir::Value output);

private:
  /// The value as integers; an error where it is none.
  mlir::FailureOr<const IntegerTensor *> describe(mlir::Value value);
  mlir::FailureOr<IntegerTensor> describeNew(mlir::Value value);
  /// Elements that are any function of an integer.
  mlir::FailureOr<IntegerTensor>
  requantise(mlir::Value value, llvm::MutableArrayRef<ElementProgram> programs);
  /// The one element of a value, as a requantisation of its integer: `view` of
  /// its real value, which is an integer.
  mlir::FailureOr<mlir::Value>
  lowerElement(mlir::Value value,
               llvm::function_ref<Rational(const Rational &)> view);
  /// The integers that programs begin at, in the order of the programs.
  IntegerTensor select(mlir::Value value,
                       llvm::ArrayRef<ElementProgram> programs);
  /// The lowbit tensor, emitted without bias where its sums are open.
  mlir::FailureOr<mlir::Value> close(const IntegerTensor &tensor);
  /// The number of the largest element, the lowest at ties or the highest.
  mlir::FailureOr<mlir::Value> decide(mlir::Value value, mlir::Location loc,
                                      bool takesLast);

  LowbitEmitter emitter;
  /// The model's input, sums and decisions: programs begin here.
  KnownTensors known;
  /// What was described of the values between.
  KnownTensors described;
  /// Owns what the two point to.
  std::deque<IntegerTensor> tensors;
  llvm::DenseMap<const IntegerTensor *, mlir::Value> closed;
  llvm::DenseMap<mlir::Value, onnx::MovementMap> movements;
};

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_GRAPHLOWERING_H
