//===- InferTypes.cpp - Static shapes and element types -------------------===//
//
// One walk in the order of the nodes. Small tensors that are constant are
// folded on the way, because the shape of a later node may be computed from
// them.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/Passes.h"
#include "passes/onnx/TypeInference.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

namespace pdkc {
#define GEN_PASS_DEF_ONNXINFERTYPES
#include "passes/Passes.h.inc"
} // namespace pdkc

namespace {

/// More elements than any shape is computed from.
constexpr int64_t kMostShapeElements = 1024;

struct InferTypesPass : pdkc::impl::OnnxInferTypesBase<InferTypesPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(inferTypes(function)))
        return signalPassFailure();
  }
};

} // namespace

static LogicalResult inferNode(Node node) {
  for (Value operand : node->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    if (!isNoValue(operand) && (!type || !type.hasStaticShape()))
      return node->emitOpError("takes a tensor of unknown shape, ")
             << operand.getType();
    // A list may be empty: no axes, say.
    bool isList =
        type && type.getRank() == 1 && type.getElementType().isInteger();
    if (type && type.getNumElements() == 0 && !isList)
      return node->emitOpError("takes an empty tensor, ") << type;
  }
  FailureOr<ResultTypes> types = node.inferResultTypes(getConstant);
  if (failed(types))
    return failure();
  for (auto [result, type] : llvm::zip_equal(node->getResults(), *types)) {
    result.setType(type);
    if (isa<ConstantOp>(node) || type.getNumElements() > kMostShapeElements)
      continue;
    FailureOr<DenseElementsAttr> elements = evaluateResult(result, getConstant);
    if (failed(elements))
      return failure();
    if (*elements)
      replaceByConstant(result, *elements);
  }
  return success();
}

LogicalResult pdkc::inferTypes(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has control flow, which is not supported");
  Block &block = function.getBody().front();
  for (Operation &op : block)
    if (auto node = dyn_cast<Node>(op))
      if (failed(inferNode(node)))
        return failure();
  function.setType(FunctionType::get(
      function.getContext(), function.getArgumentTypes(),
      llvm::to_vector(block.getTerminator()->getOperandTypes())));
  return success();
}
