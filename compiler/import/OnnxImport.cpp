//===- OnnxImport.cpp - From a model file to the onnx dialect -------------===//

#include "compiler/import/OnnxImport.h"

#include "compiler/import/TensorImport.h"
#include "dialects/onnx/OnnxDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>

using namespace mlir;
using namespace pdkc;
using ::onnx::AttributeProto;
using ::onnx::FunctionProto;
using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::ValueInfoProto;
using Nodes = google::protobuf::RepeatedPtrField<NodeProto>;

namespace {

/// More nodes than any device's program could hold, with those of functions
/// counted at each call.
constexpr int64_t kMostNodes = 100000;
/// Before opset 7 operators broadcast and train in other ways.
constexpr int64_t kOldestOpset = 7;

/// What names stand for, in the graph or in a call of a function.
struct Scope {
  llvm::StringMap<Value> values;
  /// The names that nodes take and the scope gives.
  llvm::StringSet<> used;
  /// The names that the first output is computed from, its own among them; in a
  /// function, all outputs.
  llvm::StringSet<> needed;
  /// Names not among these whose nodes could not be imported, and why.
  llvm::StringMap<std::string> missing;
  /// Attributes of the call, which nodes inside may refer to.
  llvm::StringMap<const AttributeProto *> attributes;
  /// The version of ONNX's own operators.
  int64_t opset = 0;
  const Nodes &nodes;
  /// The call's name and a slash, before the names of the nodes inside.
  std::string prefix;
  const Scope *caller = nullptr;
  const FunctionProto *function = nullptr;

  explicit Scope(const Nodes &nodes) : nodes(nodes) {
    for (const NodeProto &node : nodes)
      for (const std::string &input : node.input())
        used.insert(input);
  }
  void findNeeded(ArrayRef<StringRef> outputs) {
    llvm::StringMap<const NodeProto *> makers;
    for (const NodeProto &node : nodes)
      for (const std::string &output : node.output())
        makers.try_emplace(output, &node);
    SmallVector<StringRef> open(outputs);
    while (!open.empty()) {
      StringRef name = open.pop_back_val();
      if (!needed.insert(name).second)
        continue;
      if (const NodeProto *node = makers.lookup(name))
        open.append(node->input().begin(), node->input().end());
    }
  }
  bool isInside(const FunctionProto *callee) const {
    return function == callee || (caller && caller->isInside(callee));
  }
};

/// The values of a graph as they come to be.
class GraphImporter {
public:
  GraphImporter(const ModelProto &model, OpBuilder &builder, Location fileLoc,
                StringRef folder)
      : model(model), graph(model.graph()), builder(builder), fileLoc(fileLoc),
        folder(folder) {
    for (const FunctionProto &function : model.functions())
      functions[(function.domain() + "::" + function.name())] = &function;
  }

  /// The function `model`, at the builder's place.
  LogicalResult import();

private:
  Location getLoc(StringRef name) {
    return NameLoc::get(
        builder.getStringAttr(name.empty() ? "(no name)" : name));
  }
  /// The node's name; where it has none, that of its first output.
  Location getLoc(const NodeProto &node, const Scope &scope);
  LogicalResult define(Scope &scope, StringRef name, Value value);
  /// The value of that name; that of an omitted input for the empty name.
  Value lookUp(const Scope &scope, StringRef name, Location loc, StringRef use);
  Value getNoValue();

  RankedTensorType importType(const ValueInfoProto &info);
  LogicalResult importInitializers(Scope &scope);
  Attribute importAttribute(const AttributeProto &attribute, Location loc);
  LogicalResult importAttributes(const NodeProto &node, const Scope &scope,
                                 OperationState &state);
  LogicalResult importNodes(Scope &scope);
  /// Imports a node that the first output does not need: where that fails, it
  /// leaves nothing behind but names that are missing.
  void tryToImport(const NodeProto &node, Scope &scope);
  /// The first error where the import fails; it is counted as ignored.
  std::optional<std::string>
  captureError(function_ref<LogicalResult()> import);
  LogicalResult importNode(const NodeProto &node, Scope &scope);
  LogicalResult importCall(const NodeProto &node, const FunctionProto &function,
                           Scope &scope);

