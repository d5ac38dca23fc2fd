//===- OnnxImport.cpp - From a model file to the onnx dialect -------------===//

#include "compiler/import/OnnxImport.h"

#include "compiler/import/TensorImport.h"
#include "dialects/onnx/OnnxDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <google/protobuf/io/coded_stream.h>

using namespace mlir;
using namespace pdkc;
using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::ValueInfoProto;

namespace {

/// The values of a graph as they come to be.
class GraphImporter {
public:
  GraphImporter(const GraphProto &graph, OpBuilder &builder, Location fileLoc)
      : graph(graph), builder(builder), fileLoc(fileLoc) {}

  /// The function `model`, at the builder's place.
  LogicalResult import();

private:
  Location getLoc(StringRef name) {
    return NameLoc::get(
        builder.getStringAttr(name.empty() ? "(no name)" : name));
  }
  /// The node's name; where it has none, that of its first output.
  Location getLoc(const NodeProto &node);
  LogicalResult define(StringRef name, Value value);
  /// The value of that name; that of an omitted input for the empty name.
  Value lookUp(StringRef name, Location loc, StringRef use);
  Value getNoValue();

  RankedTensorType importType(const ValueInfoProto &info);
  LogicalResult importInitializers();
  Attribute importAttribute(const AttributeProto &attribute, Location loc);
  LogicalResult importAttributes(const NodeProto &node, OperationState &state);
  LogicalResult importNode(const NodeProto &node);

  const GraphProto &graph;
  OpBuilder &builder;
  Location fileLoc;
  llvm::StringMap<Value> values;
  /// The names that nodes take and the graph gives.
  llvm::StringSet<> used;
  Value noValue;
};

} // namespace

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Location GraphImporter::getLoc(const NodeProto &node) {
  if (!node.name().empty())
    return getLoc(node.name());
  StringRef output = node.output_size() ? StringRef(node.output(0)) : "";
  return getLoc((output + " (" + node.op_type() + ")").str());
}

LogicalResult GraphImporter::define(StringRef name, Value value) {
  if (values.try_emplace(name, value).second)
    return success();
  return emitError(value.getLoc())
         << "gives " << quoted(name) << " a second time";
}

Value GraphImporter::getNoValue() {
  if (!noValue)
    noValue =
        pdkc::onnx::NoValueOp::create(builder, fileLoc, builder.getNoneType());
  return noValue;
}

Value GraphImporter::lookUp(StringRef name, Location loc, StringRef use) {
  auto found = values.find(name);
  if (found != values.end())
    return found->second;
  InFlightDiagnostic error = emitError(loc);
  error << use << " " << quoted(name);
  for (const NodeProto &node : graph.node())
    if (llvm::is_contained(node.output(), name))
      return error << ", which a later node gives: nodes must come in the "
                      "order of their data, without cycles",
             Value();
  error << ", which no input, initializer or node gives";
  return {};
}

RankedTensorType GraphImporter::importType(const ValueInfoProto &info) {
  Location loc = getLoc(info.name());
  if (!info.type().has_tensor_type()) {
    emitError(loc) << "graph input is not a tensor";
    return {};
  }
  const auto &proto = info.type().tensor_type();
  Type elementType =
      pdkc::onnx::getElementTypeOf(builder.getContext(), proto.elem_type());
  if (!elementType) {
    emitError(loc) << "graph input has elements of ONNX's type number "
                   << proto.elem_type() << ", which is not supported";
    return {};
  }
  if (!proto.has_shape()) {
    emitError(loc) << "graph input has no shape: export the model with a "
                      "static one";
    return {};
  }
  SmallVector<int64_t> shape;
  int64_t count = 1;
  for (const auto &dim : proto.shape().dim()) {
    // A batch of unknown size is one inference.
    int64_t size = dim.has_dim_value() ? dim.dim_value() : 0;
    bool isBatch = shape.empty() && proto.shape().dim_size() > 1;
    if (size == 0 && !dim.has_dim_value() && isBatch)
      size = 1;
    if (size <= 0 || size > pdkc::onnx::kMaxElements ||
        (count *= size) > pdkc::onnx::kMaxElements) {
      InFlightDiagnostic error = emitError(loc) << "graph input has dimension "
                                                << shape.size();
      if (dim.has_dim_value())
        error << " of size " << dim.dim_value()
              << ": each must be at least 1, and all together at most "
              << pdkc::onnx::kMaxElements << " elements";
      else
        error << " of unknown size"
              << (dim.dim_param().empty() ? std::string()
                                          : " " + quoted(dim.dim_param()))
              << ": only the first, the batch, may be open; export the model "
                 "with a static shape";
      return {};
    }
    shape.push_back(size);
  }
  return RankedTensorType::get(shape, elementType);
}

