//===- Streaming.cpp - Which layers take the model's input ----------------===//

#include "passes/lowbit/support/Streaming.h"

#include "dialects/lowbit/ModelInterface.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit/support/SlidingWindows.h"

using namespace mlir;
using namespace pdkc;

bool pdkc::isElementwise(Operation *op) {
  return isa_and_nonnull<lowbit::RequantOp, lowbit::StepsOp>(op);
}

Operation *pdkc::getPreprocessing(Operation *layer) {
  Operation *op = layer->getOperand(0).getDefiningOp();
  if (!isElementwise(op) || !isa<BlockArgument>(op->getOperand(0)) ||
      !op->getResult(0).hasOneUse())
    return nullptr;
  // From RAM layers read bytes.
  auto func = layer->getParentOfType<func::FuncOp>();
  bool isBuffer = func->hasAttr(lowbit::LowbitDialect::kBufferAttr);
  return isBuffer && lowbit::InputLayout::get(func).bytes > 1 ? nullptr : op;
}

bool pdkc::isStreamed(Operation *layer) {
  // Others take their inputs from RAM.
  auto conv = dyn_cast<lowbit::ConvOp>(layer);
  if (!(conv ? canSlide(conv) : isa<lowbit::DenseOp, lowbit::ChainsOp>(layer)) ||
      layer->getParentOfType<func::FuncOp>()->hasAttr(
          lowbit::LowbitDialect::kBufferAttr))
    return false;
  Value source = layer->getOperand(0);
  if (Operation *preprocessing = getPreprocessing(layer))
    source = preprocessing->getOperand(0);
  source = getOutside(source);
  return isa<BlockArgument>(source) && source.hasOneUse();
}

void pdkc::storeStream(lowbit::DenseOp layer) {
  Value input = layer.getInput();
  bool isBuffer = layer->getParentOfType<func::FuncOp>()->hasAttr(
      lowbit::LowbitDialect::kBufferAttr);
  if (!isa<BlockArgument>(input) || isBuffer)
    return;
  OpBuilder builder(layer);
  layer.getInputMutable().assign(
      lowbit::CopyOp::create(builder, layer.getLoc(), input.getType(), input));
}
