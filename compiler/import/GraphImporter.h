//===- GraphImporter.h - A graph's nodes as operations ----------*- C++ -*-===//
//
// What the first output needs has to be imported; what else fails is left out,
// and said in a remark.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_COMPILER_IMPORT_GRAPHIMPORTER_H
#define PDKC_COMPILER_IMPORT_GRAPHIMPORTER_H

#include "compiler/import/OnnxFile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"


namespace pdkc {

using Nodes = std::vector<onnx_file::NodeProto>;

/// What names stand for, in the graph or in a call of a function.
struct Scope {
  llvm::StringMap<mlir::Value> values;
  /// The names that nodes take and the scope gives.
  llvm::StringSet<> used;
  /// The names that the first output is computed from, its own among them; in a
  /// function, all outputs.
  llvm::StringSet<> needed;
  /// Names not among these whose nodes could not be imported, and why.
  llvm::StringMap<std::string> missing;
  /// Attributes of the call, which nodes inside may refer to.
  llvm::StringMap<const onnx_file::AttributeProto *> attributes;
  /// The version of ONNX's own operators.
  int64_t opset = 0;
  const Nodes &nodes;
  /// The call's name and a slash, before the names of the nodes inside.
  std::string prefix;
  const Scope *caller = nullptr;
  const onnx_file::FunctionProto *function = nullptr;

  explicit Scope(const Nodes &nodes) : nodes(nodes) {
    for (const onnx_file::NodeProto &node : nodes)
      for (llvm::StringRef input : node.input)
        used.insert(input);
  }
  /// Adds what the outputs are computed from to `needed`.
  void findNeeded(llvm::ArrayRef<llvm::StringRef> outputs);
  bool isInside(const onnx_file::FunctionProto *callee) const {
    return function == callee || (caller && caller->isInside(callee));
  }
};

/// The values of a graph as they come to be, an operation for each node.
class GraphImporter {
public:
  GraphImporter(const onnx_file::ModelProto &model, mlir::OpBuilder &builder,
                mlir::Location fileLoc,
                std::optional<llvm::StringRef> folder)
      : model(model), graph(model.graph), builder(builder), fileLoc(fileLoc),
        folder(folder) {
    for (const onnx_file::FunctionProto &function : model.functions)
      functions[(function.domain + "::" + function.name).str()] = &function;
  }

  /// The function `model`, at the builder's place.
  mlir::LogicalResult import();

private:
  mlir::Location getLoc(llvm::StringRef name) {
    return mlir::NameLoc::get(
        builder.getStringAttr(name.empty() ? "(no name)" : name));
  }
  /// The node's name; where it has none, that of its first output.
  mlir::Location getLoc(const onnx_file::NodeProto &node, const Scope &scope);
  mlir::LogicalResult define(Scope &scope, llvm::StringRef name,
                             mlir::Value value);
  /// The value of that name; that of an omitted input for the empty name.
  mlir::Value lookUp(const Scope &scope, llvm::StringRef name,
                     mlir::Location loc, llvm::StringRef use);
  mlir::Value getNoValue();

  mlir::RankedTensorType importType(const onnx_file::ValueInfoProto &info);
  mlir::LogicalResult importInitializers(Scope &scope);
  mlir::Attribute importAttribute(const onnx_file::AttributeProto &attribute,
                                  mlir::Location loc);
  mlir::LogicalResult importAttributes(const onnx_file::NodeProto &node,
                                       const Scope &scope,
                                       mlir::OperationState &state);
  mlir::LogicalResult importNodes(Scope &scope);
  /// Imports a node that the first output does not need: where that fails, it
  /// leaves nothing behind but names that are missing.
  void tryToImport(const onnx_file::NodeProto &node, Scope &scope);
  /// The first error where the import fails; it is counted as ignored.
  std::optional<std::string>
  captureError(llvm::function_ref<mlir::LogicalResult()> import);
  mlir::LogicalResult importNode(const onnx_file::NodeProto &node, Scope &scope);
  mlir::LogicalResult importCall(const onnx_file::NodeProto &node,
                                 const onnx_file::FunctionProto &function,
                                 Scope &scope);

  const onnx_file::ModelProto &model;
  const onnx_file::GraphProto &graph;
  mlir::OpBuilder &builder;
  mlir::Location fileLoc;
  /// Where files with tensors lie, if anywhere.
  std::optional<llvm::StringRef> folder;
  llvm::StringMap<const onnx_file::FunctionProto *> functions;
  int64_t imported = 0;
  mlir::Value noValue;
  /// How many nodes and initializers are left out, and the first one's error.
  int64_t ignored = 0;
  std::pair<mlir::Location, std::string> firstIgnored{fileLoc, ""};
};

} // namespace pdkc

#endif // PDKC_COMPILER_IMPORT_GRAPHIMPORTER_H
