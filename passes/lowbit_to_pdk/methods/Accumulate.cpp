//===- Accumulate.cpp - Concatenations that are never made ----------------===//
//
// Instead of being neighbours in RAM, the parts of a concatenation that a dense
// layer takes are inputs of dense layers of their own, each of which adds to
// the sums of the one before. A part that a convolution's region makes element
// by element feeds its layer.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/lowbit/support/Fusion.h"
#include "passes/lowbit_to_pdk/methods/Methods.h"

using namespace mlir;
using namespace pdkc;

namespace {

/// A part, and where it is among the layer's inputs.
struct Part {
  Value value;
  int64_t begin, size;
};

struct AccumulateMethod : Method {
  AccumulateMethod() : Method("lowbit.concat", "accumulate") {}

  bool accepts(Operation *op, const Target &) const override {
    return bool(getTaker(op));
  }
  LogicalResult specialise(Operation *op) const override;

  LogicalResult assignStorage(Operation *op,
                              StorageAssignment &) const override {
    return op->emitError("has not been split yet; see --lowbit-specialize");
  }
  LogicalResult emit(Operation *, Emission &) const override {
    llvm_unreachable("has been split");
  }

private:
  /// The layer that alone takes the concatenation, or null.
  static lowbit::DenseOp getTaker(Operation *concat) {
    auto dense = dyn_cast_or_null<lowbit::DenseOp>(
        getOnlyUser(concat->getResult(0)));
    return dense && dense.getInput() == concat->getResult(0) &&
                   !dense.getSums()
               ? dense
               : lowbit::DenseOp();
  }
};

} // namespace

/// In the order in which they are made.
static SmallVector<Part> getParts(lowbit::ConcatOp concat) {
  SmallVector<Part> parts;
  int64_t begin = 0;
  for (Value value : concat.getInputs()) {
    int64_t size = cast<RankedTensorType>(value.getType()).getNumElements();
    parts.push_back({value, begin, size});
    begin += size;
  }
  llvm::stable_sort(parts, [](const Part &a, const Part &b) {
    Operation *first = a.value.getDefiningOp();
    Operation *second = b.value.getDefiningOp();
    return second && (!first || first->isBeforeInBlock(second));
  });
  return parts;
}

/// The codes of some of the weights' columns.
static DenseIntElementsAttr getColumns(lowbit::DenseOp dense,
                                       const Part &part) {
  auto codes = llvm::to_vector(dense.getCodes().getValues<APInt>());
  SmallVector<APInt> columns;
  for (int64_t row = 0; row < dense.getNumRows(); ++row) {
    auto first = codes.begin() + row * dense.getNumInputs() + part.begin;
    columns.append(first, first + part.size);
  }
  return DenseIntElementsAttr::get(
      RankedTensorType::get({dense.getNumRows(), part.size},
                            dense.getCodes().getElementType()),
      columns);
}

/// The region that makes the part one element after the other and uses it for
/// nothing else, if the layer's method lets it be fed.
static lowbit::FusedOp getFeeder(Value part, const Method &method) {
  auto fused = part.getDefiningOp<lowbit::FusedOp>();
  bool feeds = fused && method.canBeFed() && part.hasOneUse() &&
               isa<lowbit::ConvOp>(fused.getLayer()) &&
               getYielded(part) != fused.getLayer()->getResult(0) &&
               !fused.getFedLayer();
  return feeds ? fused : lowbit::FusedOp();
}

/// The type with the range that the operation's operands prove.
static RankedTensorType getProvenType(lowbit::DenseOp dense) {
  lowbit::Interval range = lowbit::hull(lowbit::inferFromTypes(dense));
  return RankedTensorType::get(
      dense.getResult().getType().getShape(),
      lowbit::IntType::get(dense.getContext(), range.min, range.max));
}

LogicalResult AccumulateMethod::specialise(Operation *op) const {
  lowbit::DenseOp dense = getTaker(op);
  if (!dense)
    return op->emitError("is not taken by a dense layer alone, or it adds to "
                         "other sums already");
  const Method &method = *MethodRegistry::get(op->getContext()).find(dense);
  SmallVector<Part> parts = getParts(cast<lowbit::ConcatOp>(op));
  SmallVector<lowbit::FusedOp> feeders;
  for (const Part &part : parts)
    feeders.push_back(getFeeder(part.value, method));
  // The layer itself takes the last part; the first one's has the bias.
  dense.getInputMutable().assign(parts.back().value);
  op->erase();
  SmallVector<lowbit::DenseOp> others;
  SmallVector<int64_t> none(dense.getNumRows(), 0);
  OpBuilder builder(dense);
  Value sums;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    // Sums are there before a region that feeds a layer which adds to them.
    bool isEarly = llvm::any_of(ArrayRef(feeders).drop_front(i + 1),
                                [](lowbit::FusedOp it) { return bool(it); });
    Operation *last = parts[i].value.getDefiningOp();
    Operation *before = sums ? sums.getDefiningOp() : nullptr;
    if (!last || (before && last->isBeforeInBlock(before)))
      last = before;
    if (!isEarly)
      builder.setInsertionPoint(dense);
    else if (last)
      builder.setInsertionPointAfter(last);
    else
      builder.setInsertionPointToStart(dense->getBlock());
    auto layer = lowbit::DenseOp::create(
        builder, dense.getLoc(), dense.getResult().getType(), parts[i].value,
        sums, getColumns(dense, parts[i]), dense.getCodebook(),
        i ? ArrayRef<int64_t>(none) : dense.getBias());
    layer->setDiscardableAttrs(dense->getDiscardableAttrDictionary());
    layer.getResult().setType(getProvenType(layer));
    others.push_back(layer);
    sums = layer.getResult();
    if (feeders[i]) {
      feed(feeders[i], layer);
      sums = feeders[i].getResult();
    }
  }
  if (sums) {
    dense.getSumsMutable().assign(sums);
    dense.setBias(none);
  }
  dense.setCodesAttr(getColumns(dense, parts.back()));
  if (feeders.back())
    feed(feeders.back(), dense);
  for (lowbit::DenseOp layer : others)
    if (failed(method.specialise(layer)))
      return failure();
  return success();
}

std::unique_ptr<Method> pdkc::makeAccumulateMethod() {
  return std::make_unique<AccumulateMethod>();
}
