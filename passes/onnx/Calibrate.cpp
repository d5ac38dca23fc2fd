//===- Calibrate.cpp - Make scales that depend on the input constant ------===//
//
// Dynamic quantisation works a scale out for each input; a program of integers
// has one for all. Where the scales come from is found by what depends on what,
// so it does not matter how the exporter wrote them.
//
//===----------------------------------------------------------------------===//

#include "dialects/lowbit/ModelInterface.h"
#include "dialects/onnx/Evaluate.h"
#include "passes/Passes.h"
#include "passes/onnx/SampleEvaluation.h"
#include "passes/onnx_to_lowbit/InputMeaning.h"
#include "runtime_pdk/simulator/SampleFile.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace pdkc;
using lowbit::Interval;

namespace pdkc {
#define GEN_PASS_DEF_ONNXCALIBRATE
#include "passes/Passes.h.inc"
} // namespace pdkc

//===----------------------------------------------------------------------===//
// Scales that depend on the input
//===----------------------------------------------------------------------===//

static bool isReduction(Operation *op) {
  return op->getName().stripDialect().starts_with("Reduce") &&
         isa<FloatType>(onnx::getFirstElementType(op));
}

/// Whether such a node multiplies or divides by the operand.
static bool isFactor(OpOperand &operand) {
  StringRef name = operand.getOwner()->getName().stripDialect();
  if (name == "Mul" || name == "Div")
    return true;
  return operand.getOperandNumber() == 1 &&
         (name == "QuantizeLinear" || name == "DequantizeLinear" ||
          name == "Quant" || name == "IntQuant");
}

/// The first node of the block that makes a scale from the input; null where
/// there is none.
static Operation *findDynamicScale(Block &block) {
  /// What depends on the input, and of that what is made of reductions alone.
  DenseSet<Value> dependent, reduced;
  dependent.insert(block.getArgument(0));
  llvm::SetVector<Value> scales;
  for (Operation &op : block) {
    SmallVector<OpOperand *> operands;
    for (OpOperand &operand : op.getOpOperands())
      if (dependent.contains(operand.get()))
        operands.push_back(&operand);
    if (operands.empty())
      continue;
    dependent.insert_range(op.getResults());
    auto isReduced = [&](OpOperand *operand) {
      return reduced.contains(operand->get());
    };
    bool isStep = isa<onnx::Elementwise, onnx::Movement>(op);
    if (isReduction(&op) || (isStep && llvm::all_of(operands, isReduced)))
      reduced.insert_range(op.getResults());
    else
      for (OpOperand *operand : operands)
        if (isReduced(operand) && isFactor(*operand))
          scales.insert(operand->get());
  }
  llvm::SmallPtrSet<Operation *, 8> found;
  for (size_t i = 0; i < scales.size(); ++i) {
    Operation *op = scales[i].getDefiningOp();
    if (isReduction(op)) {
      found.insert(op);
      continue;
    }
    for (Value operand : op->getOperands())
      if (reduced.contains(operand))
        scales.insert(operand);
  }
  for (Operation &op : block)
    if (found.contains(&op) || (isa<onnx::DynamicQuantizeLinearOp>(op) &&
                                dependent.contains(op.getOperand(0))))
      return &op;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {

/// What was seen of one element.
struct Seen {
  double min = 0, max = 0, sum = 0;
};

struct CalibratePass : pdkc::impl::OnnxCalibrateBase<CalibratePass> {
  using OnnxCalibrateBase::OnnxCalibrateBase;

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(calibrate(function)))
        return signalPassFailure();
  }

  LogicalResult calibrate(func::FuncOp function);
  /// The samples' bytes and what they are worth.
  LogicalResult readSamples(func::FuncOp function);
  LogicalResult readLabels(func::FuncOp function);
  FailureOr<std::vector<uint8_t>> readFile(Location loc, StringRef path);
  /// Calls `visit` with the value's elements for each sample, in turn.
  LogicalResult evaluate(Block &block, Value value,
                         function_ref<void(const onnx::Scalars &)> visit);
  FailureOr<SmallVector<Seen>> observe(Block &block, Value value);
  FailureOr<std::vector<int64_t>> classify(Block &block);
  LogicalResult replaceQuantizer(onnx::DynamicQuantizeLinearOp node);
  LogicalResult replaceReduction(Operation *node);

  std::vector<uint8_t> classes;
  int64_t inputs = 0, count = 0;
  /// Of the model's input, in all samples; and what an integer is worth there.
  std::vector<int32_t> integers;
  DenseMap<int64_t, onnx::Scalar> meaning;
};

} // namespace

