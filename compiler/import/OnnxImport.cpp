//===- OnnxImport.cpp - From a model file to the onnx dialect -------------===//

#include "compiler/import/OnnxImport.h"

#include "compiler/import/GraphImporter.h"
#include "compiler/import/TensorImport.h"
#include "dialects/onnx/OnnxDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace pdkc;
using onnx_file::ModelProto;
using onnx_file::NodeProto;
using onnx_file::ValueInfoProto;

/// Before opset 7 operators broadcast and train in other ways.
static constexpr int64_t kOldestOpset = 7;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Location GraphImporter::getLoc(const NodeProto &node, const Scope &scope) {
  if (!node.name.empty())
    return getLoc((scope.prefix + node.name).str());
  StringRef output = node.output.empty() ? "" : node.output[0];
  return getLoc((scope.prefix + output + " (" + node.op_type + ")").str());
}

LogicalResult GraphImporter::define(Scope &scope, StringRef name, Value value) {
  if (scope.values.try_emplace(name, value).second)
    return success();
  return emitError(value.getLoc())
         << "gives " << inQuotes(name) << " a second time";
}

Value GraphImporter::getNoValue() {
  if (!noValue)
    noValue =
        pdkc::onnx::NoValueOp::create(builder, fileLoc, builder.getNoneType());
  return noValue;
}

Value GraphImporter::lookUp(const Scope &scope, StringRef name, Location loc,
                            StringRef use) {
  auto found = scope.values.find(name);
  if (found != scope.values.end())
    return found->second;
  InFlightDiagnostic error = emitError(loc);
  error << use << " " << inQuotes(name);
  for (const NodeProto &node : scope.nodes)
    if (llvm::is_contained(node.output, name))
      return error << ", which a later node gives: nodes must come in the "
                      "order of their data, without cycles",
             Value();
  error << ", which no input, initializer or node gives";
  return {};
}

RankedTensorType GraphImporter::importType(const ValueInfoProto &info) {
  Location loc = getLoc(info.name);
  if (!info.type.has_tensor_type) {
    emitError(loc) << "graph input is not a tensor";
    return {};
  }
  const auto &proto = info.type.tensor_type;
  Type elementType =
      pdkc::onnx::getElementTypeOf(builder.getContext(), proto.elem_type);
  if (!elementType) {
    emitError(loc) << "graph input has elements of ONNX's type number "
                   << proto.elem_type << ", which is not supported";
    return {};
  }
  if (!proto.has_shape) {
    emitError(loc) << "graph input has no shape: export the model with a "
                      "static one";
    return {};
  }
  SmallVector<int64_t> shape;
  int64_t count = 1;
  for (const auto &dim : proto.shape.dim) {
    // A batch of unknown size is one inference.
    int64_t size = dim.has_dim_value ? dim.dim_value : 0;
    bool isBatch = shape.empty() && proto.shape.dim.size() > 1;
    if (size == 0 && !dim.has_dim_value && isBatch)
      size = 1;
    if (size <= 0 || size > pdkc::onnx::kMaxElements ||
        (count *= size) > pdkc::onnx::kMaxElements) {
      InFlightDiagnostic error = emitError(loc) << "graph input has dimension "
                                                << shape.size();
      if (dim.has_dim_value)
        error << " of size " << dim.dim_value
              << ": each must be at least 1, and all together at most "
              << pdkc::onnx::kMaxElements << " elements";
      else
        error << " of unknown size"
              << (dim.dim_param.empty() ? std::string()
                                          : " " + inQuotes(dim.dim_param))
              << ": only the first, the batch, may be open; export the model "
                 "with a static shape";
      return {};
    }
    shape.push_back(size);
  }
  return RankedTensorType::get(shape, elementType);
}

