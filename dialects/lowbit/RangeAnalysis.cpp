//===- RangeAnalysis.cpp - Proven ranges, element by element --------------===//

#include "dialects/lowbit/RangeAnalysis.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pdkc::lowbit;

static Interval scale(Interval interval, int64_t factor) {
  Interval result{interval.min * factor, interval.max * factor};
  if (factor < 0)
    std::swap(result.min, result.max);
  return result;
}

/// Adds the sums that an operation accumulates to, its second operand if any.
static Intervals accumulate(Intervals sums,
                            ArrayRef<const Intervals *> operands) {
  if (operands.size() > 1)
    for (auto [sum, before] : llvm::zip_equal(sums, *operands[1])) {
      sum.min += before.min;
      sum.max += before.max;
    }
  return sums;
}

static Intervals inferDense(DenseOp op, const Intervals &input) {
  Intervals result;
  Codes codes(op.getCodes());
  size_t weight = 0;
  for (int64_t bias : op.getBias()) {
    Interval sum{bias, bias};
    for (const Interval &element : input) {
      Interval product = scale(element, op.getCodebook()[codes[weight++]]);
      sum.min += product.min;
      sum.max += product.max;
    }
    result.push_back(sum);
  }
  return result;
}

/// Steps are linear, so the coefficients of each sum are collected first; the
/// intervals of the steps one by one would lose that an input cancels.
static Intervals inferChains(ChainsOp op, const Intervals &input) {
  size_t count = input.size();
  SmallVector<int64_t> a(count + 1, 0); // the constant is last
  SmallVector<SmallVector<int64_t>> sums(op.getBias().size(),
                                         SmallVector<int64_t>(count + 1, 0));
  ArrayRef<int32_t> steps = op.getSteps();
  for (size_t i = 0; i + 1 < steps.size(); i += 2) {
    int32_t operand = steps[i + 1];
    switch (Step(steps[i])) {
    case Step::Const:
      a.assign(count + 1, 0);
      a[count] = operand;
      break;
    case Step::Load:
      a.assign(count + 1, 0);
      a[operand] = 1;
      break;
    case Step::Add:
      ++a[operand];
      break;
    case Step::Sub:
      --a[operand];
      break;
    case Step::Double:
      for (int64_t &coefficient : a)
        coefficient *= 2;
      break;
    case Step::Offset:
      a[count] += operand;
      break;
    case Step::Take:
      break;
    case Step::Accumulate:
    case Step::Deduct:
      for (size_t j = 0; j <= count; ++j)
        sums[operand][j] += Step(steps[i]) == Step::Accumulate ? a[j] : -a[j];
      break;
    case Step::DoubleSums:
      for (auto &sum : sums)
        for (int64_t &coefficient : sum)
          coefficient *= 2;
      break;
    }
  }
  Intervals result;
  for (auto [sum, bias] : llvm::zip_equal(sums, op.getBias())) {
    Interval total{sum[count] + bias, sum[count] + bias};
    for (size_t j = 0; j < count; ++j) {
      Interval product = scale(input[j], sum[j]);
      total.min += product.min;
      total.max += product.max;
    }
    result.push_back(total);
  }
  return result;
}

static Intervals inferPlanes(PlanesOp op, const Intervals &input) {
  Intervals result;
  SmallVector<int64_t> weights = op.getWeights();
  size_t weight = 0;
  for (int64_t bias : op.getBias()) {
    Interval sum{bias, bias};
    for (const Interval &element : input) {
      Interval product = scale(element, weights[weight++]);
      sum.min += product.min;
      sum.max += product.max;
    }
    result.push_back({op.finish(sum.min), op.finish(sum.max)});
  }
  return result;
}

static Intervals inferConv(ConvOp op, const Intervals &input) {
  Intervals result;
  for (int64_t i = 0; i < op.getResult().getType().getNumElements(); ++i)
    result.push_back({op.getBiasOf(i), op.getBiasOf(i)});
  SmallVector<int64_t> weights = op.getWeights();
  op.forEachProduct([&](int64_t sum, int64_t element, int64_t weight) {
    Interval product = scale(input[element], weights[weight]);
    result[sum].min += product.min;
    result[sum].max += product.max;
  });
  return result;
}

static Intervals inferMaxPool(MaxPoolOp op, const Intervals &input) {
  Intervals result;
  for (ArrayRef<int64_t> window : op.getWindows()) {
    Interval largest = input[window.front()];
    for (int64_t index : window) {
      largest.min = std::max(largest.min, input[index].min);
      largest.max = std::max(largest.max, input[index].max);
    }
    result.push_back(largest);
  }
  return result;
}

static Intervals inferRequant(RequantOp op, const Intervals &input) {
  Intervals result;
  for (const Interval &element : input) {
    int64_t ends[] = {op.apply(element.min), op.apply(element.max)};
    result.push_back({std::min(ends[0], ends[1]), std::max(ends[0], ends[1])});
  }
  return result;
}

static Intervals inferByte(ByteOp op, const Intervals &input) {
  Intervals result;
  unsigned place = 8 * op.getNumber() + 8;
  for (const Interval &element : input) {
    bool isOne = (element.min - op.getBase()) >> place ==
                 (element.max - op.getBase()) >> place;
    result.push_back(
        isOne ? Interval{op.apply(element.min), op.apply(element.max)}
              : Interval{0, 255});
  }
  return result;
}

