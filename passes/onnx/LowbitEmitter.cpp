//===- LowbitEmitter.cpp - Builds a lowbit function -----------------------===//

#include "passes/onnx/LowbitEmitter.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using lowbit::Intervals;

RankedTensorType LowbitEmitter::getType(ArrayRef<int64_t> shape,
                                        Interval range) {
  return lowbit::getTensorType(builder.getContext(), shape, range);
}

void LowbitEmitter::setRanges(Value value, Intervals intervals) {
  ranges[value] = std::move(intervals);
}

const Intervals &LowbitEmitter::getRanges(Value value) const {
  auto found = ranges.find(value);
  assert(found != ranges.end() && "a tensor that was not emitted here");
  return found->second;
}

Value LowbitEmitter::finish(Operation *op) {
  // A type holds one range for all elements, and verifiers see no more.
  const Intervals &known = getRanges(op->getOperand(0));
  Intervals operand(known.size(), lowbit::hull(known));
  Intervals intervals = lowbit::inferRanges(op, {&operand});
  Value result = op->getResult(0);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(result.getType()).getShape();
  result.setType(getType(shape, lowbit::hull(intervals)));
  setRanges(result, std::move(intervals));
  return result;
}

Value LowbitEmitter::emitSelect(Location loc, Value input,
                                ArrayRef<int64_t> indices,
                                ArrayRef<int64_t> shape) {
  auto inputType = cast<RankedTensorType>(input.getType());
  Type type = getType(shape, lowbit::getRange(input));
  bool isWhole = int64_t(indices.size()) == inputType.getNumElements();
  for (auto [i, index] : llvm::enumerate(indices))
    isWhole &= index == int64_t(i);
  if (isWhole && inputType.getShape() == shape)
    return input;
  if (isWhole)
    return finish(lowbit::ReshapeOp::create(builder, loc, type, input));
  return finish(lowbit::SelectOp::create(builder, loc, type, input, indices));
}

FailureOr<Intervals> pdkc::boundSums(const IntegerMatrix &weights,
                                     ArrayRef<int64_t> bias,
                                     const Intervals &terms, Location loc) {
  Interval term = lowbit::hull(terms);
  Intervals result;
  for (auto [row, constant] : llvm::zip_equal(weights, bias)) {
    __int128 low = constant, high = constant;
    for (int64_t weight : row) {
      __int128 ends[] = {__int128(weight) * term.min,
                         __int128(weight) * term.max};
      low += std::min(ends[0], ends[1]);
      high += std::max(ends[0], ends[1]);
    }
    if (low < INT32_MIN || high > INT32_MAX)
      return emitError(loc)
             << "sums reach from " << double(low) << " to " << double(high)
             << ", more than 32 bits hold; use fewer inputs, or weights or "
                "activations of fewer bits";
    result.push_back({int64_t(low), int64_t(high)});
  }
  return result;
}

FailureOr<Value> LowbitEmitter::emitDense(Location loc, Value input,
                                          const IntegerMatrix &weights,
                                          ArrayRef<int64_t> bias,
                                          ArrayRef<int64_t> shape) {
  if (failed(boundSums(weights, bias, getRanges(input), loc)))
    return failure();
  SmallVector<int64_t> codebook;
  for (ArrayRef<int64_t> row : weights)
    codebook.append(row.begin(), row.end());
  llvm::sort(codebook);
  codebook.erase(std::unique(codebook.begin(), codebook.end()), codebook.end());
  constexpr size_t kLargestCodebook = 256;
  if (codebook.size() > kLargestCodebook)
    return emitError(loc) << "weights have " << codebook.size()
                          << " distinct values; at most " << kLargestCodebook
                          << " are supported";
  SmallVector<int8_t> codes;
  for (ArrayRef<int64_t> row : weights)
    for (int64_t weight : row)
      codes.push_back(
          int8_t(llvm::lower_bound(codebook, weight) - codebook.begin()));
  auto codesType = RankedTensorType::get(
      {int64_t(weights.size()), int64_t(weights.front().size())},
      builder.getI8Type());
  return finish(lowbit::DenseOp::create(
      builder, loc, getType(shape, {0, 0}), input,
      DenseIntElementsAttr::get(codesType, codes), codebook, bias,
      /*method=*/StringAttr()));
}

Value LowbitEmitter::emitRequant(Location loc, Value input,
                                 const RequantFit &fit) {
  Interval range = lowbit::getRange(input);
  if (fit.multiplier == 1 && fit.offset == 0 && fit.shift == 0 &&
      fit.min <= range.min && fit.max >= range.max)
    return input;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  return finish(lowbit::RequantOp::create(
      builder, loc, getType(shape, {fit.min, fit.max}), input, fit.multiplier,
      fit.offset, fit.shift, fit.min, fit.max));
}

Value LowbitEmitter::emitArgmax(Location loc, Value input,
                                ArrayRef<int64_t> shape) {
  return finish(
      lowbit::ArgmaxOp::create(builder, loc, getType(shape, {0, 0}), input));
}
