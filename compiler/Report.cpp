//===- Report.cpp - What became of a model, as data -----------------------===//

#include "compiler/Report.h"

#include "compiler/Messages.h"
#include "passes/lowbit_to_pdk/Method.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace pdkc;
using llvm::json::Array;
using llvm::json::Object;
using JsonValue = llvm::json::Value;

std::vector<LayerSummary> pdkc::getLayers(Compilation &compilation) {
  std::vector<LayerSummary> layers;
  if (!compilation.plan)
    return layers;
  const MethodRegistry &methods =
      MethodRegistry::get(ModuleOp(*compilation.plan).getContext());
  auto count = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getNumElements();
  };
  compilation.plan->walk([&](Operation *op) {
    const Method *method = op->getNumOperands() ? methods.find(op) : nullptr;
    if (method && !method->getDescription().empty())
      layers.push_back({getName(op->getLoc()), count(op->getOperand(0)),
                        count(op->getResult(0)),
                        method->getDescription().str()});
  });
  return layers;
}

int64_t pdkc::countBytes(const Layout &layout) {
  return layout.firstByte + layout.staticBytes + layout.stackBytes;
}

static Object getCycles(const Cycles &cycles, std::optional<int64_t> longest) {
  return Object{{"min", int64_t(cycles.min)},
                {"mean", cycles.mean},
                {"max", int64_t(cycles.max)},
                {"bound", longest}};
}

static Array getInputs(const ModuleInterface &interface) {
  Array inputs;
  for (const ModuleInput &input : interface.inputs)
    inputs.push_back(Object{{"name", llvm::json::fixUTF8(input.name)},
                            {"count", input.count},
                            {"min", input.range.min},
                            {"max", input.range.max},
                            {"scale", input.scale},
                            {"zero_point", input.zeroPoint}});
  return inputs;
}

static Array getOutputs(const ModuleInterface &interface) {
  Array outputs;
  for (const ModuleOutput &output : interface.outputs)
    outputs.push_back(Object{{"name", llvm::json::fixUTF8(output.name)},
                             {"symbol", output.symbol},
                             {"meaning", llvm::json::fixUTF8(output.meaning)},
                             {"count", output.count},
                             {"type", getCType(output.range).str()},
                             {"scale", Array(output.scale)},
                             {"offset", Array(output.offset)}});
  return outputs;
}

static JsonValue getSerial(const Layout &layout) {
  std::optional<SerialSummary> serial;
  if (pdk::CellsOp stack = layout.stack)
    serial = getSerialSummary(stack->getParentOfType<pdk::ProgramOp>());
  if (!serial)
    return nullptr;
  const FirmwareTiming &timing = serial->timing;
  return Object{{"baud", serial->baud},
                {"clock", serial->clock},
                {"tx", serial->tx},
                {"rx", serial->rx},
                {"pause_bits", timing.pause},
                {"highest_baud_without_pauses", timing.highestRate},
                {"cycles_between_inputs", timing.betweenInputs},
                {"cycles_after_answer", timing.afterAnswer}};
}

void pdkc::writeReport(Compilation &compilation, const CompileOptions &options,
                       llvm::raw_ostream &out) {
  const Layout &layout = compilation.layout;
  const pdk::Device &device = *layout.device;
  const ModuleInterface &interface = compilation.interface;
  Array layers;
  for (const LayerSummary &layer : getLayers(compilation))
    layers.push_back(Object{{"node", llvm::json::fixUTF8(layer.node)},
                            {"inputs", layer.inputs},
                            {"outputs", layer.outputs},
                            {"method", layer.method}});
  Object report{{"name", interface.name},
                {"device", device.name},
                {"instruction_set", pdk::getName(device.set)},
                {"words", int64_t(layout.words.size())},
                {"words_available", getAvailableWords(options, device)},
                {"bytes", countBytes(layout)},
                {"bytes_available", int64_t(device.ramBytes)},
                {"cell_bytes", layout.staticBytes},
                {"stack_bytes", layout.stackBytes},
                {"serial", getSerial(layout)}};
  // Of a program that came as such no more is known.
  if (compilation.plan) {
    report["cycles"] = getCycles(compilation.cycles, compilation.longest);
    report["samples"] = options.samples.empty() ? "made-up" : "given";
    report["verified"] = compilation.verified;
    report["input"] = interface.isBuffer ? "buffer" : "stream";
    report["input_type"] = interface.inputType.str();
    report["inputs"] = getInputs(interface);
    report["classes"] = interface.classes;
    report["outputs"] = getOutputs(interface);
    report["layers"] = std::move(layers);
    if (const auto &use = compilation.undocumented)
      report["undocumented"] = Object{{"used", use->isUsed},
                                      {"words_without", use->wordsWithout}};
  }
  out << llvm::formatv("{0:2}\n", JsonValue(std::move(report)));
}

std::string pdkc::getOptions(const ExploredPoint &point) {
  std::string text = point.forSize ? "-Os" : "-O3";
  text += " --mcu=" + std::string(point.device->name) +
          " --input=" + point.input;
  if (point.maxWords)
    text += " --max-words=" + std::to_string(point.maxWords);
  return text;
}

void pdkc::writePoints(ArrayRef<ExploredPoint> points, llvm::raw_ostream &out) {
  Array array;
  for (const ExploredPoint &point : points)
    array.push_back(Object{{"device", point.device->name},
                           {"words", point.words},
                           {"bytes", point.bytes},
                           {"cycles", getCycles(point.cycles, point.longest)},
                           {"options", getOptions(point)}});
  out << llvm::formatv("{0:2}\n", JsonValue(std::move(array)));
}
