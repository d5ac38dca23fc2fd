//===- FloatBounds.cpp - What float32 can be off by -----------------------===//

#include "passes/onnx_to_lowbit/FloatBounds.h"

#include <cmath>

using namespace pdkc;
using llvm::ArrayRef;
using llvm::SmallVector;

/// The largest power of two of which the number is a multiple; 0 where there
/// is none that float32 has.
static double getLowBit(const Rational &value) {
  constexpr int64_t kLowest = -149;
  std::optional<int64_t> exponent = value.getLowExponent();
  return exponent && *exponent >= kLowest ? std::ldexp(1.0, *exponent) : 0;
}

double pdkc::getExactLimit(const Rational &step) {
  return getLowBit(step) / kFloatUnit;
}

bool pdkc::fitsFloat(const Rational &step, double bound) {
  return step.sign() == 0 ? bound == 0 : bound <= getExactLimit(step);
}

double pdkc::getMagnitude(const IntegerTensor &tensor, int64_t element) {
  double scale = tensor.scale[element].toDouble();
  double offset = tensor.offset[element].toDouble();
  auto [low, high] = tensor.ranges[element];
  return std::max(std::abs(scale * double(low) + offset),
                  std::abs(scale * double(high) + offset));
}

bool pdkc::isExactInFloat(const IntegerTensor &tensor, int64_t element) {
  return tensor.isDefined && boundRounding(tensor, element) == 0 &&
         fitsFloat(gcd(tensor.scale[element], tensor.offset[element]),
                   getMagnitude(tensor, element));
}

double pdkc::boundRounding(const IntegerTensor &tensor, int64_t element) {
  if (tensor.rounding.empty())
    return 0;
  const Rounding &rounding = tensor.rounding[element];
  return rounding.absolute + rounding.relative * getMagnitude(tensor, element);
}

void pdkc::roundOnce(IntegerTensor &tensor) {
  tensor.rounding.clear();
  SmallVector<Rounding, 0> rounding;
  for (size_t i = 0; i < tensor.scale.size(); ++i)
    rounding.push_back({0, isExactInFloat(tensor, i) ? 0 : kFloatUnit});
  tensor.rounding = std::move(rounding);
}

lowbit::FloatSums::Term pdkc::getTerm(const IntegerTensor &tensor,
                                      int64_t element) {
  if (tensor.scale[element].sign() == 0)
    return {};
  lowbit::FloatSums::Term term;
  term.offset = (tensor.offset[element] / tensor.scale[element]).toDouble();
  if (!tensor.rounding.empty())
    term.error = tensor.rounding[element].absolute /
                 std::abs(tensor.scale[element].toDouble());
  return term;
}

RowBound pdkc::boundRow(const IntegerTensor &tensor, int64_t row,
                        const lowbit::Intervals &terms,
                        ArrayRef<double> errors) {
  lowbit::SumBound bound;
  for (auto [i, weight] : llvm::enumerate(tensor.weights[row]))
    bound.add(double(weight), terms[i], errors[i], tensor.floatSums.terms[i]);
  const lowbit::FloatSums::Row &it = tensor.floatSums.rows[row];
  return {bound.get(tensor.floatSums, it) *
              std::abs(tensor.scale[row].toDouble()),
          bound.getLargest() + it.addend};
}

bool pdkc::areCommensurable(const Rational &a, const Rational &b) {
  if (!a.sign() || !b.sign())
    return true;
  return (a / b).hasTermsUpTo(256);
}
