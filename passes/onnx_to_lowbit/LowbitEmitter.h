//===- LowbitEmitter.h - Builds a lowbit function ---------------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_LOWBITEMITTER_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_LOWBITEMITTER_H

#include "mlir/IR/Builders.h"
#include "passes/onnx_to_lowbit/IntegerTensor.h"
#include "passes/onnx_to_lowbit/RequantFit.h"

namespace pdkc {

/// Creates lowbit operations whose types are the ranges that are proven from
/// the operands' and the weights, element by element.
class LowbitEmitter {
public:
  explicit LowbitEmitter(mlir::OpBuilder &builder) : builder(builder) {}

  /// The function's argument, whose ranges nothing else proves.
  void setRanges(mlir::Value value, lowbit::Intervals intervals);
  const lowbit::Intervals &getRanges(mlir::Value value) const;

  mlir::Value emitSelect(mlir::Location loc, mlir::Value input,
                         llvm::ArrayRef<int64_t> indices,
                         llvm::ArrayRef<int64_t> shape);
  /// The sums with these biases; an error where one leaves 32 bits.
  mlir::FailureOr<mlir::Value> emitDense(mlir::Location loc, mlir::Value input,
                                         const IntegerMatrix &weights,
                                         llvm::ArrayRef<int64_t> bias,
                                         llvm::ArrayRef<int64_t> shape);
  /// The tensor's open sums, with these biases: a convolution where its weights
  /// still form a kernel.
  mlir::FailureOr<mlir::Value> emitSums(const IntegerTensor &tensor,
                                        llvm::ArrayRef<int64_t> bias);
  /// Leaves with the operation that made the sums what float32 makes of them.
  void setFloatSums(mlir::Value value, const lowbit::FloatSums &floatSums);
  /// The tensors' elements one after the other; a single one itself.
  mlir::Value emitConcat(mlir::Location loc,
                         llvm::ArrayRef<mlir::Value> inputs);
  mlir::Value emitMaxPool(mlir::Location loc, mlir::Value input,
                          llvm::ArrayRef<int64_t> indices,
                          llvm::ArrayRef<int64_t> sizes,
                          llvm::ArrayRef<int64_t> shape);
  /// Element i through functions[functionOf[i]], with the functions' lines.
  mlir::Value emitSteps(mlir::Location loc, mlir::Value input,
                        llvm::ArrayRef<IntegerSteps> functions,
                        llvm::ArrayRef<std::optional<lowbit::Line>> lines,
                        llvm::ArrayRef<int64_t> functionOf);
  mlir::Value emitScale(mlir::Location loc, mlir::Value input,
                        llvm::ArrayRef<int64_t> multiplier,
                        llvm::ArrayRef<int64_t> bias);
  /// The same, shifted and clamped.
  mlir::Value emitScaledShift(mlir::Location loc, mlir::Value input,
                              llvm::ArrayRef<int64_t> multiplier,
                              llvm::ArrayRef<int64_t> bias, unsigned shift,
                              lowbit::Interval clamp);
  /// The input itself where nothing would change, unless it is to be kept.
  mlir::Value emitRequant(mlir::Location loc, mlir::Value input,
                          const RequantFit &fit, bool isKept = false);
  mlir::Value emitArgmax(mlir::Location loc, mlir::Value input,
                         llvm::ArrayRef<int64_t> shape);

private:
  mlir::RankedTensorType getType(llvm::ArrayRef<int64_t> shape,
                                 lowbit::Interval range);
  /// Gives the operation's result its proven type.
  mlir::Value finish(mlir::Operation *op);

  mlir::OpBuilder &builder;
  llvm::DenseMap<mlir::Value, lowbit::Intervals> ranges;
};

/// What sums of products lie in; an error at `loc` where one leaves 32 bits.
mlir::FailureOr<lowbit::Intervals> boundSums(const IntegerMatrix &weights,
                                             llvm::ArrayRef<int64_t> bias,
                                             const lowbit::Intervals &terms,
                                             mlir::Location loc);

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_LOWBITEMITTER_H
