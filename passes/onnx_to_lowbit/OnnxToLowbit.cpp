//===- OnnxToLowbit.cpp - Every tensor an integer of known range ----------===//
//
// The pass around GraphLowering: what the device hands over, which nodes the
// first output needs, and the function in its new form.
//
//===----------------------------------------------------------------------===//

#include "dialects/onnx/Evaluate.h"
#include "passes/Passes.h"
#include "passes/onnx_to_lowbit/GraphLowering.h"
#include "passes/onnx_to_lowbit/InputMeaning.h"
#include "passes/onnx_to_lowbit/InputRule.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace pdkc {
#define GEN_PASS_DEF_ONNXTOLOWBIT
#include "passes/Passes.h.inc"
} // namespace pdkc

namespace {

struct OnnxToLowbitPass : pdkc::impl::OnnxToLowbitBase<OnnxToLowbitPass> {
  using OnnxToLowbitBase::OnnxToLowbitBase;

  void runOnOperation() override {
    FailureOr<InputMeaning> meaning = parseInputMeaning(
        getOperation().getLoc(), inputRange, inputScale, inputZeroPoint);
    if (failed(meaning))
      return signalPassFailure();
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (isOnnx(function) && failed(lowerFunction(function, *meaning)))
        return signalPassFailure();
  }

  static bool isOnnx(func::FuncOp function);
  /// Makes the quantisers' values codes of `argument`.
  static FailureOr<Interval> setQuantised(Value argument,
                                          ArrayRef<InputQuantiser> quantisers,
                                          InputMeaning &meaning);
  LogicalResult lowerFunction(func::FuncOp function, InputMeaning meaning);
};

} // namespace

