//===- OnnxBase.td - The onnx dialect: kinds of operators -----------------===//
//
// A mirror of a model file: one operation an ONNX node, operands and attributes
// under ONNX's names and in its order. An input that a node leaves out is an
// onnx.NoValue. What a node means is said once, by the interface method of its
// kind, and serves folding, type inference and lowering alike:
//
//   Elementwise   evaluate: one element from the elements at its place
//   Movement      getMovement: where each element of the result comes from
//   Linear        forEachProduct: the sums of products it consists of
//   Folded        fold: the result from constants and shapes
//
// To add an operator: one entry here and that method, in the file of its kind.
// `note` is its line in the table of README.md beside this file, which
// test/onnx/operators.py writes.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_ONNXBASE_TD
#define PDKC_DIALECTS_ONNX_ONNXBASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Onnx_Dialect : Dialect {
  let name = "onnx";
  let summary = "The nodes of an ONNX model";
  let cppNamespace = "::pdkc::onnx";
  let useDefaultTypePrinterParser = 1;
}

def Onnx_Unknown : TypeDef<Onnx_Dialect, "Unknown"> {
  let mnemonic = "unknown";
  let summary = "Element type of a tensor that is not inferred yet";
}

def Onnx_Tensor : Type<CPred<"::llvm::isa<::mlir::TensorType>($_self)">,
                       "tensor", "::mlir::TensorType">;
def Onnx_Optional
    : Type<Or<[Onnx_Tensor.predicate,
               CPred<"::llvm::isa<::mlir::NoneType>($_self)">]>,
           "tensor or none">;

class Onnx_I64<int value> : DefaultValuedAttr<I64Attr, "" # value>;
class Onnx_F32<string value> : DefaultValuedAttr<F32Attr, value>;
def Onnx_I64s : OptionalAttr<DenseI64ArrayAttr>;
def Onnx_F32s : OptionalAttr<DenseF32ArrayAttr>;
def Onnx_String : OptionalAttr<StrAttr>;

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

def Onnx_NodeInterface : OpInterface<"Node"> {
  let cppNamespace = "::pdkc::onnx";
  let description = "What the importer and type inference ask of every node.";
  let methods = [
    StaticInterfaceMethod<"Inputs that a node must have", "unsigned",
                          "getMinInputs">,
    StaticInterfaceMethod<"Inputs that a node may have", "unsigned",
                          "getMaxInputs">,
    StaticInterfaceMethod<"Outputs that a node may have", "unsigned",
                          "getMaxOutputs">,
    StaticInterfaceMethod<"The domains that a file may name it under, with "
                          "spaces between", "::llvm::StringRef", "getDomains">,
    InterfaceMethod<"The results' types from the operands' types, which are "
                    "known, or an error on the node",
                    "::llvm::FailureOr<ResultTypes>", "inferResultTypes",
                    (ins "ConstantLookup":$constants)>,
  ];
}

def Onnx_ElementwiseInterface : OpInterface<"Elementwise"> {
  let cppNamespace = "::pdkc::onnx";
  let description = [{
    Each element of the result depends on a few elements of the operands:
    mostly those at its place, after broadcasting.
  }];
  let methods = [
    InterfaceMethod<[{
      Appends the elements that element `index` of the result depends on.
    }], "void", "getSources", (ins "int64_t":$index, "Sources &":$sources),
        [{}], "getBroadcastSources($_op, index, sources);">,
    InterfaceMethod<[{
      One element of the result from those elements, in their order, null where
      the node leaves out the operand. In the arithmetic of the operands:
      float32 as the graph says, or exact. Fails where the operator is not
      defined, as at a division by zero.
    }], "::llvm::FailureOr<Scalar>", "evaluate",
        (ins "::llvm::ArrayRef<const Scalar *>":$operands)>,
    InterfaceMethod<[{
      How the result follows one of the elements while the others stay. Those
      that are constant are given, the others are null.
    }], "Dependence", "getDependence",
        (ins "unsigned":$operand,
             "::llvm::ArrayRef<const Scalar *>":$constants)>,
    InterfaceMethod<"Whether the result jumps, as at a rounding", "bool",
                    "isStep">,
    InterfaceMethod<[{
      Whether the result is irrational in general: what evaluate gives in exact
      arithmetic is rounded to float64 then, and float32 results may be an ulp
      or two from another library's.
    }], "bool", "isApproximate", (ins), [{}], "return false;">,
  ];
}

