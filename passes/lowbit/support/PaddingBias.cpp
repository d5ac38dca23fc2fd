//===- PaddingBias.cpp - One function for all of a channel ----------------===//

#include "passes/lowbit/support/PaddingBias.h"

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/lowbit/support/Streaming.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;
using Pieces = lowbit::StepsOp::Pieces;

namespace {
/// The operation behind the convolution, as functions of one sum.
class Follower {
public:
  explicit Follower(Operation *op)
      : requant(dyn_cast<lowbit::RequantOp>(op)),
        steps(dyn_cast<lowbit::StepsOp>(op)) {
    if (steps)
      functions = steps.getFunctions();
  }

  int64_t getNumber(int64_t element) {
    return steps ? steps.getFunctionOf(element) : 0;
  }
  /// How often the function's value changes on the range; of a requantisation,
  /// whether it does.
  size_t countSteps(int64_t number, Interval range) {
    if (requant)
      return requant.apply(range.min) != requant.apply(range.max);
    return functions[number].find(range.max) -
           functions[number].find(range.min);
  }
  /// By how much a sum is larger that has a value by the one function which the
  /// other gives what is left, all over the range.
  std::optional<int64_t> findDistance(int64_t number, int64_t other,
                                      Interval range) {
    if (number == other)
      return 0;
    const Pieces &from = functions[number], &to = functions[other];
    size_t first = from.find(range.min), count = countSteps(number, range);
    for (size_t k = 0; k + count < to.values.size(); ++k) {
      int64_t distance = from.starts[first + 1] - to.starts[k + 1];
      bool isSame = to.find(range.min - distance) == k &&
                    to.find(range.max - distance) == k + count;
      for (size_t i = 0; isSame && i <= count; ++i)
        isSame =
            from.values[first + i] == to.values[k + i] &&
            (i == 0 || from.starts[first + i] - to.starts[k + i] == distance);
      if (isSame)
        return distance;
    }
    return std::nullopt;
  }
  /// Whether the function has the other's value, which is one on the range, all
  /// over what is less by the distance.
  bool isConstant(int64_t number, int64_t other, Interval range,
                  int64_t distance) {
    Interval moved{range.min - distance, range.max - distance};
    if (requant)
      return requant.apply(moved.min) == requant.apply(range.min) &&
             requant.apply(moved.max) == requant.apply(range.min);
    const Pieces &from = functions[number], &to = functions[other];
    size_t piece = to.find(moved.min);
    return piece == to.find(moved.max) &&
           to.values[piece] == from.values[from.find(range.min)];
  }
  /// Gives the elements these functions, on sums of that range.
  void set(ArrayRef<int64_t> numbers, Interval range) {
    if (!steps || steps.getFunction().empty())
      return;
    steps.setFunction(numbers);
    steps.keepLines(range);
  }

private:
  lowbit::RequantOp requant;
  lowbit::StepsOp steps;
  SmallVector<Pieces> functions;
};
} // namespace

void pdkc::settlePadding(lowbit::ConvOp conv) {
  if (conv.getSums() || !conv.getResult().hasOneUse() ||
      llvm::all_of(conv.getPads(), [](int64_t pad) { return pad == 0; }))
    return;
  Operation *op = *conv->user_begin();
  if (!isElementwise(op))
    return;
  Follower follower(op);
  int64_t elements = conv.getResult().getType().getNumElements();
  int64_t channels = conv.getResultShape().front();
  int64_t positions = elements / channels;
  bool isByChannel = int64_t(conv.getBias().size()) == channels;
  for (int64_t i = 0; i < elements; ++i)
    isByChannel &=
        follower.getNumber(i) == follower.getNumber(i - i % positions);
  if (isByChannel)
    return;
  // By element what of the weights is outside.
  SmallVector<int64_t> weights = conv.getWeights();
  SmallVector<int64_t> outside(elements), biases(elements), numbers(elements);
  int64_t taps = weights.size() / channels;
  for (int64_t i = 0; i < elements; ++i) {
    biases[i] = conv.getBiasOf(i);
    for (int64_t weight : ArrayRef(weights).slice(i / positions * taps, taps))
      outside[i] += weight;
  }
  conv.forEachProduct([&](int64_t result, int64_t, int64_t weight) {
    outside[result] -= weights[weight];
  });
  lowbit::Intervals ranges = lowbit::inferFromTypes(conv);
  // What changes with the sum says which bias goes with the channel's function.
  SmallVector<bool> isKnown(elements);
  for (int64_t first = 0; first < elements; first += positions) {
    int64_t most = first;
    auto count = [&](int64_t i) {
      return follower.countSteps(follower.getNumber(i), ranges[i]);
    };
    for (int64_t i = first; i < first + positions; ++i)
      if (count(i) > count(most))
        most = i;
    for (int64_t i = first; i < first + positions; ++i) {
      numbers[i] = follower.getNumber(most);
      isKnown[i] = count(i) > 0;
      if (!isKnown[i])
        continue;
      auto distance =
          follower.findDistance(follower.getNumber(i), numbers[i], ranges[i]);
      if (!distance)
        return;
      biases[i] -= *distance;
    }
  }
  std::optional<int64_t> padding;
  SmallVector<int64_t> known(channels, -1); // an element of the channel's
  for (int64_t i = 0; i < elements; ++i) {
    int64_t &one = known[i / positions];
    if (!isKnown[i])
      continue;
    if (one < 0)
      one = i;
    else if (!padding && outside[i] != outside[one])
      padding = (biases[i] - biases[one]) / (outside[i] - outside[one]);
  }
  for (int64_t i = 0; i < elements; ++i) {
    int64_t one = known[i / positions];
    if (one < 0)
      one = i / positions * positions;
    int64_t bias =
        biases[one] + padding.value_or(0) * (outside[i] - outside[one]);
    if (isKnown[i] ? biases[i] != bias
                   : !follower.isConstant(follower.getNumber(i), numbers[i],
                                          ranges[i], biases[i] - bias))
      return;
    biases[i] = bias;
  }
  if (padding.value_or(0) == 0) {
    for (int64_t channel = 0; channel < channels; ++channel)
      biases[channel] = biases[channel * positions];
    biases.resize(channels);
  }
  conv.setBias(biases);
  Interval range = lowbit::hull(lowbit::inferFromTypes(conv));
  conv.getResult().setType(lowbit::getTensorType(
      conv.getContext(), conv.getResult().getType().getShape(), range));
  follower.set(numbers, range);
}
