//===- Estimate.cpp - What a network will cost, before it is trained ------===//
//
// Weights are picked from the codebook by their shares. Biases and scalings are
// such as training makes them: sums spread around the middle of what
// activations can hold, so that some are clipped and about half of those that
// begin at 0 are 0.
//
//===----------------------------------------------------------------------===//

#include "compiler/Estimate.h"

#include "dialects/lowbit/RangeAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

/// More values than any device has a use for; a description with more makes no
/// model.
static constexpr int64_t kMostValues = 1 << 22;
/// Numbers of which sums cannot overflow.
static constexpr int64_t kMostNumber = 1 << 15;

namespace {

class ModelMaker {
public:
  ModelMaker(const NetworkShape &shape, MLIRContext &context)
      : network(shape), builder(&context), loc(builder.getUnknownLoc()) {}

  OwningOpRef<ModuleOp> make();

private:
  LogicalResult fail(const Twine &text) { return emitError(loc, text); }
  LogicalResult checkInput();
  LogicalResult checkWeights(const LayerShape &layer);
  FailureOr<int64_t> countWindows(const LayerShape &layer,
                                  SmallVectorImpl<int64_t> &positions);
  LogicalResult add(const LayerShape &layer);
  LogicalResult addDense(const LayerShape &layer);
  LogicalResult addConv(const LayerShape &layer);
  LogicalResult addPool(const LayerShape &layer);
  void addActivation(const LayerShape &layer);
  void addSteps(Interval range, ArrayRef<lowbit::Line> lines);

  /// Evenly from 0 to 1.
  double pick() { return double(engine() >> 11) * 0x1p-53; }
  SmallVector<int64_t> pickWeights(const LayerShape &layer, int64_t count);
  /// Biases of sums of so many weights; sets `spread`.
  SmallVector<int64_t> pickBiases(ArrayRef<int64_t> weights, int64_t sums);

  int64_t getSize() const {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  }
  /// An operation on `value`, which it then is the result of.
  template <typename Op, typename... Args>
  void create(int64_t size, Args &&...args) {
    auto getType = [&](Interval range) {
      return lowbit::getTensorType(builder.getContext(), {size}, range);
    };
    auto op = Op::create(builder, loc, getType({0, 0}), value,
                         std::forward<Args>(args)...);
    value = op.getResult();
    value.setType(getType(lowbit::hull(lowbit::inferFromTypes(op))));
  }

  const NetworkShape &network;
  OpBuilder builder;
  Location loc;
  std::mt19937_64 engine; ///< the same numbers on every machine
  Value value;
  SmallVector<int64_t> shape; ///< of `value`: channels, positions
  /// Of the next layer's inputs: their mean, and the mean of their squares.
  double mean = 0, square = 0;
  double spread = 0; ///< standard deviation of sums
};

} // namespace

//===----------------------------------------------------------------------===//
// What makes no sense
//===----------------------------------------------------------------------===//

static bool isSmall(Interval range) {
  return range.min < range.max && range.min >= -kMostNumber &&
         range.max < 2 * kMostNumber;
}

LogicalResult ModelMaker::checkInput() {
  if (network.layers.empty())
    return fail("a network has layers");
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 1 || size > kMostValues / count)
      return fail("the input's shape has no sizes, or too large ones");
    count *= size;
  }
  if (shape.empty() || shape.size() > 3)
    return fail("an input has channels and at most two dimensions");
  if (!isSmall(network.range))
    return fail("an input takes integers of at most 16 bits, from the smaller "
                "to the larger");
  return success();
}

LogicalResult ModelMaker::checkWeights(const LayerShape &layer) {
  if (layer.outputs < 1 || layer.outputs > kMostValues / getSize())
    return fail("a layer has outputs, and not millions of weights");
  if (layer.codebook.empty())
    return fail("a layer's weights are of a codebook");
  for (int64_t weight : layer.codebook)
    if (std::abs(weight) > kMostNumber)
      return fail("weights have 16 bits at most");
  if (!layer.shares.empty() && layer.shares.size() != layer.codebook.size())
    return fail("each weight of the codebook has a share");
  double all = 0;
  for (double share : layer.shares) {
    if (!(share >= 0) || !std::isfinite(share))
      return fail("shares are numbers from 0 up");
    all += share;
  }
  if (!layer.shares.empty() && all <= 0)
    return fail("some weight has a share");
  if (layer.activation && !isSmall(*layer.activation))
    return fail("activations are integers of at most 16 bits, from the smaller "
                "to the larger");
  return success();
}

