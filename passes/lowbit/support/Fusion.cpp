//===- Fusion.cpp - Tensors across lowbit.fused ---------------------------===//

#include "passes/lowbit/support/Fusion.h"

using namespace mlir;
using namespace pdkc;

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

bool pdkc::isTakenOnce(Value value) {
  if (!value.hasOneUse())
    return false;
  Operation *op = value.getDefiningOp();
  return !isa_and_nonnull<lowbit::ConcatOp, lowbit::SelectOp>(op) ||
         llvm::all_of(op->getOperands(), isTakenOnce);
}

Operation *pdkc::getAccumulator(Value sums) {
  Operation *user = getOnlyUser(sums), *producer = getProducer(sums);
  return producer && isa_and_nonnull<lowbit::DenseOp, lowbit::ChainsOp>(user) &&
                 user->getNumOperands() > 1 &&
                 getProducer(user->getOperand(1)) == producer
             ? user
             : nullptr;
}

LogicalResult pdkc::checkAccumulation(Operation *layer) {
  if (layer->getNumOperands() == 1)
    return success();
  Value sums = layer->getOperand(1);
  if (isa_and_nonnull<lowbit::DenseOp, lowbit::ChainsOp>(getProducer(sums)) &&
      getAccumulator(getProducer(sums)->getResult(0)) == layer)
    return success();
  return layer->emitError("adds to what are no sums of a dense layer, or "
                          "others take them, too");
}

Value pdkc::getFinalSums(Value sums) {
  while (Operation *next = getAccumulator(sums))
    sums = next->getResult(0);
  return sums;
}

Value pdkc::getBiasSource(Value value) {
  while (Operation *producer = getProducer(value)) {
    auto chains = dyn_cast<lowbit::ChainsOp>(producer);
    if (chains && chains.getSums())
      value = chains.getSums();
    else if (isa<lowbit::SelectOp>(producer))
      value = producer->getOperand(0);
    else
      break;
  }
  return value;
}

bool pdkc::isFed(lowbit::DenseOp layer) {
  auto fused = dyn_cast<lowbit::FusedOp>(layer->getParentOp());
  return fused && fused.getFedLayer() == layer;
}

/// Operands from outside become the region's.
static void isolate(lowbit::FusedOp fused, Operation *op) {
  Block &body = fused.getBody().front();
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (value.getParentBlock() == &body)
      continue;
    fused.getInputsMutable().append(value);
    operand.set(body.addArgument(value.getType(), value.getLoc()));
  }
}

lowbit::FusedOp pdkc::fuse(ArrayRef<Operation *> group) {
  Operation *last = group.back();
  Value result = last->getResult(0);
  SmallVector<Location> locs;
  for (Operation *op : group)
    locs.push_back(op->getLoc());
  OpBuilder builder(last);
  auto fused = lowbit::FusedOp::create(
      builder, FusedLoc::get(builder.getContext(), locs), result.getType(),
      ValueRange());
  result.replaceAllUsesWith(fused.getResult());
  Block &body = fused.getBody().emplaceBlock();
  for (Operation *op : group) {
    op->moveBefore(&body, body.end());
    isolate(fused, op);
  }
  builder.setInsertionPointToEnd(&body);
  lowbit::YieldOp::create(builder, last->getLoc(), result);
  return fused;
}

void pdkc::feed(lowbit::FusedOp fused, lowbit::DenseOp layer) {
  Operation *yield = fused.getBody().front().getTerminator();
  layer.getResult().replaceAllUsesWith(fused.getResult());
  fused.getResult().setType(layer.getResult().getType());
  layer->moveBefore(yield);
  layer.getInputMutable().assign(yield->getOperand(0));
  isolate(fused, layer);
  yield->setOperand(0, layer.getResult());
}

void pdkc::unfeed(lowbit::FusedOp fused) {
  lowbit::DenseOp layer = fused.getFedLayer();
  Operation *yield = fused.getBody().front().getTerminator();
  Value fed = layer.getInput();
  layer->moveAfter(fused);
  fused.getResult().replaceAllUsesWith(layer.getResult());
  fused.getResult().setType(cast<RankedTensorType>(fed.getType()));
  yield->setOperand(0, fed);
  layer.getInputMutable().assign(fused.getResult());
  if (!layer.getSums())
    return;
  auto sums = cast<BlockArgument>(layer.getSums());
  unsigned number = sums.getArgNumber();
  layer.getSumsMutable().assign(fused.getInputs()[number]);
  if (!sums.use_empty())
    return;
  fused.getBody().front().eraseArgument(number);
  fused.getInputsMutable().erase(number);
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
