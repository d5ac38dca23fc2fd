//===- Functions.cpp - Activations and other functions of a real ----------===//
//
// The piecewise linear ones are exact. The others are irrational: in float32
// they follow ONNX Runtime's kernels for x86-64 step by step (polynomials with
// fused multiplications), so that a quantiser behind them rounds alike; what
// exact arithmetic asks for is computed in float64.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Arithmetic.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

//===----------------------------------------------------------------------===//
// Piecewise linear
//===----------------------------------------------------------------------===//

static float toFloat(const APFloat &attribute) {
  return attribute.convertToFloat();
}

FailureOr<Scalar> ReluOp::evaluate(Operands x) {
  return larger(*x[0], getLike(*x[0], 0));
}

FailureOr<Scalar> LeakyReluOp::evaluate(Operands x) {
  if (getSign(*x[0]) >= 0)
    return *x[0];
  return multiply(getLike(*x[0], toFloat(getAlpha())), *x[0]);
}

Dependence LeakyReluOp::getDependence(unsigned, Operands) {
  return toFloat(getAlpha()) < 0 ? Dependence() : Dependence::monotone(1);
}

FailureOr<Scalar> PReluOp::evaluate(Operands x) {
  return getSign(*x[0]) >= 0 ? *x[0] : multiply(*x[0], *x[1]);
}

Dependence PReluOp::getDependence(unsigned operand, Operands constants) {
  if (operand != 0 || !constants[1] || getSign(*constants[1]) < 0)
    return {};
  return Dependence::monotone(1);
}

FailureOr<Scalar> ThresholdedReluOp::evaluate(Operands x) {
  bool isAbove = isLess(getLike(*x[0], toFloat(getAlpha())), *x[0]);
  return isAbove ? *x[0] : getLike(*x[0], 0);
}

Dependence ThresholdedReluOp::getDependence(unsigned, Operands) {
  return toFloat(getAlpha()) < 0 ? Dependence() : Dependence::monotone(1);
}

static Scalar hardSigmoid(const Scalar &x, double alpha, double beta) {
  Scalar line = add(multiply(getLike(x, alpha), x), getLike(x, beta));
  return larger(smaller(line, getLike(x, 1)), getLike(x, 0));
}

FailureOr<Scalar> HardSigmoidOp::evaluate(Operands x) {
  return hardSigmoid(*x[0], toFloat(getAlpha()), toFloat(getBeta()));
}

Dependence HardSigmoidOp::getDependence(unsigned, Operands) {
  return Dependence::monotone(toFloat(getAlpha()) < 0 ? -1 : 1);
}

FailureOr<Scalar> HardSwishOp::evaluate(Operands x) {
  // A sixth in the type's own precision, or exactly.
  Scalar sixth = divide(getLike(*x[0], 1), getLike(*x[0], 6));
  Scalar line = add(multiply(sixth, *x[0]), getLike(*x[0], 0.5));
  return multiply(*x[0],
                  larger(smaller(line, getLike(*x[0], 1)), getLike(*x[0], 0)));
}

FailureOr<Scalar> ShrinkOp::evaluate(Operands x) {
  Scalar threshold = getLike(*x[0], toFloat(getLambd()));
  Scalar bias = getLike(*x[0], toFloat(getBias()));
  if (isLess(*x[0], subtract(getLike(*x[0], 0), threshold)))
    return add(*x[0], bias);
  if (isLess(threshold, *x[0]))
    return subtract(*x[0], bias);
  return getLike(*x[0], 0);
}

FailureOr<Scalar> SoftsignOp::evaluate(Operands x) {
  Scalar magnitude =
      getSign(*x[0]) < 0 ? subtract(getLike(*x[0], 0), *x[0]) : *x[0];
  // Two roundings in float32, as in ONNX Runtime.
  Scalar one = getLike(*x[0], 1);
  return multiply(*x[0], divide(one, add(one, magnitude)));
}

//===----------------------------------------------------------------------===//
// ONNX Runtime's polynomials
//===----------------------------------------------------------------------===//

/// Coefficients from the highest power down, each step fused.
static float evaluatePolynomial(float x, ArrayRef<float> coefficients) {
  float result = coefficients.front();
  for (float coefficient : coefficients.drop_front())
    result = std::fma(result, x, coefficient);
  return result;
}

/// An odd rational function: x * p(x^2) / q(x^2).
static float getTanh(float x) {
  x = std::clamp(x, -9.0f, 9.0f);
  float square = x * x;
  float p =
      evaluatePolynomial(square, {-2.76076847742355e-16f, 2.00018790482477e-13f,
                                  -8.60467152213735e-11f, 5.12229709037114e-08f,
                                  1.48572235717979e-05f, 6.37261928875436e-04f,
                                  4.89352455891786e-03f});
  float q = evaluatePolynomial(square,
                               {1.19825839466702e-06f, 1.18534705686654e-04f,
                                2.26843463243900e-03f, 4.89352518554385e-03f});
  return x * p / q;
}

