//===- OnnxOps.td - The onnx dialect --------------------------------------===//
//
// A mirror of a model file: one operation an ONNX node, operands and attributes
// under ONNX's names and in its order. An input that a node leaves out is an
// onnx.NoValue. What a node means is said once, by the interface method of its
// kind, and serves folding, type inference and lowering alike:
//
//   Elementwise   evaluate: one element from the elements at its place
//   Movement      getMovement: where each element of the result comes from
//   Linear        forEachProduct: the sums of products it consists of
//
// To add an operator: one entry here and that method, in the file of its kind.
//
//===----------------------------------------------------------------------===//

#ifndef PDKC_DIALECTS_ONNX_ONNXOPS_TD
#define PDKC_DIALECTS_ONNX_ONNXOPS_TD

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
    InterfaceMethod<"The result's type from the operands' types, which are "
                    "known, or an error on the node",
                    "::llvm::FailureOr<::mlir::RankedTensorType>",
                    "inferResultType", (ins "ConstantLookup":$constants)>,
  ];
}

def Onnx_ElementwiseInterface : OpInterface<"Elementwise"> {
  let cppNamespace = "::pdkc::onnx";
  let description = [{
    Each element of the result depends on the elements at its place, after
    broadcasting. Operands that the node leaves out are null.
  }];
  let methods = [
    InterfaceMethod<[{
      One element of the result, in the arithmetic of the operands: float32 as
      the graph says, or exact. Fails where the operator is not defined, as at
      a division by zero.
    }], "::llvm::FailureOr<Scalar>", "evaluate",
        (ins "::llvm::ArrayRef<const Scalar *>":$operands)>,
    InterfaceMethod<[{
      How the result follows one operand while the others stay. Constant
      operands are given, the others are null.
    }], "Dependence", "getDependence",
        (ins "unsigned":$operand,
             "::llvm::ArrayRef<const Scalar *>":$constants)>,
    InterfaceMethod<"Whether the result jumps, as at a rounding", "bool",
                    "isStep">,
  ];
}

def Onnx_MovementInterface : OpInterface<"Movement"> {
  let cppNamespace = "::pdkc::onnx";
  let description = "The result's elements are elements of the first operand.";
  let methods = [
    InterfaceMethod<"Shape and sources, or an error on the node",
                    "::llvm::FailureOr<MovementMap>", "getMovement",
                    (ins "ConstantLookup":$constants)>,
  ];
}

def Onnx_LinearInterface : OpInterface<"Linear"> {
  let cppNamespace = "::pdkc::onnx";
  let description = [{
    result[r] = factor * (sum of left[i] * right[j]) + bias[r], where left and
    right are the first two operands.
  }];
  let methods = [
    InterfaceMethod<"Visits every product: its place in the result, i and j; "
                    "those of one place in the order of their sum", "void",
                    "forEachProduct", (ins "ProductVisitor":$visit)>,
    InterfaceMethod<"The factor", "float", "getFactor", (ins), [{}],
                    "return 1;">,
    InterfaceMethod<"What is added, broadcast to the result's shape; no value "
                    "where there is none", "::mlir::Value", "getAddend", (ins),
                    [{}], "return {};">,
    InterfaceMethod<"What the addend is multiplied by", "float",
                    "getAddendFactor", (ins), [{}], "return 1;">,
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
  string inputCounts = [{
    static unsigned getMinInputs() { return }] # minInputs # [{; }
    static unsigned getMaxInputs() { return }] # maxInputs # [{; }
  }];
  let extraClassDeclaration = inputCounts # [{
    ::llvm::FailureOr<::mlir::RankedTensorType>
    inferResultType(ConstantLookup constants);
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
  // Said in a method of its own where it hangs on the constants.
  code dependenceMethod = [{
    Dependence getDependence(unsigned, ::llvm::ArrayRef<const Scalar *>) {
      return }] # dependence # [{;
    }
  }];
  code stepMethod = [{ bool isStep() { return }] # step # [{; } }];
  let extraClassDeclaration = inputCounts # dependenceMethod # stepMethod # [{
    ::llvm::FailureOr<Scalar>
    evaluate(::llvm::ArrayRef<const Scalar *> operands);
    ::llvm::FailureOr<::mlir::RankedTensorType>
    inferResultType(ConstantLookup) {
      return inferElementwise(*this, }] # elementType # [{);
    }
  }];
}