FailureOr<std::vector<uint8_t>> CalibratePass::readFile(Location loc,
                                                        StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return emitError(loc) << "cannot read '" << path
                          << "': " << buffer.getError().message();
  std::string error;
  auto read = sim::readSampleFile((*buffer)->getBuffer(), error);
  if (!read)
    return emitError(loc) << "'" << path << "': " << error;
  return std::vector<uint8_t>(read->bytes.begin(), read->bytes.end());
}

LogicalResult CalibratePass::readSamples(func::FuncOp function) {
  Location loc = function.getLoc();
  if (function.getNumArguments() != 1)
    return function.emitError("has ")
           << function.getNumArguments()
           << " inputs; calibration takes models of one";
  Value argument = function.getArgument(0);
  auto meanings = parseInputMeanings(loc, getInputNames(function),
                                     {inputRange, inputScale, inputZeroPoint});
  if (failed(meanings))
    return failure();
  const InputMeaning &given = meanings->front();
  FailureOr<IntegerTensor> input = describeInput(argument, given);
  if (failed(input))
    return failure();
  Type type = onnx::getElementType(argument);
  if (isa<FloatType>(type) && !given.isGiven)
    return emitError(argument.getLoc())
           << "calibration must know what the samples' bytes are worth: give "
              "--input-range and --input-scale";
  auto bytes = readFile(loc, samples);
  if (failed(bytes))
    return failure();
  inputs = input->scale.size();
  if (inputs == 0)
    return emitError(argument.getLoc()) << "model's input has no elements";
  lowbit::InputLayout layout;
  layout.ranges.assign(inputs, input->ranges.front());
  layout.bytes = lowbit::getBytesInC(input->ranges.front());
  if (bytes->empty() || bytes->size() % layout.getTotalBytes())
    return emitError(loc) << "calibration samples must be inputs of "
                          << layout.getTotalBytes()
                          << " bytes each, at least one; '" << samples
                          << "' holds " << bytes->size() << " bytes";
  count = bytes->size() / layout.getTotalBytes();
  integers.clear();
  meaning.clear();
  for (int64_t i = 0; i < count; ++i)
    for (int64_t value : layout.decode(ArrayRef(*bytes).slice(
             i * layout.getTotalBytes(), layout.getTotalBytes()))) {
      Interval range = input->ranges.front();
      if (value < range.min || value > range.max)
        return emitError(loc)
               << "calibration sample " << i << " holds " << value
               << " as input " << integers.size() % inputs
               << ", outside the range " << range.min << ":" << range.max
               << "; see --input-range";
      integers.push_back(int32_t(value));
      auto [found, isNew] = meaning.try_emplace(value);
      if (isNew)
        found->second =
            onnx::getScalar(type, Rational(value) * input->scale.front() +
                                      input->offset.front());
    }
  return success();
}

LogicalResult CalibratePass::readLabels(func::FuncOp function) {
  classes.clear();
  if (labels.empty())
    return success();
  auto buffer = readFile(function.getLoc(), labels);
  if (failed(buffer))
    return failure();
  classes = *buffer;
  if (int64_t(classes.size()) != count)
    return emitError(function.getLoc())
           << "'" << labels << "' holds " << classes.size() << " labels for "
           << count << " samples; one byte each is needed";
  return success();
}

LogicalResult
CalibratePass::evaluate(Block &block, Value value,
                        function_ref<void(const onnx::Scalars &)> visit) {
  FailureOr<SampleEvaluation> evaluation =
      SampleEvaluation::create(block, value);
  if (failed(evaluation))
    return failure();
  int64_t sample = 0;
  // Errors of nodes get a note of where they came up.
  ScopedDiagnosticHandler handler(&getContext(), [&](Diagnostic &diagnostic) {
    diagnostic.attachNote() << "in calibration sample " << sample;
    return failure();
  });
  for (; sample < count; ++sample) {
    onnx::Scalars input;
    for (int64_t i = 0; i < inputs; ++i)
      input.push_back(meaning.lookup(integers[sample * inputs + i]));
    FailureOr<const onnx::Scalars *> results =
        evaluation->evaluate(std::move(input));
    if (failed(results))
      return failure();
    for (const onnx::Scalar &element : **results)
      if (!onnx::getExact(element) || onnx::isInfinite(element))
        return emitError(value.getLoc()) << "is an infinity or a NaN";
    visit(**results);
  }
  return success();
}

