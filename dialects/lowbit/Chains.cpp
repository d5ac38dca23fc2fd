//===- Chains.cpp - What has to hold of straight-line code ----------------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/Verify.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace pdkc::lowbit;

/// Steps name inputs and rows that are there; inputs are taken in their order;
/// and where A is accumulated it is the true value, in 0 to 255, whatever the
/// inputs are.
LogicalResult ChainsOp::verify() {
  ArrayRef<int32_t> steps = getSteps();
  int64_t inputs = getInput().getType().getNumElements();
  int64_t rows = getResult().getType().getNumElements();
  Interval range = getRange(getInput());
  if (steps.size() % 2)
    return emitOpError("has half a step");
  if (failed(verifySums(*this)))
    return failure();
  bool doubles = false;
  for (size_t i = 0; i < steps.size(); i += 2)
    doubles |= Step(steps[i]) == Step::DoubleSums;
  if (doubles && getSums())
    return emitOpError("doubles sums that there are");
  if (int64_t(getBias().size()) != rows)
    return emitOpError("has ")
           << getBias().size() << " biases for " << rows << " rows";

  int64_t taken = 0;
  bool takes = false;
  for (size_t i = 0; i < steps.size(); i += 2)
    takes |= Step(steps[i]) == Step::Take;
  // A as constant + sum of coefficients times inputs.
  int64_t constant = 0;
  llvm::SmallMapVector<int32_t, int64_t, 8> coefficients;
  for (size_t i = 0; i < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    if (steps[i] < 0 || steps[i] > int32_t(Step::DoubleSums))
      return emitOpError("has a step of the unknown kind ") << steps[i];
    switch (Step(steps[i])) {
    case Step::Load:
    case Step::Add:
    case Step::Sub:
    case Step::Take:
      if (operand < 0 || operand >= inputs)
        return emitOpError("step names input ") << operand << " of " << inputs;
      // Inputs that arrive do so in their order, and are used behind.
      if (Step(steps[i]) == Step::Take && operand != taken++)
        return emitOpError("takes input ")
               << operand << " where " << taken - 1 << " arrives";
      if (takes && operand >= taken)
        return emitOpError("uses input ") << operand << " before it is taken";
      break;
    case Step::Accumulate:
    case Step::Deduct:
      if (operand < 0 || operand >= rows)
        return emitOpError("step names row ") << operand << " of " << rows;
      break;
    default:
      break;
    }
    switch (Step(steps[i])) {
    case Step::Const:
      coefficients.clear();
      constant = operand;
      break;
    case Step::Load:
      coefficients.clear();
      constant = 0;
      coefficients[operand] = 1;
      break;
    case Step::Add:
      ++coefficients[operand];
      break;
    case Step::Sub:
      --coefficients[operand];
      break;
    case Step::Double:
      constant *= 2;
      for (auto &entry : coefficients)
        entry.second *= 2;
      break;
    case Step::Offset:
      constant += operand;
      break;
    case Step::Take:
    case Step::DoubleSums:
      break;
    case Step::Accumulate:
    case Step::Deduct: {
      Interval a{constant, constant};
      for (auto [input, coefficient] : coefficients) {
        a.min += coefficient * (coefficient < 0 ? range.max : range.min);
        a.max += coefficient * (coefficient < 0 ? range.min : range.max);
      }
      if (a.min < 0 || a.max > 255)
        return emitOpError("step ")
               << i / 2 << " accumulates A where it may be " << a.min << " to "
               << a.max << ", outside 0 to 255";
      break;
    }
    }
  }
  return verifyRange(*this);
}
