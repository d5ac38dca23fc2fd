//===- RandomNetwork.cpp - Networks made up for tests ---------------------===//

#include "RandomNetwork.h"

#include "dialects/lowbit/RangeAnalysis.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Verifier.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace {

class Network {
public:
  Network(MLIRContext *context, Random &random)
      : random(random), builder(context), loc(builder.getUnknownLoc()) {}

  OwningOpRef<ModuleOp> make();

private:
  int64_t getSize(Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  }
  RankedTensorType getType(int64_t size, Interval range) {
    return lowbit::getTensorType(builder.getContext(), {size}, range);
  }

  /// An operation of so many results, whose range is inferred.
  template <typename Op, typename... Args>
  Value create(int64_t size, Args &&...args) {
    auto op = Op::create(builder, loc, getType(size, {0, 0}),
                         std::forward<Args>(args)...);
    op.getResult().setType(
        getType(size, lowbit::hull(lowbit::inferFromTypes(op))));
    return op.getResult();
  }

  SmallVector<int64_t> getNumbers(int64_t count, Interval range) {
    SmallVector<int64_t> numbers;
    for (int64_t i = 0; i < count; ++i)
      numbers.push_back(random.get(range.min, range.max));
    return numbers;
  }

  SmallVector<int64_t> makeWeights(int64_t count);
  /// On top of these sums, if any.
  Value makeDense(Value input, int64_t rows, lowbit::DenseOp sums = {});
  Value makeConv(Value input, ArrayRef<int64_t> shape);
  Value makePool(Value input, int64_t channels);
  Value makeShift(Value input);
  Value makeProduct(Value input);
  Value makeSteps(Value input);
  Value makeScale(Value input);
  Value makeActivation(Value input);
  Value makeSelection(Value input, int64_t size);
  Value makeTwins(Value input);

  Random &random;
  OpBuilder builder;
  Location loc;
};

} // namespace

/// Entries of a codebook, regular or not.
SmallVector<int64_t> Network::makeWeights(int64_t count) {
  static const SmallVector<int64_t> kCodebooks[] = {
      {-1, 1}, {-1, 0, 1}, {0, 1}, {-2, -1, 1, 2}, {-4, -2, -1, 0, 1, 2, 4}};
  SmallVector<int64_t> codebook = random.pick<SmallVector<int64_t>>(kCodebooks);
  if (random.once(3)) {
    int64_t limit = random.once(4) ? random.once(3) ? 500 : 120 : 9;
    codebook = getNumbers(random.get(1, 8), {-limit, limit});
  }
  SmallVector<int64_t> weights;
  for (int64_t i = 0; i < count; ++i)
    weights.push_back(random.pick<int64_t>(codebook));
  return weights;
}

Value Network::makeDense(Value input, int64_t rows, lowbit::DenseOp sums) {
  int64_t inputs = getSize(input);
  SmallVector<int64_t> all = makeWeights(rows * inputs);
  // Of the same codebook one engine holds both.
  for (int64_t &weight : all)
    if (sums)
      weight = random.pick<int64_t>(sums.getCodebook());
  auto weights = lowbit::encodeWeights(builder.getContext(), all,
                                       {rows, inputs});
  int64_t limit = random.once(3) ? 0 : 100;
  return create<lowbit::DenseOp>(
      rows, input, sums ? sums.getResult() : Value(), weights->codes,
      weights->codebook, getNumbers(rows, {-limit, limit}));
}

/// A convolution in two dimensions; its results are channels by positions.
Value Network::makeConv(Value input, ArrayRef<int64_t> shape) {
  int64_t groups = shape[0] > 1 && random.once(2) ? shape[0] : 1;
  int64_t channels = groups * random.get(1, 2);
  int64_t kernel = random.get(1, 3), stride = random.get(1, 2);
  int64_t pad = kernel == 3 && random.once(2);
  SmallVector<int64_t> weightShape = {channels, shape[0] / groups, kernel,
                                      kernel};
  auto weights = lowbit::encodeWeights(
      builder.getContext(),
      makeWeights(channels * weightShape[1] * kernel * kernel), weightShape);
  int64_t positions = 1;
  for (int64_t size : shape.drop_front())
    positions *= (size + 2 * pad - kernel) / stride + 1;
  return create<lowbit::ConvOp>(
      channels * positions, input, Value(), shape, weights->codes,
      weights->codebook,
      getNumbers(channels, {-20, 20}), ArrayRef<int64_t>{stride, stride},
      ArrayRef<int64_t>{pad, pad, pad, pad}, ArrayRef<int64_t>{1, 1},
      groups);
}