FailureOr<SmallVector<Seen>> CalibratePass::observe(Block &block, Value value) {
  SmallVector<Seen> result;
  auto visit = [&](const onnx::Scalars &elements) {
    bool isFirst = result.empty();
    result.resize(elements.size());
    for (auto [seen, element] : llvm::zip_equal(result, elements)) {
      double x = onnx::getExact(element)->toDouble();
      seen.min = isFirst ? x : std::min(seen.min, x);
      seen.max = isFirst ? x : std::max(seen.max, x);
      seen.sum += x;
    }
  };
  if (failed(evaluate(block, value, visit)))
    return failure();
  return result;
}

/// The range of all elements.
static Seen join(ArrayRef<Seen> elements) {
  Seen result = elements.front();
  for (const Seen &each : elements) {
    result.min = std::min(result.min, each.min);
    result.max = std::max(result.max, each.max);
  }
  return result;
}

static std::string toText(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

static Value createConstant(OpBuilder &builder, Location loc,
                            RankedTensorType type,
                            const onnx::Scalars &scalars) {
  OperationState state(loc, onnx::ConstantOp::getOperationName(), {}, {type});
  state.addAttribute("value", onnx::getElements(type, scalars));
  return builder.create(state)->getResult(0);
}

LogicalResult
CalibratePass::replaceQuantizer(onnx::DynamicQuantizeLinearOp node) {
  Location loc = node.getLoc();
  FailureOr<SmallVector<Seen>> elements =
      observe(*node->getBlock(), node.getX());
  if (failed(elements))
    return failure();
  Seen seen = join(*elements);
  auto [scale, zeroPoint] =
      onnx::getDynamicQuantization(float(seen.min), float(seen.max));
  node->emitRemark("saw values of ")
      << toText(seen.min) << " to " << toText(seen.max) << ", takes scale "
      << toText(scale) << " and zero point " << zeroPoint;
  OpBuilder builder(node);
  auto codes = cast<RankedTensorType>(node->getResult(0).getType());
  auto scalarOf = [](Type type) { return RankedTensorType::get({}, type); };
  Value parameters[] = {
      createConstant(builder, loc, scalarOf(builder.getF32Type()), {scale}),
      createConstant(builder, loc, scalarOf(codes.getElementType()),
                     {zeroPoint})};
  OperationState state(loc, onnx::QuantizeLinearOp::getOperationName(),
                       {node.getX(), parameters[0], parameters[1]}, {codes});
  Value results[] = {builder.create(state)->getResult(0), parameters[0],
                     parameters[1]};
  for (auto [result, value] : llvm::zip(node->getResults(), results))
    result.replaceAllUsesWith(value);
  node->erase();
  return success();
}

LogicalResult CalibratePass::replaceReduction(Operation *node) {
  Value result = node->getResult(0);
  FailureOr<SmallVector<Seen>> elements = observe(*node->getBlock(), result);
  if (failed(elements))
    return failure();
  StringRef name = node->getName().stripDialect();
  StringRef choice = name == "ReduceMax"   ? "largest"
                     : name == "ReduceMin" ? "smallest"
                                           : "mean";
  auto type = cast<RankedTensorType>(result.getType());
  onnx::Scalars taken;
  for (const Seen &seen : *elements) {
    double value = choice == "largest"    ? seen.max
                   : choice == "smallest" ? seen.min
                                          : seen.sum / double(count);
    taken.push_back(
        onnx::getScalar(type.getElementType(), *Rational::fromDouble(value)));
  }
  Seen seen = join(*elements);
  InFlightDiagnostic remark = node->emitRemark("was ");
  remark << toText(seen.min) << " to " << toText(seen.max) << ", takes the "
         << choice;
  if (taken.size() == 1)
    remark << ", " << toText(onnx::getExact(taken[0])->toDouble());
  remark.report();
  OpBuilder builder(node);
  result.replaceAllUsesWith(
      createConstant(builder, node->getLoc(), type, taken));
  node->erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

/// The node that the value comes from, copies and changes of type aside.
static Operation *skipCopies(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && (isa<onnx::Movement>(op) || isa<onnx::CastOp>(op)))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

/// Whether the value is a class or label: what comes after a decision.
static bool isClass(Value value) {
  SmallVector<Value> open{value};
  for (DenseSet<Value> seen; !open.empty();) {
    Operation *op = open.pop_back_val().getDefiningOp();
    if (!op ||
        !isa<onnx::Movement, onnx::Elementwise, onnx::ArgMaxOp, onnx::ArgMinOp>(
            op))
      continue;
    if (isa<onnx::ArgMaxOp, onnx::ArgMinOp>(op))
      return true;
    for (Value operand : op->getOperands())
      if (seen.insert(operand).second)
        open.push_back(operand);
  }
  return false;
}

/// The class of each sample, as the lowered model gives it.
FailureOr<std::vector<int64_t>> CalibratePass::classify(Block &block) {
  Value output = block.getTerminator()->getOperand(0);
  bool isDecided = isClass(output);
  Operation *last = skipCopies(output);
  Rational threshold;
  if (last && last->getName().stripDialect() == "Sigmoid")
    threshold = Rational(1) / Rational(2);
  std::vector<int64_t> result;
  auto type = dyn_cast<RankedTensorType>(output.getType());
  if (type && type.getNumElements() == 0)
    return emitError(output.getLoc()) << "has no elements to decide by";
  auto visit = [&](const onnx::Scalars &elements) {
    Rational best = *onnx::getExact(elements[0]);
    if (elements.size() == 1) {
      result.push_back(isDecided ? best.getInteger().value_or(-1)
                                 : int64_t(best > threshold));
      return;
    }
    result.push_back(0);
    for (auto [i, element] : llvm::enumerate(elements))
      if (Rational value = *onnx::getExact(element); value > best) {
        best = value;
        result.back() = i;
      }
  };
  if (failed(evaluate(block, output, visit)))
    return failure();
  return result;
}

static std::string getShare(int64_t part, int64_t all) {
  return llvm::formatv("{0} of {1} ({2:F2} %)", part, all,
                       100.0 * double(part) / double(all));
}

static int64_t countEqual(ArrayRef<int64_t> some, ArrayRef<int64_t> others) {
  return llvm::count_if(llvm::zip_equal(some, others), [](const auto &pair) {
    return std::get<0>(pair) == std::get<1>(pair);
  });
}

LogicalResult CalibratePass::calibrate(func::FuncOp function) {
  if (!function.getBody().hasOneBlock() || function.getNumArguments() != 1)
    return success(); // refused by the lowering
  Block &block = function.getBody().front();
  if (block.getTerminator()->getNumOperands() == 0)
    return success();
  if (failed(readSamples(function)) || failed(readLabels(function)))
    return failure();
  Operation *node = findDynamicScale(block);
  if (!node) {
    function->emitRemark("has no scale that depends on the input: there is "
                         "nothing to calibrate");
    return success();
  }
  FailureOr<std::vector<int64_t>> before = classify(block);
  if (failed(before))
    return failure();
  for (; node; node = findDynamicScale(block)) {
    auto quantizer = dyn_cast<onnx::DynamicQuantizeLinearOp>(node);
    if (failed(quantizer ? replaceQuantizer(quantizer)
                         : replaceReduction(node)))
      return failure();
  }
  FailureOr<std::vector<int64_t>> after = classify(block);
  if (failed(after))
    return failure();
  function->emitRemark("calibrated on ")
      << count << " samples: the class is that of the dynamic scales for "
      << getShare(countEqual(*before, *after), count);
  if (!classes.empty()) {
    std::vector<int64_t> wanted(classes.begin(), classes.end());
    function->emitRemark("accuracy with dynamic scales ")
        << getShare(countEqual(*before, wanted), count) << ", calibrated "
        << getShare(countEqual(*after, wanted), count);
  }
  return success();
}
