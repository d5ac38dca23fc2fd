//===- Planes.cpp - What has to hold of sums of bit planes ----------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/Verify.h"

#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace pdkc::lowbit;

/// What a walk taps that names what is there; the values are bytes, or any
/// group: what each input is, all of them together, and nothing.
template <typename Value>
static SmallVector<Value> goWalk(PlanesOp op, ArrayRef<Value> inputs,
                                 const Value &total, const Value &zero) {
  Value a = zero;
  SmallVector<Value> taps(op.getNumRows() * op.getNumPlanes(), zero);
  ArrayRef<int32_t> walk = op.getWalk();
  for (size_t i = 0; i < walk.size(); i += 2) {
    int32_t operand = walk[i + 1];
    switch (Walk(walk[i])) {
    case Walk::Load:
      a = inputs[operand];
      break;
    case Walk::Add:
      a += inputs[operand];
      break;
    case Walk::Sub:
      a -= inputs[operand];
      break;
    case Walk::Total:
      a = total;
      break;
    case Walk::Clear:
      a = zero;
      break;
    case Walk::Recall:
      a = taps[operand];
      break;
    case Walk::Tap:
      taps[operand] = a;
      break;
    case Walk::AddTap:
      taps[operand] += a;
      break;
    }
  }
  return taps;
}

namespace {
/// How often each input is in a sum, modulo 256.
struct Counts : SmallVector<uint8_t> {
  using SmallVector::SmallVector;
  Counts &operator+=(const Counts &other) {
    llvm::transform(llvm::zip_equal(*this, other), begin(), [](auto it) {
      return uint8_t(std::get<0>(it) + std::get<1>(it));
    });
    return *this;
  }
  Counts &operator-=(const Counts &other) {
    llvm::transform(llvm::zip_equal(*this, other), begin(), [](auto it) {
      return uint8_t(std::get<0>(it) - std::get<1>(it));
    });
    return *this;
  }
};
} // namespace

SmallVector<SmallVector<uint8_t>> PlanesOp::getTaps() {
  size_t inputs = getNumInputs();
  Counts zero(inputs, 0), total(inputs, 1);
  SmallVector<Counts> ones(inputs, zero);
  for (size_t i = 0; i < inputs; ++i)
    ones[i][i] = 1;
  return llvm::to_vector_of<SmallVector<uint8_t>>(
      goWalk<Counts>(*this, ones, total, zero));
}

SmallVector<int64_t> PlanesOp::getWeights() {
  int64_t inputs = getNumInputs(), planes = getNumPlanes();
  SmallVector<int64_t> weights(getNumRows() * inputs, getCoefficients()[0]);
  for (auto [number, tap] : llvm::enumerate(getTaps()))
    for (int64_t input = 0; input < inputs; ++input)
      weights[number / planes * inputs + input] +=
          getCoefficients()[1 + number % planes] * tap[input];
  return weights;
}

int64_t PlanesOp::getNumDigits() {
  int64_t width = getWidth(getRange(getInput()));
  return getDigits() ? (width + *getDigits() - 1) / *getDigits() : 1;
}

Interval PlanesOp::getSumRange(bool hasBias) {
  Interval input = getRange(getInput());
  SmallVector<int64_t> weights = getWeights();
  std::optional<Interval> all;
  size_t weight = 0;
  for (int64_t bias : getBias()) {
    Interval sum{hasBias ? bias : 0, hasBias ? bias : 0};
    for (int64_t i = 0; i < getNumInputs(); ++i) {
      int64_t factor = weights[weight++];
      sum.min += factor * (factor < 0 ? input.max : input.min);
      sum.max += factor * (factor < 0 ? input.min : input.max);
    }
    all = all ? hull(*all, sum) : sum;
  }
  return *all;
}

int64_t PlanesOp::finish(int64_t sum) {
  return getMin() ? std::clamp(sum >> getShift(), *getMin(), *getMax()) : sum;
}