/// The dependence is a method beside evaluate.
class Onnx_DependentOp<string mnemonic, dag inputs, dag attributes = (ins)>
    : Onnx_ElementwiseOp<mnemonic, inputs, "", 0, attributes> {
  let dependenceMethod = [{
    Dependence getDependence(unsigned operand,
                             ::llvm::ArrayRef<const Scalar *> constants);
  }];
}

class Onnx_MovementOp<string mnemonic, dag inputs, dag attributes = (ins),
                      int minInputs = 1>
    : Onnx_Op<mnemonic, inputs, attributes, [Onnx_MovementInterface],
              minInputs> {
  let extraClassDeclaration = inputCounts # [{
    ::llvm::FailureOr<MovementMap> getMovement(ConstantLookup constants);
    ::llvm::FailureOr<::mlir::RankedTensorType>
    inferResultType(ConstantLookup constants) {
      return inferMovement(*this, constants);
    }
  }];
}

class Onnx_LinearOp<string mnemonic, dag inputs, dag attributes = (ins),
                    int minInputs = !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [Onnx_LinearInterface], minInputs> {
  code addendMethods = "";
  let extraClassDeclaration = inputCounts # addendMethods # [{
    void forEachProduct(ProductVisitor visit);
    ::llvm::FailureOr<::mlir::RankedTensorType>
    inferResultType(ConstantLookup constants);
  }];
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