/// Windows of neighbours in each channel.
Value Network::makePool(Value input, int64_t channels) {
  int64_t positions = getSize(input) / channels;
  int64_t size = random.get(1, std::min<int64_t>(positions, 4));
  SmallVector<int64_t> indices, sizes;
  for (int64_t channel = 0; channel < channels; ++channel)
    for (int64_t first = 0; first + size <= positions; first += size) {
      for (int64_t i = 0; i < size; ++i)
        indices.push_back(channel * positions + first + i);
      sizes.push_back(size);
    }
  return create<lowbit::MaxPoolOp>(sizes.size(), input, indices, sizes);
}

/// By a shift, to 1 to 8 bits, or to more than the engines take at once.
Value Network::makeShift(Value input) {
  Interval range = lowbit::getRange(input);
  int64_t width = lowbit::getWidth({0, range.max - range.min});
  int64_t bits = random.once(6) ? random.get(8, 9) : random.get(1, 5);
  int64_t shift = std::clamp<int64_t>(width - bits - random.get(0, 1), 0, 20);
  int64_t least = random.once(4) ? -random.get(0, int64_t(1) << (bits - 1)) : 0;
  int64_t offset = random.once(3) ? 0 : (int64_t(1) << shift) / 2;
  auto ties = shift == 0 || random.once(2) ? lowbit::Ties::Up
                                           : lowbit::Ties::Even;
  return create<lowbit::RequantOp>(getSize(input), input, 1, offset, shift,
                                   least, least + (int64_t(1) << bits) - 1,
                                   ties);
}

/// By a multiplier that is no power of two.
Value Network::makeProduct(Value input) {
  Interval range = lowbit::getRange(input);
  int64_t bits = random.get(1, 6), factor = 2 * random.get(1, 60) + 1;
  int64_t width = lowbit::getWidth({0, (range.max - range.min) * factor});
  int64_t shift = std::clamp<int64_t>(width - bits, 0, 30);
  if (random.once(5))
    factor = -factor;
  return create<lowbit::RequantOp>(
      getSize(input), input, factor, random.get(-50, 50), shift, 0,
      (int64_t(1) << bits) - 1, lowbit::Ties::Up);
}

/// Thresholds at random places, one function for all or one each.
Value Network::makeSteps(Value input) {
  Interval range = lowbit::getRange(input);
  int64_t size = getSize(input);
  int64_t functions = random.once(3) ? size : 1;
  bool rises = random.once(2);
  SmallVector<int64_t> starts, values, sizes, numbers;
  for (int64_t function = 0; function < functions; ++function) {
    SmallVector<int64_t> own = getNumbers(random.get(1, 7), range);
    llvm::sort(own);
    own.erase(std::unique(own.begin(), own.end()), own.end());
    SmallVector<int64_t> ownValues = getNumbers(own.size(), {0, 15});
    if (rises)
      llvm::sort(ownValues);
    llvm::append_range(starts, own);
    llvm::append_range(values, ownValues);
    sizes.push_back(own.size());
  }
  if (functions > 1)
    for (int64_t i = 0; i < size; ++i)
      numbers.push_back(random.get(0, functions - 1));
  return create<lowbit::StepsOp>(size, input, starts, values, sizes, numbers);
}

/// By factors of the elements' own, to a byte.
Value Network::makeScale(Value input) {
  int64_t size = getSize(input);
  Interval range = lowbit::getRange(input);
  if (random.once(2)) {
    Value scaled = create<lowbit::ScaleOp>(
        size, ValueRange(input), getNumbers(size, {-3, 9}),
        getNumbers(size, {-20, 20}), 0, IntegerAttr(), IntegerAttr(),
        DenseI64ArrayAttr());
    return makeShift(scaled);
  }
  int64_t width = lowbit::getWidth({0, range.max - range.min});
  int64_t bits = random.get(2, 7);
  return create<lowbit::ScaleOp>(
      size, ValueRange(input), getNumbers(size, {60, 250}),
      getNumbers(size, {0, 255}), std::max<int64_t>(width + 8 - bits, 0),
      builder.getI64IntegerAttr(0),
      builder.getI64IntegerAttr((int64_t(1) << bits) - 1),
      DenseI64ArrayAttr());
}

Value Network::makeActivation(Value input) {
  switch (random.get(0, 7)) {
  case 0:
    return makeProduct(input);
  case 1:
  case 2:
    return makeSteps(input);
  case 3:
    return makeScale(input);
  default:
    return makeShift(input);
  }
}

