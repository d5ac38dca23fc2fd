//===- Values.cpp - The model's meaning on samples ------------------------===//

#include "compiler/Compiler.h"
#include "compiler/Measure.h"
#include "dialects/lowbit/FloatInterpreter.h"
#include "dialects/lowbit/Interpreter.h"
#include "dialects/lowbit/RangeAnalysis.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace pdkc;

static llvm::json::Array toJson(ArrayRef<int64_t> values) {
  llvm::json::Array array;
  for (int64_t value : values)
    array.push_back(value);
  return array;
}

static llvm::json::Array toJson(func::FuncOp model, StringRef name) {
  llvm::json::Array array;
  if (auto values = model->getAttrOfType<DenseF64ArrayAttr>(name))
    for (double value : values.asArrayRef())
      array.push_back(value);
  return array;
}

LogicalResult pdkc::writeValues(ModuleOp module, const CompileOptions &options,
                                llvm::raw_ostream &out) {
  auto models = llvm::to_vector(module.getOps<func::FuncOp>());
  if (models.size() != 1 || models[0].getNumArguments() != 1)
    return module.emitError("a model is one function of one tensor");
  func::FuncOp model = models[0];
  Samples samples;
  samples.inputs =
      cast<RankedTensorType>(model.getArgumentTypes()[0]).getNumElements();
  lowbit::Interval range = lowbit::getRange(model.getArgument(0));
  samples.isSigned = range.min < 0;
  samples.bytes = options.samples;
  if (samples.bytes.empty())
    return module.emitError("--samples must hold inputs of ")
           << samples.inputs << " bytes each, not 0 bytes";
  if (failed(checkSamples(module, range, samples.inputs, samples.bytes)))
    return failure();
  llvm::json::Array classes, logits, undecided, undecidedLogits;
  lowbit::FloatInterpreter floats(model);
  for (int64_t i = 0; i < samples.getCount(); ++i) {
    lowbit::Elements input = samples.getValues(i);
    auto results = lowbit::interpretAll(model, input);
    auto isUndecided = floats.findUndecided(input);
    classes.push_back(results[0][0]);
    undecided.push_back(int(isUndecided[0]));
    if (results.size() > 1) {
      logits.push_back(toJson(results[1]));
      undecidedLogits.push_back(int(isUndecided[1]));
    }
  }
  out << llvm::json::Value(llvm::json::Object{
             {"classes", std::move(classes)},
             {"logits", std::move(logits)},
             {"undecided", std::move(undecided)},
             {"undecided_logits", std::move(undecidedLogits)},
             {"scale", toJson(model, "lowbit.output_scale")},
             {"offset", toJson(model, "lowbit.output_offset")}})
      << "\n";
  return success();
}