static float getSigmoid(float x) {
  x = std::clamp(x, -18.0f, 18.0f);
  float square = x * x;
  float p =
      evaluatePolynomial(square, {4.37031012579801e-11f, 1.15627324459942e-07f,
                                  6.08574864600143e-05f, 8.51377133304701e-03f,
                                  2.48287947061529e-01f});
  float q = evaluatePolynomial(square,
                               {6.10247389755681e-13f, 5.76102136993427e-09f,
                                6.29106785017040e-06f, 1.70198817374094e-03f,
                                1.16817656904453e-01f, 9.93151921023180e-01f});
  return std::clamp(x * p / q + 0.5f, 0.0f, 1.0f);
}

/// 2^m and what is left of x, for the two exponentials below.
static float reduce(float x, float &power) {
  constexpr float kBias = 12582912.0f; // rounds to an integer
  float count = std::fma(x, 1.44269504088896341f, kBias) - kBias;
  power = std::ldexp(1.0f, int(count));
  x = std::fma(count, -6.93145752e-1f, x);
  return std::fma(count, -1.42860677e-6f, x);
}

static float getExp(float x) {
  if (std::isnan(x))
    return x;
  float power;
  float rest =
      reduce(std::clamp(x, -103.9720840454f, 88.7762626647950f), power);
  float p =
      evaluatePolynomial(rest, {0x1.694000p-10f, 0x1.125edcp-7f, 0x1.555b5ap-5f,
                                0x1.555450p-3f, 0x1.fffff6p-2f, 1.0f, 1.0f});
  return p * power;
}

