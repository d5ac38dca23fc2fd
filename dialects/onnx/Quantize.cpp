//===- Quantize.cpp - Quantisers ------------------------------------------===//
//
// ONNX's QuantizeLinear and DequantizeLinear, and QONNX's quantisers, the
// latter with the arithmetic of its reference implementation: NumPy's, in which
// a float64 or a wide integer parameter makes the computation a float64 one.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Arithmetic.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

/// The number in the arithmetic of `like`; exact numbers stay.
static Scalar convert(const Scalar &x, const Scalar &like) {
  if (x.index() == like.index())
    return x;
  return std::visit(
      [&](const auto &a) -> Scalar {
        if constexpr (std::is_same_v<std::decay_t<decltype(a)>, Rational>)
          return a;
        else
          return getLike(like, double(a));
      },
      x);
}

static Scalar clamp(const Scalar &x, const Scalar &low, const Scalar &high) {
  return smaller(larger(x, low), high);
}

//===----------------------------------------------------------------------===//
// QuantizeLinear, DequantizeLinear
//===----------------------------------------------------------------------===//

/// Checks the shapes of scale and zero point.
template <typename QuantizeOp>
static LogicalResult checkParameters(QuantizeOp op) {
  ArrayRef<int64_t> shape = getShape(op.getOperand(0));
  ArrayRef<int64_t> scale = getShape(op.getOperand(1));
  Value zeroPoint = op.getOperand(2);
  int64_t count = ShapedType::getNumElements(scale);
  if (!isNoValue(zeroPoint) &&
      cast<RankedTensorType>(zeroPoint.getType()).getNumElements() != count)
    return op.emitOpError("has a scale of shape [")
           << scale << "] and a zero point of shape [" << getShape(zeroPoint)
           << "]";
  if (count == 1)
    return success();
  int64_t block = op.getBlockSize();
  FailureOr<int64_t> axis = getAxis(op, op.getAxis(), shape.size());
  if (failed(axis))
    return failure();
  bool fits = block >= 0 && scale.size() == (block ? shape.size() : 1);
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    bool isAxis = int64_t(i) == *axis;
    if (block)
      fits = scale[i] ==
             int64_t(isAxis ? llvm::divideCeil(shape[i], block) : shape[i]);
    else if (isAxis)
      fits = scale[0] == shape[i];
  }
  if (!fits)
    return op.emitOpError("has a scale of shape [")
           << scale << "] for a tensor of shape [" << shape << "], axis "
           << *axis << " and block_size " << block;
  return success();
}

template <typename QuantizeOp>
static void getParameterSources(QuantizeOp op, int64_t index,
                                Sources &sources) {
  ArrayRef<int64_t> shape = getShape(op.getOperand(0));
  ArrayRef<int64_t> scale = getShape(op.getOperand(1));
  int64_t place = 0;
  if (ShapedType::getNumElements(scale) > 1) {
    int64_t rank = shape.size(), block = op.getBlockSize();
    int64_t axis = int64_t(op.getAxis()) + (int64_t(op.getAxis()) < 0) * rank;
    int64_t rest = index, stride = 1;
    for (int64_t i = rank; i-- > 0; rest /= shape[i]) {
      int64_t position = rest % shape[i];
      if (i == axis)
        place += (block ? position / block : position) * stride;
      else if (block)
        place += position * stride;
      stride *= block ? scale[i] : 1;
    }
  }
  sources.push_back({0, index});
  sources.push_back({1, place});
  bool hasZeroPoint = !isNoValue(op.getOperand(2));
  sources.push_back({hasZeroPoint ? 2 : Source::kNone, place});
}

static Type getQuantizedType(QuantizeLinearOp op) {
  if (!isNoValue(op.getYZeroPoint()))
    return getElementType(op.getYZeroPoint());
  int64_t type = op.getOutputDtype();
  return getElementTypeOf(op.getContext(), type ? type : 2);
}

FailureOr<ResultTypes> QuantizeLinearOp::inferResultTypes(ConstantLookup) {
  Type type = getQuantizedType(*this);
  if (!type || !isa<IntegerType>(type) || type.getIntOrFloatBitWidth() > 32 ||
      !isa<FloatType>(onnx::getElementType(getYScale())))
    return emitOpError("has a result of an element type that is not supported");
  if (failed(checkParameters(*this)))
    return failure();
  return inferShape(*this, getShape(getX()), type);
}

void QuantizeLinearOp::getSources(int64_t index, Sources &sources) {
  getParameterSources(*this, index, sources);
}

