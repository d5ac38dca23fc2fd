//===- Interpreter.cpp - The meaning of the lowbit dialect ----------------===//

#include "dialects/lowbit/Interpreter.h"

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/ModelInterface.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pdkc::lowbit;

/// Adds the sums that an operation accumulates to, its second operand if any.
static Elements accumulate(Elements sums, ArrayRef<const Elements *> operands) {
  if (operands.size() > 1)
    for (auto [sum, before] : llvm::zip_equal(sums, *operands[1]))
      sum += before;
  return sums;
}

static Elements interpretDense(DenseOp op, const Elements &input) {
  Elements sums(op.getBias());
  Codes codes(op.getCodes());
  size_t weight = 0;
  ArrayRef<int64_t> codebook = op.getCodebook();
  for (int64_t &sum : sums)
    for (int64_t value : input)
      sum += codebook[codes[weight++]] * value;
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
  Elements sums(op.getBias().size(), 0);
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
    case Step::Accumulate:
      sums[operand] += a;
      break;
    case Step::Deduct:
      sums[operand] -= a;
      break;
    case Step::Take:
      break;
    case Step::DoubleSums:
      for (int64_t &sum : sums)
        sum *= 2;
      break;
    }
  }
  for (auto [sum, bias] : llvm::zip_equal(sums, op.getBias()))
    sum += bias;
  return sums;
}

/// The results of a block's terminator, from those of the block's arguments.
static SmallVector<Elements, 2> interpretBlock(Block &block,
                                               ArrayRef<const Elements *> inputs) {
  DenseMap<Value, Elements> values;
  for (auto [argument, input] : llvm::zip_equal(block.getArguments(), inputs))
    values[argument] = *input;
  for (Operation &op : block.without_terminator()) {
    SmallVector<const Elements *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(&values.find(operand)->second);
    Elements result = interpret(&op, operands);
    values[op.getResult(0)] = std::move(result);
  }
  SmallVector<Elements, 2> results;
  for (Value result : block.getTerminator()->getOperands())
    results.push_back(values.lookup(result));
  return results;
}

Elements pdkc::lowbit::interpret(Operation *op,
                                 ArrayRef<const Elements *> operands) {
  const Elements &input = *operands.front();
  Elements result =
      llvm::TypeSwitch<Operation *, Elements>(op)
          .Case<ReshapeOp, CopyOp>([&](Operation *) { return input; })
          .Case([&](FusedOp fused) {
            return interpretBlock(fused.getBody().front(), operands).front();
          })
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
          .Case([&](DenseOp dense) {
            return accumulate(interpretDense(dense, input), operands);
          })
          .Case([&](ConvOp conv) {
            return accumulate(interpretConv(conv, input), operands);
          })
          .Case([&](MaxPoolOp pool) { return interpretMaxPool(pool, input); })
          .Case([&](ScaleOp scale) {
            Elements scaled;
            for (auto [i, bias] : llvm::enumerate(scale.getBias())) {
              __int128 sum = bias;
              for (auto [k, operand] : llvm::enumerate(operands))
                sum += __int128(scale.getMultiplierOf(k, i)) * (*operand)[i];
              scaled.push_back(scale.finish(sum));
            }
            return scaled;
          })
          .Case([&](StepsOp steps) { return interpretSteps(steps, input); })
          .Case([&](ChainsOp chains) {
            return accumulate(interpretChains(chains, input), operands);
          })
          .Case([&](PlanesOp planes) { return planes.evaluate(input); })
          .Case([&](RequantOp requant) {
            return interpretRequant(requant, input);
          })
          .Case([&](ByteOp byte) {
            Elements bytes;
            for (int64_t value : input)
              bytes.push_back(byte.apply(value));
            return bytes;
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

SmallVector<Elements, 2> pdkc::lowbit::interpretAll(func::FuncOp func,
                                                    const Elements &input) {
  SmallVector<const Elements *> arguments;
  SmallVector<Elements, 2> inputs = splitInputs(func, input);
  for (const Elements &each : inputs)
    arguments.push_back(&each);
  return interpretBlock(func.getBody().front(), arguments);
}

Elements pdkc::lowbit::interpret(func::FuncOp func, const Elements &input) {
  return interpretAll(func, input).front();
}
