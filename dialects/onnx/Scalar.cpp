//===- Scalar.cpp - One element of a tensor -------------------------------===//

#include "dialects/onnx/Scalar.h"

#include "mlir/IR/BuiltinTypes.h"
#include <cmath>

using namespace mlir;
using namespace pdkc;
using namespace pdkc::onnx;

/// Integers narrower than 64 bits, and what a cast to them keeps.
static int64_t wrap(IntegerType type, int64_t value) {
  APInt bits(64, uint64_t(value));
  bits = bits.trunc(type.getWidth());
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  return isUnsigned ? int64_t(bits.getZExtValue()) : bits.getSExtValue();
}

static APFloat roundToHalf(FloatType type, float value) {
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
  return rounded;
}

Scalars pdkc::onnx::getScalars(DenseElementsAttr elements) {
  Scalars scalars;
  scalars.reserve(elements.getNumElements());
  if (auto type = dyn_cast<IntegerType>(elements.getElementType())) {
    for (const APInt &value : elements.getValues<APInt>())
      scalars.emplace_back(wrap(type, int64_t(value.getZExtValue())));
  } else if (elements.getElementType().isF32()) {
    for (float value : elements.getValues<float>())
      scalars.emplace_back(value);
  } else if (elements.getElementType().isF64()) {
    for (double value : elements.getValues<double>())
      scalars.emplace_back(value);
  } else {
    for (APFloat value : elements.getValues<APFloat>()) {
      bool losesInfo;
      value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
      scalars.emplace_back(value.convertToFloat());
    }
  }
  return scalars;
}

SmallVector<int64_t> pdkc::onnx::getIntegers(DenseElementsAttr elements) {
  SmallVector<int64_t> integers;
  for (const Scalar &scalar : getScalars(elements))
    integers.push_back(std::get<int64_t>(scalar));
  return integers;
}

DenseElementsAttr pdkc::onnx::getElements(RankedTensorType type,
                                          ArrayRef<Scalar> scalars) {
  Type elementType = type.getElementType();
  if (auto integer = dyn_cast<IntegerType>(elementType)) {
    SmallVector<APInt> values;
    for (const Scalar &scalar : scalars)
      values.push_back(APInt(64, uint64_t(std::get<int64_t>(scalar)))
                           .trunc(integer.getWidth()));
    return DenseElementsAttr::get(type, values);
  }
  SmallVector<APFloat> values;
  for (const Scalar &scalar : scalars)
    values.push_back(elementType.isF64()
                         ? APFloat(std::get<double>(scalar))
                         : roundToHalf(cast<FloatType>(elementType),
                                       std::get<float>(scalar)));
  return DenseElementsAttr::get(type, values);
}

Scalar pdkc::onnx::roundTo(Type elementType, Scalar scalar) {
  if (auto *integer = std::get_if<int64_t>(&scalar))
    return wrap(cast<IntegerType>(elementType), *integer);
  if (auto *single = std::get_if<float>(&scalar);
      single && !elementType.isF32())
    return getScalars(
               getElements(RankedTensorType::get({1}, elementType), scalar))
        .front();
  return scalar;
}

std::optional<Rational> pdkc::onnx::getExact(const Scalar &scalar) {
  if (auto *exact = std::get_if<Rational>(&scalar))
    return *exact;
  if (auto *integer = std::get_if<int64_t>(&scalar))
    return Rational(*integer);
  if (auto *single = std::get_if<float>(&scalar))
    return Rational::fromDouble(*single);
  return Rational::fromDouble(std::get<double>(scalar));
}

bool pdkc::onnx::isInfinite(const Scalar &scalar) {
  if (auto *single = std::get_if<float>(&scalar))
    return std::isinf(*single);
  auto *wide = std::get_if<double>(&scalar);
  return wide && std::isinf(*wide);
}

Scalar pdkc::onnx::getScalar(Type elementType, const Rational &value) {
  if (elementType.isF64())
    return value.toDouble();
  if (isa<FloatType>(elementType))
    return roundTo(elementType, value.toFloat());
  // Beyond 64 bits only what is clamped later comes this way.
  Rational truncated = value.sign() < 0 ? ceil(value) : floor(value);
  std::optional<int64_t> integer = truncated.getInteger();
  int64_t limit = value.sign() < 0 ? INT64_MIN : INT64_MAX;
  return roundTo(elementType, integer.value_or(limit));
}
