//===- OnnxToLowbit.cpp - Every tensor an integer of known range ----------===//
//
// The pass around GraphLowering: what the device hands over, which nodes the
// wanted outputs need, and the function in its new form.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/ModelInterface.h"
#include "dialects/onnx/Evaluate.h"
#include "passes/Passes.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include "passes/onnx_to_lowbit/InputMeaning.h"
#include "passes/onnx_to_lowbit/InputRule.h"
#include "passes/onnx_to_lowbit/ModelOutputs.h"
#include "passes/onnx_to_lowbit/Softmax.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace pdkc {
#define GEN_PASS_DEF_ONNXTOLOWBIT
#include "passes/Passes.h.inc"
} // namespace pdkc

namespace {

/// What the device hands over for each of the graph's inputs.
struct ModelInputs {
  SmallVector<InputMeaning, 1> meanings;
  SmallVector<IntegerTensor, 1> tensors;
  /// By which inputs are handed over as their codes.
  SmallVector<InputQuantiser, 1> quantisers;

  bool isQuantised(unsigned input) const {
    return llvm::any_of(quantisers, [&](const InputQuantiser &quantiser) {
      return quantiser.takes(input);
    });
  }
};

struct OnnxToLowbitPass : pdkc::impl::OnnxToLowbitBase<OnnxToLowbitPass> {
  using OnnxToLowbitBase::OnnxToLowbitBase;

  void runOnOperation() override {
    if (output != "class" && output != "logits" && output != "values") {
      getOperation().emitError("output must be class, logits or values, not '")
          << output << "'";
      return signalPassFailure();
    }
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (isOnnx(function) && failed(lowerFunction(function)))
        return signalPassFailure();
  }

  static bool isOnnx(func::FuncOp function);
  FailureOr<ModelInputs> describeInputs(func::FuncOp function);
  static LogicalResult setQuantised(Value argument, ModelInputs &inputs);
  LogicalResult lowerFunction(func::FuncOp function);
  static void replaceBody(func::FuncOp function, std::unique_ptr<Block> body,
                          const ModelInputs &inputs,
                          ArrayRef<ModelResult> results);
};

} // namespace

/// A function that is lowered already is left alone. One whose output is an
/// input has no nodes.
bool OnnxToLowbitPass::isOnnx(func::FuncOp function) {
  auto isLowbit = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && isa<lowbit::IntType>(tensor.getElementType());
  };
  return !function.isExternal() &&
         (!llvm::all_of(function.getArgumentTypes(), isLowbit) ||
          function.walk([](onnx::Node) { return WalkResult::interrupt(); })
              .wasInterrupted());
}

//===----------------------------------------------------------------------===//
// The model's inputs
//===----------------------------------------------------------------------===//

/// Makes the argument's values codes of the quantisers that take them: they lie
/// in what all these have.
LogicalResult OnnxToLowbitPass::setQuantised(Value argument,
                                             ModelInputs &inputs) {
  unsigned number = cast<BlockArgument>(argument).getArgNumber();
  const InputQuantiser *first = nullptr;
  Interval range;
  for (const InputQuantiser &quantiser : inputs.quantisers) {
    if (!quantiser.takes(number))
      continue;
    range = first ? lowbit::hull(range, quantiser.range) : quantiser.range;
    first = first ? first : &quantiser;
  }
  if (!first)
    return success();
  if (lowbit::getBytesInC(range) > 2)
    return emitError(argument.getLoc())
           << "model's input is quantised to codes of " << range.min << " to "
           << range.max
           << ", which 16 bits do not hold: give the integers that the device "
              "hands over with --input-range and --input-scale";
  InputMeaning &meaning = inputs.meanings[number];
  meaning.range = range;
  meaning.scale = *Rational::fromDouble(first->inputScale);
  meaning.zeroPoint = first->zeroPoint;
  IntegerTensor &tensor = inputs.tensors[number];
  tensor.ranges.assign(tensor.ranges.size(), range);
  return success();
}