  const ModelProto &model;
  const GraphProto &graph;
  OpBuilder &builder;
  Location fileLoc;
  /// Where files with tensors lie.
  StringRef folder;
  llvm::StringMap<const FunctionProto *> functions;
  int64_t imported = 0;
  Value noValue;
  /// How many nodes and initializers are left out, and the first one's error.
  int64_t ignored = 0;
  std::pair<Location, std::string> firstIgnored{fileLoc, ""};
};

} // namespace

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Location GraphImporter::getLoc(const NodeProto &node, const Scope &scope) {
  if (!node.name().empty())
    return getLoc(scope.prefix + node.name());
  StringRef output = node.output_size() ? StringRef(node.output(0)) : "";
  return getLoc((scope.prefix + output + " (" + node.op_type() + ")").str());
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
                                          : " " + inQuotes(dim.dim_param()))
              << ": only the first, the batch, may be open; export the model "
                 "with a static shape";
      return {};
    }
    shape.push_back(size);
  }
  return RankedTensorType::get(shape, elementType);
}

LogicalResult GraphImporter::importInitializers(Scope &scope) {
  if (graph.sparse_initializer_size())
    return emitError(fileLoc)
           << "model has sparse initializers, which are not supported: save "
              "its weights dense";
  for (const ::onnx::TensorProto &tensor : graph.initializer()) {
    auto importOne = [&]() -> LogicalResult {
      Location loc = getLoc(tensor.name());
      DenseElementsAttr elements = importTensor(tensor, loc, folder);
      if (!elements)
        return failure();
      OperationState state(loc, pdkc::onnx::ConstantOp::getOperationName(), {},
                           {elements.getType()});
      state.addAttribute("value", elements);
      return define(scope, tensor.name(), builder.create(state)->getResult(0));
    };
    // What only nodes read that are not needed.
    if (!scope.needed.contains(tensor.name()) &&
        scope.used.contains(tensor.name())) {
      if (auto why = captureError(importOne))
        scope.missing[tensor.name()] = *why;
    } else if (failed(importOne()))
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
    return importTensor(attribute.t(), loc, folder);
  case AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(copy(attribute.floats()));
  case AttributeProto::INTS: {
    SmallVector<int64_t> integers(attribute.ints().begin(),
                                  attribute.ints().end());
    return builder.getDenseI64ArrayAttr(integers);
  }
  case AttributeProto::GRAPH:
  case AttributeProto::GRAPHS:
    emitError(loc) << "attribute " << inQuotes(attribute.name())
                   << " holds a graph: control flow is not supported";
    return {};
  default:
    emitError(loc) << "attribute " << inQuotes(attribute.name())
                   << " has a type that is not supported";
    return {};
  }
}

LogicalResult GraphImporter::importAttributes(const NodeProto &node,
                                              const Scope &scope,
                                              OperationState &state) {
  RegisteredOperationName name = *state.name.getRegisteredInfo();
  auto isKnown = [&](StringRef known) {
    return llvm::any_of(name.getAttributeNames(),
                        [&](StringAttr it) { return it == known; });
  };
  NamedAttrList attributes;
  for (const AttributeProto &given : node.attribute()) {
    const AttributeProto *attribute = &given;
    if (!given.ref_attr_name().empty()) {
      // The call's, which may leave it out.
      attribute = scope.attributes.lookup(given.ref_attr_name());
      if (!attribute)
        continue;
    }
    Attribute value = importAttribute(*attribute, state.location);
    if (!value)
      return failure();
    // What became an operand in a later opset is an attribute under another
    // name here.
    std::string key = given.name();
    if (isKnown(key + "_attr"))
      key += "_attr";
    if (!isKnown(key))
      return emitError(state.location)
             << "attribute " << inQuotes(given.name()) << " of operator "
             << node.op_type() << " is not supported";
    if (attributes.get(key))
      return emitError(state.location)
             << "has attribute " << inQuotes(given.name()) << " twice";
    attributes.set(key, value);
  }
  // For operators whose meaning changed.
  if (isKnown("opset") && scope.opset > 0)
    attributes.set("opset", builder.getI64IntegerAttr(scope.opset));
  if (failed(name.verifyInherentAttrs(attributes, [&] {
        return emitError(state.location)
               << "operator " << node.op_type() << ": ";
      })))
    return failure();
  state.attributes = std::move(attributes);
  return success();
}

/// The operation of a node's name in a domain, none where there is none.
static std::optional<RegisteredOperationName>
findOperation(const NodeProto &node, MLIRContext *context) {
  auto name =
      RegisteredOperationName::lookup("onnx." + node.op_type(), context);
  if (!name || !name->hasInterface<pdkc::onnx::Node>())
    return std::nullopt;
  // ONNX's own operators have no domain.
  StringRef domain = node.domain();
  if (domain.empty())
    domain = "ai.onnx";
  StringRef domains = name->getInterface<pdkc::onnx::Node>()->getDomains();
  if (!llvm::is_contained(llvm::split(domains, ' '), domain))
    return std::nullopt;
  return name;
}

