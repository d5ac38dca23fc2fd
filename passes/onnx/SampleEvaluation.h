//===- SampleEvaluation.h - A graph evaluated on inputs ---------*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_SAMPLEEVALUATION_H
#define PDKC_PASSES_ONNX_SAMPLEEVALUATION_H

#include "dialects/onnx/OnnxDialect.h"
#include <deque>

namespace pdkc {

/// What a value is for one input of the model after the other, in the file's
/// own arithmetic, as ONNX Runtime computes it. The graph must stay as it is
/// meanwhile.
class SampleEvaluation {
public:
  /// An error on a node that `value` needs and that cannot be evaluated.
  static mlir::FailureOr<SampleEvaluation> create(mlir::Block &block,
                                                  mlir::Value value);

  /// The value's elements where the block's argument has these; valid until
  /// the next call. An error on a node that is not defined there.
  mlir::FailureOr<const onnx::Scalars *> evaluate(onnx::Scalars input);

private:
  SampleEvaluation(mlir::Value argument, mlir::Value value)
      : argument(argument), value(value) {}
  mlir::LogicalResult evaluateNode(mlir::Operation *op);

  mlir::Value argument, value;
  /// In the order of the block.
  llvm::SmallVector<mlir::Operation *, 0> nodes;
  llvm::DenseMap<mlir::Value, onnx::Scalars> constants;
  /// Of the present input, and what owns them.
  llvm::DenseMap<mlir::Value, const onnx::Scalars *> elements;
  std::deque<onnx::Scalars> owned;
};

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_SAMPLEEVALUATION_H
