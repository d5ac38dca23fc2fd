//===- DiagonalSums.cpp - Sums of tensors, element by element -------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITDIAGONALSUMS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitDiagonalSums
    : pdkc::impl::LowbitDiagonalSumsBase<LowbitDiagonalSums> {
  void runOnOperation() override {
    SmallVector<lowbit::DenseOp> layers;
    getOperation().walk([&](lowbit::DenseOp op) { layers.push_back(op); });
    for (lowbit::DenseOp op : layers)
      rewrite(op);
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (Operation &op :
           llvm::make_early_inc_range(llvm::reverse(func.front())))
        if (isOpTriviallyDead(&op))
          op.erase();
  }

  static void rewrite(lowbit::DenseOp op);
};

} // namespace

void LowbitDiagonalSums::rewrite(lowbit::DenseOp op) {
  SmallVector<Value> parts = {op.getInput()};
  if (auto concat = op.getInput().getDefiningOp<lowbit::ConcatOp>())
    parts.assign(concat.getInputs().begin(), concat.getInputs().end());
  int64_t rows = op.getNumRows(), inputs = op.getNumInputs();
  ArrayRef<int64_t> codebook = op.getCodebook();
  // What the engines take is left to them.
  constexpr int64_t kByte = 255;
  bool isWide = codebook.back() - codebook.front() > kByte;
  for (Value part : parts) {
    lowbit::Interval range = lowbit::getRange(part);
    isWide |= range.max - range.min > kByte;
    if (cast<RankedTensorType>(part.getType()).getNumElements() != rows)
      return;
  }
  if (!isWide)
    return;
  SmallVector<int64_t> weights = op.getWeights(), multiplier;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < inputs; ++i)
      if (weights[row * inputs + i] != 0 && i % rows != row)
        return;
  for (int64_t i = 0; i < inputs; ++i)
    multiplier.push_back(weights[i % rows * inputs + i]);
  OpBuilder builder(op);
  Value sums =
      lowbit::ScaleOp::create(builder, op.getLoc(), op.getResult().getType(),
                              parts, multiplier, op.getBias());
  op.replaceAllUsesWith(sums);
  op.erase();
}