Value Network::makeSelection(Value input, int64_t size) {
  return create<lowbit::SelectOp>(
      size, input, getNumbers(size, {0, getSize(input) - 1}));
}

/// Two layers whose sums have the same range, and behind each the same
/// function: all that tells these two apart is what the sums are.
Value Network::makeTwins(Value input) {
  int64_t rows = random.get(1, 4), inputs = getSize(input);
  auto first = makeDense(input, rows).getDefiningOp<lowbit::DenseOp>();
  SmallVector<int64_t> weights = first.getWeights();
  for (int64_t row = 0; row < rows; ++row)
    std::reverse(weights.begin() + row * inputs,
                 weights.begin() + (row + 1) * inputs);
  auto reversed = lowbit::encodeWeights(builder.getContext(), weights,
                                        {rows, inputs});
  Value second = create<lowbit::DenseOp>(rows, input, reversed->codes,
                                         reversed->codebook, first.getBias());
  Value one = random.once(2) ? makeSteps(first) : makeShift(first);
  IRMapping mapping;
  mapping.map(first.getResult(), second);
  Value other = builder.clone(*one.getDefiningOp(), mapping)->getResult(0);
  return create<lowbit::ConcatOp>(2 * rows, ValueRange{one, other});
}

OwningOpRef<ModuleOp> Network::make() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  bool isImage = random.once(4);
  SmallVector<int64_t> shape = {random.get(1, 2), random.get(3, 5),
                                random.get(3, 5)};
  int64_t inputs =
      isImage ? shape[0] * shape[1] * shape[2] : random.get(1, 20);
  static const Interval kRanges[] = {{0, 1},   {0, 15},     {0, 15}, {0, 255},
                                     {0, 255}, {-128, 127}, {-8, 7}, {3, 200}};
  Interval range = random.pick<Interval>(kRanges);
  builder.setInsertionPointToEnd(module->getBody());
  auto func = func::FuncOp::create(
      builder, loc, "model",
      builder.getFunctionType(getType(inputs, range), {}));
  builder.setInsertionPointToEnd(func.addEntryBlock());
  Value value = func.getArgument(0);
  if (random.once(4))
    value = random.once(2) ? makeShift(value) : makeSteps(value);
  if (isImage) {
    value = makeConv(value, shape);
    auto conv = value.getDefiningOp<lowbit::ConvOp>();
    int64_t channels = conv.getResultShape()[0];
    // The same once more, on top of it.
    if (random.once(6))
      value = create<lowbit::ConvOp>(
          getSize(value), conv.getInput(), conv.getResult(), shape,
          conv.getCodes(), conv.getCodebook(), conv.getBias(),
          conv.getStrides(), conv.getPads(), conv.getDilations(),
          conv.getGroups());
    value = makeActivation(value);
    if (random.once(2))
      value = makePool(value, channels);
  }
  Value before; // what a residual may add
  for (int64_t left = random.get(0, 3); left > 0; --left) {
    Value activation =
        random.once(5) ? makeTwins(value)
                       : makeActivation(makeDense(value, random.get(1, 8)));
    if (random.once(8))
      activation =
          makeSelection(activation, random.get(1, getSize(activation)));
    if (random.once(4))
      activation = create<lowbit::ConcatOp>(
          getSize(activation) + getSize(value), ValueRange{activation, value});
    if (before && getSize(before) == getSize(activation) && random.once(2))
      activation = makeShift(create<lowbit::ScaleOp>(
          getSize(before), ValueRange{before, activation},
          SmallVector<int64_t>(2 * getSize(before), random.get(1, 3)),
          SmallVector<int64_t>(getSize(before), 0), 0, IntegerAttr(),
          IntegerAttr(), DenseI64ArrayAttr()));
    before = value = activation;
  }
  Value sums = makeDense(value, random.get(1, 6));
  for (int64_t more = random.once(4) ? random.get(1, 2) : 0; more > 0; --more)
    sums = makeDense(makeSelection(value, random.get(1, getSize(value))),
                     getSize(sums), sums.getDefiningOp<lowbit::DenseOp>());
  SmallVector<Value> results = {
      create<lowbit::ArgmaxOp>(1, random.once(6) ? makeShift(sums) : sums)};
  if (random.once(5))
    results.push_back(sums);
  func::ReturnOp::create(builder, loc, results);
  func.setType(builder.getFunctionType(func.getArgumentTypes(),
                                       ValueRange(results).getTypes()));
  EXPECT_TRUE(succeeded(verify(*module)));
  return module;
}

OwningOpRef<ModuleOp> pdkc::makeNetwork(MLIRContext *context, Random &random) {
  return Network(context, random).make();
}
