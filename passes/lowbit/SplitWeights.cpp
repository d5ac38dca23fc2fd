//===- SplitWeights.cpp - Wide weights, made of bytes ---------------------===//
//
// The engines multiply by weights whose span, with 0, is a byte's. A layer of
// wider ones becomes one of narrow rows, of which a lowbit.scale makes the
// sums.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/NarrowRanges.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSPLITWEIGHTS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace {

struct LowbitSplitWeights
    : pdkc::impl::LowbitSplitWeightsBase<LowbitSplitWeights> {
  void runOnOperation() override {
    SmallVector<lowbit::DenseOp> layers;
    getOperation().walk([&](lowbit::DenseOp op) { layers.push_back(op); });
    for (lowbit::DenseOp op : layers)
      split(op);
    SmallVector<lowbit::ConvOp> convolutions;
    getOperation().walk([&](lowbit::ConvOp op) { convolutions.push_back(op); });
    for (lowbit::ConvOp op : convolutions)
      split(op);
    for (auto func : getOperation().getOps<func::FuncOp>())
      narrowRanges(func);
  }

  static void split(lowbit::DenseOp op);
  static void split(lowbit::ConvOp op);
};

/// Rows of weights, each of the same length.
struct Rows {
  SmallVector<int64_t> weights;
  int64_t count;

  int64_t getLength() const { return int64_t(weights.size()) / count; }
  MutableArrayRef<int64_t> operator[](int64_t row) {
    return MutableArrayRef(weights).slice(row * getLength(), getLength());
  }
  /// With 0.
  Interval getHull() const {
    Interval hull;
    for (int64_t weight : weights)
      hull = lowbit::hull(hull, {weight, weight});
    return hull;
  }
  /// Divides each row by the largest number that leaves integers; the divisors.
  SmallVector<int64_t> divide() {
    SmallVector<int64_t> divisors;
    for (int64_t row = 0; row < count; ++row) {
      int64_t divisor = 0;
      for (int64_t weight : (*this)[row])
        divisor = std::gcd(divisor, weight);
      divisor = std::max<int64_t>(divisor, 1);
      for (int64_t &weight : (*this)[row])
        weight /= divisor;
      divisors.push_back(divisor);
    }
    return divisors;
  }
  /// The weights' bytes, the lowest first; only the last one has a sign.
  SmallVector<SmallVector<int64_t>> getBytes(int64_t number) const {
    SmallVector<SmallVector<int64_t>> bytes;
    for (int64_t byte = 0; byte < number; ++byte) {
      bytes.emplace_back();
      for (int64_t weight : weights)
        bytes.back().push_back(byte + 1 == number ? weight >> (8 * byte)
                                                  : weight >> (8 * byte) & 255);
    }
    return bytes;
  }
};

} // namespace

static int64_t countBytes(Interval range) {
  return llvm::divideCeil(lowbit::getWidth(range), 8);
}

static RankedTensorType getType(Operation *op, int64_t count) {
  return lowbit::getTensorType(op->getContext(), {count}, {0, 0});
}

/// Puts the parts together in place of the operation.
static void replaceByScale(Operation *op, ArrayRef<Value> parts,
                           ArrayRef<int64_t> factors, ArrayRef<int64_t> bias) {
  OpBuilder builder(op);
  auto sums = lowbit::ScaleOp::create(
      builder, op->getLoc(), op->getResult(0).getType(), parts, factors, bias);
  Interval range = lowbit::getRange(op->getResult(0));
  sums.setWithin(ArrayRef<int64_t>{range.min, range.max});
  op->replaceAllUsesWith(sums);
  op->erase();
}