/// Whether inputs in the middle may be left out.
static bool isComposite(RegisteredOperationName name) {
  return !name.hasInterface<pdkc::onnx::Elementwise>() &&
         !name.hasInterface<pdkc::onnx::Movement>() &&
         !name.hasInterface<pdkc::onnx::Linear>();
}

void GraphImporter::tryToImport(const NodeProto &node, Scope &scope) {
  for (const std::string &input : node.input())
    if (auto found = scope.missing.find(input); found != scope.missing.end()) {
      std::string why = found->second;
      for (const std::string &output : node.output())
        scope.missing[output] = why;
      return;
    }
  Block *block = builder.getInsertionBlock();
  Operation *last = block->empty() ? nullptr : &block->back();
  auto why = captureError([&] { return importNode(node, scope); });
  if (!why)
    return;
  llvm::DenseSet<Operation *> erased;
  for (Operation *op = last ? last->getNextNode() : &block->front(); op;
       op = op->getNextNode())
    erased.insert(op);
  for (const std::string &output : node.output()) {
    auto found = scope.values.find(output);
    if (found != scope.values.end() &&
        erased.contains(found->second.getDefiningOp()))
      scope.values.erase(found);
    scope.missing[output] = *why;
  }
  if (noValue && erased.contains(noValue.getDefiningOp()))
    noValue = Value();
  while (!block->empty() && &block->back() != last)
    block->back().erase();
}

std::optional<std::string>
GraphImporter::captureError(function_ref<LogicalResult()> import) {
  std::optional<Location> where;
  std::string why;
  LogicalResult result = failure();
  {
    ScopedDiagnosticHandler handler(builder.getContext(), [&](Diagnostic &it) {
      if (!where && it.getSeverity() == DiagnosticSeverity::Error) {
        where = it.getLocation();
        why = it.str();
      }
      return success();
    });
    result = import();
  }
  if (succeeded(result))
    return std::nullopt;
  if (ignored++ == 0)
    firstIgnored = {where.value_or(fileLoc), why};
  return why;
}

