//===- AlignSteps.cpp - One function for as many channels as can be -------===//

#include "dialects/lowbit/LowbitDialect.h"
#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/Passes.h"

#include <map>

namespace pdkc {
#define GEN_PASS_DEF_LOWBITALIGNSTEPS
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {

/// A function of an integer; the first start says nothing.
struct Function {
  SmallVector<int64_t> starts, values;

  bool falls() const {
    return values.size() > 1 && std::is_sorted(values.rbegin(), values.rend());
  }
  bool operator<(const Function &other) const {
    return std::tie(starts, values) < std::tie(other.starts, other.values);
  }
};

struct LowbitAlignSteps : pdkc::impl::LowbitAlignStepsBase<LowbitAlignSteps> {
  void runOnOperation() override {
    getOperation().walk([](lowbit::StepsOp op) { align(op); });
  }

  static Function getFunction(lowbit::StepsOp::Pieces pieces,
                              lowbit::Interval range);
  static void align(lowbit::StepsOp op);
};

} // namespace

/// The pieces that the range reaches, neighbours of one value joined.
Function LowbitAlignSteps::getFunction(lowbit::StepsOp::Pieces pieces,
                                       lowbit::Interval range) {
  Function function;
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
  return turned;
}

/// Where the first step goes: to 0, or as far above as a function that begins
/// above the least value would have to come from there, its steps lying evenly.
static int64_t getFirstStart(const Function &function, int64_t least) {
  int64_t missing = function.values.front() - least;
  int64_t rise = function.values.back() - function.values[1];
  if (missing == 0 || rise <= 0)
    return 0;
  int64_t run = function.starts.back() - function.starts[1];
  return (missing * run + rise / 2) / rise;
}

void LowbitAlignSteps::align(lowbit::StepsOp op) {
  auto dense = op.getInput().getDefiningOp<lowbit::DenseOp>();
  // Only a layer of its own can have its sums moved and turned.
  bool moves = dense && dense.getResult().hasOneUse();
  SmallVector<int64_t> bias, weights;
  lowbit::Intervals ranges;
  if (moves) {
    bias.assign(dense.getBias().begin(), dense.getBias().end());
    weights = dense.getWeights();
    lowbit::Intervals input(dense.getNumInputs(),
                            lowbit::getRange(dense.getInput()));
    ranges = lowbit::inferRanges(dense, {&input});
  }
  SmallVector<lowbit::StepsOp::Pieces> functions = op.getFunctions();
  int64_t count = op.getInput().getType().getNumElements();
  std::map<Function, int64_t> numbers;
  SmallVector<int64_t> starts, values, sizes, function;
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
      int64_t moved = mine.starts[1] - getFirstStart(mine, least);
      bias[i] -= moved;
      for (int64_t &start : mine.starts)
        start -= moved;
    }
    auto [found, isNew] = numbers.insert({mine, int64_t(numbers.size())});
    if (isNew) {
      starts.append(mine.starts);
      values.append(mine.values);
      sizes.push_back(mine.values.size());
    }
    function.push_back(found->second);
  }
  OpBuilder builder(op);
  if (moves) {
    Value input = dense.getInput();
    auto codes = dense.getCodes();
    SmallVector<int64_t> codebook(dense.getCodebook());
    if (turnsAny) {
      codebook.assign(weights);
      llvm::sort(codebook);
      codebook.erase(std::unique(codebook.begin(), codebook.end()),
                     codebook.end());
      // -128 to 127 may have 257 values when some rows are turned.
      if (codebook.size() > 256)
        return;
      SmallVector<int8_t> numbersOfWeights;
      for (int64_t weight : weights)
        numbersOfWeights.push_back(
            int8_t(llvm::lower_bound(codebook, weight) - codebook.begin()));
      codes = DenseIntElementsAttr::get(codes.getType(),
                                        ArrayRef<int8_t>(numbersOfWeights));
    }
    builder.setInsertionPoint(dense);
    auto aligned = lowbit::DenseOp::create(
        builder, dense.getLoc(), dense.getResult().getType(), input, codes,
        codebook, bias, dense.getMethodAttr());
    lowbit::Intervals operand(dense.getNumInputs(), lowbit::getRange(input));
    aligned.getResult().setType(lowbit::getTensorType(
        op.getContext(), dense.getResult().getType().getShape(),
        lowbit::hull(lowbit::inferRanges(aligned, {&operand}))));
    op.getInputMutable().assign(aligned.getResult());
    dense.erase();
  }
  if (sizes.size() == 1)
    function.clear();
  op.setStarts(starts);
  op.setValues(values);
  op.setSizes(sizes);
  op.setFunction(function);
}