/// A function that is lowered already is left alone.
bool OnnxToLowbitPass::isOnnx(func::FuncOp function) {
  return function.walk([](onnx::Node) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

//===----------------------------------------------------------------------===//
// The model's input
//===----------------------------------------------------------------------===//

/// What the codes of all quantisers lie in, for the header and as a byte.
FailureOr<Interval>
OnnxToLowbitPass::setQuantised(Value argument,
                               ArrayRef<InputQuantiser> quantisers,
                               InputMeaning &meaning) {
  Interval range = quantisers.front().range;
  for (const InputQuantiser &quantiser : quantisers)
    range = lowbit::hull(range, quantiser.range);
  if (range.min < -128 || range.max > 255 || (range.min < 0 && range.max > 127))
    return emitError(argument.getLoc())
           << "model's input is quantised to codes of " << range.min << " to "
           << range.max
           << ", which no byte holds: give the integers that the device hands "
              "over with --input-range and --input-scale";
  meaning.range = range;
  meaning.scale = *Rational::fromDouble(quantisers.front().inputScale);
  meaning.zeroPoint = quantisers.front().zeroPoint;
  return range;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// What the value is computed from, back to what is known already.
static llvm::SetVector<Operation *> getSources(Value value,
                                               const GraphLowering &lowering) {
  llvm::SetVector<Operation *> sources;
  auto add = [&](Value each) {
    Operation *op = each.getDefiningOp();
    if (op && !lowering.isKnown(each))
      sources.insert(op);
  };
  add(value);
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

static LogicalResult lowerNodes(Block &block, Value output,
                                GraphLowering &lowering) {
  llvm::SetVector<Operation *> needed = getSources(output, lowering);
  llvm::DenseSet<Value> probabilities;
  for (Operation &op : block) {
    if (!needed.contains(&op) || isa<onnx::NoValueOp, onnx::ConstantOp>(op))
      continue;
    for (Type type : op.getResultTypes())
      if (!isa<RankedTensorType>(type))
        return op.emitOpError("has no type yet: run --onnx-infer-types first");
    if (lowering.isLeft(&op))
      continue;
    bool takesProbabilities = llvm::any_of(op.getOperands(), [&](Value it) {
      return probabilities.contains(it);
    });
    if (failed(checkProbabilities(op, takesProbabilities)))
      return failure();
    // What is made of probabilities is for the decision to look through.
    if (isSoftmax(op) || (isa<onnx::Movement, onnx::Elementwise>(op) &&
                          takesProbabilities)) {
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

/// The last integers before the decision, and as attributes of the function
/// what they are worth: lowbit.output_scale and lowbit.output_offset, one for
/// all or one each.
static FailureOr<Value> addLogits(func::FuncOp function, Value output,
                                  GraphLowering &lowering) {
  const IntegerTensor *logits = lowering.getLogits();
  if (!logits)
    return emitError(output.getLoc())
           << "has no logits: the first output is no affine function of "
              "integers, nor a decision over such; use --output=class";
  FailureOr<Value> value = lowering.close(*logits);
  if (failed(value))
    return failure();
  auto setAttribute = [&](StringRef name, const Rationals &values) {
    SmallVector<double> doubles;
    for (const Rational &each : values)
      doubles.push_back(each.toDouble());
    if (llvm::all_equal(doubles))
      doubles.resize(1);
    function->setAttr(name,
                      DenseF64ArrayAttr::get(function.getContext(), doubles));
  };
  setAttribute("lowbit.output_scale", logits->scale);
  setAttribute("lowbit.output_offset", logits->offset);
  return *value;
}

LogicalResult OnnxToLowbitPass::lowerFunction(func::FuncOp function,
                                              InputMeaning meaning) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has control flow, which is not supported");
  Block &old = function.getBody().front();
  Operation *terminator = old.getTerminator();
  if (terminator->getNumOperands() == 0)
    return function.emitOpError("has no output");
  if (old.getNumArguments() != 1)
    return emitError(function.getLoc()) << "model has " << old.getNumArguments()
                                        << " inputs; exactly one is supported";
  if (output != "class" && output != "logits")
    return function.emitOpError("output must be class or logits, not '")
           << output << "'";
  Value argument = old.getArgument(0);
  if (failed(checkSize(argument)))
    return failure();
  FailureOr<IntegerTensor> input = describeInput(argument, meaning);
  if (failed(input))
    return failure();
  SmallVector<InputQuantiser, 1> quantisers;
  if (!meaning.isGiven && isa<FloatType>(onnx::getElementType(argument))) {
    auto found = findInputQuantisers(old, argument);
    if (failed(found))
      return failure();
    quantisers = std::move(*found);
  }
  if (!quantisers.empty()) {
    FailureOr<Interval> range = setQuantised(argument, quantisers, meaning);
    if (failed(range))
      return failure();
    input->ranges.assign(input->ranges.size(), *range);
  }

  auto newBlock = std::make_unique<Block>();
  Type argumentType =
      lowbit::getTensorType(&getContext(), input->shape, input->ranges.front());
  input->value = newBlock->addArgument(argumentType, argument.getLoc());
  Value modelOutput = terminator->getOperand(0);
  OpBuilder builder(&getContext());
  builder.setInsertionPointToEnd(newBlock.get());
  GraphLowering lowering(builder, /*keepsLogits=*/output == "logits");
  lowering.getEmitter().setRanges(input->value, input->ranges);
  for (const InputQuantiser &quantiser : quantisers)
    lowering.setQuantised(quantiser, input->value);
  if (quantisers.empty())
    lowering.setKnown(argument, std::move(*input));
  lowering.findBounds(modelOutput);
  if (failed(lowerNodes(old, modelOutput, lowering)))
    return failure();
  FailureOr<Value> decision = lowering.lowerOutput(modelOutput);
  if (failed(decision))
    return failure();
  if (std::optional<int64_t> classes = lowering.countBesideNone()) {
    function->setAttr("lowbit.classes_beside_none",
                      builder.getI64IntegerAttr(*classes));
    emitRemark(modelOutput.getLoc()) << "class " << kNoClass
                                     << " stands for the graph's -1";
  }
  SmallVector<Value> results{*decision};
  if (output == "logits") {
    FailureOr<Value> logits = addLogits(function, modelOutput, lowering);
    if (failed(logits))
      return failure();
    results.push_back(*logits);
  }
  func::ReturnOp::create(builder, terminator->getLoc(), results);
  for (unsigned i = 1; i < terminator->getNumOperands(); ++i)
    emitRemark(terminator->getOperand(i).getLoc())
        << "output " << i << " is ignored: the class comes from the first";

  // What the header and the summary say of the input.
  function.removeResAttrsAttr();
  auto name = function.getArgAttrOfType<StringAttr>(0, "onnx.name");
  function.getBody().push_back(newBlock.release());
  old.dropAllDefinedValueUses();
  old.dropAllReferences();
  old.erase();
  function.setType(
      FunctionType::get(&getContext(), argumentType, TypeRange(results)));
  SmallVector<NamedAttribute> attributes{
      builder.getNamedAttr("lowbit.scale",
                           builder.getStringAttr(meaning.scale.str())),
      builder.getNamedAttr("lowbit.zero_point",
                           builder.getStringAttr(meaning.zeroPoint.str()))};
  if (name)
    attributes.push_back(builder.getNamedAttr("lowbit.name", name));
  function.setArgAttrs(0, attributes);
  return success();
}
