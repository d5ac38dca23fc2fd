//===- LowbitEmitter.cpp - Builds a lowbit function -----------------------===//

#include "passes/onnx_to_lowbit/LowbitEmitter.h"

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
  SmallVector<Intervals> hulls;
  for (Value value : op->getOperands()) {
    const Intervals &known = getRanges(value);
    hulls.emplace_back(known.size(), lowbit::hull(known));
  }
  SmallVector<const Intervals *> operands;
  for (const Intervals &hull : hulls)
    operands.push_back(&hull);
  Intervals intervals = lowbit::inferRanges(op, operands);
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

/// Weights and activations of 16 bits, some 250 of them.
static constexpr int64_t kSumBits = 40, kMostSum = int64_t(1) << (kSumBits - 1);

FailureOr<Intervals> pdkc::boundSums(const IntegerMatrix &weights,
                                     ArrayRef<int64_t> bias,
                                     const Intervals &terms, Location loc) {
  // A type holds one range for all of the terms.
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
    if (low < -kMostSum || high > kMostSum)
      return emitError(loc)
             << "sums reach from " << double(low) << " to " << double(high)
             << ", more than " << kSumBits
             << " bits hold; use fewer inputs, or weights or activations of "
                "fewer bits";
    result.push_back({int64_t(low), int64_t(high)});
  }
  return result;
}

static FailureOr<lowbit::EncodedWeights>
encode(ArrayRef<int64_t> weights, ArrayRef<int64_t> shape, Location loc) {
  auto encoded = lowbit::encodeWeights(loc.getContext(), weights, shape);
  if (encoded)
    return *encoded;
  return emitError(loc) << "weights have more than " << lowbit::kLargestCodebook
                        << " distinct values";
}

FailureOr<Value> LowbitEmitter::emitDense(Location loc, Value input,
                                          const IntegerMatrix &weights,
                                          ArrayRef<int64_t> bias,
                                          ArrayRef<int64_t> shape) {
  if (failed(boundSums(weights, bias, getRanges(input), loc)))
    return failure();
  SmallVector<int64_t> all;
  for (ArrayRef<int64_t> row : weights)
    all.append(row.begin(), row.end());
  auto encoded = encode(
      all, {int64_t(weights.size()), int64_t(weights.front().size())}, loc);
  if (failed(encoded))
    return failure();
  return finish(lowbit::DenseOp::create(
      builder, loc, getType(shape, {0, 0}), input, encoded->codes,
      encoded->codebook, bias));
}

/// The kernel from which all of the rows' weights come; none where they differ.
static std::optional<SmallVector<int64_t>>
getKernel(const IntegerTensor &tensor) {
  if (!tensor.convolution)
    return std::nullopt;
  const Convolution &convolution = *tensor.convolution;
  SmallVector<int64_t> kernel(ShapedType::getNumElements(convolution.kernel),
                              0);
  SmallVector<bool> isKnown(kernel.size(), false);
  int64_t nonzero = 0;
  for (auto [row, term, element] : convolution.products) {
    int64_t weight = tensor.weights[row][term];
    nonzero += weight != 0;
    if (isKnown[element] && kernel[element] != weight)
      return std::nullopt;
    isKnown[element] = true;
    kernel[element] = weight;
  }
  for (ArrayRef<int64_t> row : tensor.weights)
    nonzero -= llvm::count_if(row, [](int64_t weight) { return weight != 0; });
  if (nonzero != 0)
    return std::nullopt;
  return kernel;
}

FailureOr<Value> LowbitEmitter::emitSums(const IntegerTensor &tensor,
                                         ArrayRef<int64_t> bias) {
  std::optional<SmallVector<int64_t>> kernel = getKernel(tensor);
  if (!kernel) {
    FailureOr<Value> sums =
        emitDense(tensor.loc, tensor.terms, tensor.weights, bias, tensor.shape);
    if (succeeded(sums) && !tensor.error.empty())
      setFloatSums(*sums, tensor.floatSums);
    return sums;
  }
  if (failed(
          boundSums(tensor.weights, bias, getRanges(tensor.terms), tensor.loc)))
    return failure();
  const Convolution &convolution = *tensor.convolution;
  auto encoded = encode(*kernel, convolution.kernel, tensor.loc);
  if (failed(encoded))
    return failure();
  // One bias a channel where that is all there is.
  int64_t channels = convolution.kernel.front();
  int64_t places = int64_t(bias.size()) / channels;
  SmallVector<int64_t> biases(bias);
  bool isByChannel = true;
  for (auto [i, value] : llvm::enumerate(bias))
    isByChannel &= value == bias[i / places * places];
  if (isByChannel) {
    biases.clear();
    for (int64_t channel = 0; channel < channels; ++channel)
      biases.push_back(bias[channel * places]);
  }
  Value sums = finish(lowbit::ConvOp::create(
      builder, tensor.loc, getType(tensor.shape, {0, 0}), tensor.terms,
      /*sums=*/Value(), convolution.shape, encoded->codes, encoded->codebook, biases,
      convolution.strides, convolution.pads, convolution.dilations,
      convolution.groups));
  if (!tensor.error.empty())
    setFloatSums(sums, tensor.floatSums);
  return sums;
}

