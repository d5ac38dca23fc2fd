//===- Elementwise.cpp - The meaning of the elementwise operators ---------===//
//
// One function an operator, written for any arithmetic (see Scalar.h). Folding
// runs them in float32; lowering runs them in float32 and exactly.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Arithmetic.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

FailureOr<Scalar> IdentityOp::evaluate(Operands x) { return *x[0]; }

FailureOr<Scalar> AddOp::evaluate(Operands x) { return add(*x[0], *x[1]); }

FailureOr<Scalar> SubOp::evaluate(Operands x) { return subtract(*x[0], *x[1]); }

Dependence SubOp::getDependence(unsigned operand, Operands) {
  return Dependence::affine(operand == 0 ? 1 : -1);
}

FailureOr<Scalar> MulOp::evaluate(Operands x) { return multiply(*x[0], *x[1]); }

Dependence MulOp::getDependence(unsigned operand, Operands constants) {
  const Scalar *factor = constants[1 - operand];
  if (!factor)
    return {};
  // A factor of zero gives a constant, which rises as much as it falls.
  return Dependence::affine(getSign(*factor) < 0 ? -1 : 1);
}

FailureOr<Scalar> DivOp::evaluate(Operands x) {
  if (!isFloat(*x[1]) && getSign(*x[1]) == 0)
    return failure();
  Type type = getFirstElementType(*this);
  bool isInteger = isa<IntegerType>(type), isUnsigned = isUnsigned64(type);
  return binary(*x[0], *x[1], [&](const auto &a, const auto &b) {
    using Number = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<Number, int64_t>) {
      if (isUnsigned)
        return wrapped(uint64_t(a) / uint64_t(b));
      return std::get<int64_t>(divide(a, b));
    } else if constexpr (std::is_same_v<Number, Rational>) {
      Rational quotient = a / b;
      if (!isInteger)
        return quotient;
      return quotient.sign() < 0 ? ceil(quotient) : floor(quotient);
    } else {
      return a / b;
    }
  });
}

Dependence DivOp::getDependence(unsigned operand, Operands constants) {
  if (operand != 0 || !constants[1])
    return {};
  int direction = getSign(*constants[1]) < 0 ? -1 : 1;
  if (isa<IntegerType>(getFirstElementType(*this)))
    return Dependence::monotone(direction);
  return Dependence::affine(direction);
}

FailureOr<Scalar> NegOp::evaluate(Operands x) {
  return unary(*x[0], [](const auto &a) {
    if constexpr (std::is_same_v<std::decay_t<decltype(a)>, int64_t>)
      return wrapped(-uint64_t(a));
    else
      return -a;
  });
}

FailureOr<Scalar> FloorOp::evaluate(Operands x) {
  return toWhole(
      *x[0], [](auto a) { return std::floor(a); },
      [](const Rational &a) { return floor(a); });
}

FailureOr<Scalar> CeilOp::evaluate(Operands x) {
  return toWhole(
      *x[0], [](auto a) { return std::ceil(a); },
      [](const Rational &a) { return ceil(a); });
}

FailureOr<Scalar> RoundOp::evaluate(Operands x) { return roundHalfEven(*x[0]); }

/// The remainder of a division that rounds down, or towards 0 with fmod.
FailureOr<Scalar> ModOp::evaluate(Operands x) {
  bool isReal = isa<FloatType>(getFirstElementType(*this));
  if (isReal && !getFmod())
    return failure();
  bool isUnsigned = isUnsigned64(getFirstElementType(*this));
  if (!isFloat(*x[1]) && getSign(*x[1]) == 0)
    return failure();
  bool truncates = getFmod();
  return binary(*x[0], *x[1], [&](const auto &a, const auto &b) {
    using Number = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<Number, int64_t>) {
      if (isUnsigned)
        return wrapped(uint64_t(a) % uint64_t(b));
      int64_t rest = b == -1 ? 0 : a % b;
      return !truncates && rest && (rest < 0) != (b < 0) ? rest + b : rest;
    } else if constexpr (std::is_same_v<Number, Rational>) {
      Rational quotient = a / b;
      bool up = truncates && quotient.sign() < 0;
      return a - (up ? ceil(quotient) : floor(quotient)) * b;
    } else {
      return Number(std::fmod(a, b));
    }
  });
}

