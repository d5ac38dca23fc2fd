//===- Windows.cpp - Convolutions and pools -------------------------------===//
//
// What lowbit.conv and lowbit.maxpool go through, and what they have to be.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/Verify.h"

using namespace mlir;
using namespace pdkc::lowbit;

/// The positions of a window along one dimension; none where it does not fit.
static int64_t getPositions(int64_t size, int64_t kernel, int64_t stride,
                            int64_t pads, int64_t dilation) {
  int64_t room = size + pads - (kernel - 1) * dilation - 1;
  return room < 0 ? 0 : room / stride + 1;
}

SmallVector<int64_t> ConvOp::getResultShape() {
  ArrayRef<int64_t> kernel = getCodes().getType().getShape();
  size_t rank = getShape().size() - 1;
  SmallVector<int64_t> result{kernel.front()};
  for (size_t i = 0; i < rank; ++i)
    result.push_back(
        getPositions(getShape()[1 + i], kernel[2 + i], getStrides()[i],
                     getPads()[i] + getPads()[rank + i], getDilations()[i]));
  return result;
}

SmallVector<int64_t> ConvOp::getWeights() {
  return decode(getCodes(), getCodebook());
}

void ConvOp::forEachProduct(
    function_ref<void(int64_t, int64_t, int64_t)> visit) {
  SmallVector<int64_t> result = getResultShape();
  ArrayRef<int64_t> kernel = getCodes().getType().getShape(),
                    shape = getShape();
  size_t rank = shape.size() - 1;
  int64_t positions = 1, window = 1, plane = 1;
  for (size_t i = 0; i < rank; ++i) {
    positions *= result[1 + i];
    window *= kernel[2 + i];
    plane *= shape[1 + i];
  }
  int64_t channelsOfGroup = kernel[1], rowsOfGroup = kernel[0] / getGroups();
  for (int64_t position = 0; position < positions; ++position)
    for (int64_t tap = 0; tap < window; ++tap) {
      // The element under this tap; none in the padding.
      int64_t place = 0, stride = 1, restOfPosition = position, restOfTap = tap;
      bool isInside = true;
      for (size_t i = rank; i-- > 0;) {
        int64_t at = restOfPosition % result[1 + i] * getStrides()[i] +
                     restOfTap % kernel[2 + i] * getDilations()[i] -
                     getPads()[i];
        restOfPosition /= result[1 + i];
        restOfTap /= kernel[2 + i];
        isInside &= at >= 0 && at < shape[1 + i];
        place += at * stride;
        stride *= shape[1 + i];
      }
      if (!isInside)
        continue;
      for (int64_t row = 0; row < kernel[0]; ++row)
        for (int64_t channel = 0; channel < channelsOfGroup; ++channel)
          visit(row * positions + position,
                (row / rowsOfGroup * channelsOfGroup + channel) * plane + place,
                (row * channelsOfGroup + channel) * window + tap);
    }
}

LogicalResult ConvOp::verify() {
  if (failed(verifySums(*this)))
    return failure();
  ArrayRef<int64_t> kernel = getCodes().getType().getShape();
  size_t rank = getShape().size() - 1;
  if (getShape().size() < 2 || kernel.size() != rank + 2 ||
      getStrides().size() != rank || getDilations().size() != rank ||
      getPads().size() != 2 * rank)
    return emitOpError("needs a shape, weights, strides, pads and dilations of "
                       "one number of spatial dimensions");
  auto isBelow = [](ArrayRef<int64_t> values, int64_t least) {
    return llvm::any_of(values, [&](int64_t it) { return it < least; });
  };
  if (isBelow(getShape(), 1) || isBelow(kernel, 1) ||
      isBelow(getStrides(), 1) || isBelow(getDilations(), 1) ||
      isBelow(getPads(), 0))
    return emitOpError("sizes, strides and dilations must be at least 1, pads "
                       "at least 0");
  int64_t elements = 1;
  for (int64_t size : getShape())
    elements *= size;
  if (elements != getInput().getType().getNumElements())
    return emitOpError("shape has ") << elements << " elements, the input "
                                     << getInput().getType().getNumElements();
  if (getGroups() < 1 || kernel[0] % getGroups() ||
      kernel[1] * getGroups() != getShape().front())
    return emitOpError("weights of ")
           << kernel[0] << " by " << kernel[1] << " channels do not fit "
           << getShape().front() << " channels in " << getGroups() << " groups";
  int64_t results = 1;
  for (int64_t size : getResultShape())
    results *= size;
  if (results != getResult().getType().getNumElements())
    return emitOpError("gives ") << results << " elements, its result has "
                                 << getResult().getType().getNumElements();
  if (int64_t(getBias().size()) != kernel[0] &&
      int64_t(getBias().size()) != results)
    return emitOpError("has ")
           << getBias().size() << " biases for " << kernel[0]
           << " channels and " << results << " elements";
  if (failed(verifyCodes(*this, getCodes(), getCodebook())))
    return failure();
  return verifyRange(*this);
}

SmallVector<ArrayRef<int64_t>> MaxPoolOp::getWindows() {
  SmallVector<ArrayRef<int64_t>> windows;
  int64_t first = 0;
  for (int64_t size : getSizes()) {
    windows.push_back(getIndices().slice(first, size));
    first += size;
  }
  return windows;
}

LogicalResult MaxPoolOp::verify() {
  int64_t count = getInput().getType().getNumElements();
  if (int64_t(getSizes().size()) != getResult().getType().getNumElements())
    return emitOpError("has ")
           << getSizes().size() << " windows for "
           << getResult().getType().getNumElements() << " results";
  uint64_t total = 0;
  for (int64_t size : getSizes()) {
    if (size < 1 || size > int64_t(getIndices().size()))
      return emitOpError("has a window of ") << size << " elements";
    total += size;
  }
  if (total != getIndices().size())
    return emitOpError("windows have ")
           << total << " elements together, but there are "
           << getIndices().size() << " indices";
  for (int64_t index : getIndices())
    if (index < 0 || index >= count)
      return emitOpError("index ")
             << index << " is outside the " << count << " elements";
  return verifyRange(*this);
}
