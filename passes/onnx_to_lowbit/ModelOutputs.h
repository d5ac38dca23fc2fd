//===- ModelOutputs.h - What a model gives beside its class -----*- C++ -*-===//

#ifndef PDKC_PASSES_ONNX_TO_LOWBIT_MODELOUTPUTS_H
#define PDKC_PASSES_ONNX_TO_LOWBIT_MODELOUTPUTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"

namespace pdkc {

/// An output of the graph.
struct GraphOutput {
  unsigned number;
  mlir::Value value;
  std::string name; ///< in the file; its number where that gives none
};

llvm::SmallVector<GraphOutput, 1> getOutputs(mlir::func::FuncOp function);

/// A result of the lowbit function, with the attributes that say what it is
/// (dialects/lowbit/ModelInterface.h).
struct ModelResult {
  mlir::Value value;
  llvm::SmallVector<mlir::NamedAttribute> attributes;
};

class ModelOutputs {
public:
  /// `wanted` is class, logits or values.
  ModelOutputs(GraphLowering &lowering, llvm::StringRef wanted)
      : lowering(lowering), wanted(wanted) {}

  /// The class by the first of the outputs, and what else is wanted of all.
  mlir::FailureOr<llvm::SmallVector<ModelResult>>
  lower(llvm::ArrayRef<GraphOutput> outputs);

private:
  void addClass(const GraphOutput &output, mlir::Value decision);
  mlir::LogicalResult addLogits(const GraphOutput &output,
                                mlir::Value decision);
  mlir::LogicalResult addValues(const GraphOutput &output);
  mlir::LogicalResult add(const GraphOutput &output,
                          const IntegerTensor &tensor,
                          const llvm::Twine &meaning, bool mayBeCut);

  GraphLowering &lowering;
  llvm::StringRef wanted;
  llvm::SmallVector<ModelResult> results;
};

} // namespace pdkc

#endif // PDKC_PASSES_ONNX_TO_LOWBIT_MODELOUTPUTS_H
