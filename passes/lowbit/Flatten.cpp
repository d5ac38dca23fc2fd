//===- Flatten.cpp - Every tensor becomes a plain vector ------------------===//

#include "dialects/lowbit/FloatInterpreter.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITFLATTEN
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

static RankedTensorType flatten(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get({tensor.getNumElements()},
                               tensor.getElementType());
}

namespace {

/// select, then requant: the same the other way round.
struct SinkBelowRequant : OpRewritePattern<lowbit::RequantOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(lowbit::RequantOp op,
                                PatternRewriter &rewriter) const override {
    auto select = op.getInput().getDefiningOp<lowbit::SelectOp>();
    if (!select)
      return failure();
    auto inputType = select.getInput().getType();
    auto requantType = RankedTensorType::get(
        inputType.getShape(), op.getResult().getType().getElementType());
    auto requant = lowbit::RequantOp::create(
        rewriter, op.getLoc(), requantType, select.getInput(),
        op.getMultiplierAttr(), op.getOffsetAttr(), op.getShiftAttr(),
        op.getMinAttr(), op.getMaxAttr(), op.getTiesAttr());
    requant->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.replaceOpWithNewOp<lowbit::SelectOp>(
        op, op.getResult().getType(), requant, select.getIndicesAttr());
    return success();
  }
};

/// select, then steps: the same the other way round, where an element that is
/// selected twice has one function.
struct SinkBelowSteps : OpRewritePattern<lowbit::StepsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(lowbit::StepsOp op,
                                PatternRewriter &rewriter) const override {
    auto select = op.getInput().getDefiningOp<lowbit::SelectOp>();
    if (!select)
      return failure();
    auto inputType = select.getInput().getType();
    SmallVector<int64_t> function;
    if (!op.getFunction().empty()) {
      function.assign(inputType.getNumElements(), -1);
      for (auto [i, index] : llvm::enumerate(select.getIndices())) {
        if (function[index] >= 0 && function[index] != op.getFunctionOf(i))
          return failure();
        function[index] = op.getFunctionOf(i);
      }
      for (int64_t &number : function)
        number = std::max<int64_t>(number, 0);
    }
    auto type = RankedTensorType::get(
        inputType.getShape(), op.getResult().getType().getElementType());
    auto steps = lowbit::StepsOp::create(
        rewriter, op.getLoc(), type, select.getInput(), op.getStartsAttr(),
        op.getValuesAttr(), op.getSizesAttr(),
        rewriter.getDenseI64ArrayAttr(function), op.getLinesAttr());
    steps->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    // Where no element was selected from, a line need not hold.
    steps.keepLines(lowbit::getRange(select.getInput()));
    rewriter.replaceOpWithNewOp<lowbit::SelectOp>(
        op, op.getResult().getType(), steps, select.getIndicesAttr());
    return success();
  }
};

/// A dense layer whose sums are selected has rows for those that are.
struct FoldIntoRows : OpRewritePattern<lowbit::SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(lowbit::SelectOp op,
                                PatternRewriter &rewriter) const override {
    auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
    if (!dense || !dense.getResult().hasOneUse() || dense.getSums())
      return failure();
    SmallVector<int64_t> weights = dense.getWeights(), selected, bias;
    int64_t inputs = dense.getNumInputs();
    for (int64_t row : op.getIndices()) {
      selected.append(weights.begin() + row * inputs,
                      weights.begin() + (row + 1) * inputs);
      bias.push_back(dense.getBias()[row]);
    }
    auto encoded = lowbit::encodeWeights(op.getContext(), selected,
                                         {int64_t(bias.size()), inputs});
    auto fewer = rewriter.replaceOpWithNewOp<lowbit::DenseOp>(
        op, op.getResult().getType(), dense.getInput(), encoded->codes,
        encoded->codebook, bias);
    fewer->setDiscardableAttrs(dense->getDiscardableAttrDictionary());
    return success();
  }
};

/// select of a select.
struct MergeSelects : OpRewritePattern<lowbit::SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(lowbit::SelectOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<lowbit::SelectOp>();
    if (!inner)
      return failure();
    SmallVector<int64_t> indices;
    for (int64_t index : op.getIndices())
      indices.push_back(inner.getIndices()[index]);
    rewriter.replaceOpWithNewOp<lowbit::SelectOp>(op, op.getResult().getType(),
                                                  inner.getInput(), indices);
    return success();
  }
};