LogicalResult GraphImporter::importInitializers() {
  if (graph.sparse_initializer_size())
    return emitError(fileLoc)
           << "model has sparse initializers, which are not supported: save "
              "its weights dense";
  for (const ::onnx::TensorProto &tensor : graph.initializer()) {
    Location loc = getLoc(tensor.name());
    DenseElementsAttr elements = importTensor(tensor, loc);
    if (!elements)
      return failure();
    OperationState state(loc, pdkc::onnx::ConstantOp::getOperationName(), {},
                         {elements.getType()});
    state.addAttribute("value", elements);
    if (failed(define(tensor.name(), builder.create(state)->getResult(0))))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// Null after an error.
Attribute GraphImporter::importAttribute(const AttributeProto &attribute,
                                         Location loc) {
  auto copy = [](const auto &field) {
    return llvm::to_vector(llvm::make_range(field.begin(), field.end()));
  };
  switch (attribute.type()) {
  case AttributeProto::FLOAT:
    return builder.getF32FloatAttr(attribute.f());
  case AttributeProto::INT:
    return builder.getI64IntegerAttr(attribute.i());
  case AttributeProto::STRING:
    return builder.getStringAttr(attribute.s());
  case AttributeProto::TENSOR:
    return importTensor(attribute.t(), loc);
  case AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(copy(attribute.floats()));
  case AttributeProto::INTS: {
    SmallVector<int64_t> integers(attribute.ints().begin(),
                                  attribute.ints().end());
    return builder.getDenseI64ArrayAttr(integers);
  }
  case AttributeProto::GRAPH:
  case AttributeProto::GRAPHS:
    emitError(loc) << "attribute " << quoted(attribute.name())
                   << " holds a graph: control flow is not supported";
    return {};
  default:
    emitError(loc) << "attribute " << quoted(attribute.name())
                   << " has a type that is not supported";
    return {};
  }
}

LogicalResult GraphImporter::importAttributes(const NodeProto &node,
                                              OperationState &state) {
  RegisteredOperationName name = *state.name.getRegisteredInfo();
  NamedAttrList attributes;
  for (const AttributeProto &attribute : node.attribute()) {
    Attribute value = importAttribute(attribute, state.location);
    if (!value)
      return failure();
    // What became an operand in a later opset is an attribute under another
    // name here.
    auto isKnown = [&](StringRef known) {
      return llvm::any_of(name.getAttributeNames(),
                          [&](StringAttr it) { return it == known; });
    };
    std::string key = attribute.name();
    if (isKnown(key + "_attr"))
      key += "_attr";
    if (!isKnown(key))
      return emitError(state.location)
             << "attribute " << quoted(attribute.name()) << " of operator "
             << node.op_type() << " is not supported";
    if (attributes.get(key))
      return emitError(state.location)
             << "has attribute " << quoted(attribute.name()) << " twice";
    attributes.set(key, value);
  }
  if (failed(name.verifyInherentAttrs(attributes, [&] {
        return emitError(state.location)
               << "operator " << node.op_type() << ": ";
      })))
    return failure();
  state.attributes = std::move(attributes);
  return success();
}

LogicalResult GraphImporter::importNode(const NodeProto &node) {
  Location loc = getLoc(node);
  std::optional<RegisteredOperationName> name;
  // ONNX's own operators have no domain.
  StringRef domain = node.domain();
  if (domain.empty())
    domain = "ai.onnx";
  name = RegisteredOperationName::lookup("onnx." + node.op_type(),
                                         builder.getContext());
  if (!name || !name->hasInterface<pdkc::onnx::Node>() ||
      !llvm::is_contained(
          llvm::split(name->getInterface<pdkc::onnx::Node>()->getDomains(),
                      ' '),
          domain)) {
    InFlightDiagnostic error = emitError(loc);
    error << "operator " << quoted(node.op_type());
    if (!node.domain().empty())
      error << " of domain " << quoted(node.domain());
    error << " is not supported; README.md lists those that are";
    return error;
  }

  OperationState state(loc, name->getStringRef());
  auto *traits = name->getInterface<pdkc::onnx::Node>();
  unsigned least = traits->getMinInputs(), most = traits->getMaxInputs();
  unsigned count = node.input_size();
  if (count < least || count > most)
    return emitError(loc) << "operator " << node.op_type() << " has " << count
                          << " inputs, needs "
                          << (count < least ? "at least " : "at most ")
                          << (count < least ? least : most);
  for (auto [i, input] : llvm::enumerate(node.input())) {
    if (input.empty() && i < least)
      return emitError(loc) << "operator " << node.op_type()
                            << " leaves out input " << i << ", which it needs";
    Value value = input.empty() ? getNoValue() : lookUp(input, loc, "takes");
    if (!value)
      return failure();
    state.addOperands(value);
  }
  bool isVariadic = most == ~0u;
  while (!isVariadic && state.operands.size() < most)
    state.addOperands(getNoValue());
  if (failed(importAttributes(node, state)))
    return failure();
  int outputs = node.output_size();
  while (outputs > 0 && node.output(outputs - 1).empty())
    --outputs;
  if (outputs == 0)
    return emitError(loc) << "operator " << node.op_type() << " has no output";
  if (unsigned(outputs) > traits->getMaxOutputs())
    return emitError(loc) << "operator " << node.op_type() << " has " << outputs
                          << " outputs, may have at most "
                          << traits->getMaxOutputs();
  int results = name->hasTrait<OpTrait::OneResult>() ? 1 : outputs;
  for (int i = results; i < outputs; ++i)
    if (used.contains(node.output(i)))
      return emitError(loc)
             << "output " << quoted(node.output(i)) << " of operator "
             << node.op_type() << " is not supported: only the first is";
  state.addTypes(SmallVector<Type>(
      results, pdkc::onnx::getUnknownType(builder.getContext())));
  Operation *op = builder.create(state);
  // A missing attribute, say.
  if (failed(verify(op)))
    return failure();
  for (auto [i, result] : llvm::enumerate(op->getResults()))
    if (!node.output(i).empty() && failed(define(node.output(i), result)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Graph and file
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::import() {
  if (graph.node_size() == 0)
    return emitError(fileLoc) << "graph has no nodes";
  if (graph.output_size() == 0)
    return emitError(fileLoc) << "graph has no outputs";
  llvm::StringSet<> initializers;
  for (const ::onnx::TensorProto &tensor : graph.initializer())
    initializers.insert(tensor.name());

  for (const NodeProto &node : graph.node())
    for (const std::string &input : node.input())
      used.insert(input);
  for (const ValueInfoProto &output : graph.output())
    used.insert(output.name());

  SmallVector<Type> types;
  SmallVector<const ValueInfoProto *> inputs;
  for (const ValueInfoProto &input : graph.input()) {
    // Older files list their initializers here as well.
    if (initializers.contains(input.name()))
      continue;
    inputs.push_back(&input);
    types.push_back(importType(input));
    if (!types.back())
      return failure();
  }
  if (inputs.empty())
    return emitError(fileLoc) << "graph has no inputs";

  auto function = func::FuncOp::create(builder, fileLoc, "model",
                                       builder.getFunctionType(types, {}));
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&function.getBody());
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Value argument = block->addArgument(types[i], getLoc(input->name()));
    function.setArgAttr(i, "onnx.name", builder.getStringAttr(input->name()));
    if (failed(define(input->name(), argument)))
      return failure();
  }
  if (failed(importInitializers()))
    return failure();
  for (const NodeProto &node : graph.node())
    if (failed(importNode(node)))
      return failure();

  SmallVector<Value> outputs;
  SmallVector<Type> outputTypes;
  for (const ValueInfoProto &output : graph.output()) {
    outputs.push_back(lookUp(output.name(), getLoc(output.name()), "output"));
    if (!outputs.back())
      return failure();
    outputTypes.push_back(outputs.back().getType());
  }
  func::ReturnOp::create(builder, fileLoc, outputs);
  function.setType(builder.getFunctionType(types, outputTypes));
  for (auto [i, output] : llvm::enumerate(graph.output()))
    function.setResultAttr(i, "onnx.name",
                           builder.getStringAttr(output.name()));
  return success();
}

/// Protobuf's own limits keep hostile bytes from exhausting stack or memory.
/// Its readers print to stderr where a limit on bytes is passed, so sizes are
/// checked first.
static LogicalResult parse(llvm::MemoryBufferRef buffer, ModelProto &model,
                           Location loc) {
  constexpr size_t kLargest = size_t(1) << 30;
  constexpr int kDeepest = 100;
  StringRef bytes = buffer.getBuffer();
  if (bytes.empty())
    return emitError(loc) << "file is empty";
  if (bytes.size() > kLargest)
    return emitError(loc) << "file has " << bytes.size() << " bytes; at most "
                          << kLargest << " are supported";
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(bytes.data()), int(bytes.size()));
  stream.SetRecursionLimit(kDeepest);
  if (!model.ParsePartialFromCodedStream(&stream) ||
      !stream.ConsumedEntireMessage() || !model.IsInitialized())
    return emitError(loc) << "file is not an ONNX model, or it is cut short";
  if (!model.has_graph())
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
  if (failed(GraphImporter(model.graph(), builder, loc).import()))
    return {};
  return module;
}
