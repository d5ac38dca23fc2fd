//===- ModelOutputs.cpp - What a model gives beside its class -------------===//

#include "passes/onnx_to_lowbit/ModelOutputs.h"

#include "dialects/lowbit/ModelInterface.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace pdkc;

SmallVector<GraphOutput, 1> pdkc::getOutputs(func::FuncOp function) {
  SmallVector<GraphOutput, 1> outputs;
  Operation *end = function.front().getTerminator();
  for (auto [i, value] : llvm::enumerate(end->getOperands())) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "onnx.name");
    outputs.push_back(
        {unsigned(i), value, name ? name.str() : std::to_string(i)});
  }
  return outputs;
}

/// The array's name in C, behind the model's: the first output's has none of
/// its own.
static std::string getSymbol(const GraphOutput &output, bool isFirst,
                             ArrayRef<ModelResult> results) {
  if (isFirst)
    return "output";
  std::string symbol = "output_" + lowbit::toIdentifier(output.name);
  auto isTaken = [&](StringRef name) {
    return llvm::any_of(results, [&](const ModelResult &result) {
      return llvm::any_of(result.attributes, [&](NamedAttribute attribute) {
        auto text = dyn_cast<StringAttr>(attribute.getValue());
        // Macros are in capitals.
        return attribute.getName() == lowbit::kSymbolAttr && text &&
               text.getValue().equals_insensitive(name);
      });
    });
  };
  std::string unique = symbol;
  for (int i = 2; isTaken(unique); ++i)
    unique = symbol + "_" + std::to_string(i);
  return unique;
}

LogicalResult ModelOutputs::add(const GraphOutput &output,
                                const IntegerTensor &tensor,
                                const Twine &meaning, bool mayBeCut) {
  FailureOr<Value> value = lowering.close(tensor);
  if (failed(value))
    return failure();
  Builder builder(value->getContext());
  auto getNumbers = [&](const Rationals &values) {
    SmallVector<double> doubles;
    for (const Rational &each : values)
      doubles.push_back(each.toDouble());
    if (llvm::all_equal(doubles))
      doubles.resize(1);
    return builder.getDenseF64ArrayAttr(doubles);
  };
  bool isFirst = output.number == 0;
  SmallVector<NamedAttribute> attributes{
      builder.getNamedAttr(lowbit::kNameAttr,
                           builder.getStringAttr(output.name)),
      builder.getNamedAttr(lowbit::kSymbolAttr, builder.getStringAttr(getSymbol(
                                                    output, isFirst, results))),
      builder.getNamedAttr(lowbit::kMeaningAttr,
                           builder.getStringAttr(meaning)),
      builder.getNamedAttr(lowbit::kScaleAttr, getNumbers(tensor.scale)),
      builder.getNamedAttr(lowbit::kOffsetAttr, getNumbers(tensor.offset))};
  if (mayBeCut)
    attributes.push_back(
        builder.getNamedAttr(lowbit::kCutAttr, builder.getUnitAttr()));
  results.push_back({*value, std::move(attributes)});
  return success();
}

/// The node that the value goes into on its way to the output.
static Operation *getNext(Value value, Value output) {
  llvm::SmallPtrSet<Operation *, 16> seen;
  SmallVector<Operation *> path{output.getDefiningOp()};
  while (!path.empty()) {
    Operation *op = path.pop_back_val();
    if (!op || !seen.insert(op).second)
      continue;
    for (Value operand : op->getOperands()) {
      if (operand == value)
        return op;
      path.push_back(operand.getDefiningOp());
    }
  }
  return nullptr;
}

void ModelOutputs::addClass(const GraphOutput &output, Value decision) {
  ModelResult &result = results.emplace_back();
  result.value = decision;
  std::optional<int64_t> classes = lowering.countBesideNone();
  if (!classes)
    return;
  Builder builder(decision.getContext());
  result.attributes.push_back(builder.getNamedAttr(
      lowbit::kBesideNoneAttr, builder.getI64IntegerAttr(*classes)));
  emitRemark(output.value.getLoc())
      << "class " << kNoClass << " stands for the graph's -1";
}

LogicalResult ModelOutputs::addLogits(const GraphOutput &output,
                                      Value decision) {
  GraphLowering::Logits logits = lowering.getLogits(decision);
  if (!logits.tensor)
    return emitError(output.value.getLoc())
           << "has no logits: it is no affine function of integers, nor a "
              "decision over such; use --output=values where it is quantised, "
              "or --output=class";
  Operation *next = getNext(logits.value, output.value);
  std::string meaning = "output '" + output.name + "'";
  if (next)
    meaning = ("what stands before " + next->getName().stripDialect() + " of " +
               meaning)
                  .str();
  return add(output, *logits.tensor, meaning, /*mayBeCut=*/true);
}

LogicalResult ModelOutputs::addValues(const GraphOutput &output) {
  // Why it is none is told behind what to do.
  SmallVector<std::pair<Location, std::string>> reasons;
  FailureOr<const IntegerTensor *> tensor = failure();
  {
    ScopedDiagnosticHandler collect(
        output.value.getContext(), [&](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
            return failure();
          reasons.push_back({diagnostic.getLocation(), diagnostic.str()});
          return success();
        });
    tensor = lowering.describeOrClip(output.value);
  }
  if (succeeded(tensor))
    return add(output, **tensor, "output '" + output.name + "'",
               /*mayBeCut=*/false);
  InFlightDiagnostic error =
      emitError(output.value.getLoc())
      << "output '" << output.name
      << "' stands on no grid of integers: quantise it in the model "
         "(QuantizeLinear, Quant), or take --output=logits";
  for (auto &[loc, reason] : reasons)
    error.attachNote(loc) << reason;
  return error;
}

FailureOr<SmallVector<ModelResult>>
ModelOutputs::lower(ArrayRef<GraphOutput> outputs) {
  results.clear();
  for (const GraphOutput &output : outputs) {
    bool isFirst = output.number == 0;
    Value decision;
    if (isFirst || wanted == "logits") {
      FailureOr<Value> lowered = lowering.lowerOutput(output.value);
      if (failed(lowered))
        return failure();
      decision = *lowered;
    }
    if (isFirst)
      addClass(output, decision);
    if (wanted == "logits"
            ? failed(addLogits(output, decision))
            : (!isFirst || wanted == "values") && failed(addValues(output)))
      return failure();
  }
  return std::move(results);
}