LogicalResult GraphImporter::importInitializers(Scope &scope) {
  if (graph.has_sparse_initializer)
    return emitError(fileLoc)
           << "model has sparse initializers, which are not supported: save "
              "its weights dense";
  for (const onnx_file::TensorProto &tensor : graph.initializer) {
    auto importOne = [&]() -> LogicalResult {
      Location loc = getLoc(tensor.name);
      DenseElementsAttr elements = importTensor(tensor, loc, folder);
      if (!elements)
        return failure();
      OperationState state(loc, pdkc::onnx::ConstantOp::getOperationName(), {},
                           {elements.getType()});
      state.addAttribute("value", elements);
      return define(scope, tensor.name, builder.create(state)->getResult(0));
    };
    // What only nodes read that are not needed.
    if (!scope.needed.contains(tensor.name) &&
        scope.used.contains(tensor.name)) {
      if (auto why = captureError(importOne))
        scope.missing[tensor.name] = *why;
    } else if (failed(importOne()))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Graph and file
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::import() {
  if (graph.node.size() == 0)
    return emitError(fileLoc) << "graph has no nodes";
  if (graph.output.size() == 0)
    return emitError(fileLoc) << "graph has no outputs";
  llvm::StringSet<> initializers;
  for (const onnx_file::TensorProto &tensor : graph.initializer)
    initializers.insert(tensor.name);

  Scope scope(graph.node);
  scope.findNeeded({graph.output[0].name});
  for (const ValueInfoProto &output : graph.output)
    scope.used.insert(output.name);
  for (const auto &import : model.opset_import)
    if (import.domain.empty() || import.domain == "ai.onnx")
      scope.opset = import.version;
  if (scope.opset != 0 && scope.opset < kOldestOpset)
    return emitError(fileLoc)
           << "model uses opset " << scope.opset
           << " of ONNX's operators; pdkc needs at least " << kOldestOpset
           << ": convert it with onnx.version_converter";

  SmallVector<Type> types;
  SmallVector<const ValueInfoProto *> inputs;
  for (const ValueInfoProto &input : graph.input) {
    // Older files list their initializers here as well.
    if (initializers.contains(input.name))
      continue;
    Type type;
    auto importOne = [&] {
      type = importType(input);
      return success(bool(type));
    };
    // One that the first output does not need may be of any type.
    if (!scope.needed.contains(input.name)) {
      if (auto why = captureError(importOne)) {
        scope.missing[input.name] = *why;
        continue;
      }
    } else if (failed(importOne())) {
      return failure();
    }
    inputs.push_back(&input);
    types.push_back(type);
  }
  if (inputs.empty())
    return emitError(fileLoc) << "graph has no inputs";

  auto function = func::FuncOp::create(builder, fileLoc, "model",
                                       builder.getFunctionType(types, {}));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&function.getBody());
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Value argument = block->addArgument(types[i], getLoc(input->name));
    function.setArgAttr(i, "onnx.name", builder.getStringAttr(input->name));
    if (failed(define(scope, input->name, argument)))
      return failure();
  }
  if (failed(importInitializers(scope)) || failed(importNodes(scope)))
    return failure();

  SmallVector<Value> outputs;
  SmallVector<Type> outputTypes;
  for (const ValueInfoProto &output : graph.output) {
    // One that is not to be had has no value.
    outputs.push_back(
        scope.missing.contains(output.name)
            ? getNoValue()
            : lookUp(scope, output.name, getLoc(output.name), "output"));
    if (!outputs.back())
      return failure();
    outputTypes.push_back(outputs.back().getType());
  }
  func::ReturnOp::create(builder, fileLoc, outputs);
  function.setType(builder.getFunctionType(types, outputTypes));
  for (auto [i, output] : llvm::enumerate(graph.output)) {
    function.setResultAttr(i, "onnx.name",
                           builder.getStringAttr(output.name));
    if (auto why = scope.missing.find(output.name);
        why != scope.missing.end())
      function.setResultAttr(i, "onnx.missing",
                             builder.getStringAttr(why->second));
  }
  if (ignored) {
    InFlightDiagnostic remark = emitRemark(firstIgnored.first);
    remark << "is ignored, since the first output does not need it: "
           << firstIgnored.second;
    if (ignored > 1)
      remark << "; and " << ignored - 1 << " more";
  }
  return success();
}

static LogicalResult parse(llvm::MemoryBufferRef buffer, ModelProto &model,
                           Location loc) {
  constexpr size_t kLargest = size_t(1) << 30;
  StringRef bytes = buffer.getBuffer();
  if (bytes.empty())
    return emitError(loc) << "file is empty";
  if (bytes.size() > kLargest)
    return emitError(loc) << "file has " << bytes.size() << " bytes; at most "
                          << kLargest << " are supported";
  if (!onnx_file::read(bytes, model))
    return emitError(loc) << "file is not an ONNX model, or it is cut short";
  if (!model.has_graph)
    return emitError(loc) << "file is not an ONNX model: it has no graph";
  return success();
}

OwningOpRef<ModuleOp> pdkc::importOnnx(llvm::MemoryBufferRef buffer,
                                       MLIRContext &context) {
  context.loadDialect<func::FuncDialect, pdkc::onnx::OnnxDialect>();
  StringRef name = buffer.getBufferIdentifier();
  Location loc =
      NameLoc::get(StringAttr::get(&context, name.empty() ? "model" : name));
  ModelProto model;
  if (failed(parse(buffer, model, loc)))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  std::optional<StringRef> folder;
  if (!name.empty())
    folder = llvm::sys::path::parent_path(name);
  if (failed(GraphImporter(model, builder, loc, folder).import()))
    return {};
  return module;
}