def Onnx_MovementInterface : OpInterface<"Movement"> {
  let cppNamespace = "::pdkc::onnx";
  let description = [{
    The results' elements are elements of the operands, or one fixed number.
  }];
  let methods = [
    InterfaceMethod<"Shape and sources of a result, or an error on the node",
                    "::llvm::FailureOr<MovementMap>", "getMovement",
                    (ins "unsigned":$result, "ConstantLookup":$constants)>,
  ];
}

def Onnx_LinearInterface : OpInterface<"Linear"> {
  let cppNamespace = "::pdkc::onnx";
  let description = [{
    result[r] = factor * (sum of left[i] * right[j]) / divisor[r] + bias[r],
    where left is the first operand and right the weights; without weights
    (means and pools) the sum is one of left[i].
  }];
  let methods = [
    InterfaceMethod<"The second factors, null where there are none",
                    "::mlir::Value", "getWeights", (ins), [{}],
                    "return $_op->getOperand(1);">,
    InterfaceMethod<"Visits every product: its place in the result, i and j; "
                    "those of one place in the order of their sum", "void",
                    "forEachProduct", (ins "ProductVisitor":$visit)>,
    InterfaceMethod<"The factor", "float", "getFactor", (ins), [{}],
                    "return 1;">,
    InterfaceMethod<"What the sum of a place in the result is divided by",
                    "int64_t", "getDivisor", (ins "int64_t":$result), [{}],
                    "return 1;">,
    InterfaceMethod<"What is added, broadcast to the result's shape; no value "
                    "where there is none", "::mlir::Value", "getAddend", (ins),
                    [{}], "return {};">,
    InterfaceMethod<"The element of the addend for a place in the result",
                    "int64_t", "getAddendIndex", (ins "int64_t":$result), [{}],
                    [{
      return getBroadcastIndex(getShape($_op->getResult(0)),
                               getShape($_op.getAddend()), result);
    }]>,
    InterfaceMethod<"What the addend is multiplied by", "float",
                    "getAddendFactor", (ins), [{}], "return 1;">,
  ];
}

def Onnx_FoldedInterface : OpInterface<"Folded"> {
  let cppNamespace = "::pdkc::onnx";
  let description = "The result is always a constant.";
  let methods = [
    InterfaceMethod<"The result's elements; null where an operand is not "
                    "constant, an error on the node where it is not defined",
                    "::llvm::FailureOr<::mlir::DenseElementsAttr>", "fold",
                    (ins "ConstantLookup":$constants)>,
  ];
}

//===----------------------------------------------------------------------===//
// Kinds of operators
//===----------------------------------------------------------------------===//

class Onnx_Op<string mnemonic, dag inputs, dag attributes,
              list<Trait> traits = [], int minInputs = !size(inputs),
              string maxInputs = "" # !size(inputs)>
    : Op<Onnx_Dialect, mnemonic,
         !listconcat([Pure, Onnx_NodeInterface], traits)> {
  let summary = "ONNX's " # mnemonic;
  let arguments = !con(inputs, attributes);
  let results = (outs Onnx_Tensor:$result);
  let assemblyFormat =
      "operands attr-dict `:` functional-type(operands, results)";
  // The domains in which a file may name it, with spaces between.
  string domains = "ai.onnx";
  // What of it is supported, in a few words.
  string note = "";
  // Outputs that a node may have; what is beyond the results must be unused.
  string maxOutputs = "1";
  code methods = "";
  string nodeMethods = [{
    static unsigned getMinInputs() { return }] # minInputs # [{; }
    static unsigned getMaxInputs() { return }] # maxInputs # [{; }
    static unsigned getMaxOutputs() { return }] # maxOutputs # [{; }
    static ::llvm::StringRef getDomains() { return "}] # domains # [{"; }
  }] # methods;
  let extraClassDeclaration = nodeMethods # [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}