/// requant of a requant: the clips of the first carried through the second,
/// which rises. Of two shifts only the remainder of both together is left, so
/// neither may depend on its own.
struct MergeRequants : OpRewritePattern<lowbit::RequantOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(lowbit::RequantOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<lowbit::RequantOp>();
    if (!inner || op.getMultiplier() != 1 ||
        inner.getShift() + op.getShift() > 31)
      return failure();
    bool hasTies =
        inner.getTies() != lowbit::Ties::Up || op.getTies() != lowbit::Ties::Up;
    if (hasTies && inner.getShift() && op.getShift())
      return failure();
    lowbit::Ties ties = op.getShift()
                            ? op.getTies()
                            : lowbit::moveTies(inner.getTies(), op.getOffset());
    auto integer = [&](int64_t value) {
      return rewriter.getI64IntegerAttr(value);
    };
    rewriter.replaceOpWithNewOp<lowbit::RequantOp>(
        op, op.getResult().getType(), inner.getInput(),
        inner.getMultiplierAttr(),
        integer(inner.getOffset() +
                lowbit::shiftUp(op.getOffset(), inner.getShift())),
        integer(inner.getShift() + op.getShift()),
        integer(op.apply(inner.getMin())), integer(op.apply(inner.getMax())),
        lowbit::TiesAttr::get(op.getContext(), ties));
    return success();
  }
};

/// A dense layer over selected inputs reads all inputs, with columns of zeros
/// for those that are not selected and sums for those selected twice.
struct FoldIntoColumns : OpRewritePattern<lowbit::DenseOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(lowbit::DenseOp op,
                                PatternRewriter &rewriter) const override {
    auto select = op.getInput().getDefiningOp<lowbit::SelectOp>();
    if (!select)
      return failure();
    int64_t inputs = select.getInput().getType().getNumElements();
    int64_t rows = op.getNumRows(), selected = op.getNumInputs();
    SmallVector<int64_t> weights = op.getWeights();
    SmallVector<int64_t> spread(rows * inputs, 0);
    for (int64_t row = 0; row < rows; ++row)
      for (auto [i, index] : llvm::enumerate(select.getIndices()))
        spread[row * inputs + index] += weights[row * selected + i];
    auto encoded =
        lowbit::encodeWeights(op.getContext(), spread, {rows, inputs});
    if (!encoded)
      return rewriter.notifyMatchFailure(op, "codebook grows too large");
    DictionaryAttr method = op->getDiscardableAttrDictionary();
    rewriter
        .replaceOpWithNewOp<lowbit::DenseOp>(
            op, op.getResult().getType(), select.getInput(), op.getSums(),
            encoded->codes, rewriter.getDenseI64ArrayAttr(encoded->codebook),
            op.getBiasAttr())
        ->setDiscardableAttrs(method);
    return success();
  }
};

struct LowbitFlatten : pdkc::impl::LowbitFlattenBase<LowbitFlatten> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      lowbit::dropFloat(func);
      flattenTypes(func);
    }
    RewritePatternSet patterns(&getContext());
    patterns.add<SinkBelowRequant, SinkBelowSteps, MergeSelects, MergeRequants,
                 FoldIntoColumns, FoldIntoRows>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }

  /// All tensors of rank 1; a reshape is then its input.
  void flattenTypes(func::FuncOp func) {
    Block &body = func.getBody().front();
    for (Value argument : body.getArguments())
      argument.setType(flatten(argument.getType()));
    for (Operation &op :
         llvm::make_early_inc_range(body.without_terminator())) {
      if (auto reshape = dyn_cast<lowbit::ReshapeOp>(op)) {
        reshape.replaceAllUsesWith(reshape.getInput());
        reshape.erase();
        continue;
      }
      for (Value result : op.getResults())
        result.setType(flatten(result.getType()));
    }
    func.setType(FunctionType::get(&getContext(), body.getArgumentTypes(),
                                   body.getTerminator()->getOperandTypes()));
  }
};

} // namespace
