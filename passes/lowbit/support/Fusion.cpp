//===- Fusion.cpp - Tensors across lowbit.fused ---------------------------===//

#include "passes/lowbit/support/Fusion.h"

using namespace mlir;
using namespace pdkc;

LogicalResult pdkc::checkModel(func::FuncOp func) {
  auto isIntegers = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && isa<lowbit::IntType>(tensor.getElementType());
  };
  if (func.isExternal() || !llvm::hasSingleElement(func.getBody()) ||
      func.getNumArguments() != 1 || func.getNumResults() < 1 ||
      !llvm::all_of(func.getArgumentTypes(), isIntegers) ||
      !llvm::all_of(func.getResultTypes(), isIntegers))
    return func.emitError("is no model: one function of one tensor of "
                          "!lowbit.int that gives a class and, if at all, "
                          "outputs");
  return success();
}

Value pdkc::getOutside(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto fused = argument ? dyn_cast<lowbit::FusedOp>(
                              argument.getOwner()->getParentOp())
                        : lowbit::FusedOp();
  return fused ? fused.getInputs()[argument.getArgNumber()] : value;
}

Value pdkc::getYielded(Value value) {
  auto fused = value.getDefiningOp<lowbit::FusedOp>();
  return fused ? fused.getBody().front().getTerminator()->getOperand(0) : value;
}

Operation *pdkc::getProducer(Value value) {
  return getYielded(getOutside(value)).getDefiningOp();
}

Operation *pdkc::getOnlyUser(Value value) {
  if (!value.hasOneUse())
    return nullptr;
  OpOperand &use = *value.use_begin();
  if (isa<lowbit::YieldOp>(use.getOwner()))
    return getOnlyUser(use.getOwner()->getParentOp()->getResult(0));
  if (auto fused = dyn_cast<lowbit::FusedOp>(use.getOwner()))
    return getOnlyUser(fused.getBody().getArgument(use.getOperandNumber()));
  return use.getOwner();
}

Value pdkc::unfuse(lowbit::FusedOp fused) {
  Block &body = fused.getBody().front();
  for (auto [argument, input] :
       llvm::zip_equal(body.getArguments(), fused.getInputs()))
    argument.replaceAllUsesWith(input);
  Value result = body.getTerminator()->getOperand(0);
  fused.getResult().replaceAllUsesWith(result);
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator()))
    op.moveBefore(fused);
  fused.erase();
  return result;
}

Operation *pdkc::getGroup(Operation *op) {
  auto fused = op->getParentOfType<lowbit::FusedOp>();
  return fused ? fused.getOperation() : op;
}