static Intervals inferSteps(StepsOp op, const Intervals &input) {
  SmallVector<StepsOp::Pieces> functions = op.getFunctions();
  Intervals result;
  for (auto [i, element] : llvm::enumerate(input)) {
    const StepsOp::Pieces &function = functions[op.getFunctionOf(i)];
    size_t first = function.find(element.min);
    Interval values{function.values[first], function.values[first]};
    for (int64_t value :
         function.values.slice(first, function.find(element.max) + 1 - first))
      values = hull(values, {value, value});
    result.push_back(values);
  }
  return result;
}

static Intervals inferScale(ScaleOp op, ArrayRef<const Intervals *> operands) {
  Intervals result;
  for (size_t i = 0; i < op.getBias().size(); ++i) {
    auto [low, high] =
        op.boundSum(i, [&](size_t k) { return (*operands[k])[i]; });
    Interval ends{op.finish(low), op.finish(high)};
    if (auto within = op.getWithin())
      ends = {std::clamp(ends.min, (*within)[0], (*within)[1]),
              std::clamp(ends.max, (*within)[0], (*within)[1])};
    result.push_back(ends);
  }
  return result;
}

static Intervals inferFused(FusedOp op, ArrayRef<const Intervals *> operands) {
  DenseMap<Value, Intervals> ranges;
  Block &body = op.getBody().front();
  for (auto [argument, range] : llvm::zip_equal(body.getArguments(), operands))
    ranges[argument] = *range;
  for (Operation &inner : body.without_terminator()) {
    SmallVector<const Intervals *> known;
    for (Value operand : inner.getOperands())
      known.push_back(&ranges.find(operand)->second);
    Intervals result = inferRanges(&inner, known);
    ranges[inner.getResult(0)] = std::move(result);
  }
  return ranges.lookup(body.getTerminator()->getOperand(0));
}

Intervals pdkc::lowbit::inferRanges(Operation *op,
                                    ArrayRef<const Intervals *> operands) {
  const Intervals &input = *operands.front();
  return llvm::TypeSwitch<Operation *, Intervals>(op)
      .Case<ReshapeOp, CopyOp>([&](Operation *) { return input; })
      .Case([&](FusedOp fused) { return inferFused(fused, operands); })
      .Case([&](SelectOp select) {
        Intervals result;
        for (int64_t index : select.getIndices())
          result.push_back(input[index]);
        return result;
      })
      .Case([&](ConcatOp) {
        Intervals result;
        for (const Intervals *operand : operands)
          result.append(*operand);
        return result;
      })
      .Case([&](DenseOp dense) {
        return accumulate(inferDense(dense, input), operands);
      })
      .Case([&](ConvOp conv) {
        return accumulate(inferConv(conv, input), operands);
      })
      .Case([&](MaxPoolOp pool) { return inferMaxPool(pool, input); })
      .Case([&](ScaleOp op) { return inferScale(op, operands); })
      .Case([&](StepsOp steps) { return inferSteps(steps, input); })
      .Case([&](ChainsOp chains) {
        return accumulate(inferChains(chains, input), operands);
      })
      .Case([&](PlanesOp planes) { return inferPlanes(planes, input); })
      .Case([&](RequantOp requant) { return inferRequant(requant, input); })
      .Case([&](ByteOp byte) { return inferByte(byte, input); })
      .Case(
          [&](ArgmaxOp) { return Intervals{{0, int64_t(input.size()) - 1}}; });
}

/// Whether the operand's own ranges count, not the one of all: what a selection
/// picks may be sums of very different weights, and so may be sums that are
/// added to.
static bool seesElements(OpOperand &operand) {
  Operation *op = operand.getOwner();
  unsigned number = operand.getOperandNumber();
  if (auto fused = dyn_cast<FusedOp>(op))
    return llvm::any_of(fused.getBody().getArgument(number).getUses(),
                        seesElements);
  Operation *producer = getProducer(operand.get());
  if (isa<DenseOp, ChainsOp, ConvOp>(op) && number == 1)
    return isa_and_nonnull<DenseOp, ChainsOp, ConvOp>(producer);
  return isa<SelectOp>(op) &&
         isa_and_nonnull<DenseOp, ChainsOp, PlanesOp>(producer);
}

Intervals pdkc::lowbit::inferFromTypes(Operation *op) {
  SmallVector<Intervals> ranges;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    ranges.push_back(
        seesElements(operand)
            ? inferFromTypes(getProducer(value))
            : Intervals(cast<RankedTensorType>(value.getType()).getNumElements(),
                        getRange(value)));
  }
  SmallVector<const Intervals *> operands;
  for (const Intervals &range : ranges)
    operands.push_back(&range);
  return inferRanges(op, operands);
}

DenseMap<Value, Intervals> pdkc::lowbit::inferRanges(func::FuncOp func) {
  DenseMap<Value, Intervals> ranges;
  for (Value argument : func.getArguments())
    ranges[argument] =
        Intervals(cast<RankedTensorType>(argument.getType()).getNumElements(),
                  getRange(argument));
  for (Operation &op : func.getBody().front().without_terminator()) {
    // Types hold one range a tensor, so no more than that is relied on: what
    // is proven here is what the verifiers see.
    SmallVector<Intervals> known;
    for (OpOperand &operand : op.getOpOperands()) {
      const Intervals &intervals = ranges.find(operand.get())->second;
      known.push_back(seesElements(operand)
                          ? intervals
                          : Intervals(intervals.size(), hull(intervals)));
    }
    SmallVector<const Intervals *> operands;
    for (const Intervals &intervals : known)
      operands.push_back(&intervals);
    ranges[op.getResult(0)] = inferRanges(&op, operands);
  }
  return ranges;
}

Interval pdkc::lowbit::hull(const Intervals &intervals) {
  Interval result = intervals.front();
  for (const Interval &interval : intervals)
    result = hull(result, interval);
  return result;
}
