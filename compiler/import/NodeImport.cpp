//===- NodeImport.cpp - Nodes, their attributes, and calls ----------------===//

#include "compiler/import/GraphImporter.h"

#include "compiler/import/TensorImport.h"
#include "dialects/onnx/OnnxDialect.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace pdkc;
using onnx_file::AttributeProto;
using onnx_file::FunctionProto;
using onnx_file::NodeProto;

/// More nodes than any device's program could hold, with those of functions
/// counted at each call.
static constexpr int64_t kMostNodes = 100000;

void Scope::findNeeded(ArrayRef<StringRef> outputs) {
  llvm::StringMap<const NodeProto *> makers;
  for (const NodeProto &node : nodes)
    for (StringRef output : node.output)
      makers.try_emplace(output, &node);
  SmallVector<StringRef> open(outputs);
  while (!open.empty()) {
    StringRef name = open.pop_back_val();
    if (!needed.insert(name).second)
      continue;
    if (const NodeProto *node = makers.lookup(name))
      open.append(node->input.begin(), node->input.end());
  }
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

/// Null after an error.
Attribute GraphImporter::importAttribute(const AttributeProto &attribute,
                                         Location loc) {
  switch (attribute.type) {
  case AttributeProto::FLOAT:
    return builder.getF32FloatAttr(attribute.f);
  case AttributeProto::INT:
    return builder.getI64IntegerAttr(attribute.i);
  case AttributeProto::STRING:
    return builder.getStringAttr(attribute.s);
  case AttributeProto::TENSOR:
    return importTensor(attribute.t, loc, folder);
  case AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(attribute.floats);
  case AttributeProto::INTS:
    return builder.getDenseI64ArrayAttr(attribute.ints);
  case AttributeProto::GRAPH:
  case AttributeProto::GRAPHS:
    emitError(loc) << "attribute " << inQuotes(attribute.name)
                   << " holds a graph: control flow is not supported";
    return {};
  default:
    emitError(loc) << "attribute " << inQuotes(attribute.name)
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
  for (const AttributeProto &given : node.attribute) {
    const AttributeProto *attribute = &given;
    if (!given.ref_attr_name.empty()) {
      // The call's, which may leave it out.
      attribute = scope.attributes.lookup(given.ref_attr_name);
      if (!attribute)
        continue;
    }
    Attribute value = importAttribute(*attribute, state.location);
    if (!value)
      return failure();
    // What became an operand in a later opset is an attribute under another
    // name here.
    std::string key = given.name.str();
    if (isKnown(key + "_attr"))
      key += "_attr";
    // Some say here what no file does.
    if (!isKnown(key) || key == "opset" || key == "counts_overhang")
      return emitError(state.location)
             << "attribute " << inQuotes(given.name) << " of operator "
             << node.op_type << " is not supported";
    if (attributes.get(key))
      return emitError(state.location)
             << "has attribute " << inQuotes(given.name) << " twice";
    attributes.set(key, value);
  }
  // For operators whose meaning changed.
  if (isKnown("opset") && scope.opset > 0)
    attributes.set("opset", builder.getI64IntegerAttr(scope.opset));
  if (failed(name.verifyInherentAttrs(attributes, [&] {
        return emitError(state.location)
               << "operator " << node.op_type << ": ";
      })))
    return failure();
  state.attributes = std::move(attributes);
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes and calls
//===----------------------------------------------------------------------===//

/// The operation of a node's name in a domain, none where there is none.
static std::optional<RegisteredOperationName>
findOperation(const NodeProto &node, MLIRContext *context) {
  auto name =
      RegisteredOperationName::lookup(("onnx." + node.op_type).str(), context);
  if (!name || !name->hasInterface<pdkc::onnx::Node>())
    return std::nullopt;
  // ONNX's own operators have no domain.
  StringRef domain = node.domain;
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
  for (StringRef input : node.input)
    if (auto found = scope.missing.find(input); found != scope.missing.end()) {
      std::string why = found->second;
      for (StringRef output : node.output)
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
  for (StringRef output : node.output) {
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
    bool isNeeded = llvm::any_of(node.output, [&](StringRef it) {
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
          functions.lookup((node.domain + "::" + node.op_type).str()))
    return importCall(node, *function, scope);
  auto name = findOperation(node, builder.getContext());
  if (!name) {
    InFlightDiagnostic error = emitError(loc);
    error << "operator " << inQuotes(node.op_type);
    if (!node.domain.empty())
      error << " of domain " << inQuotes(node.domain);
    error << " is not supported; dialects/onnx/README.md lists those that are";
    return error;
  }

  OperationState state(loc, name->getStringRef());
  auto *traits = name->getInterface<pdkc::onnx::Node>();
  unsigned least = traits->getMinInputs(), most = traits->getMaxInputs();
  unsigned count = node.input.size();
  if (count < least || count > most)
    return emitError(loc) << "operator " << node.op_type << " has " << count
                          << " inputs, needs "
                          << (count < least ? "at least " : "at most ")
                          << (count < least ? least : most);
  for (auto [i, input] : llvm::enumerate(node.input)) {
    Value value =
        input.empty() ? getNoValue() : lookUp(scope, input, loc, "takes");
    if (!value)
      return failure();
    if (pdkc::onnx::isNoValue(value) && (i < least || most == ~0u) &&
        !isComposite(*name))
      return emitError(loc) << "operator " << node.op_type
                            << " leaves out input " << i << ", which it needs";
    state.addOperands(value);
  }
  bool isVariadic = most == ~0u;
  while (!isVariadic && state.operands.size() < most)
    state.addOperands(getNoValue());
  if (failed(importAttributes(node, scope, state)))
    return failure();
  int outputs = node.output.size();
  while (outputs > 0 && node.output[outputs - 1].empty())
    --outputs;
  if (outputs == 0)
    return emitError(loc) << "operator " << node.op_type << " has no output";
  if (unsigned(outputs) > traits->getMaxOutputs())
    return emitError(loc) << "operator " << node.op_type << " has " << outputs
                          << " outputs, may have at most "
                          << traits->getMaxOutputs();
  int results = name->hasTrait<OpTrait::OneResult>() ? 1 : outputs;
  for (int i = results; i < outputs; ++i)
    if (scope.used.contains(node.output[i]))
      return emitError(loc)
             << "output " << inQuotes(node.output[i]) << " of operator "
             << node.op_type << " is not supported: only the first is";
  state.addTypes(SmallVector<Type>(
      results, pdkc::onnx::getUnknownType(builder.getContext())));
  Operation *op = builder.create(state);
  // A missing attribute, say.
  if (failed(verify(op)))
    return failure();
  for (auto [i, result] : llvm::enumerate(op->getResults()))
    if (!node.output[i].empty() &&
        failed(define(scope, node.output[i], result)))
      return failure();
  return success();
}

/// The nodes of a model's own function in the place of its call.
LogicalResult GraphImporter::importCall(const NodeProto &node,
                                        const FunctionProto &function,
                                        Scope &scope) {
  Location loc = getLoc(node, scope);
  if (scope.isInside(&function))
    return emitError(loc) << "function " << inQuotes(function.name)
                          << " calls itself, which is not supported";
  if (node.input.size() > function.input.size() ||
      node.output.size() > function.output.size())
    return emitError(loc) << "calls function " << inQuotes(function.name)
                          << " with " << node.input.size() << " inputs and "
                          << node.output.size() << " outputs; it has "
                          << function.input.size() << " and "
                          << function.output.size();
  Scope inner(function.node);
  inner.caller = &scope;
  inner.function = &function;
  inner.prefix = cast<NameLoc>(loc).getName().str() + "/";
  inner.opset = scope.opset;
  for (const auto &import : function.opset_import)
    if (import.domain.empty() || import.domain == "ai.onnx")
      inner.opset = import.version;
  for (StringRef output : function.output)
    inner.used.insert(output);
  inner.findNeeded(llvm::to_vector_of<StringRef>(function.output));

  for (const AttributeProto &attribute : function.attribute_proto)
    inner.attributes[attribute.name] = &attribute;
  for (const AttributeProto &attribute : node.attribute) {
    const AttributeProto *value = &attribute;
    if (!attribute.ref_attr_name.empty())
      value = scope.attributes.lookup(attribute.ref_attr_name);
    if (value)
      inner.attributes[attribute.name] = value;
  }
  for (auto [i, name] : llvm::enumerate(function.input)) {
    bool isGiven = i < node.input.size() && !node.input[i].empty();
    Value value =
        isGiven ? lookUp(scope, node.input[i], loc, "takes") : getNoValue();
    if (!value || failed(define(inner, name, value)))
      return failure();
  }
  if (failed(importNodes(inner)))
    return failure();
  for (auto [i, name] : llvm::enumerate(node.output)) {
    if (name.empty())
      continue;
    Value value = lookUp(inner, function.output[i], loc, "gives");
    if (!value || failed(define(scope, name, value)))
      return failure();
  }
  return success();
}
