//===- Interpreter.cpp - The meaning of the lowbit dialect ----------------===//

#include "dialects/lowbit/Interpreter.h"

#include "dialects/lowbit/LowbitDialect.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace pdkc::lowbit;

static Elements interpretDense(DenseOp op, const Elements &input) {
  Elements sums(op.getBias());
  auto code = op.getCodes().getValues<int8_t>().begin();
  ArrayRef<int64_t> codebook = op.getCodebook();
  for (int64_t &sum : sums)
    for (int64_t value : input)
      sum += codebook[uint8_t(*code++)] * value;
  return sums;
}

static Elements interpretConv(ConvOp op, const Elements &input) {
  Elements sums;
  for (int64_t i = 0; i < op.getResult().getType().getNumElements(); ++i)
    sums.push_back(op.getBiasOf(i));
  SmallVector<int64_t> weights = op.getWeights();
  op.forEachProduct([&](int64_t result, int64_t element, int64_t weight) {
    sums[result] += weights[weight] * input[element];
  });
  return sums;
}

static Elements interpretMaxPool(MaxPoolOp op, const Elements &input) {
  Elements result;
  for (ArrayRef<int64_t> window : op.getWindows()) {
    int64_t largest = input[window.front()];
    for (int64_t index : window)
      largest = std::max(largest, input[index]);
    result.push_back(largest);
  }
  return result;
}

static Elements interpretRequant(RequantOp op, const Elements &input) {
  Elements result;
  for (int64_t value : input)
    result.push_back(op.apply(value));
  return result;
}

static Elements interpretSteps(StepsOp op, const Elements &input) {
  SmallVector<StepsOp::Pieces> functions = op.getFunctions();
  Elements result;
  for (auto [i, value] : llvm::enumerate(input)) {
    const StepsOp::Pieces &function = functions[op.getFunctionOf(i)];
    result.push_back(function.values[function.find(value)]);
  }
  return result;
}

static Elements interpretChains(ChainsOp op, const Elements &input) {
  Elements sums(op.getBias());
  uint8_t a = 0;
  ArrayRef<int32_t> steps = op.getSteps();
  for (size_t i = 0; i + 1 < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    switch (Step(steps[i])) {
    case Step::Const:
      a = uint8_t(operand);
      break;
    case Step::Load:
      a = uint8_t(input[operand]);
      break;
    case Step::Add:
      a += uint8_t(input[operand]);
      break;
    case Step::Sub:
      a -= uint8_t(input[operand]);
      break;
    case Step::Double:
      a *= 2;
      break;
    case Step::Offset:
      a += uint8_t(operand);
      break;
    case Step::Tap:
      sums[operand] += a;
      break;
    case Step::Untap:
      sums[operand] -= a;
      break;
    case Step::Take:
      break;
    }
  }
  return sums;
}

Elements pdkc::lowbit::interpret(Operation *op,
                                 ArrayRef<const Elements *> operands) {
  const Elements &input = *operands.front();
  Elements result =
      llvm::TypeSwitch<Operation *, Elements>(op)
          .Case([&](ReshapeOp) { return input; })
          .Case([&](SelectOp select) {
            Elements picked;
            for (int64_t index : select.getIndices())
              picked.push_back(input[index]);
            return picked;
          })
          .Case([&](ConcatOp) {
            Elements all;
            for (const Elements *operand : operands)
              all.append(*operand);
            return all;
          })
          .Case([&](DenseOp dense) { return interpretDense(dense, input); })
          .Case([&](ConvOp conv) { return interpretConv(conv, input); })
          .Case([&](MaxPoolOp pool) { return interpretMaxPool(pool, input); })
          .Case([&](ScaleOp scale) {
            Elements scaled(scale.getBias());
            const auto *multiplier = scale.getMultiplier().begin();
            for (const Elements *operand : operands)
              for (auto [sum, value] : llvm::zip_equal(scaled, *operand))
                sum += value * *multiplier++;
            return scaled;
          })
          .Case([&](StepsOp steps) { return interpretSteps(steps, input); })
          .Case([&](ChainsOp chains) { return interpretChains(chains, input); })
          .Case([&](RequantOp requant) {
            return interpretRequant(requant, input);
          })
          .Case([&](ArgmaxOp) {
            // max_element gives the first of equal ones.
            const auto *largest = std::max_element(input.begin(), input.end());
            return Elements{largest - input.begin()};
          });
  assert(llvm::all_of(result,
                      [&](int64_t value) {
                        Interval range = getRange(op->getResult(0));
                        return value >= range.min && value <= range.max;
                      }) &&
         "a value left its proven range");
  return result;
}

/// Whether float32 may give both arguments the same Sigmoid, which
/// implementations cut off at about 17.
static bool meetAtEnd(double a, double b) {
  auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  constexpr double kApart = 1.0 / (1 << 20), kFar = 16;
  return std::abs(sigmoid(a) - sigmoid(b)) <=
             kApart * std::max(sigmoid(a), sigmoid(b)) ||
         (a < -kFar && b < -kFar);
}

/// Whether the operation says of one of its elements that float32 could have
/// made something else of it.
static bool isUndecidedAt(Operation *op, const Elements &input) {
  if (auto triples = op->getAttrOfType<DenseI64ArrayAttr>(kUndecided))
    for (size_t i = 0; i + 2 < size_t(triples.size()); i += 3) {
      int64_t value = input[triples[i]];
      if (value >= triples[i + 1] && value <= triples[i + 2])
        return true;
    }
  auto reals = op->getAttrOfType<DenseF64ArrayAttr>(kReals);
  if (!reals || size_t(reals.size()) != 3 * input.size())
    return false;
  size_t largest = std::max_element(input.begin(), input.end()) - input.begin();
  auto getReal = [&](size_t i) {
    return reals[3 * i] * double(input[i]) + reals[3 * i + 1];
  };
  auto factor = op->getAttrOfType<FloatAttr>(kSaturates);
  double top = getReal(largest);
  for (size_t i = 0; i < input.size(); ++i) {
    double margin = reals[3 * i + 2] + reals[3 * largest + 2];
    // Equal ones that float32 has exactly are equal there, too.
    if (i == largest || (input[i] == input[largest] && margin == 0))
      continue;
    if (top - getReal(i) <= margin)
      return true;
    if (factor && meetAtEnd(factor.getValueAsDouble() * top,
                            factor.getValueAsDouble() * getReal(i)))
      return true;
  }
  return false;
}

Outcome pdkc::lowbit::interpretAll(func::FuncOp func, const Elements &input) {
  Outcome outcome;
  DenseMap<Value, Elements> values;
  values[func.getArgument(0)] = input;
  Block &body = func.getBody().front();
  for (Operation &op : body.without_terminator()) {
    SmallVector<const Elements *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(&values.find(operand)->second);
    outcome.isUndecided |= isUndecidedAt(&op, *operands.front());
    Elements result = interpret(&op, operands);
    values[op.getResult(0)] = std::move(result);
  }
  for (Value result : body.getTerminator()->getOperands())
    outcome.results.push_back(values.lookup(result));
  return outcome;
}

Elements pdkc::lowbit::interpret(func::FuncOp func, const Elements &input) {
  return interpretAll(func, input).results.front();
}
