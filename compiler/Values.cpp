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

static llvm::json::Array toJson(ArrayRef<double> values) {
  llvm::json::Array array;
  for (double value : values)
    array.push_back(value);
  return array;
}

LogicalResult pdkc::writeValues(ModuleOp module, const CompileOptions &options,
                                llvm::raw_ostream &out) {
  auto models = llvm::to_vector(module.getOps<func::FuncOp>());
  if (models.size() != 1)
    return module.emitError("holds ")
           << models.size() << " functions; a model is one";
  func::FuncOp model = models[0];
  if (failed(lowbit::checkModel(model)))
    return failure();
  Samples samples;
  samples.layout = lowbit::InputLayout::get(model);
  samples.bytes = options.samples;
  if (samples.bytes.empty())
    return module.emitError("--emit=values needs --samples, of inputs of ")
           << samples.layout.getTotalBytes() << " bytes each";
  if (failed(checkSamples(module, samples.layout, samples.bytes,
                          options.sampleArray)))
    return failure();
  struct Output {
    llvm::json::Array values, undecided;
    double error = 0; ///< in units of the model's output
  };
  llvm::json::Array classes, undecided;
  SmallVector<Output, 1> outputs(model.getNumResults() - 1);
  ModuleInterface interface = getInterface(model, options.name);
  lowbit::FloatInterpreter floats(model);
  for (int64_t i = 0; i < samples.getCount(); ++i) {
    lowbit::Elements input = samples.getValues(i);
    auto results = lowbit::interpretAll(model, input);
    auto doubts = floats.findDoubts(input);
    classes.push_back(results[0][0]);
    undecided.push_back(int(doubts[0].isUndecided));
    for (auto [k, output] : llvm::enumerate(outputs)) {
      output.values.push_back(toJson(results[k + 1]));
      output.undecided.push_back(int(doubts[k + 1].isUndecided));
      ArrayRef<double> scale = interface.outputs[k].scale;
      for (auto [element, error] : llvm::enumerate(doubts[k + 1].errors))
        if (!scale.empty())
          output.error =
              std::max(output.error,
                       error * std::abs(scale[element % scale.size()]));
    }
  }
  llvm::json::Array described;
  for (auto [output, is] :
       llvm::zip_equal(outputs, interface.outputs))
    described.push_back(
        llvm::json::Object{{"name", is.name},
                           {"meaning", is.meaning},
                           {"values", std::move(output.values)},
                           {"undecided", std::move(output.undecided)},
                           {"error", output.error},
                           {"scale", toJson(ArrayRef<double>(is.scale))},
                           {"offset", toJson(ArrayRef<double>(is.offset))}});
  out << llvm::json::Value(
             llvm::json::Object{{"classes", std::move(classes)},
                                {"undecided", std::move(undecided)},
                                {"outputs", std::move(described)}})
      << "\n";
  return success();
}
