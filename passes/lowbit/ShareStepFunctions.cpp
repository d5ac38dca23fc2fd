//===- ShareStepFunctions.cpp - One for as many channels as can be --------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/Passes.h"
#include "passes/lowbit/support/PaddingBias.h"
#include "llvm/Support/MathExtras.h"

#include <map>

namespace pdkc {
#define GEN_PASS_DEF_LOWBITSHARESTEPFUNCTIONS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

/// A function of an integer; the first start says nothing. Its line, if any, is
/// no part of what it is.
struct Function {
  SmallVector<int64_t> starts, values;
  std::optional<lowbit::Line> line;

  /// The function of integers less `distance`.
  void move(int64_t distance) {
    for (int64_t &start : starts)
      start -= distance;
    if (line)
      line = line->moved(distance);
  }

  bool falls() const {
    return values.size() > 1 && std::is_sorted(values.rbegin(), values.rend());
  }
  bool operator<(const Function &other) const {
    return std::tie(starts, values) < std::tie(other.starts, other.values);
  }
};

/// The functions of all elements, each kept once.
class Functions {
public:
  /// The function of the next elements.
  void add(const Function &function, int64_t elements) {
    auto [found, isNew] = numbers.insert({function, int64_t(numbers.size())});
    if (isNew) {
      starts.append(function.starts);
      values.append(function.values);
      sizes.push_back(function.values.size());
      lines.push_back(function.line);
    }
    ofElement.append(elements, found->second);
  }
  void setOn(lowbit::StepsOp op) {
    if (sizes.size() == 1)
      ofElement.clear();
    op.setStarts(starts);
    op.setValues(values);
    op.setSizes(sizes);
    op.setFunction(ofElement);
    op.setLines(lowbit::encodeLines(lines));
  }

private:
  std::map<Function, int64_t> numbers;
  SmallVector<int64_t> starts, values, sizes, ofElement;
  SmallVector<std::optional<lowbit::Line>> lines;
};

struct LowbitShareStepFunctions
    : pdkc::impl::LowbitShareStepFunctionsBase<LowbitShareStepFunctions> {
  void runOnOperation() override {
    getOperation().walk([](lowbit::ConvOp op) { settlePadding(op); });
    getOperation().walk([](lowbit::StepsOp op) { align(op); });
  }

  static Function getFunction(lowbit::StepsOp::Pieces pieces,
                              lowbit::Interval range);
  static bool alignChannels(lowbit::StepsOp op);
  static void align(lowbit::StepsOp op);
};

} // namespace

/// The pieces that the range reaches, neighbours of one value joined.
Function LowbitShareStepFunctions::getFunction(lowbit::StepsOp::Pieces pieces,
                                               lowbit::Interval range) {
  Function function;
  function.line = pieces.line;
  for (size_t i = pieces.find(range.min); i <= pieces.find(range.max); ++i) {
    if (!function.values.empty() && function.values.back() == pieces.values[i])
      continue;
    function.starts.push_back(function.starts.empty() ? 0 : pieces.starts[i]);
    function.values.push_back(pieces.values[i]);
  }
  // The same for all functions that are the same.
  if (function.starts.size() > 1)
    function.starts[0] = function.starts[1] - 1;
  return function;
}

/// f(n) with its pieces at s0 < s1 < ... as a function of -n.
static Function turn(const Function &function) {
  Function turned;
  size_t last = function.values.size() - 1;
  for (size_t piece = 0; piece <= last; ++piece) {
    turned.starts.push_back(piece ? 1 - function.starts[last - piece + 1] : 0);
    turned.values.push_back(function.values[last - piece]);
  }
  turned.starts[0] = turned.starts[1] - 1;
  if (function.line)
    turned.line = function.line->turned();
  return turned;
}

/// What to take off the integers: a function of the least value makes its first
/// step at 0 then. One that begins above it is moved to where its line would
/// come from there at 0, unless its integers need more bytes by that.
static int64_t getMove(const Function &function, int64_t least) {
  int64_t first = function.starts[1], origin;
  if (function.values.front() == least || !function.line ||
      function.line->rise <= 0)
    return first;
  auto [rise, offset, run] = *function.line;
  if (llvm::MulOverflow(least + 1, run, origin) ||
      llvm::SubOverflow(origin, offset, origin))
    return first;
  origin = llvm::divideCeilSigned(origin, rise);
  auto countBytes = [&](int64_t from) {
    int64_t span;
    return llvm::SubOverflow(function.starts.back(), from, span)
               ? INT64_MAX
               : llvm::divideCeil(lowbit::getWidth({0, span}), 8);
  };
  return origin > first || countBytes(origin) > countBytes(first) ? first
                                                                  : origin;
}

