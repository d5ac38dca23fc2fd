//===- CheckBatch.cpp - Whether the first dimension is a batch ------------===//
//
// Asked of a copy of the function with two rows: if no element of a tensor's
// row depends on the other row, and both rows are computed alike, the rows do
// not meet.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "mlir/IR/Diagnostics.h"
#include "passes/Passes.h"
#include "passes/onnx/TypeInference.h"

namespace pdkc {
#define GEN_PASS_DEF_ONNXCHECKBATCH
#include "passes/Passes.h.inc"
} // namespace pdkc

using namespace mlir;
using namespace pdkc;

namespace {
struct CheckBatchPass : pdkc::impl::OnnxCheckBatchBase<CheckBatchPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(check(function)))
        return signalPassFailure();
  }

  static LogicalResult check(func::FuncOp function);
};

/// The values of a function of two rows that are computed row by row.
class Rows {
public:
  /// Whether the first output, or a decision or a convolution on the way to it,
  /// is of several rows that do not meet.
  bool areApart(func::FuncOp function);

private:
  bool isBatch(Value value) const { return batches.contains(value); }
  static int64_t getRowSize(Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements() / 2;
  }
  static bool hasTwoRows(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.getRank() > 0 && type.getDimSize(0) == 2;
  }
  /// Element i of the result is made of `sources`: they are of its row, and the
  /// second row's are the first one's, a row further.
  bool isAlike(Operation *op, Value result, int64_t i,
               ArrayRef<onnx::Source> sources,
               ArrayRef<onnx::Source> ofFirstRow) const;
  bool keepsApart(Operation *op) const;
  static bool isDecision(Operation *op);

  llvm::DenseSet<Value> batches;
};
} // namespace

bool Rows::isAlike(Operation *op, Value result, int64_t i,
                   ArrayRef<onnx::Source> sources,
                   ArrayRef<onnx::Source> ofFirstRow) const {
  int64_t row = i / getRowSize(result);
  if (sources.size() != ofFirstRow.size())
    return false;
  for (auto [source, first] : llvm::zip_equal(sources, ofFirstRow)) {
    if (source.operand != first.operand)
      return false;
    int64_t further = 0;
    if (source.operand >= 0 && isBatch(op->getOperand(source.operand)))
      further = row * getRowSize(op->getOperand(source.operand));
    if (source.operand >= 0 && (source.element != first.element + further ||
                                (further && first.element >= further)))
      return false;
  }
  return true;
}

bool Rows::keepsApart(Operation *op) const {
  for (OpResult result : op->getResults()) {
    if (!hasTwoRows(result))
      return false;
    int64_t size = getRowSize(result);
    SmallVector<SmallVector<onnx::Source>, 0> sources(2 * size);
    if (auto linear = dyn_cast<onnx::Linear>(op)) {
      linear.forEachProduct([&](int64_t place, int64_t left, int64_t right) {
        sources[place].push_back({0, left});
        if (right >= 0)
          sources[place].push_back({1, right});
      });
      for (int64_t i = 0; i < 2 * size; ++i)
        if (Value addend = linear.getAddend();
            addend && !onnx::isNoValue(addend))
          for (auto [number, operand] : llvm::enumerate(op->getOperands()))
            if (operand == addend && number > 1)
              sources[i].push_back({int(number), linear.getAddendIndex(i)});
    } else if (auto node = dyn_cast<onnx::Elementwise>(op)) {
      for (int64_t i = 0; i < 2 * size; ++i)
        node.getSources(i, sources[i]);
    } else if (auto movement = dyn_cast<onnx::Movement>(op)) {
      auto map =
          movement.getMovement(result.getResultNumber(), onnx::getConstant);
      if (failed(map))
        return false;
      for (auto [i, source] : llvm::enumerate(map->sources))
        sources[i].push_back(source);
    } else {
      return false;
    }
    for (int64_t i = 0; i < 2 * size; ++i)
      if (!isAlike(op, result, i, sources[i], sources[i % size]))
        return false;
    // Of the first row, too.
    for (int64_t i = 0; i < size; ++i)
      for (auto [operand, element] : sources[i])
        if (operand >= 0 && isBatch(op->getOperand(operand)) &&
            element >= getRowSize(op->getOperand(operand)))
          return false;
  }
  return true;
}

/// One for each row, if there are two of them.
bool Rows::isDecision(Operation *op) {
  auto axis = op->getAttrOfType<IntegerAttr>("axis");
  StringRef name = op->getName().stripDialect();
  int64_t rank = onnx::getShape(op->getOperand(0)).size();
  return llvm::is_contained(
             {"ArgMax", "ArgMin", "TopK", "Softmax", "LogSoftmax", "Hardmax"},
             name) &&
         (!axis || (axis.getInt() + rank) % rank != 0);
}

bool Rows::areApart(func::FuncOp function) {
  Block &block = function.getBody().front();
  for (Value argument : block.getArguments())
    if (hasTwoRows(argument))
      batches.insert(argument);
  for (Operation &op : block) {
    if (!llvm::any_of(op.getOperands(),
                      [&](Value operand) { return isBatch(operand); }))
      continue;
    if (op.hasTrait<OpTrait::IsTerminator>())
      return isBatch(op.getOperand(0));
    StringRef name = op.getName().stripDialect();
    bool isOfImages = name.contains("Conv") || name.contains("Pool");
    if (isBatch(op.getOperand(0)) && (isOfImages || isDecision(&op)))
      return true;
    if (!keepsApart(&op))
      return false;
    batches.insert(op.result_begin(), op.result_end());
  }
  return false;
}

LogicalResult CheckBatchPass::check(func::FuncOp function) {
  if (!function.getBody().hasOneBlock() || function.getNumArguments() == 0)
    return success();
  auto getBatch = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() > 1 ? tensor.getDimSize(0) : 1;
  };
  int64_t batch = getBatch(function.getArgumentTypes().front());
  if (batch <= 1)
    return success();
  OwningOpRef<func::FuncOp> copy(function.clone());
  Block &block = copy->getBody().front();
  for (Value argument : block.getArguments())
    if (getBatch(argument.getType()) == batch) {
      auto type = cast<RankedTensorType>(argument.getType());
      SmallVector<int64_t> shape(type.getShape());
      shape.front() = 2;
      argument.setType(type.clone(shape));
    }
  // Exporters write the batch into the shapes of a Reshape.
  for (Operation &op : block) {
    auto constant = dyn_cast<onnx::ConstantOp>(op);
    bool isShape = constant && !op.use_empty() &&
                   llvm::all_of(op.getUses(), [](OpOperand &use) {
                     return isa<onnx::ReshapeOp>(use.getOwner()) &&
                            use.getOperandNumber() == 1;
                   });
    DenseElementsAttr elements =
        isShape ? onnx::getConstant(op.getResult(0)) : DenseElementsAttr();
    if (!elements || elements.empty())
      continue;
    SmallVector<int64_t> shape = onnx::getIntegers(elements);
    if (shape.front() != batch)
      continue;
    shape.front() = 2;
    constant->setAttr(
        "value", DenseElementsAttr::get(elements.getType(), ArrayRef(shape)));
  }
  bool areTyped = false;
  {
    ScopedDiagnosticHandler quiet(function.getContext(),
                                  [](Diagnostic &) { return success(); });
    areTyped = succeeded(inferTypes(*copy));
    if (areTyped && !Rows().areApart(*copy))
      return success();
  }
  if (!areTyped)
    return success();
  return emitError(function.getArgument(0).getLoc())
         << "model's input has a batch of " << batch
         << ", and its rows do not meet; one inference is one row: export the "
            "model with a batch of 1";
}