/// Another exponential, in the functions that ONNX Runtime leaves to Eigen.
static float getEigenExp(float x) {
  x = std::clamp(x, -104.0f, 88.723f);
  float power = std::floor(x * 1.44269504088896341f + 0.5f);
  float r = power * -0.693359375f + x;
  r = power * 2.12194440e-4f + r;
  float high = (1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f;
  float low = (4.1665795894e-2f * r + 1.6666665459e-1f) * r + 5.0000001201e-1f;
  float square = r * r;
  float sum = high * (square * r) + low;
  return std::ldexp(sum * square + (r + 1.0f), int(power));
}
static double getEigenExp(double x) { return std::exp(x); }

static float getErf(float x) {
  float magnitude = std::min(std::fabs(x), 3.925f);
  if (magnitude > 0.921875f) {
    float r = evaluatePolynomial(magnitude, {1.72948930e-5f, -3.83208680e-4f,
                                             3.88393435e-3f, -2.42545605e-2f,
                                             1.06777847e-1f, 6.34846687e-1f,
                                             1.28717512e-1f});
    r = std::max(-88.3762626647949f, -std::fma(r, magnitude, magnitude));
    float power;
    float rest = reduce(r, power);
    float e = evaluatePolynomial(rest, {1.38319808e-3f, 8.37550033e-3f,
                                        4.16689515e-2f, 1.66664466e-1f,
                                        4.99999851e-1f, 1.0f, 1.0f});
    return std::copysign(1.0f - e * power, x);
  }
  float r = evaluatePolynomial(
      magnitude * magnitude, {-5.99104969e-4f, 4.99339588e-3f, -2.67667342e-2f,
                              1.12818025e-1f, -3.76124859e-1f, 1.28379151e-1f});
  return std::copysign(std::fma(r, magnitude, magnitude), x);
}

//===----------------------------------------------------------------------===//
// Irrational
//===----------------------------------------------------------------------===//

/// One function for float32, another for float64.
template <typename OnSingle, typename OnDouble>
static FailureOr<Scalar> realFunctions(const Scalar &x, OnSingle onSingle,
                                       OnDouble onDouble) {
  return realFunction(x, [&](auto a) {
    if constexpr (std::is_same_v<decltype(a), float>)
      return onSingle(a);
    else
      return onDouble(a);
  });
}

static double getSigmoid(double x) { return 1 / (1 + std::exp(-x)); }

FailureOr<Scalar> TanhOp::evaluate(Operands x) {
  return realFunctions(
      *x[0], [](float a) { return getTanh(a); },
      [](double a) { return std::tanh(a); });
}

FailureOr<Scalar> SigmoidOp::evaluate(Operands x) {
  return realFunction(*x[0], [](auto a) { return getSigmoid(a); });
}

FailureOr<Scalar> ErfOp::evaluate(Operands x) {
  return realFunctions(
      *x[0], [](float a) { return getErf(a); },
      [](double a) { return std::erf(a); });
}

FailureOr<Scalar> ExpOp::evaluate(Operands x) {
  return realFunctions(
      *x[0], [](float a) { return getExp(a); },
      [](double a) { return std::exp(a); });
}

FailureOr<Scalar> SoftplusOp::evaluate(Operands x) {
  return realFunction(*x[0], [](auto a) {
    return a > 0 ? a + std::log1p(std::exp(-a)) : std::log1p(std::exp(a));
  });
}

FailureOr<Scalar> MishOp::evaluate(Operands x) {
  return realFunction(*x[0], [](auto a) {
    auto softplus =
        a > 0 ? a + std::log1p(std::exp(-a)) : std::log1p(std::exp(a));
    return a * std::tanh(softplus);
  });
}

FailureOr<Scalar> SwishOp::evaluate(Operands x) {
  float alpha = toFloat(getAlpha());
  return realFunction(
      *x[0], [&](auto a) { return a * getSigmoid(decltype(a)(alpha) * a); });
}

FailureOr<Scalar> GeluOp::evaluate(Operands x) {
  if (getApproximate() == "tanh")
    return realFunctions(
        *x[0],
        [](float a) {
          float inner =
              a * (0.035677408136300125f * a * a + 0.7978845608028654f);
          return 0.5f * a * (getTanh(inner) + 1.0f);
        },
        [](double a) {
          double inner = std::sqrt(2 / M_PI) * (a + 0.044715 * a * a * a);
          return 0.5 * a * (1 + std::tanh(inner));
        });
  return realFunctions(
      *x[0],
      [](float a) { return 0.5f * a * (getErf(a * float(M_SQRT1_2)) + 1.0f); },
      [](double a) { return 0.5 * a * (1 + std::erf(a * M_SQRT1_2)); });
}

/// scale * (e^(x / width) - 1) below 0.
template <typename Number>
static Number getExponentialUnit(Number x, float scale, float width) {
  if (x > 0 || std::isnan(x))
    return x;
  return Number(scale) * (getEigenExp(x / Number(width)) - 1);
}

FailureOr<Scalar> EluOp::evaluate(Operands x) {
  float alpha = toFloat(getAlpha());
  return realFunction(*x[0],
                      [&](auto a) { return getExponentialUnit(a, alpha, 1); });
}

Dependence EluOp::getDirection() {
  return toFloat(getAlpha()) < 0 ? Dependence() : Dependence::monotone(1);
}

FailureOr<Scalar> CeluOp::evaluate(Operands x) {
  float alpha = toFloat(getAlpha());
  if (alpha == 0)
    return failure();
  return realFunction(
      *x[0], [&](auto a) { return getExponentialUnit(a, alpha, alpha); });
}

FailureOr<Scalar> SeluOp::evaluate(Operands x) {
  float alpha = toFloat(getAlpha()), gamma = toFloat(getGamma());
  return realFunction(*x[0], [&](auto a) {
    return decltype(a)(gamma) * getExponentialUnit(a, alpha, 1);
  });
}

Dependence SeluOp::getDirection() {
  bool rises = toFloat(getAlpha()) >= 0 && toFloat(getGamma()) >= 0;
  return rises ? Dependence::monotone(1) : Dependence();
}

/// What the C library has for float32, ONNX Runtime uses, too.
#define PDKC_LIBRARY_FUNCTION(NodeOp, function)                                \
  FailureOr<Scalar> NodeOp::evaluate(Operands x) {                             \
    return realFunction(*x[0], [](auto a) { return function(a); });            \
  }
PDKC_LIBRARY_FUNCTION(LogOp, std::log)
PDKC_LIBRARY_FUNCTION(SqrtOp, std::sqrt)
PDKC_LIBRARY_FUNCTION(SinOp, std::sin)
PDKC_LIBRARY_FUNCTION(CosOp, std::cos)
PDKC_LIBRARY_FUNCTION(TanOp, std::tan)
PDKC_LIBRARY_FUNCTION(AsinOp, std::asin)
PDKC_LIBRARY_FUNCTION(AcosOp, std::acos)
PDKC_LIBRARY_FUNCTION(AtanOp, std::atan)
PDKC_LIBRARY_FUNCTION(SinhOp, std::sinh)
PDKC_LIBRARY_FUNCTION(CoshOp, std::cosh)
PDKC_LIBRARY_FUNCTION(AsinhOp, std::asinh)
PDKC_LIBRARY_FUNCTION(AcoshOp, std::acosh)
PDKC_LIBRARY_FUNCTION(AtanhOp, std::atanh)
#undef PDKC_LIBRARY_FUNCTION