void LowbitSplitWeights::split(lowbit::DenseOp op) {
  constexpr int64_t kByte = 255;
  int64_t rows = op.getNumRows(), inputs = op.getNumInputs();
  const Rows whole{op.getWeights(), rows};
  auto isNarrow = [](Interval hull) { return hull.max - hull.min <= kByte; };
  // A method that the user wrote into a .mlir file stands.
  if (isNarrow(whole.getHull()) || !lowbit::getMethod(op).empty() ||
      op.getSums())
    return;
  // By row: what its weights count from, and what they are multiples of then.
  SmallVector<int64_t> base(rows, 0), factor;
  Rows narrow = whole;
  factor = narrow.divide();
  int64_t bytes = 1;
  bool hasBase = !isNarrow(narrow.getHull());
  SmallVector<bool> isRead(inputs, false);
  if (hasBase) {
    narrow = whole;
    for (int64_t row = 0; row < rows; ++row)
      for (auto [weight, reads] : llvm::zip(narrow[row], isRead)) {
        base[row] = std::min(base[row], weight);
        reads |= weight != 0;
      }
    for (int64_t row = 0; row < rows; ++row)
      for (auto [weight, reads] : llvm::zip(narrow[row], isRead))
        weight -= reads ? base[row] : 0;
    hasBase = llvm::any_of(base, [](int64_t each) { return each != 0; });
    Rows divided = narrow;
    factor = divided.divide();
    bytes = countBytes(narrow.getHull());
    if (bytes > 1 && isNarrow(divided.getHull())) {
      narrow = divided;
      bytes = 1;
    } else {
      factor.assign(rows, 1);
    }
  }
  SmallVector<int64_t> weights, multiplier;
  for (auto [byte, values] : llvm::enumerate(narrow.getBytes(bytes))) {
    weights.append(values);
    for (int64_t each : factor)
      multiplier.push_back(lowbit::shiftUp(each, 8 * byte));
  }
  if (hasBase) {
    weights.append(isRead.begin(), isRead.end());
    multiplier.append(base);
  }
  int64_t all = int64_t(weights.size()) / inputs;
  auto encoded = lowbit::encodeWeights(op.getContext(), weights, {all, inputs});
  assert(encoded && "bytes are few");
  OpBuilder builder(op);
  auto dense = lowbit::DenseOp::create(
      builder, op.getLoc(), getType(op, all), op.getInput(), encoded->codes,
      encoded->codebook, SmallVector<int64_t>(all, 0));
  SmallVector<Value> parts;
  auto take = [&](int64_t first, int64_t step) {
    SmallVector<int64_t> indices;
    for (int64_t row = 0; row < rows; ++row)
      indices.push_back(first + row * step);
    auto part = lowbit::SelectOp::create(builder, op.getLoc(),
                                         getType(op, rows), dense, indices);
    parts.push_back(part);
  };
  if (all == rows)
    parts.push_back(dense);
  for (int64_t byte = 0; all != rows && byte < bytes; ++byte)
    take(byte * rows, 1);
  if (hasBase)
    take(all - 1, 0);
  replaceByScale(op, parts, multiplier, op.getBias());
}

void LowbitSplitWeights::split(lowbit::ConvOp op) {
  ArrayRef<int64_t> kernel = op.getCodes().getType().getShape();
  const Rows whole{op.getWeights(), kernel.front()};
  int64_t bytes = countBytes(whole.getHull());
  if (bytes == 1)
    return;
  Rows narrow = whole;
  SmallVector<int64_t> factor = narrow.divide();
  int64_t bytesWithFactor = countBytes(narrow.getHull());
  if (bytesWithFactor < bytes) {
    bytes = bytesWithFactor;
  } else {
    factor.assign(whole.count, 1);
    narrow = whole;
  }
  int64_t elements = op.getResult().getType().getNumElements();
  OpBuilder builder(op);
  SmallVector<Value> parts;
  SmallVector<int64_t> multiplier, bias;
  for (auto [byte, values] : llvm::enumerate(narrow.getBytes(bytes))) {
    auto encoded = lowbit::encodeWeights(op.getContext(), values, kernel);
    assert(encoded && "bytes are few");
    auto part = cast<lowbit::ConvOp>(builder.clone(*op));
    part.setCodesAttr(encoded->codes);
    part.setCodebook(encoded->codebook);
    part.setBias(SmallVector<int64_t>(kernel.front(), 0));
    parts.push_back(part);
    for (int64_t i = 0; i < elements; ++i)
      multiplier.push_back(
          lowbit::shiftUp(factor[i * whole.count / elements], 8 * byte));
  }
  for (int64_t i = 0; i < elements; ++i)
    bias.push_back(op.getBiasOf(i));
  replaceByScale(op, parts, multiplier, bias);
}
