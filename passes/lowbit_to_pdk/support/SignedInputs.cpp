//===- SignedInputs.cpp - The model's signed bytes as they are ------------===//

#include "passes/lowbit_to_pdk/support/SignedInputs.h"

#include "passes/lowbit/support/Fusion.h"

using namespace mlir;
using namespace pdkc;

lowbit::RequantOp pdkc::getOffsetOfInputs(lowbit::DenseOp dense) {
  auto requant = dense.getInput().getDefiningOp<lowbit::RequantOp>();
  if (!requant || !isa<lowbit::FusedOp>(dense->getParentOp()) ||
      !isa<BlockArgument>(requant.getInput()))
    return {};
  lowbit::Interval raw = lowbit::getRange(requant.getInput());
  int64_t offset = requant.getOffset();
  bool onlyAdds = requant.getMultiplier() == 1 && requant.getShift() == 0 &&
                  raw.min + offset >= requant.getMin() &&
                  raw.max + offset <= requant.getMax();
  return onlyAdds && raw.min < 0 ? requant : lowbit::RequantOp();
}

void pdkc::takeSignedInputs(lowbit::DenseOp dense) {
  lowbit::RequantOp offset = getOffsetOfInputs(dense);
  if (!offset)
    return;
  SmallVector<int64_t> weights = dense.getWeights(), bias(dense.getBias());
  for (auto [i, weight] : llvm::enumerate(weights))
    bias[i / dense.getNumInputs()] += weight * int64_t(offset.getOffset());
  dense.setBias(bias);
  unfuse(cast<lowbit::FusedOp>(dense->getParentOp()));
  dense.getInputMutable().assign(offset.getInput());
  offset.erase();
}