FailureOr<Scalar> QuantizeLinearOp::evaluate(Operands x) {
  const Scalar &scale = *x[1];
  if (getSign(scale) == 0)
    return failure();
  Scalar value = roundHalfEven(divide(convert(*x[0], scale), scale));
  if (isNaN(value))
    return failure();
  if (x[2])
    value = add(value, convert(*x[2], scale));
  auto type = cast<IntegerType>(getQuantizedType(*this));
  double half = std::ldexp(1.0, type.getWidth() - 1);
  double low = type.isUnsigned() ? 0 : -half;
  double high = type.isUnsigned() ? 2 * half - 1 : half - 1;
  value = clamp(value, getLike(scale, low), getLike(scale, high));
  if (std::holds_alternative<Rational>(value))
    return value;
  return getScalar(type, *getExact(value));
}

Dependence QuantizeLinearOp::getDependence(unsigned operand,
                                           Operands constants) {
  if (operand == 1 || (operand == 0 && !constants[1]))
    return {};
  return Dependence::monotone(operand == 0 && getSign(*constants[1]) < 0 ? -1
                                                                         : 1);
}

FailureOr<ResultTypes> DequantizeLinearOp::inferResultTypes(ConstantLookup) {
  if (!isa<IntegerType>(getFirstElementType(*this)))
    return emitOpError("takes elements of type ")
           << getFirstElementType(*this) << ", which is not supported";
  if (!isNoValue(getXZeroPoint()) &&
      getElementType(getXZeroPoint()) != getFirstElementType(*this))
    return emitOpError("mixes element types ")
           << getFirstElementType(*this) << " and "
           << getElementType(getXZeroPoint());
  Type type = getOutputDtype()
                  ? getElementTypeOf(getContext(), getOutputDtype())
                  : getElementType(getXScale());
  if (!isa_and_nonnull<FloatType>(type) ||
      !isa<FloatType>(getElementType(getXScale())))
    return emitOpError("has a result of an element type that is not supported");
  if (failed(checkParameters(*this)))
    return failure();
  return inferShape(*this, getShape(getX()), type);
}

void DequantizeLinearOp::getSources(int64_t index, Sources &sources) {
  getParameterSources(*this, index, sources);
}

FailureOr<Scalar> DequantizeLinearOp::evaluate(Operands x) {
  // The difference is one of integers.
  Scalar difference = x[2] ? subtract(*x[0], *x[2]) : *x[0];
  return multiply(convert(difference, *x[1]), *x[1]);
}

Dependence DequantizeLinearOp::getDependence(unsigned operand,
                                             Operands constants) {
  if (operand != 0 || !constants[1])
    return {};
  return Dependence::affine(getSign(*constants[1]) < 0 ? -1 : 1);
}

//===----------------------------------------------------------------------===//
// QONNX: what its quantisers share
//===----------------------------------------------------------------------===//

namespace {
enum class Rounding { HalfEven, Ceil, Floor, Up, Down, HalfUp, HalfDown };
} // namespace

static std::optional<Rounding> getRounding(StringRef mode) {
  return llvm::StringSwitch<std::optional<Rounding>>(mode)
      .CasesLower({"round", "half_even"}, Rounding::HalfEven)
      .CaseLower("ceil", Rounding::Ceil)
      .CaseLower("floor", Rounding::Floor)
      .CaseLower("up", Rounding::Up)
      .CaseLower("down", Rounding::Down)
      .CaseLower("half_up", Rounding::HalfUp)
      .CaseLower("half_down", Rounding::HalfDown)
      .Default(std::nullopt);
}

/// Up, down and the halves go by magnitude.
static Scalar roundBy(Rounding mode, const Scalar &x) {
  auto up = [](const Scalar &a) {
    return toWhole(
        a, [](auto b) { return std::ceil(b); },
        [](const Rational &b) { return ceil(b); });
  };
  auto down = [](const Scalar &a) {
    return toWhole(
        a, [](auto b) { return std::floor(b); },
        [](const Rational &b) { return floor(b); });
  };
  Scalar sign = getLike(x, getSign(x)), half = getLike(x, 0.5);
  Scalar magnitude = multiply(sign, x);
  switch (mode) {
  case Rounding::HalfEven:
    return roundHalfEven(x);
  case Rounding::Ceil:
    return up(x);
  case Rounding::Floor:
    return down(x);
  case Rounding::Up:
    return multiply(sign, up(magnitude));
  case Rounding::Down:
    return multiply(sign, down(magnitude));
  case Rounding::HalfUp:
    return multiply(sign, down(add(magnitude, half)));
  case Rounding::HalfDown:
    return multiply(sign, up(subtract(magnitude, half)));
  }
  llvm_unreachable("all modes are above");
}