/// An exact power of a small integer exponent; none otherwise.
static std::optional<Rational> getExactPower(const Rational &base,
                                             const Rational &exponent) {
  std::optional<int64_t> count = exponent.getInteger();
  if (!count || std::abs(*count) > 64 || (*count < 0 && base.sign() == 0))
    return std::nullopt;
  Rational result(1);
  for (int64_t i = 0; i < std::abs(*count); ++i)
    result = result * base;
  return *count < 0 ? Rational(1) / result : result;
}

FailureOr<Scalar> PowOp::evaluate(Operands x) {
  if (auto *base = std::get_if<Rational>(x[0])) {
    const auto &exponent = std::get<Rational>(*x[1]);
    if (std::optional<Rational> exact = getExactPower(*base, exponent))
      return Scalar(*exact);
    return realFunction(
        *x[0], [&](double a) { return std::pow(a, exponent.toDouble()); });
  }
  std::optional<Rational> exponent = getExact(*x[1]);
  if (!exponent)
    return failure();
  if (auto *base = std::get_if<int64_t>(x[0])) {
    Type type = getFirstElementType(*this);
    if (!std::holds_alternative<int64_t>(*x[1]))
      return getScalar(type, Rational::fromDouble(
                                 std::pow(double(*base), exponent->toDouble()))
                                 .value_or(Rational()));
    std::optional<Rational> exact = getExactPower(*base, *exponent);
    if (!exact)
      return failure();
    return getScalar(type, *exact);
  }
  // ONNX Runtime multiplies for these two.
  if (*exponent == Rational(2))
    return multiply(*x[0], *x[0]);
  if (*exponent == Rational(3))
    return multiply(multiply(*x[0], *x[0]), *x[0]);
  return realFunction(*x[0], [&](auto a) {
    return std::pow(a, decltype(a)(exponent->toDouble()));
  });
}

Dependence PowOp::getDependence(unsigned operand, Operands constants) {
  std::optional<Rational> exponent =
      operand == 0 && constants[1] ? getExact(*constants[1]) : std::nullopt;
  if (!exponent || exponent->sign() <= 0 || !exponent->isInteger())
    return {};
  if (*exponent == Rational(1))
    return Dependence::affine(1);
  bool isOdd = !(*exponent / Rational(2)).isInteger();
  return isOdd ? Dependence::monotone(1) : Dependence();
}

FailureOr<Scalar> AbsOp::evaluate(Operands x) {
  if (isUnsigned64(getFirstElementType(*this)))
    return *x[0];
  return unary(*x[0], [](const auto &a) {
    using Number = std::decay_t<decltype(a)>;
    if constexpr (std::is_same_v<Number, int64_t>)
      return a < 0 ? wrapped(-uint64_t(a)) : a;
    else if constexpr (std::is_same_v<Number, Rational>)
      return abs(a);
    else
      return Number(std::fabs(a));
  });
}

FailureOr<Scalar> SignOp::evaluate(Operands x) {
  if (isNaN(*x[0]))
    return *x[0];
  if (isUnsigned64(getFirstElementType(*this)))
    return getLike(*x[0], getSign(*x[0]) != 0);
  return getLike(*x[0], getSign(*x[0]));
}

FailureOr<Scalar> ReciprocalOp::evaluate(Operands x) {
  if (!isFloat(*x[0]) && getSign(*x[0]) == 0)
    return failure();
  return divide(getLike(*x[0], 1), *x[0]);
}

