//===- FoldConstants.cpp - Evaluate nodes whose operands are constant -----===//

#include "dialects/onnx/Evaluate.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

namespace pdkc {
#define GEN_PASS_DEF_ONNXFOLDCONSTANTS
#include "passes/Passes.h.inc"
} // namespace pdkc

namespace {

struct FoldConstantsPass
    : pdkc::impl::OnnxFoldConstantsBase<FoldConstantsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(foldFunction(function)))
        return signalPassFailure();
  }

  LogicalResult foldFunction(func::FuncOp function);
};

} // namespace

LogicalResult FoldConstantsPass::foldFunction(func::FuncOp function) {
  SmallVector<Node> nodes;
  function.walk([&](Node node) { nodes.push_back(node); });
  for (Node node : nodes) {
    if (!llvm::all_of(node->getResultTypes(), llvm::IsaPred<RankedTensorType>))
      return node->emitOpError("has no type yet: run --onnx-infer-types first");
    if (auto constant = dyn_cast<ConstantOp>(*node);
        constant && constant.getValue())
      continue;
    for (OpResult result : node->getResults()) {
      if (result.use_empty())
        continue;
      FailureOr<DenseElementsAttr> elements =
          evaluateResult(result, getConstant);
      if (failed(elements))
        return failure();
      if (*elements)
        replaceByConstant(result, *elements);
    }
    if (node->use_empty())
      node->erase();
  }
  // Consumers come after what they consume.
  SmallVector<Operation *> constants;
  function.walk([&](Operation *op) {
    if (isa<ConstantOp, NoValueOp>(op))
      constants.push_back(op);
  });
  for (Operation *constant : constants)
    if (constant->use_empty())
      constant->erase();
  return success();
}