class Onnx_ElementwiseOp<string mnemonic, dag inputs,
                         string dependence = "Dependence()", bit step = 0,
                         dag attributes = (ins),
                         int minInputs = !size(inputs),
                         string maxInputs = "" # !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [Onnx_ElementwiseInterface],
              minInputs, maxInputs> {
  // An operator whose result has another element type overrides this.
  code elementType = "getFirstElementType(*this)";
  // Operands from this one on have one element type; -1: any types.
  int sameTypesFrom = 0;
  // Said in a method of its own where it hangs on the constants.
  code dependenceMethod = [{
    Dependence getDependence(unsigned, ::llvm::ArrayRef<const Scalar *>) {
      return }] # dependence # [{;
    }
  }];
  code stepMethod = [{ bool isStep() { return }] # step # [{; } }];
  code inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup) {
      return inferElementwise(*this, }] # elementType # ", " #
             sameTypesFrom # [{);
    }
  }];
  let extraClassDeclaration =
      nodeMethods # dependenceMethod # stepMethod # inferMethod # [{
    ::llvm::FailureOr<Scalar>
    evaluate(::llvm::ArrayRef<const Scalar *> operands);
  }];
}

/// The dependence is a method beside evaluate.
class Onnx_DependentOp<string mnemonic, dag inputs, dag attributes = (ins),
                       int minInputs = !size(inputs)>
    : Onnx_ElementwiseOp<mnemonic, inputs, "", 0, attributes, minInputs> {
  let dependenceMethod = [{
    Dependence getDependence(unsigned operand,
                             ::llvm::ArrayRef<const Scalar *> constants);
  }];
}

/// A function of one real number that is irrational in general.
class Onnx_RealFunction<string mnemonic, string dependence = "Dependence()",
                        dag attributes = (ins)>
    : Onnx_ElementwiseOp<mnemonic, (ins Onnx_Tensor:$X), dependence, 0,
                         attributes> {
  let methods = "bool isApproximate() { return true; }";
}

/// A comparison or a logical operator: true or false.
class Onnx_PredicateOp<string mnemonic, dag inputs,
                       string dependence = "Dependence()",
                       dag attributes = (ins)>
    : Onnx_ElementwiseOp<mnemonic, inputs, dependence, 1, attributes> {
  let elementType = "::mlir::IntegerType::get(getContext(), 1)";
}

/// Elements that depend on elements elsewhere: a window, a channel, a block.
class Onnx_GatheringOp<string mnemonic, dag inputs, dag attributes = (ins),
                       int minInputs = !size(inputs)>
    : Onnx_DependentOp<mnemonic, inputs, attributes, minInputs> {
  code sourcesMethod = "void getSources(int64_t index, Sources &sources);";
  let methods = sourcesMethod;
  let inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}

class Onnx_MovementOp<string mnemonic, dag inputs, dag attributes = (ins),
                      int minInputs = 1,
                      string maxInputs = "" # !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [Onnx_MovementInterface],
              minInputs, maxInputs> {
  code inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants) {
      return inferMovement(*this, constants);
    }
  }];
  let extraClassDeclaration = nodeMethods # inferMethod # [{
    ::llvm::FailureOr<MovementMap> getMovement(unsigned result,
                                               ConstantLookup constants);
  }];
}

class Onnx_LinearOp<string mnemonic, dag inputs, dag attributes = (ins),
                    int minInputs = !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [Onnx_LinearInterface], minInputs> {
  let extraClassDeclaration = nodeMethods # [{
    void forEachProduct(ProductVisitor visit);
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}

class Onnx_FoldedOp<string mnemonic, dag inputs, dag attributes = (ins),
                    int minInputs = !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [Onnx_FoldedInterface], minInputs> {
  let extraClassDeclaration = nodeMethods # [{
    ::llvm::FailureOr<::mlir::DenseElementsAttr> fold(ConstantLookup constants);
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants) {
      return inferFolded(*this, constants);
    }
  }];
}

#endif // PDKC_DIALECTS_ONNX_ONNXBASE_TD