static FailureOr<ResultTypes> inferQuantizer(Operation *op, StringRef mode) {
  if (!getRounding(mode))
    return op->emitOpError("has an unknown rounding_mode '") << mode << "'";
  for (Value operand : op->getOperands().drop_front(3))
    if (!isNoValue(operand) && !getShape(operand).empty() &&
        cast<RankedTensorType>(operand.getType()).getNumElements() != 1)
      return op->emitOpError("has a bit width or scale of shape [")
             << getShape(operand) << "], which is no scalar";
  if (!isa<FloatType>(getFirstElementType(op)))
    return op->emitOpError("takes floats, not ") << getFirstElementType(op);
  return inferElementwise(op, getFirstElementType(op), -1);
}

FailureOr<ResultTypes> QuantOp::inferResultTypes(ConstantLookup) {
  return inferQuantizer(*this, getRoundingMode());
}
FailureOr<ResultTypes> IntQuantOp::inferResultTypes(ConstantLookup) {
  return inferQuantizer(*this, getRoundingMode());
}
FailureOr<ResultTypes> TruncOp::inferResultTypes(ConstantLookup) {
  return inferQuantizer(*this, getRoundingMode());
}

/// The two numbers as NumPy brings them to one type: float32 only where the
/// second is a float32 or a narrow integer.
static std::pair<Scalar, Scalar> promote(const Scalar &x, const Scalar &y,
                                         Value origin) {
  if (std::holds_alternative<Rational>(x))
    return {x, y};
  Type type = getElementType(origin);
  bool isWide =
      type.isF64() || (type.isInteger() && type.getIntOrFloatBitWidth() > 16);
  Scalar like = isWide ? Scalar(0.0) : getLike(x, 0);
  return {convert(x, like), convert(y, like)};
}

/// The integers of that many bits, which may be a fraction.
static std::pair<double, double> getLimits(const Scalar &bits, bool isSigned,
                                           bool isNarrow) {
  double width = getExact(bits)->toDouble();
  if (isSigned) {
    double half = std::exp2(width - 1);
    return {-half + isNarrow, half - 1};
  }
  return {0, std::exp2(width) - 1 - isNarrow};
}

/// Results are of the first operand's type, whatever they were computed in.
static FailureOr<Scalar> toResult(const Scalar &value, const Scalar &first) {
  if (std::holds_alternative<Rational>(value))
    return value;
  return convert(value, first);
}

/// Fails where a parameter makes no quantiser.
static bool isBad(const Scalar &scale, ArrayRef<const Scalar *> others) {
  if (getSign(scale) == 0)
    return true;
  return llvm::any_of(others, [](const Scalar *other) {
    return other && (isNaN(*other) || isInfinite(*other));
  });
}

//===----------------------------------------------------------------------===//
// QONNX: the quantisers
//===----------------------------------------------------------------------===//

template <typename NodeOp>
static FailureOr<Scalar> evaluateQuant(NodeOp op, Operands x) {
  if (isBad(*x[1], x.drop_front()))
    return failure();
  auto [value, scale] = promote(*x[0], *x[1], op.getScale());
  value = divide(value, scale);
  Scalar zeroPoint;
  std::tie(value, zeroPoint) = promote(value, *x[2], op.getZeropt());
  value = add(value, zeroPoint);
  bool isSigned = op.getSignedAttr();
  if (isSigned && isEqual(*x[3], getLike(*x[3], 1))) {
    value = getLike(value, getSign(value) >= 0 && !isNaN(value) ? 1 : -1);
  } else {
    auto [low, high] = getLimits(*x[3], isSigned, op.getNarrow());
    value = clamp(value, getLike(value, low), getLike(value, high));
    value = roundBy(*getRounding(op.getRoundingMode()), value);
  }
  value = subtract(value, zeroPoint);
  std::tie(value, scale) = promote(value, *x[1], op.getScale());
  return toResult(multiply(value, scale), *x[0]);
}

FailureOr<Scalar> QuantOp::evaluate(Operands x) {
  return evaluateQuant(*this, x);
}
FailureOr<Scalar> IntQuantOp::evaluate(Operands x) {
  return evaluateQuant(*this, x);
}

FailureOr<Scalar> BipolarQuantOp::evaluate(Operands x) {
  Scalar one = getLike(*x[0], getSign(*x[0]) >= 0 && !isNaN(*x[0]) ? 1 : -1);
  auto [value, scale] = promote(one, *x[1], getScale());
  return toResult(multiply(value, scale), *x[0]);
}

Dependence BipolarQuantOp::getDependence(unsigned operand, Operands constants) {
  if (operand != 0 || !constants[1])
    return {};
  return Dependence::monotone(getSign(*constants[1]) < 0 ? -1 : 1);
}

