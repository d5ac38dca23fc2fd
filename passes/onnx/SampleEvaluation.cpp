//===- SampleEvaluation.cpp - A graph evaluated on inputs -----------------===//

#include "passes/onnx/SampleEvaluation.h"

#include "dialects/onnx/Evaluate.h"
#include "mlir/Analysis/SliceAnalysis.h"

using namespace mlir;
using namespace pdkc;

FailureOr<SampleEvaluation> SampleEvaluation::create(Block &block,
                                                     Value value) {
  SampleEvaluation result(block.getArgument(0), value);
  llvm::SetVector<Operation *> needed;
  BackwardSliceOptions options;
  options.inclusive = true;
  if (failed(getBackwardSlice(value, &needed, options)))
    return emitError(value.getLoc()) << "cannot be evaluated on samples";
  for (Operation &op : block) {
    if (!needed.contains(&op) || isa<onnx::NoValueOp>(op))
      continue;
    if (DenseElementsAttr constant = op.getNumResults()
                                         ? onnx::getConstant(op.getResult(0))
                                         : DenseElementsAttr()) {
      result.constants[op.getResult(0)] = onnx::getScalars(constant);
      continue;
    }
    if (!llvm::all_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>))
      return op.emitOpError("has no type yet: run --onnx-infer-types first");
    if (!onnx::isEvaluated(&op))
      return op.emitOpError("cannot be evaluated on samples");
    result.nodes.push_back(&op);
  }
  return result;
}

LogicalResult SampleEvaluation::evaluateNode(Operation *op) {
  static const onnx::Scalars none;
  SmallVector<const onnx::Scalars *> operands;
  for (Value operand : op->getOperands())
    operands.push_back(onnx::isNoValue(operand) ? &none : elements[operand]);
  // Indices may depend on the input: a label picked by the class.
  auto lookUp = [&](Value operand) {
    if (DenseElementsAttr constant = onnx::getConstant(operand))
      return constant;
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    return type ? onnx::getElements(type, *elements[operand])
                : DenseElementsAttr();
  };
  for (OpResult result : op->getResults()) {
    if (result.use_empty() && result != value)
      continue;
    FailureOr<onnx::Scalars> scalars =
        onnx::evaluateResult(result, operands, lookUp);
    if (failed(scalars))
      return failure();
    owned.push_back(std::move(*scalars));
    elements[result] = &owned.back();
  }
  return success();
}

FailureOr<const onnx::Scalars *>
SampleEvaluation::evaluate(onnx::Scalars input) {
  elements.clear();
  owned.clear();
  for (const auto &[constant, scalars] : constants)
    elements[constant] = &scalars;
  owned.push_back(std::move(input));
  elements[argument] = &owned.back();
  for (Operation *op : nodes)
    if (failed(evaluateNode(op)))
      return failure();
  return elements[value];
}