/// The positions of windows in each dimension, and how many there are.
FailureOr<int64_t>
ModelMaker::countWindows(const LayerShape &layer,
                         SmallVectorImpl<int64_t> &positions) {
  size_t rank = shape.size() - 1;
  if (rank == 0)
    return fail("needs an input of channels and positions");
  if (layer.kernel.size() != rank || layer.strides.size() != rank ||
      layer.pads.size() != rank)
    return fail(llvm::formatv(
        "needs a kernel, strides and pads of {0} dimensions", rank));
  int64_t count = 1;
  for (size_t i = 0; i < rank; ++i) {
    int64_t pad = layer.pads[i], kernel = layer.kernel[i];
    if (pad < 0 || pad >= kernel || kernel < 1 || layer.strides[i] < 1 ||
        kernel > shape[i + 1] + 2 * pad)
      return fail(llvm::formatv(
          "a kernel of {0} at strides of {1} padded by {2} does not go with "
          "{3} positions",
          kernel, layer.strides[i], pad, shape[i + 1]));
    positions.push_back((shape[i + 1] + 2 * pad - kernel) / layer.strides[i] +
                        1);
    count *= positions.back();
  }
  return count;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

SmallVector<int64_t> ModelMaker::pickWeights(const LayerShape &layer,
                                             int64_t count) {
  SmallVector<double> until; // the shares up to each weight
  double all = 0;
  for (size_t i = 0; i < layer.codebook.size(); ++i)
    until.push_back(all += layer.shares.empty() ? 1 : layer.shares[i]);
  SmallVector<int64_t> weights;
  for (int64_t i = 0; i < count; ++i) {
    size_t at = llvm::upper_bound(until, pick() * all) - until.begin();
    weights.push_back(layer.codebook[std::min(at, until.size() - 1)]);
  }
  return weights;
}

SmallVector<int64_t> ModelMaker::pickBiases(ArrayRef<int64_t> weights,
                                            int64_t sums) {
  size_t inputs = weights.size() / sums;
  double variance = std::max(square - mean * mean, 1e-9);
  double ofAll = 0;
  SmallVector<int64_t> biases;
  for (int64_t i = 0; i < sums; ++i) {
    double sum = 0, squares = 0;
    for (int64_t weight : weights.slice(i * inputs, inputs)) {
      sum += double(weight);
      squares += double(weight) * double(weight);
    }
    double deviation = std::sqrt(squares * variance);
    ofAll += deviation / double(sums);
    biases.push_back(std::llround((pick() - 0.5) * deviation - sum * mean));
  }
  spread = std::max(ofAll, 0.5);
  return biases;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

LogicalResult ModelMaker::addDense(const LayerShape &layer) {
  if (failed(checkWeights(layer)))
    return failure();
  SmallVector<int64_t> all = pickWeights(layer, layer.outputs * getSize());
  auto weights = lowbit::encodeWeights(builder.getContext(), all,
                                       {layer.outputs, getSize()});
  if (!weights)
    return fail("weights span more than there are codes for");
  create<lowbit::DenseOp>(layer.outputs, Value(), weights->codes,
                          weights->codebook, pickBiases(all, layer.outputs));
  shape = {layer.outputs};
  return success();
}

LogicalResult ModelMaker::addConv(const LayerShape &layer) {
  SmallVector<int64_t, 3> result = {layer.outputs};
  if (failed(checkWeights(layer)))
    return failure();
  auto windows = countWindows(layer, result);
  if (failed(windows))
    return failure();
  if (layer.groups < 1 || shape[0] % layer.groups ||
      layer.outputs % layer.groups)
    return fail("groups divide the channels");
  SmallVector<int64_t> kernel = {layer.outputs, shape[0] / layer.groups};
  llvm::append_range(kernel, layer.kernel);
  int64_t count = 1;
  for (int64_t size : kernel)
    count *= size;
  if (count > kMostValues || *windows > kMostValues / layer.outputs)
    return fail("has too many weights or results");
  SmallVector<int64_t> all = pickWeights(layer, count);
  SmallVector<int64_t, 4> pads(layer.pads.begin(), layer.pads.end());
  pads.append(layer.pads.begin(), layer.pads.end());
  auto weights = lowbit::encodeWeights(builder.getContext(), all, kernel);
  if (!weights)
    return fail("weights span more than there are codes for");
  create<lowbit::ConvOp>(
      layer.outputs * *windows, Value(), ArrayRef<int64_t>(shape),
      weights->codes, weights->codebook, pickBiases(all, layer.outputs),
      ArrayRef<int64_t>(layer.strides), ArrayRef<int64_t>(pads),
      SmallVector<int64_t>(layer.kernel.size(), 1), layer.groups);
  shape.assign(result.begin(), result.end());
  return success();
}

LogicalResult ModelMaker::addPool(const LayerShape &layer) {
  SmallVector<int64_t, 3> result = {shape[0]};
  auto windows = countWindows(layer, result);
  if (failed(windows))
    return failure();
  if (llvm::any_of(layer.pads, [](int64_t pad) { return pad != 0; }))
    return fail("a pool has no pads");
  // One dimension is a row.
  bool isFlat = layer.kernel.size() == 1;
  int64_t rows = isFlat ? 1 : shape[1], columns = shape.back();
  int64_t high = isFlat ? 1 : layer.kernel[0], wide = layer.kernel.back();
  SmallVector<int64_t> indices;
  for (int64_t i = 0; i < shape[0] * *windows; ++i) {
    int64_t channel = i / *windows, across = result.back();
    int64_t row = i % *windows / across * layer.strides[0];
    int64_t column = i % across * layer.strides.back();
    for (int64_t y = row; y < row + high; ++y)
      for (int64_t x = column; x < column + wide; ++x)
        indices.push_back((channel * rows + y) * columns + x);
    if (indices.size() > size_t(kMostValues))
      return fail("has too many results");
  }
  SmallVector<int64_t> sizes(shape[0] * *windows, high * wide);
  create<lowbit::MaxPoolOp>(sizes.size(), indices, sizes);
  shape.assign(result.begin(), result.end());
  return success();
}

/// Lines that are rounded down and clipped, one for each neuron or channel.
void ModelMaker::addSteps(Interval range, ArrayRef<lowbit::Line> lines) {
  Interval sums = lowbit::getRange(value);
  SmallVector<int64_t> starts, values, sizes, functions;
  for (const lowbit::Line &line : lines) {
    size_t before = starts.size();
    auto apply = [&](int64_t x) {
      return std::clamp(
          llvm::divideFloorSigned(line.rise * x + line.offset, line.run),
          range.min, range.max);
    };
    int64_t last = apply(sums.max);
    starts.push_back(sums.min);
    values.push_back(apply(sums.min));
    for (int64_t next = values.back() + 1; next <= last; ++next) {
      starts.push_back(
          llvm::divideCeilSigned(next * line.run - line.offset, line.rise));
      values.push_back(next);
      // Of values on one integer the last one stands.
      if (starts.size() > before + 1 && starts.end()[-2] >= starts.back()) {
        starts.pop_back();
        values.pop_back();
        values.back() = next;
      }
    }
    sizes.push_back(starts.size() - before);
  }
  int64_t positions = getSize() / lines.size();
  for (int64_t i = 0; i < getSize(); ++i)
    functions.push_back(i / positions);
  SmallVector<std::optional<lowbit::Line>> all(lines);
  create<lowbit::StepsOp>(getSize(), starts, values, sizes, functions,
                          lowbit::encodeLines(all));
}

void ModelMaker::addActivation(const LayerShape &layer) {
  Interval range = *layer.activation;
  // One and a half deviations of sums fill what there is.
  double middle = range.min < 0 ? (range.min + range.max) / 2 : 0;
  double ratio = (double(range.max) - middle) / (1.5 * spread);
  int64_t shift = 0;
  while (shift < 30 && ratio * double(int64_t(1) << shift) < 0.71)
    ++shift;
  auto getHalf = [](int64_t shift) { return (int64_t(1) << shift) / 2; };
  // A factor of 8 bits.
  int64_t fine = 0;
  while (fine < 30 && ratio * double(int64_t(1) << fine) < 128)
    ++fine;
  double factor = ratio * double(int64_t(1) << fine);
  switch (layer.scaling) {
  case Scaling::Shift:
    create<lowbit::RequantOp>(getSize(), 1, getHalf(shift), shift, range.min,
                              range.max, lowbit::Ties::Up);
    break;
  case Scaling::Product:
    create<lowbit::RequantOp>(getSize(), std::llround(factor) | 1,
                              getHalf(fine), fine, range.min, range.max,
                              lowbit::Ties::Up);
    break;
  case Scaling::ByChannel: {
    SmallVector<lowbit::Line> lines;
    for (int64_t i = 0; i < shape[0]; ++i)
      lines.push_back(
          {std::max<int64_t>(1, std::llround(factor * (0.75 + pick() / 2))),
           getHalf(fine), int64_t(1) << fine});
    addSteps(range, lines);
    break;
  }
  }
}

LogicalResult ModelMaker::add(const LayerShape &layer) {
  switch (layer.kind) {
  case LayerShape::MaxPool:
    return addPool(layer);
  case LayerShape::Dense:
    if (failed(addDense(layer)))
      return failure();
    break;
  case LayerShape::Conv:
    if (failed(addConv(layer)))
      return failure();
  }
  if (!layer.activation) {
    mean = 0;
    square = spread * spread;
    return success();
  }
  addActivation(layer);
  // Half of them at 0 where they begin there, the others evenly.
  double least = double(layer.activation->min),
         most = double(layer.activation->max);
  double part = least < 0 ? 1 : 0.5;
  mean = part * (least + most) / 2 + (1 - part) * least;
  square = part * (least * least + least * most + most * most) / 3 +
           (1 - part) * least * least;
  return success();
}

OwningOpRef<ModuleOp> ModelMaker::make() {
  shape.assign(network.input.begin(), network.input.end());
  if (failed(checkInput()))
    return nullptr;
  int64_t inputs = 1;
  for (int64_t size : shape)
    inputs *= size;
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  auto getType = [&](Interval range) {
    return lowbit::getTensorType(builder.getContext(), {inputs}, range);
  };
  auto func =
      func::FuncOp::create(builder, loc, "model",
                           builder.getFunctionType(getType(network.range), {}));
  builder.setInsertionPointToEnd(func.addEntryBlock());
  value = func.getArgument(0);
  double least = double(network.range.min), most = double(network.range.max);
  mean = (least + most) / 2;
  square = (least * least + least * most + most * most) / 3;
  for (auto [i, layer] : llvm::enumerate(network.layers)) {
    loc = NameLoc::get(builder.getStringAttr("layer " + Twine(i + 1)));
    if (failed(add(layer)))
      return nullptr;
  }
  if (getSize() == 1)
    create<lowbit::RequantOp>(1, 1, 0, 0, 0, 1, lowbit::Ties::Up);
  else if (getSize() <= 256)
    create<lowbit::ArgmaxOp>(1);
  else {
    (void)fail("has more than 256 classes");
    return nullptr;
  }
  func::ReturnOp::create(builder, loc, value);
  func.setType(
      builder.getFunctionType(func.getArgumentTypes(), value.getType()));
  return module;
}

OwningOpRef<ModuleOp> pdkc::makeModel(const NetworkShape &shape,
                                      MLIRContext &context) {
  return ModelMaker(shape, context).make();
}