def Onnx_NoValueOp : Op<Onnx_Dialect, "NoValue", [Pure]> {
  let summary = "An optional input that a node leaves out";
  let results = (outs AnyType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Onnx_ConstantOp : Onnx_Op<"Constant", (ins), (ins
    OptionalAttr<ElementsAttr>:$value, OptionalAttr<F32Attr>:$value_float,
    OptionalAttr<DenseF32ArrayAttr>:$value_floats,
    OptionalAttr<I64Attr>:$value_int,
    OptionalAttr<DenseI64ArrayAttr>:$value_ints)> {
  let description = [{
    A node Constant or an initializer. Folding leaves the form with `value`.

    ```mlir
    %0 = onnx.Constant {value = dense<0.125> : tensor<f32>} : tensor<f32>
    ```
  }];
  let hasVerifier = 1;
  let assemblyFormat = "attr-dict `:` type($result)";
  let extraClassDeclaration = inputCounts # [{
    ::llvm::FailureOr<::mlir::RankedTensorType>
    inferResultType(ConstantLookup constants);
    /// The one value, whichever attribute holds it.
    ::mlir::DenseElementsAttr getElements();
  }];
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

def Onnx_AddOp : Onnx_ElementwiseOp<"Add", (ins Onnx_Tensor:$A, Onnx_Tensor:$B),
                                    "Dependence::affine(1)">;
def Onnx_SubOp : Onnx_DependentOp<"Sub", (ins Onnx_Tensor:$A, Onnx_Tensor:$B)>;
def Onnx_MulOp : Onnx_DependentOp<"Mul", (ins Onnx_Tensor:$A, Onnx_Tensor:$B)>;
def Onnx_DivOp : Onnx_DependentOp<"Div", (ins Onnx_Tensor:$A, Onnx_Tensor:$B)>;
def Onnx_NegOp : Onnx_ElementwiseOp<"Neg", (ins Onnx_Tensor:$X),
                                    "Dependence::affine(-1)">;
def Onnx_IdentityOp : Onnx_ElementwiseOp<"Identity", (ins Onnx_Tensor:$input),
                                         "Dependence::affine(1)">;
def Onnx_FloorOp : Onnx_ElementwiseOp<"Floor", (ins Onnx_Tensor:$X),
                                      "Dependence::monotone(1)", 1>;
def Onnx_CeilOp : Onnx_ElementwiseOp<"Ceil", (ins Onnx_Tensor:$X),
                                     "Dependence::monotone(1)", 1>;
def Onnx_RoundOp : Onnx_ElementwiseOp<"Round", (ins Onnx_Tensor:$X),
                                      "Dependence::monotone(1)", 1>;
def Onnx_ReluOp : Onnx_ElementwiseOp<"Relu", (ins Onnx_Tensor:$X),
                                     "Dependence::monotone(1)">;
def Onnx_MinOp : Onnx_ElementwiseOp<"Min", (ins Variadic<Onnx_Tensor>:$inputs),
                                    "Dependence::monotone(1)", 0, (ins), 1,
                                    "~0u">;
def Onnx_MaxOp : Onnx_ElementwiseOp<"Max", (ins Variadic<Onnx_Tensor>:$inputs),
                                    "Dependence::monotone(1)", 0, (ins), 1,
                                    "~0u">;
def Onnx_ClipOp : Onnx_ElementwiseOp<"Clip",
    (ins Onnx_Tensor:$input, Onnx_Optional:$min, Onnx_Optional:$max),
    "Dependence::monotone(1)", 0,
    // The form before opset 11.
    (ins OptionalAttr<F32Attr>:$min_attr, OptionalAttr<F32Attr>:$max_attr), 1>;
def Onnx_CastOp : Onnx_DependentOp<"Cast", (ins Onnx_Tensor:$input),
    (ins I64Attr:$to, OptionalAttr<I64Attr>:$saturate,
         OptionalAttr<StrAttr>:$round_mode)> {
  let elementType = "getElementTypeOf(getContext(), getTo())";
  let stepMethod = "bool isStep();";
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

def Onnx_SliceOp : Onnx_MovementOp<"Slice",
    (ins Onnx_Tensor:$data, Onnx_Optional:$starts, Onnx_Optional:$ends,
         Onnx_Optional:$axes, Onnx_Optional:$steps),
    // The form before opset 10.
    (ins OptionalAttr<DenseI64ArrayAttr>:$starts_attr,
         OptionalAttr<DenseI64ArrayAttr>:$ends_attr,
         OptionalAttr<DenseI64ArrayAttr>:$axes_attr)>;
def Onnx_FlattenOp : Onnx_MovementOp<"Flatten", (ins Onnx_Tensor:$input),
    (ins DefaultValuedAttr<I64Attr, "1">:$axis)>;
def Onnx_ReshapeOp : Onnx_MovementOp<"Reshape",
    (ins Onnx_Tensor:$data, Onnx_Optional:$shape),
    (ins DefaultValuedAttr<I64Attr, "0">:$allowzero,
         OptionalAttr<DenseI64ArrayAttr>:$shape_attr)>;
def Onnx_SqueezeOp : Onnx_MovementOp<"Squeeze",
    (ins Onnx_Tensor:$data, Onnx_Optional:$axes),
    (ins OptionalAttr<DenseI64ArrayAttr>:$axes_attr)>;
def Onnx_UnsqueezeOp : Onnx_MovementOp<"Unsqueeze",
    (ins Onnx_Tensor:$data, Onnx_Optional:$axes),
    (ins OptionalAttr<DenseI64ArrayAttr>:$axes_attr)>;
def Onnx_TransposeOp : Onnx_MovementOp<"Transpose", (ins Onnx_Tensor:$data),
    (ins OptionalAttr<DenseI64ArrayAttr>:$perm)>;

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

def Onnx_MatMulOp : Onnx_LinearOp<"MatMul",
    (ins Onnx_Tensor:$A, Onnx_Tensor:$B)>;
def Onnx_GemmOp : Onnx_LinearOp<"Gemm",
    (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Optional:$C),
    (ins DefaultValuedAttr<F32Attr, "1.0">:$alpha,
         DefaultValuedAttr<F32Attr, "1.0">:$beta,
         DefaultValuedAttr<I64Attr, "0">:$transA,
         DefaultValuedAttr<I64Attr, "0">:$transB), 2> {
  let addendMethods = [{
    float getFactor() { return getAlpha().convertToFloat(); }
    ::mlir::Value getAddend() {
      return isNoValue(getC()) ? ::mlir::Value() : getC();
    }
    float getAddendFactor() { return getBeta().convertToFloat(); }
  }];
}

//===----------------------------------------------------------------------===//
// Decision
//===----------------------------------------------------------------------===//

def Onnx_ArgMaxOp : Onnx_Op<"ArgMax", (ins Onnx_Tensor:$data),
    (ins DefaultValuedAttr<I64Attr, "0">:$axis,
         DefaultValuedAttr<I64Attr, "1">:$keepdims,
         DefaultValuedAttr<I64Attr, "0">:$select_last_index)>;

#endif // PDKC_DIALECTS_ONNX_ONNXOPS_TD
