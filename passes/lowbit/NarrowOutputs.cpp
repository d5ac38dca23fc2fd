//===- NarrowOutputs.cpp - Outputs of 16 bits -----------------------------===//

#include "dialects/lowbit/ModelInterface.h"
#include "passes/Passes.h"

namespace pdkc {
#define GEN_PASS_DEF_LOWBITNARROWOUTPUTS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

struct LowbitNarrowOutputs
    : pdkc::impl::LowbitNarrowOutputsBase<LowbitNarrowOutputs> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (unsigned i = 1; i < func.getNumResults(); ++i)
        narrow(func, i);
  }

  static void narrow(func::FuncOp func, unsigned result);
};

} // namespace

/// value = integer * scale + offset; integer is base + 2^shift * result +
/// something from 0 to 2^shift - 1, in whose middle the new offset lies.
static void adaptScale(func::FuncOp func, unsigned result, int64_t base,
                       int64_t shift) {
  auto scale =
      func.getResultAttrOfType<DenseF64ArrayAttr>(result, lowbit::kScaleAttr);
  auto offset =
      func.getResultAttrOfType<DenseF64ArrayAttr>(result, lowbit::kOffsetAttr);
  if (!scale || !offset)
    return;
  SmallVector<double> scales(scale.asArrayRef()), offsets;
  double steps = double(int64_t(1) << shift);
  for (int64_t i = 0; i < std::max(scale.size(), offset.size()); ++i)
    offsets.push_back(offset[offset.size() == 1 ? 0 : i] +
                      scales[scales.size() == 1 ? 0 : i] *
                          (double(base) + (steps - 1) / 2));
  for (double &value : scales)
    value *= steps;
  Builder builder(func.getContext());
  func.setResultAttr(result, lowbit::kScaleAttr,
                     builder.getDenseF64ArrayAttr(scales));
  func.setResultAttr(result, lowbit::kOffsetAttr,
                     builder.getDenseF64ArrayAttr(offsets));
  auto meaning =
      func.getResultAttrOfType<StringAttr>(result, lowbit::kMeaningAttr);
  if (meaning && shift > 0)
    func.setResultAttr(
        result, lowbit::kMeaningAttr,
        builder.getStringAttr(meaning.getValue() +
                              ", rounded (16 bits hold no more): off by at "
                              "most half a scale"));
}

void LowbitNarrowOutputs::narrow(func::FuncOp func, unsigned result) {
  Operation *end = func.front().getTerminator();
  Value outputs = end->getOperand(result);
  lowbit::Interval range = lowbit::getRange(outputs);
  auto getWidth = [&](int64_t base, int64_t shift) {
    return lowbit::getWidth(
        {(range.min - base) >> shift, (range.max - base) >> shift});
  };
  int64_t base = 0, shift = 0;
  constexpr unsigned kMostBits = 16;
  // Counted from the lowest, a byte may do.
  bool isByte = range.max - range.min <= 255;
  if (isByte && lowbit::getBytesInC(range) > 1 &&
      func.getResultAttr(result, lowbit::kScaleAttr))
    base = range.min;
  bool mayBeCut = bool(func.getResultAttr(result, lowbit::kCutAttr));
  for (; mayBeCut && !isByte; ++shift) {
    if (getWidth(base, shift) <= kMostBits)
      break;
    // Counted from the lowest they have no sign.
    if (getWidth(range.min, shift) <= kMostBits) {
      base = range.min;
      break;
    }
  }
  if (base == 0 && shift == 0)
    return;
  OpBuilder builder(end);
  auto integer = [&](int64_t value) {
    return builder.getI64IntegerAttr(value);
  };
  lowbit::Interval narrowed{(range.min - base) >> shift,
                            (range.max - base) >> shift};
  end->setOperand(
      result,
      lowbit::RequantOp::create(
          builder, outputs.getLoc(),
          lowbit::getTensorType(
              func.getContext(),
              cast<RankedTensorType>(outputs.getType()).getShape(), narrowed),
          outputs, integer(1), integer(-base), integer(shift),
          integer(narrowed.min), integer(narrowed.max)));
  func.setType(FunctionType::get(func.getContext(), func.getArgumentTypes(),
                                 end->getOperandTypes()));
  adaptScale(func, result, base, shift);
}