SmallVector<int64_t> PlanesOp::evaluate(ArrayRef<int64_t> input) {
  int64_t rows = getNumRows(), planes = getNumPlanes();
  ArrayRef<int64_t> coefficients = getCoefficients();
  SmallVector<int64_t> sums(getBias());
  // Goes the walk of these inputs and adds what comes of it, times 2^place.
  auto run = [&](ArrayRef<int64_t> inputs, int64_t place) {
    uint8_t total = 0;
    for (int64_t value : inputs)
      total += uint8_t(value);
    SmallVector<uint8_t> bytes(inputs);
    SmallVector<uint8_t> taps = goWalk<uint8_t>(*this, bytes, total, 0);
    for (int64_t row = 0; row < rows; ++row) {
      int64_t sum = coefficients[0] * total;
      for (int64_t plane = 0; plane < planes; ++plane)
        sum += coefficients[1 + plane] * taps[row * planes + plane];
      sums[row] += shiftUp(sum, place);
    }
  };
  int64_t all = 0;
  for (int64_t value : input)
    all += value;
  if (all <= int64_t(getLimit())) {
    run(input, 0);
  } else {
    int64_t bits = *getDigits();
    for (int64_t digit = 0; digit < getNumDigits(); ++digit) {
      SmallVector<int64_t> digits;
      for (int64_t value : input)
        digits.push_back(value >> (digit * bits) & ((1 << bits) - 1));
      run(digits, digit * bits);
    }
  }
  for (int64_t &sum : sums)
    sum = finish(sum);
  return sums;
}

/// The walk names inputs and taps that are there, recalls what is tapped, and
/// taps each sum once, and adds to it behind, which is of inputs that each come
/// in it once or not at all. So sums are bytes as long as that of all inputs
/// is.
static LogicalResult verifyWalk(PlanesOp op) {
  ArrayRef<int32_t> walk = op.getWalk();
  int64_t inputs = op.getNumInputs();
  int64_t taps = op.getNumRows() * op.getNumPlanes();
  if (walk.size() % 2)
    return op.emitOpError("has half a step");
  llvm::BitVector isTapped(taps);
  for (size_t i = 0; i < walk.size(); i += 2) {
    int32_t operand = walk[i + 1];
    if (walk[i] < 0 || walk[i] > int32_t(Walk::AddTap))
      return op.emitOpError("has a step of the unknown kind ") << walk[i];
    switch (Walk(walk[i])) {
    case Walk::Load:
    case Walk::Add:
    case Walk::Sub:
      if (operand < 0 || operand >= inputs)
        return op.emitOpError("step names input ")
               << operand << " of " << inputs;
      break;
    case Walk::Recall:
    case Walk::Tap:
    case Walk::AddTap:
      if (operand < 0 || operand >= taps)
        return op.emitOpError("step names tap ") << operand << " of " << taps;
      if (isTapped[operand] != (Walk(walk[i]) != Walk::Tap))
        return op.emitOpError("step ")
               << i / 2
               << (isTapped[operand]               ? " taps again "
                   : Walk(walk[i]) == Walk::Recall ? " recalls too early "
                                                   : " adds too early to ")
               << operand;
      isTapped.set(operand);
      break;
    case Walk::Total:
    case Walk::Clear:
      break;
    }
  }
  if (!isTapped.all())
    return op.emitOpError("never taps ") << isTapped.find_first_unset();
  for (auto [number, tap] : llvm::enumerate(op.getTaps()))
    for (auto [input, coefficient] : llvm::enumerate(tap))
      if (coefficient > 1)
        return op.emitOpError("tap ")
               << number << " has input " << input << ' ' << int(coefficient)
               << " times (modulo 256), not once or never";
  return success();
}

LogicalResult PlanesOp::verify() {
  if (getCoefficients().size() < 2)
    return emitOpError("has no plane");
  if (int64_t rows = getResult().getType().getNumElements();
      rows != getNumRows())
    return emitOpError("has ")
           << getNumRows() << " biases for " << rows << " rows";
  if (getMin().has_value() != getMax().has_value() ||
      (getMin() && *getMin() > *getMax()) || (!getMin() && getShift() != 0))
    return emitOpError("needs the ends of the range that it clamps to");
  Interval range = getRange(getInput());
  if (range.min < 0 || range.max > 255)
    return emitOpError("takes inputs of 0 to 255, not ")
           << range.min << " to " << range.max;
  if (failed(verifyWalk(*this)))
    return failure();
  int64_t largest = getDigits() ? (int64_t(1) << *getDigits()) - 1 : range.max;
  if (largest * getNumInputs() > int64_t(getLimit()))
    return emitOpError("goes its walk with inputs whose sum may be ")
           << largest * getNumInputs() << ", above its limit " << getLimit();
  return verifyRange(*this);
}
