//===- RemoveNeurons.cpp - Neurons that a network can do without ----------===//
//
// A neuron is a row of a dense layer, what becomes of it element by element,
// and a column of the next dense layer. One that no row reads goes; one that
// has a single value goes into the next layer's bias; of two that are equal one
// goes, and the other takes its weights as well. What goes makes others go, so
// layers are visited from the last to the first until nothing changes.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/RangeAnalysis.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace pdkc;
using namespace pdkc::lowbit;

namespace pdkc {
#define GEN_PASS_DEF_LOWBITREMOVENEURONS
#include "passes/Passes.h.inc"
} // namespace pdkc

namespace {

using Matrix = SmallVector<SmallVector<int64_t>>;

/// A dense layer, the elementwise operations after it, and the dense layer that
/// alone reads them.
struct Neurons {
  DenseOp producer, consumer;
  SmallVector<Operation *> between; ///< in their order
};

struct RemoveNeuronsPass
    : pdkc::impl::LowbitRemoveNeuronsBase<RemoveNeuronsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      while (removeOnce(function))
        ;
  }

  static bool removeOnce(func::FuncOp function);
};

} // namespace

static std::optional<Neurons> getNeurons(DenseOp consumer) {
  Neurons neurons{nullptr, consumer, {}};
  for (Value value = consumer.getInput();;) {
    Operation *op = value.getDefiningOp();
    if (!op || !value.hasOneUse())
      return std::nullopt;
    if (auto producer = dyn_cast<DenseOp>(op);
        producer && !producer.getSums()) {
      neurons.producer = producer;
      std::reverse(neurons.between.begin(), neurons.between.end());
      return neurons;
    }
    if (!isa<RequantOp, StepsOp>(op))
      return std::nullopt;
    neurons.between.push_back(op);
    value = op->getOperand(0);
  }
}

static Matrix getRows(DenseOp op) {
  Matrix rows;
  SmallVector<int64_t> weights = op.getWeights();
  for (int64_t r = 0; r < op.getNumRows(); ++r)
    rows.emplace_back(
        ArrayRef(weights).slice(r * op.getNumInputs(), op.getNumInputs()));
  return rows;
}

/// Gives the operation these weights; false where they are too many different
/// ones.
static bool setRows(DenseOp op, const Matrix &rows) {
  SmallVector<int64_t> weights;
  for (ArrayRef<int64_t> row : rows)
    weights.append(row.begin(), row.end());
  auto encoded = lowbit::encodeWeights(
      op.getContext(), weights,
      {int64_t(rows.size()), int64_t(rows.front().size())});
  if (!encoded)
    return false;
  op.setCodesAttr(encoded->codes);
  op.setCodebook(encoded->codebook);
  return true;
}

/// Whether the two neurons do the same to their sums.
static bool haveSameFunctions(const Neurons &neurons, size_t a, size_t b) {
  return llvm::all_of(neurons.between, [&](Operation *op) {
    auto steps = dyn_cast<StepsOp>(op);
    return !steps || steps.getFunctionOf(a) == steps.getFunctionOf(b);
  });
}

/// Only the neurons in `kept`; their consumer's weights are set already.
static void keep(const Neurons &neurons, ArrayRef<int64_t> kept) {
  auto setCount = [&](Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    value.setType(
        RankedTensorType::get({int64_t(kept.size())}, type.getElementType()));
  };
  DenseOp producer = neurons.producer;
  Matrix rows = getRows(producer), newRows;
  SmallVector<int64_t> bias;
  for (int64_t neuron : kept) {
    newRows.push_back(rows[neuron]);
    bias.push_back(producer.getBias()[neuron]);
  }
  setRows(producer, newRows);
  producer.setBias(bias);
  setCount(producer.getResult());
  for (Operation *op : neurons.between) {
    setCount(op->getResult(0));
    if (auto steps = dyn_cast<StepsOp>(op);
        steps && !steps.getFunction().empty()) {
      SmallVector<int64_t> function;
      for (int64_t neuron : kept)
        function.push_back(steps.getFunctionOf(neuron));
      steps.setFunction(function);
    }
  }
}

/// What each element lies in by itself, closer than the types' one range for
/// all.
static DenseMap<Value, Intervals> inferElements(func::FuncOp function) {
  DenseMap<Value, Intervals> ranges;
  for (Value argument : function.getArguments())
    ranges[argument] =
        Intervals(cast<RankedTensorType>(argument.getType()).getNumElements(),
                  getRange(argument));
  for (Operation &op : function.getBody().front().without_terminator()) {
    SmallVector<const Intervals *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(&ranges.find(operand)->second);
    Intervals result = inferRanges(&op, operands);
    ranges[op.getResult(0)] = std::move(result);
  }
  return ranges;
}

/// Whether a column can be added to another without weights that are wider than
/// engines take, or than they were.
static bool canAdd(ArrayRef<SmallVector<int64_t>> columns, int64_t to,
                   int64_t from) {
  Interval before{0, 0}, after{0, 0};
  for (const SmallVector<int64_t> &row : columns) {
    for (int64_t weight : row)
      before = hull(before, {weight, weight});
    int64_t sum = row[to] + row[from];
    after = hull(after, {sum, sum});
  }
  after = hull(before, after);
  constexpr int64_t kWidestSpan = 255;
  return after == before || after.max - after.min <= kWidestSpan;
}

/// Removes neurons of one layer; false where there are none to remove.
bool RemoveNeuronsPass::removeOnce(func::FuncOp function) {
  DenseMap<Value, Intervals> ranges = inferElements(function);
  SmallVector<DenseOp> layers(function.getOps<DenseOp>());
  for (DenseOp consumer : llvm::reverse(layers)) {
    std::optional<Neurons> neurons = getNeurons(consumer);
    if (!neurons)
      continue;
    Matrix rows = getRows(neurons->producer), columns = getRows(consumer);
    SmallVector<int64_t> bias(consumer.getBias());
    const Intervals &values = ranges.find(consumer.getInput())->second;
    SmallVector<int64_t> kept;
    for (auto [j, range] : llvm::enumerate(values)) {
      bool isUnread = llvm::all_of(
          columns, [j = j](ArrayRef<int64_t> row) { return row[j] == 0; });
      if (isUnread)
        continue;
      if (range.min == range.max) {
        for (auto [row, sum] : llvm::zip_equal(columns, bias)) {
          sum += row[j] * range.min;
          row[j] = 0;
        }
        continue;
      }
      const int64_t *twin = llvm::find_if(kept, [&, j = j](int64_t other) {
        return rows[other] == rows[j] &&
               neurons->producer.getBias()[other] ==
                   neurons->producer.getBias()[j] &&
               haveSameFunctions(*neurons, other, j);
      });
      if (twin == kept.end() || !canAdd(columns, *twin, j)) {
        kept.push_back(j);
        continue;
      }
      for (SmallVector<int64_t> &row : columns) {
        row[*twin] += row[j];
        row[j] = 0;
      }
    }
    // A layer keeps one neuron at least.
    if (kept.empty())
      kept.push_back(0);
    if (kept.size() == values.size())
      continue;
    Matrix newColumns;
    for (ArrayRef<int64_t> row : columns) {
      newColumns.emplace_back();
      for (int64_t neuron : kept)
        newColumns.back().push_back(row[neuron]);
    }
    if (!setRows(consumer, newColumns))
      continue;
    consumer.setBias(bias);
    emitRemark(neurons->producer.getLoc())
        << values.size() - kept.size() << " of " << values.size()
        << " neurons removed: constant, equal to others, or not read";
    keep(*neurons, kept);
    return true;
  }
  return false;
}