/// Version 1 drops bits and keeps the scale, version 2 goes to a scale and a
/// width.
FailureOr<Scalar> TruncOp::evaluate(Operands x) {
  if (isBad(*x[1], x.drop_front()))
    return failure();
  auto [value, scale] = promote(*x[0], *x[1], getScale());
  value = divide(value, scale);
  Scalar zeroPoint;
  std::tie(value, zeroPoint) = promote(value, *x[2], getZeropt());
  value = roundHalfEven(add(value, zeroPoint));
  Rounding mode = *getRounding(getRoundingMode());
  if (!x[5]) {
    Rational dropped = *getExact(*x[3]) - *getExact(*x[4]);
    double step = std::exp2(dropped.toDouble());
    value = roundBy(mode, divide(value, getLike(value, step)));
    value = subtract(value, zeroPoint);
    std::tie(value, scale) = promote(value, *x[1], getScale());
    return toResult(multiply(value, scale), *x[0]);
  }
  double ratio = (*getExact(*x[4]) / *getExact(*x[1])).toDouble();
  if (ratio <= 0)
    return failure();
  Scalar step = getLike(value, std::exp2(std::nearbyint(std::log2(ratio))));
  auto [low, high] = getLimits(*x[5], getSignedAttr(), getNarrow());
  value = clamp(divide(value, step), getLike(value, low), getLike(value, high));
  value = subtract(roundBy(mode, value), divide(zeroPoint, step));
  std::tie(value, scale) = promote(value, *x[4], getOutScaleOrBitwidth());
  return toResult(multiply(value, scale), *x[0]);
}

//===----------------------------------------------------------------------===//
// MultiThreshold
//===----------------------------------------------------------------------===//

/// The dimension that the thresholds go with.
static int64_t getChannelAxis(MultiThresholdOp op) {
  int64_t rank = getShape(op.getV()).size();
  bool isFirst = rank == 2 || (rank == 4 && op.getDataLayout() != "NHWC");
  return isFirst ? 1 : rank - 1;
}

FailureOr<ResultTypes> MultiThresholdOp::inferResultTypes(ConstantLookup) {
  ArrayRef<int64_t> shape = getShape(getV());
  ArrayRef<int64_t> thresholds = getShape(getThresholds());
  if (shape.empty() || thresholds.size() != 2 ||
      (thresholds[0] != 1 && thresholds[0] != shape[getChannelAxis(*this)]))
    return emitOpError("has thresholds of shape [")
           << thresholds << "] for a tensor of shape [" << shape << "]";
  Type type = getFirstElementType(*this);
  if (!isa<FloatType>(type))
    type = Float32Type::get(getContext());
  return inferShape(*this, shape, type);
}

void MultiThresholdOp::getSources(int64_t index, Sources &sources) {
  ArrayRef<int64_t> shape = getShape(getV());
  ArrayRef<int64_t> thresholds = getShape(getThresholds());
  int64_t axis = getChannelAxis(*this), channel = 0;
  if (thresholds[0] > 1)
    channel = index / ShapedType::getNumElements(shape.drop_front(axis + 1)) %
              shape[axis];
  sources.push_back({0, index});
  for (int64_t i = 0; i < thresholds[1]; ++i)
    sources.push_back({1, channel * thresholds[1] + i});
}

FailureOr<Scalar> MultiThresholdOp::evaluate(Operands x) {
  int64_t count = 0;
  for (const Scalar *threshold : x.drop_front()) {
    bool isSame = x[0]->index() == threshold->index();
    Scalar value = isSame ? *x[0] : convert(*x[0], Scalar(0.0));
    Scalar limit = isSame ? *threshold : convert(*threshold, Scalar(0.0));
    count += isLess(limit, value) || isEqual(limit, value);
  }
  float scaleInFloat = getOutScale().convertToFloat();
  float biasInFloat = getOutBias().convertToFloat();
  if (std::holds_alternative<Rational>(*x[0])) {
    auto scale = *Rational::fromDouble(scaleInFloat);
    auto bias = *Rational::fromDouble(biasInFloat);
    // What float32 takes for a multiple of the scale cancels there.
    if (scale.sign()) {
      Rational multiple = scale * round(bias / scale);
      if (float(multiple.toDouble()) == biasInFloat)
        bias = multiple;
    }
    return Scalar(scale * Rational(count) + bias);
  }
  // In the type of the input, integers' in float32; the product and the sum are
  // rounded there.
  Scalar like = std::holds_alternative<int64_t>(*x[0]) ? Scalar(0.0f) : *x[0];
  Scalar scale = convert(Scalar(scaleInFloat), like);
  Scalar bias = convert(Scalar(biasInFloat), like);
  return add(multiply(convert(Scalar(count), like), scale), bias);
}

Dependence MultiThresholdOp::getDependence(unsigned operand, Operands) {
  int direction = getOutScale().convertToFloat() < 0 ? -1 : 1;
  return Dependence::monotone(operand == 0 ? direction : -direction);
}
