//===- ElementwiseSums.cpp - Sums of tensors, element by element ----------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/NarrowRanges.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITELEMENTWISESUMS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitElementwiseSums
    : pdkc::impl::LowbitElementwiseSumsBase<LowbitElementwiseSums> {
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
    for (auto func : getOperation().getOps<func::FuncOp>())
      narrowRanges(func);
  }

  static void rewrite(lowbit::DenseOp op);
};

} // namespace

/// One input of a lowbit.scale: for each row an element and its multiplier.
namespace {
struct Term {
  SmallVector<int64_t> indices, multiplier;

  explicit Term(int64_t rows) : indices(rows, -1), multiplier(rows, 0) {}
};
} // namespace

/// Terms of one sign each that hold all products; none where they are many.
static std::optional<SmallVector<Term>> getTerms(ArrayRef<int64_t> weights,
                                                 int64_t rows, int64_t inputs) {
  constexpr size_t kMostTerms = 4;
  SmallVector<Term> ofSign[2];
  for (int64_t row = 0; row < rows; ++row) {
    size_t used[2] = {0, 0};
    for (int64_t i = 0; i < inputs; ++i) {
      int64_t weight = weights[row * inputs + i];
      if (weight == 0)
        continue;
      bool isNegative = weight < 0;
      size_t number = used[isNegative]++;
      if (number == kMostTerms)
        return std::nullopt;
      if (number == ofSign[isNegative].size())
        ofSign[isNegative].emplace_back(rows);
      ofSign[isNegative][number].indices[row] = i;
      ofSign[isNegative][number].multiplier[row] = weight;
    }
  }
  SmallVector<Term> terms(std::move(ofSign[0]));
  terms.append(ofSign[1]);
  if (terms.empty() || terms.size() > kMostTerms)
    return std::nullopt;
  // Rows without a product read what another one does.
  for (Term &term : terms)
    for (int64_t &index : term.indices)
      index = index < 0 ? *llvm::max_element(term.indices) : index;
  return terms;
}

void LowbitElementwiseSums::rewrite(lowbit::DenseOp op) {
  SmallVector<Value> parts = {op.getInput()};
  if (auto concat = op.getInput().getDefiningOp<lowbit::ConcatOp>())
    parts.assign(concat.getInputs().begin(), concat.getInputs().end());
  int64_t rows = op.getNumRows(), inputs = op.getNumInputs();
  ArrayRef<int64_t> codebook = op.getCodebook();
  // What the engines take is left to them.
  constexpr int64_t kByte = 255;
  bool isWide = std::max<int64_t>(codebook.back(), 0) -
                    std::min<int64_t>(codebook.front(), 0) >
                kByte;
  bool isDiagonal = true;
  for (Value part : parts) {
    lowbit::Interval range = lowbit::getRange(part);
    isWide |= range.max - range.min > kByte;
    isDiagonal &=
        cast<RankedTensorType>(part.getType()).getNumElements() == rows;
  }
  if (!isWide || op.getSums())
    return;
  SmallVector<int64_t> weights = op.getWeights(), multiplier;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < inputs; ++i)
      isDiagonal &= weights[row * inputs + i] == 0 || i % rows == row;
  OpBuilder builder(op);
  if (isDiagonal) {
    for (int64_t i = 0; i < inputs; ++i)
      multiplier.push_back(weights[i % rows * inputs + i]);
  } else {
    auto terms = getTerms(weights, rows, inputs);
    if (!terms)
      return;
    parts.clear();
    lowbit::Interval range = lowbit::getRange(op.getInput());
    auto type = lowbit::getTensorType(op.getContext(), {rows}, range);
    for (const Term &term : *terms) {
      parts.push_back(lowbit::SelectOp::create(builder, op.getLoc(), type,
                                               op.getInput(), term.indices));
      multiplier.append(term.multiplier);
    }
  }
  Value sums =
      lowbit::ScaleOp::create(builder, op.getLoc(), op.getResult().getType(),
                              parts, multiplier, op.getBias());
  op.replaceAllUsesWith(sums);
  op.erase();
}
