//===- FloatBounds.cpp - What float32 can be off by -----------------------===//

#include "passes/onnx/FloatBounds.h"

#include <cmath>

using namespace pdkc;

/// The largest power of two of which the number is a multiple; 0 where there
/// is none that float32 has.
static double getLowBit(const Rational &value) {
  constexpr int64_t kLowest = -149;
  std::optional<int64_t> exponent = value.getLowExponent();
  return exponent && *exponent >= kLowest ? std::ldexp(1.0, *exponent) : 0;
}

bool pdkc::fitsFloat(const Rational &step, double bound) {
  return step.sign() == 0 ? bound == 0 : bound <= getLowBit(step) / kFloatUnit;
}

bool pdkc::isExactInFloat(const IntegerTensor &tensor, int64_t element) {
  double scale = tensor.scale[element].toDouble();
  double offset = tensor.offset[element].toDouble();
  auto [low, high] = tensor.ranges[element];
  double bound = std::max(std::abs(scale * double(low) + offset),
                          std::abs(scale * double(high) + offset));
  return tensor.isDefined &&
         fitsFloat(gcd(tensor.scale[element], tensor.offset[element]), bound);
}

bool pdkc::areCommensurable(const Rational &a, const Rational &b) {
  if (!a.sign() || !b.sign())
    return true;
  return (a / b).hasTermsUpTo(256);
}
