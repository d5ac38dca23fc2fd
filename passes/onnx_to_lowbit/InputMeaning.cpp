//===- InputMeaning.cpp - What the device's integers are worth ------------===//

#include "passes/onnx_to_lowbit/InputMeaning.h"

#include "dialects/onnx/OnnxDialect.h"
#include "passes/onnx_to_lowbit/FloatBounds.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

FailureOr<InputMeaning> pdkc::parseInputMeaning(Location loc,
                                                StringRef inputRange,
                                                StringRef inputScale,
                                                StringRef inputZeroPoint) {
  InputMeaning meaning;
  auto parse = [&](StringRef name, StringRef text) -> FailureOr<Rational> {
    if (std::optional<Rational> value = Rational::parse(text))
      return *value;
    return emitError(loc)
           << name << " must be a decimal or a fraction such as 1/255, not '"
           << text << "'";
  };
  FailureOr<Rational> scale = parse("input-scale", inputScale);
  FailureOr<Rational> zeroPoint = parse("input-zero-point", inputZeroPoint);
  if (failed(scale) || failed(zeroPoint))
    return failure();
  if (scale->sign() <= 0)
    return emitError(loc) << "input-scale must be above 0, not " << inputScale;
  meaning.scale = *scale;
  meaning.zeroPoint = *zeroPoint;
  meaning.isGiven =
      !inputRange.empty() || *scale != 1 || zeroPoint->sign() != 0;
  if (inputRange.empty())
    return meaning;
  auto [low, high] = StringRef(inputRange).split(':');
  Interval range;
  if (low.getAsInteger(10, range.min) || high.getAsInteger(10, range.max) ||
      range.min > range.max)
    return emitError(loc)
           << "input-range must be LO:HI, two integers in rising order, not '"
           << inputRange << "'";
  meaning.range = range;
  return meaning;
}

FailureOr<IntegerTensor> pdkc::describeInput(Value argument,
                                             const InputMeaning &meaning) {
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return emitError(argument.getLoc())
           << "model's input must be a tensor of static shape, not "
           << argument.getType();
  Interval range{-128, 127};
  if (auto integer = dyn_cast<IntegerType>(type.getElementType())) {
    if (meaning.scale != 1 || !meaning.zeroPoint.isInteger())
      return emitError(argument.getLoc())
             << "model's input has an integer type, so input-scale must be 1 "
                "and input-zero-point an integer";
    if (integer.getWidth() > 8 && !meaning.range)
      return emitError(argument.getLoc())
             << "model's input is of type " << integer
             << ", which a byte does not hold: give the range that it really "
                "has with input-range";
    if (integer.getWidth() == 1)
      range = {0, 1};
    else if (integer.isUnsigned())
      range = {0, 255};
  }
  if (meaning.range)
    range = *meaning.range;
  if (range.min < -128 || range.max > 255 || (range.min < 0 && range.max > 127))
    return emitError(argument.getLoc())
           << "input-range " << range.min << ":" << range.max
           << " is not that of a byte; it must lie within -128:127 or 0:255";

  IntegerTensor tensor(argument.getLoc());
  size_t count = type.getNumElements();
  Rational offset = -meaning.zeroPoint * meaning.scale;
  tensor.shape.assign(type.getShape());
  tensor.scale.assign(count, meaning.scale);
  tensor.offset.assign(count, offset);
  tensor.ranges.assign(count, range);
  tensor.isDefined = true;
  if (isa<FloatType>(type.getElementType()))
    roundOnce(tensor);
  if (isa<IntegerType>(type.getElementType()))
    for (int64_t end : {range.min, range.max}) {
      Rational value = Rational(end) + offset;
      if (onnx::getExact(onnx::getScalar(type.getElementType(), value)) !=
          value)
        return emitError(argument.getLoc())
               << "input-range " << range.min << ":" << range.max
               << " leaves the input's type " << type.getElementType();
    }
  return tensor;
}