LogicalResult GraphImporter::importNodes(Scope &scope) {
  for (const NodeProto &node : scope.nodes) {
    bool isNeeded = llvm::any_of(node.output(), [&](const std::string &it) {
      return scope.needed.contains(it);
    });
    if (!isNeeded)
      tryToImport(node, scope);
    else if (failed(importNode(node, scope)))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::importNode(const NodeProto &node, Scope &scope) {
  Location loc = getLoc(node, scope);
  if (++imported > kMostNodes)
    return emitError(loc) << "model has more than " << kMostNodes
                          << " nodes, those inside functions counted at each "
                             "call; no device holds its program";
  if (const FunctionProto *function =
          functions.lookup(node.domain() + "::" + node.op_type()))
    return importCall(node, *function, scope);
  auto name = findOperation(node, builder.getContext());
  if (!name) {
    InFlightDiagnostic error = emitError(loc);
    error << "operator " << inQuotes(node.op_type());
    if (!node.domain().empty())
      error << " of domain " << inQuotes(node.domain());
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
    Value value =
        input.empty() ? getNoValue() : lookUp(scope, input, loc, "takes");
    if (!value)
      return failure();
    if (pdkc::onnx::isNoValue(value) && (i < least || most == ~0u) &&
        !isComposite(*name))
      return emitError(loc) << "operator " << node.op_type()
                            << " leaves out input " << i << ", which it needs";
    state.addOperands(value);
  }
  bool isVariadic = most == ~0u;
  while (!isVariadic && state.operands.size() < most)
    state.addOperands(getNoValue());
  if (failed(importAttributes(node, scope, state)))
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
    if (scope.used.contains(node.output(i)))
      return emitError(loc)
             << "output " << inQuotes(node.output(i)) << " of operator "
             << node.op_type() << " is not supported: only the first is";
  state.addTypes(SmallVector<Type>(
      results, pdkc::onnx::getUnknownType(builder.getContext())));
  Operation *op = builder.create(state);
  // A missing attribute, say.
  if (failed(verify(op)))
    return failure();
  for (auto [i, result] : llvm::enumerate(op->getResults()))
    if (!node.output(i).empty() &&
        failed(define(scope, node.output(i), result)))
      return failure();
  return success();
}

/// Defaults of a function's attributes, which the library's version of the
/// format may not know yet (field 11).
static std::vector<AttributeProto> getDefaults(const FunctionProto &function) {
  std::vector<AttributeProto> defaults;
  constexpr int kAttributeProto = 11;
  const auto &fields = function.GetReflection()->GetUnknownFields(function);
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto &field = fields.field(i);
    if (field.number() != kAttributeProto ||
        field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      continue;
    AttributeProto attribute;
    if (attribute.ParsePartialFromString(field.length_delimited()))
      defaults.push_back(std::move(attribute));
  }
  return defaults;
}

/// The nodes of a model's own function in the place of its call.
LogicalResult GraphImporter::importCall(const NodeProto &node,
                                        const FunctionProto &function,
                                        Scope &scope) {
  Location loc = getLoc(node, scope);
  if (scope.isInside(&function))
    return emitError(loc) << "function " << inQuotes(function.name())
                          << " calls itself, which is not supported";
  if (node.input_size() > function.input_size() ||
      node.output_size() > function.output_size())
    return emitError(loc) << "calls function " << inQuotes(function.name())
                          << " with " << node.input_size() << " inputs and "
                          << node.output_size() << " outputs; it has "
                          << function.input_size() << " and "
                          << function.output_size();
  Scope inner(function.node());
  inner.caller = &scope;
  inner.function = &function;
  inner.prefix = cast<NameLoc>(loc).getName().str() + "/";
  inner.opset = scope.opset;
  for (const auto &import : function.opset_import())
    if (import.domain().empty() || import.domain() == "ai.onnx")
      inner.opset = import.version();
  for (const std::string &output : function.output())
    inner.used.insert(output);
  inner.findNeeded(llvm::to_vector_of<StringRef>(function.output()));

  std::vector<AttributeProto> defaults = getDefaults(function);
  for (const AttributeProto &attribute : defaults)
    inner.attributes[attribute.name()] = &attribute;
  for (const AttributeProto &attribute : node.attribute()) {
    const AttributeProto *value = &attribute;
    if (!attribute.ref_attr_name().empty())
      value = scope.attributes.lookup(attribute.ref_attr_name());
    if (value)
      inner.attributes[attribute.name()] = value;
  }
  for (auto [i, name] : llvm::enumerate(function.input())) {
    bool isGiven = int(i) < node.input_size() && !node.input(i).empty();
    Value value =
        isGiven ? lookUp(scope, node.input(i), loc, "takes") : getNoValue();
    if (!value || failed(define(inner, name, value)))
      return failure();
  }
  if (failed(importNodes(inner)))
    return failure();
  for (auto [i, name] : llvm::enumerate(node.output())) {
    if (name.empty())
      continue;
    Value value = lookUp(inner, function.output(i), loc, "gives");
    if (!value || failed(define(scope, name, value)))
      return failure();
  }
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

  Scope scope(graph.node());
  scope.findNeeded({graph.output(0).name()});
  for (const ValueInfoProto &output : graph.output())
    scope.used.insert(output.name());
  for (const auto &import : model.opset_import())
    if (import.domain().empty() || import.domain() == "ai.onnx")
      scope.opset = import.version();
  if (scope.opset != 0 && scope.opset < kOldestOpset)
    return emitError(fileLoc)
           << "model uses opset " << scope.opset
           << " of ONNX's operators; pdkc needs at least " << kOldestOpset
           << ": convert it with onnx.version_converter";

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
    if (failed(define(scope, input->name(), argument)))
      return failure();
  }
  if (failed(importInitializers(scope)) || failed(importNodes(scope)))
    return failure();

  SmallVector<Value> outputs;
  SmallVector<Type> outputTypes;
  for (const ValueInfoProto &output : graph.output()) {
    // One that is not to be had has no value.
    outputs.push_back(scope.missing.contains(output.name())
                          ? getNoValue()
                                : lookUp(scope, output.name(),
                                         getLoc(output.name()), "output"));
    if (!outputs.back())
      return failure();
    outputTypes.push_back(outputs.back().getType());
  }
  func::ReturnOp::create(builder, fileLoc, outputs);
  function.setType(builder.getFunctionType(types, outputTypes));
  for (auto [i, output] : llvm::enumerate(graph.output())) {
    function.setResultAttr(i, "onnx.name",
                           builder.getStringAttr(output.name()));
    if (auto why = scope.missing.find(output.name());
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
  if (failed(
          GraphImporter(model, builder, loc, llvm::sys::path::parent_path(name))
              .import()))
    return {};
  return module;
}