void LowbitEmitter::setFloatSums(Value value,
                                 const lowbit::FloatSums &floatSums) {
  value.getDefiningOp()->setDiscardableAttr(
      lowbit::kFloatSums, floatSums.getAttr(value.getContext()));
}

Value LowbitEmitter::emitConcat(Location loc, ArrayRef<Value> inputs) {
  if (inputs.size() == 1)
    return inputs.front();
  int64_t count = 0;
  for (Value input : inputs)
    count += getRanges(input).size();
  return finish(
      lowbit::ConcatOp::create(builder, loc, getType({count}, {0, 0}), inputs));
}

Value LowbitEmitter::emitMaxPool(Location loc, Value input,
                                 ArrayRef<int64_t> indices,
                                 ArrayRef<int64_t> sizes,
                                 ArrayRef<int64_t> shape) {
  return finish(lowbit::MaxPoolOp::create(builder, loc, getType(shape, {0, 0}),
                                          input, indices, sizes));
}

Value LowbitEmitter::emitSteps(Location loc, Value input,
                               ArrayRef<IntegerSteps> functions,
                               ArrayRef<std::optional<lowbit::Line>> lines,
                               ArrayRef<int64_t> functionOf) {
  SmallVector<int64_t> starts, values, sizes;
  for (const IntegerSteps &function : functions) {
    for (const Piece<int64_t> &piece : function.pieces) {
      starts.push_back(piece.start);
      values.push_back(piece.value);
    }
    sizes.push_back(function.pieces.size());
  }
  if (functions.size() == 1)
    functionOf = {};
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  auto steps = lowbit::StepsOp::create(builder, loc, getType(shape, {0, 0}),
                                       input, starts, values, sizes, functionOf,
                                       lowbit::encodeLines(lines));
  // The range of one type for all elements is wider than each one's.
  steps.keepLines(lowbit::getRange(input));
  return finish(steps);
}

Value LowbitEmitter::emitScale(Location loc, Value input,
                               ArrayRef<int64_t> multiplier,
                               ArrayRef<int64_t> bias) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  return finish(lowbit::ScaleOp::create(builder, loc, getType(shape, {0, 0}),
                                        input, multiplier, bias));
}

Value LowbitEmitter::emitScaledShift(Location loc, Value input,
                                     ArrayRef<int64_t> multiplier,
                                     ArrayRef<int64_t> bias, unsigned shift,
                                     Interval clamp) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  return finish(lowbit::ScaleOp::create(
      builder, loc, getType(shape, {0, 0}), input, multiplier, bias, shift,
      builder.getI64IntegerAttr(clamp.min),
      builder.getI64IntegerAttr(clamp.max), /*within=*/DenseI64ArrayAttr()));
}

Value LowbitEmitter::emitRequant(Location loc, Value input,
                                 const RequantFit &fit, bool isKept) {
  Interval range = lowbit::getRange(input);
  if (!isKept && fit.multiplier == 1 && fit.offset == 0 && fit.shift == 0 &&
      fit.min <= range.min && fit.max >= range.max)
    return input;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape();
  return finish(lowbit::RequantOp::create(
      builder, loc, getType(shape, {fit.min, fit.max}), input, fit.multiplier,
      fit.offset, fit.shift, fit.min, fit.max, fit.ties));
}

Value LowbitEmitter::emitArgmax(Location loc, Value input,
                                ArrayRef<int64_t> shape) {
  return finish(
      lowbit::ArgmaxOp::create(builder, loc, getType(shape, {0, 0}), input));
}