FailureOr<Scalar> MinOp::evaluate(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result =
        smaller(result, *operand, isUnsigned64(getFirstElementType(*this)));
  return result;
}

FailureOr<Scalar> MaxOp::evaluate(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result = larger(result, *operand, isUnsigned64(getFirstElementType(*this)));
  return result;
}

/// From the first to the last, each sum rounded.
static Scalar getSum(Operands x) {
  Scalar result = *x[0];
  for (const Scalar *operand : x.drop_front())
    result = add(result, *operand);
  return result;
}

FailureOr<Scalar> SumOp::evaluate(Operands x) { return getSum(x); }

FailureOr<Scalar> MeanOp::evaluate(Operands x) {
  // Times the reciprocal, which rounds once more in float32.
  Scalar share = divide(getLike(*x[0], 1), getLike(*x[0], x.size()));
  return multiply(getSum(x), share);
}

FailureOr<Scalar> ClipOp::evaluate(Operands x) {
  Scalar result = *x[0];
  // The upper bound wins where they cross.
  if (x[1])
    result = larger(result, *x[1]);
  else if (getMinAttr())
    result = larger(result, getLike(*x[0], getMinAttr()->convertToFloat()));
  if (x[2])
    result = smaller(result, *x[2]);
  else if (getMaxAttr())
    result = smaller(result, getLike(*x[0], getMaxAttr()->convertToFloat()));
  return result;
}

//===----------------------------------------------------------------------===//
// Cast
//===----------------------------------------------------------------------===//

static FailureOr<Scalar> castTo(Type type, Type from, const Scalar &x) {
  if (isNaN(x)) {
    // Integers have none.
    if (type.isInteger(1))
      return Scalar(int64_t(1));
    if (isa<IntegerType>(type))
      return failure();
    return type.isF64() ? Scalar(std::nan("")) : Scalar(std::nanf(""));
  }
  if (isInfinite(x) && isa<FloatType>(type)) {
    double infinity = getSign(x) * std::numeric_limits<double>::infinity();
    return type.isF64() ? Scalar(infinity) : Scalar(float(infinity));
  }
  Rational exact = *getExact(x);
  if (auto *integer = std::get_if<int64_t>(&x);
      integer && *integer < 0 && isUnsigned64(from))
    exact = exact + Rational::fromDouble(0x1p64).value();
  if (type.isInteger(1))
    exact = Rational(exact.sign() != 0);
  if (!std::holds_alternative<Rational>(x))
    return getScalar(type, exact);
  if (isa<FloatType>(type))
    return Scalar(exact);
  return Scalar(exact.sign() < 0 ? ceil(exact) : floor(exact));
}

/// From a float to an integer or to half precision.
static bool isCastStep(Type from, Type to) {
  return isa<FloatType>(from) &&
         (isa<IntegerType>(to) || (to.isF16() || to.isBF16()));
}

static Dependence getCastDependence(Type from, Type to) {
  if (auto integer = dyn_cast<IntegerType>(to)) {
    // What does not fit wraps around, and any number but 0 is true.
    bool widens =
        from.isInteger() && from.getIntOrFloatBitWidth() <= integer.getWidth();
    if (from == to || (widens && integer.getWidth() > 1))
      return Dependence::affine(1);
    return integer.getWidth() < 32 ? Dependence() : Dependence::monotone(1);
  }
  return isCastStep(from, to) ? Dependence::monotone(1) : Dependence::affine(1);
}

FailureOr<Scalar> CastOp::evaluate(Operands x) {
  return castTo(getElementTypeOf(getContext(), getTo()),
                getFirstElementType(*this), *x[0]);
}

bool CastOp::isStep() {
  return isCastStep(getFirstElementType(*this),
                    getElementTypeOf(getContext(), getTo()));
}

Dependence CastOp::getDependence(unsigned, Operands) {
  return getCastDependence(getFirstElementType(*this),
                           getElementTypeOf(getContext(), getTo()));
}