/// Whether all sums of each channel go through one function.
static bool isByChannel(lowbit::StepsOp op, int64_t positions) {
  int64_t count = op.getInput().getType().getNumElements();
  for (int64_t i = 0; i < count; ++i)
    if (op.getFunctionOf(i) != op.getFunctionOf(i - i % positions))
      return false;
  return true;
}

/// A convolution's sums are moved by its channels' biases.
bool LowbitShareStepFunctions::alignChannels(lowbit::StepsOp op) {
  auto conv = op.getInput().getDefiningOp<lowbit::ConvOp>();
  if (!conv || !conv.getResult().hasOneUse())
    return false;
  int64_t channels = conv.getResultShape().front();
  int64_t positions = conv.getResult().getType().getNumElements() / channels;
  if (!isByChannel(op, positions))
    return false;
  lowbit::Intervals ranges = lowbit::inferFromTypes(conv);
  SmallVector<int64_t> bias(conv.getBias());
  size_t biasesOfChannel = bias.size() / channels;
  SmallVector<Function> own;
  int64_t least = INT64_MAX;
  for (int64_t channel = 0; channel < channels; ++channel) {
    int64_t first = channel * positions;
    lowbit::Interval range = ranges[first];
    for (int64_t i = first; i < first + positions; ++i)
      range = lowbit::hull(range, ranges[i]);
    own.push_back(
        getFunction(op.getFunctions()[op.getFunctionOf(first)], range));
    least = std::min(least, own.back().values.front());
  }
  Functions functions;
  for (auto [channel, mine] : llvm::enumerate(own)) {
    if (mine.values.size() > 1) {
      int64_t moved = getMove(mine, least);
      for (int64_t &value : MutableArrayRef<int64_t>(bias).slice(
               channel * biasesOfChannel, biasesOfChannel))
        value -= moved;
      mine.move(moved);
    }
    functions.add(mine, positions);
  }
  conv.setBias(bias);
  conv.getResult().setType(lowbit::getTensorType(
      op.getContext(), conv.getResult().getType().getShape(),
      lowbit::hull(lowbit::inferFromTypes(conv))));
  functions.setOn(op);
  return true;
}

void LowbitShareStepFunctions::align(lowbit::StepsOp op) {
  if (alignChannels(op))
    return;
  auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
  // Only a layer of its own can have its sums moved and turned.
  bool moves =
      dense && dense.getResult().hasOneUse() && !dense.getSums();
  SmallVector<int64_t> bias, weights;
  lowbit::Intervals ranges;
  if (moves) {
    bias.assign(dense.getBias().begin(), dense.getBias().end());
    weights = dense.getWeights();
    ranges = lowbit::inferFromTypes(dense);
  }
  SmallVector<lowbit::StepsOp::Pieces> functions = op.getFunctions();
  int64_t count = op.getInput().getType().getNumElements();
  Functions aligned;
  bool turnsAny = false;
  SmallVector<Function> own;
  for (int64_t i = 0; i < count; ++i) {
    lowbit::Interval range =
        moves ? ranges[i] : lowbit::getRange(op.getInput());
    own.push_back(getFunction(functions[op.getFunctionOf(i)], range));
    if (!moves || !own.back().falls())
      continue;
    own.back() = turn(own.back());
    bias[i] = -bias[i];
    for (int64_t &weight : MutableArrayRef<int64_t>(weights).slice(
             i * dense.getNumInputs(), dense.getNumInputs()))
      weight = -weight;
    turnsAny = true;
  }
  int64_t least = INT64_MAX;
  for (const Function &mine : own)
    least = std::min(least, mine.values.front());
  for (auto [i, mine] : llvm::enumerate(own)) {
    if (moves && mine.values.size() > 1) {
      int64_t moved = getMove(mine, least);
      bias[i] -= moved;
      mine.move(moved);
    }
    aligned.add(mine, 1);
  }
  OpBuilder builder(op);
  if (moves) {
    Value input = dense.getInput();
    auto codes = dense.getCodes();
    SmallVector<int64_t> codebook(dense.getCodebook());
    if (turnsAny) {
      auto turned = lowbit::encodeWeights(op.getContext(), weights,
                                          codes.getType().getShape());
      // -128 to 127 may have 257 values when some rows are turned.
      if (!turned || (codebook.size() <= 256 && turned->codebook.size() > 256))
        return;
      codes = turned->codes;
      codebook = turned->codebook;
    }
    builder.setInsertionPoint(dense);
    auto moved = lowbit::DenseOp::create(
        builder, dense.getLoc(), dense.getResult().getType(), input, codes,
        codebook, bias);
    moved->setDiscardableAttrs(dense->getDiscardableAttrDictionary());
    moved.getResult().setType(lowbit::getTensorType(
        op.getContext(), dense.getResult().getType().getShape(),
        lowbit::hull(lowbit::inferFromTypes(moved))));
    op.getInputMutable().assign(moved.getResult());
    dense.erase();
  }
  aligned.setOn(op);
}