FailureOr<ModelInputs> OnnxToLowbitPass::describeInputs(func::FuncOp function) {
  ModelInputs inputs;
  auto meanings = parseInputMeanings(function.getLoc(), getInputNames(function),
                                     {inputRange, inputScale, inputZeroPoint});
  if (failed(meanings))
    return failure();
  inputs.meanings = std::move(*meanings);
  SmallVector<BlockArgument> floats;
  for (auto [argument, meaning] :
       llvm::zip_equal(function.getArguments(), inputs.meanings)) {
    if (failed(checkSize(argument)))
      return failure();
    FailureOr<IntegerTensor> input = describeInput(argument, meaning);
    if (failed(input))
      return failure();
    inputs.tensors.push_back(std::move(*input));
    if (!meaning.isGiven && isa<FloatType>(onnx::getElementType(argument)))
      floats.push_back(argument);
  }
  auto quantisers = findInputQuantisers(function.front(), floats);
  if (failed(quantisers))
    return failure();
  inputs.quantisers = std::move(*quantisers);
  for (Value argument : floats)
    if (failed(setQuantised(argument, inputs)))
      return failure();
  return inputs;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// What the outputs are computed from, back to what is known already.
static llvm::SetVector<Operation *> getSources(ArrayRef<GraphOutput> outputs,
                                               const GraphLowering &lowering) {
  llvm::SetVector<Operation *> sources;
  auto add = [&](Value each) {
    Operation *op = each.getDefiningOp();
    if (op && !lowering.isKnown(each))
      sources.insert(op);
  };
  for (const GraphOutput &output : outputs)
    add(output.value);
  for (size_t i = 0; i < sources.size(); ++i)
    llvm::for_each(sources[i]->getOperands(), add);
  return sources;
}

/// A constant indexed by what depends on the input.
static bool isLookup(Operation &op) {
  return op.getName().stripDialect() == "ArrayFeatureExtractor" &&
         onnx::getConstant(op.getOperand(0)) &&
         !onnx::getConstant(op.getOperand(1));
}

/// Decisions look through it; nothing else can be behind it.
static bool isSoftmax(Operation &op) {
  StringRef name = op.getName().stripDialect();
  return name == "Softmax" || name == "LogSoftmax";
}

static LogicalResult refuse(Operation &op) {
  if (op.getName().stripDialect() == "DynamicQuantizeLinear")
    return op.emitOpError(
        "computes scale and zero point from the input at run time, so there is "
        "no one program of integers: give inputs to make them constant with, "
        "--calibrate=SAMPLES, or quantise statically before the export");
  return op.emitOpError("cannot be lowered to integers");
}

/// An error where a Softmax has one element, or a node that sums products takes
/// what Softmax gives.
static LogicalResult checkProbabilities(Operation &op,
                                        bool takesProbabilities) {
  StringRef name = op.getName().stripDialect();
  if (isSoftmax(op)) {
    if (countNormalised(&op) != 1)
      return success();
    return op.emitOpError("is over one element, so it is always ")
           << (name == "LogSoftmax" ? 0 : 1)
           << ", whatever the input: take a Sigmoid, or an output for each of "
              "two classes";
  }
  if (!takesProbabilities || !isa<onnx::Linear>(op))
    return success();
  bool isWhole = name == "ReduceSum" || name == "ReduceMean" ||
                 name == "GlobalAveragePool";
  if (isWhole && getCount(op.getResult(0)) == 1)
    return op.emitOpError("takes all probabilities of a Softmax together, "
                          "whose sum is always 1");
  return op.emitOpError("takes the probabilities of a Softmax, which are no "
                        "integers: quantise them before, or take the Softmax "
                        "out of the model");
}

static LogicalResult lowerNodes(Block &block, ArrayRef<GraphOutput> outputs,
                                GraphLowering &lowering) {
  llvm::SetVector<Operation *> needed = getSources(outputs, lowering);
  llvm::DenseSet<Value> probabilities;
  for (Operation &op : block) {
    if (!needed.contains(&op) || isa<onnx::NoValueOp, onnx::ConstantOp>(op))
      continue;
    for (Type type : op.getResultTypes())
      if (!isa<RankedTensorType>(type))
        return op.emitOpError("has no type yet: run --onnx-infer-types first");
    if (lowering.isLeft(&op))
      continue;
    bool takesProbabilities = llvm::any_of(
        op.getOperands(), [&](Value it) { return probabilities.contains(it); });
    if (failed(checkProbabilities(op, takesProbabilities)))
      return failure();
    // What is made of probabilities is for the decision to look through.
    if (isSoftmax(op) ||
        (isa<onnx::Movement, onnx::Elementwise>(op) && takesProbabilities)) {
      probabilities.insert(op.result_begin(), op.result_end());
      continue;
    }
    LogicalResult result = success();
    if (auto linear = dyn_cast<onnx::Linear>(op))
      result = lowering.lowerLinear(linear);
    else if (auto argMax = dyn_cast<onnx::ArgMaxOp>(op))
      result = lowering.lowerArgMax(argMax);
    else if (auto argMin = dyn_cast<onnx::ArgMinOp>(op))
      result = lowering.lowerArgMin(argMin);
    else if (auto topK = dyn_cast<onnx::TopKOp>(op))
      result = lowering.lowerTopK(topK);
    else if (isLookup(op))
      result = lowering.lowerLookup(&op);
    else if (auto node = dyn_cast<onnx::Elementwise>(op))
      result = lowering.lowerGathering(node);
    else if (!isa<onnx::Movement>(op))
      result = refuse(op);
    if (failed(result))
      return failure();
  }
  return success();
}

/// Puts the lowered body into the function, with what header and summary say of
/// inputs and results.
void OnnxToLowbitPass::replaceBody(func::FuncOp function,
                                   std::unique_ptr<Block> body,
                                   const ModelInputs &inputs,
                                   ArrayRef<ModelResult> results) {
  Block &old = function.getBody().front();
  SmallVector<Attribute> names;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    names.push_back(function.getArgAttr(i, "onnx.name"));
  function.removeResAttrsAttr();
  function.getBody().push_back(body.release());
  old.dropAllDefinedValueUses();
  old.dropAllReferences();
  old.erase();
  Block &block = function.front();
  function.setType(FunctionType::get(function.getContext(),
                                     block.getArgumentTypes(),
                                     block.getTerminator()->getOperandTypes()));
  Builder builder(function.getContext());
  for (auto [i, meaning] : llvm::enumerate(inputs.meanings)) {
    SmallVector<NamedAttribute> attributes{
        builder.getNamedAttr(lowbit::kScaleAttr,
                             builder.getStringAttr(meaning.scale.str())),
        builder.getNamedAttr(lowbit::kZeroPointAttr,
                             builder.getStringAttr(meaning.zeroPoint.str()))};
    if (names[i])
      attributes.push_back(builder.getNamedAttr(lowbit::kNameAttr, names[i]));
    function.setArgAttrs(i, attributes);
  }
  for (auto [i, result] : llvm::enumerate(results))
    function.setResultAttrs(i, result.attributes);
}

LogicalResult OnnxToLowbitPass::lowerFunction(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has control flow, which is not supported");
  if (function.getNumArguments() == 0)
    return function.emitOpError("has no input");
  SmallVector<GraphOutput, 1> outputs = getOutputs(function);
  if (outputs.empty())
    return function.emitOpError("has no output");
  FailureOr<ModelInputs> inputs = describeInputs(function);
  if (failed(inputs))
    return failure();

  auto body = std::make_unique<Block>();
  OpBuilder builder(&getContext());
  builder.setInsertionPointToEnd(body.get());
  GraphLowering lowering(builder, /*keepsSums=*/output != "class",
                         /*needsLogits=*/output == "logits");
  for (auto [argument, tensor] :
       llvm::zip_equal(function.getArguments(), inputs->tensors)) {
    Type type = lowbit::getTensorType(&getContext(), tensor.shape,
                                      tensor.ranges.front());
    tensor.value = body->addArgument(type, argument.getLoc());
    lowering.getEmitter().setRanges(tensor.value, tensor.ranges);
  }
  for (const InputQuantiser &quantiser : inputs->quantisers)
    lowering.setQuantised(quantiser, body->getArguments());
  for (auto [i, tensor] : llvm::enumerate(inputs->tensors))
    if (!inputs->isQuantised(i))
      lowering.setKnown(function.getArgument(i), std::move(tensor));
  lowering.findBounds(outputs.front().value);
  if (failed(lowerNodes(function.front(), outputs, lowering)))
    return failure();
  auto results = ModelOutputs(lowering, output).lower(outputs);
  if (failed(results))
    return failure();
  SmallVector<Value> values;
  for (const ModelResult &result : *results)
    values.push_back(result.value);
  func::ReturnOp::create(builder, function.front().getTerminator()->getLoc(),
                         values);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*body)))
    if (isOpTriviallyDead(&op))
      op.erase();
  replaceBody(function, std::move(body), *inputs, *results);
  return success();
}