/// Of the second operand only the type matters.
void CastLikeOp::getSources(int64_t index, Sources &sources) {
  sources.push_back({0, index});
}

FailureOr<Scalar> CastLikeOp::evaluate(Operands x) {
  return castTo(onnx::getElementType(getTargetType()),
                getFirstElementType(*this), *x[0]);
}

bool CastLikeOp::isStep() {
  return isCastStep(getFirstElementType(*this),
                    onnx::getElementType(getTargetType()));
}

Dependence CastLikeOp::getDependence(unsigned, Operands) {
  return getCastDependence(getFirstElementType(*this),
                           onnx::getElementType(getTargetType()));
}

//===----------------------------------------------------------------------===//
// What inference leaves of training
//===----------------------------------------------------------------------===//

FailureOr<ResultTypes> DropoutOp::inferResultTypes(ConstantLookup constants) {
  if (!isNoValue(getTrainingMode())) {
    DenseElementsAttr training = constants(getTrainingMode());
    if (!training || !training.isSplat() ||
        getSign(getScalars(training).front()) != 0)
      return emitOpError("drops elements by chance: export the model in "
                         "inference mode");
  }
  return inferShape(*this, getShape(getData()), getFirstElementType(*this));
}

void DropoutOp::getSources(int64_t index, Sources &sources) {
  sources.push_back({0, index});
}

FailureOr<Scalar> DropoutOp::evaluate(Operands x) { return *x[0]; }

FailureOr<ResultTypes> BatchNormalizationOp::inferResultTypes(ConstantLookup) {
  if (getTrainingMode())
    return emitOpError("computes with the statistics of the batch: export the "
                       "model in inference mode");
  ArrayRef<int64_t> shape = getShape(getX());
  if (!getSpatial() && shape.size() > 2)
    return emitOpError("with spatial = 0 is not supported");
  int64_t channels = shape.size() < 2 ? 1 : shape[1];
  for (Value operand : getOperands().drop_front())
    if (getShape(operand) != ArrayRef(channels))
      return emitOpError("has a parameter of shape [")
             << getShape(operand) << "] for " << channels << " channels";
  return inferShape(*this, shape, getFirstElementType(*this));
}

void BatchNormalizationOp::getSources(int64_t index, Sources &sources) {
  ArrayRef<int64_t> shape = getShape(getX());
  int64_t channel = 0;
  if (shape.size() >= 2)
    channel =
        index / ShapedType::getNumElements(shape.drop_front(2)) % shape[1];
  sources.push_back({0, index});
  for (int i = 1; i < 5; ++i)
    sources.push_back({i, channel});
}

/// The channel's factor; in exact arithmetic the root in float64. The
/// parameters may be of another precision than the data.
static FailureOr<Scalar> getNormFactor(BatchNormalizationOp op, Operands x) {
  Scalar variance =
      add(*x[4], getLike(*x[4], op.getEpsilon().convertToFloat()));
  FailureOr<Scalar> root =
      realFunction(variance, [](auto a) { return std::sqrt(a); });
  if (failed(root) ||
      (std::holds_alternative<Rational>(*root) && getSign(*root) <= 0))
    return failure();
  return multiply(divide(getLike(*root, 1), *root), *x[1]);
}

FailureOr<Scalar> BatchNormalizationOp::evaluate(Operands x) {
  FailureOr<Scalar> factor = getNormFactor(*this, x);
  if (failed(factor) || factor->index() != x[0]->index())
    return failure();
  Scalar offset = subtract(*x[2], multiply(*x[3], *factor));
  return add(multiply(*x[0], *factor), offset);
}

Dependence BatchNormalizationOp::getDependence(unsigned operand,
                                               Operands constants) {
  if (operand != 0 || !constants[1])
    return {};
  return Dependence::affine(getSign(*constants[1]) < 0 ? -1 : 1);
}
