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
//   Folded        fold: the result from constants and shapes
//
// To add an operator: one entry here and that method, in the file of its kind.
// `note` is its line in the table of README.md beside this file, which
// test/onnx/operators.py writes.
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

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

def Onnx_NoValueOp : Op<Onnx_Dialect, "NoValue", [Pure]> {
  let summary = "An optional input that a node leaves out";
  let results = (outs AnyType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Onnx_ConstantOp : Onnx_FoldedOp<"Constant", (ins), (ins
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
  let note = "numbers in every form; no strings, no sparse tensors";
  let hasVerifier = 1;
  let assemblyFormat = "attr-dict `:` type($result)";
  let methods = [{
    /// The one value, whichever attribute holds it.
    ::mlir::DenseElementsAttr getElements();
  }];
}

def Onnx_ConstantOfShapeOp
    : Onnx_FoldedOp<"ConstantOfShape", (ins Onnx_Tensor:$input),
                    (ins OptionalAttr<ElementsAttr>:$value)> {
  let note = "constant shape";
}
def Onnx_ShapeOp : Onnx_FoldedOp<"Shape", (ins Onnx_Tensor:$data),
    (ins OptionalAttr<I64Attr>:$end, Onnx_I64<0>:$start)>;
def Onnx_SizeOp : Onnx_FoldedOp<"Size", (ins Onnx_Tensor:$data)>;
def Onnx_RangeOp : Onnx_FoldedOp<"Range",
    (ins Onnx_Tensor:$start, Onnx_Tensor:$limit, Onnx_Tensor:$delta)>;

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

def Onnx_SliceOp : Onnx_MovementOp<"Slice",
    (ins Onnx_Tensor:$data, Onnx_Optional:$starts, Onnx_Optional:$ends,
         Onnx_Optional:$axes, Onnx_Optional:$steps),
    // The form before opset 10.
    (ins Onnx_I64s:$starts_attr, Onnx_I64s:$ends_attr, Onnx_I64s:$axes_attr)>;
def Onnx_FlattenOp : Onnx_MovementOp<"Flatten", (ins Onnx_Tensor:$input),
    (ins Onnx_I64<1>:$axis)>;
def Onnx_ReshapeOp : Onnx_MovementOp<"Reshape",
    (ins Onnx_Tensor:$data, Onnx_Optional:$shape),
    (ins Onnx_I64<0>:$allowzero, Onnx_I64s:$shape_attr)>;
def Onnx_SqueezeOp : Onnx_MovementOp<"Squeeze",
    (ins Onnx_Tensor:$data, Onnx_Optional:$axes),
    (ins Onnx_I64s:$axes_attr)>;
def Onnx_UnsqueezeOp : Onnx_MovementOp<"Unsqueeze",
    (ins Onnx_Tensor:$data, Onnx_Optional:$axes),
    (ins Onnx_I64s:$axes_attr)>;
def Onnx_TransposeOp : Onnx_MovementOp<"Transpose", (ins Onnx_Tensor:$data),
    (ins Onnx_I64s:$perm)>;
def Onnx_ConcatOp : Onnx_MovementOp<"Concat",
    (ins Variadic<Onnx_Tensor>:$inputs), (ins I64Attr:$axis), 1, "~0u">;
def Onnx_SplitOp : Onnx_MovementOp<"Split",
    (ins Onnx_Tensor:$input, Onnx_Optional:$split),
    (ins Onnx_I64<0>:$axis, OptionalAttr<I64Attr>:$num_outputs,
         Onnx_I64s:$split_attr)> {
  let results = (outs Variadic<Onnx_Tensor>:$outputs);
  let maxOutputs = "~0u";
}
def Onnx_PadOp : Onnx_MovementOp<"Pad",
    (ins Onnx_Tensor:$data, Onnx_Optional:$pads, Onnx_Optional:$constant_value,
         Onnx_Optional:$axes),
    // The form before opset 11.
    (ins DefaultValuedAttr<StrAttr, "\"constant\"">:$mode,
         Onnx_I64s:$pads_attr, Onnx_F32<"0.0">:$value)> {
  let note = "modes constant, edge, reflect, wrap; negative pads";
}
def Onnx_ExpandOp : Onnx_MovementOp<"Expand",
    (ins Onnx_Tensor:$input, Onnx_Tensor:$shape), (ins), 2>;
def Onnx_TileOp : Onnx_MovementOp<"Tile",
    (ins Onnx_Tensor:$input, Onnx_Tensor:$repeats), (ins), 2>;
def Onnx_GatherOp : Onnx_MovementOp<"Gather",
    (ins Onnx_Tensor:$data, Onnx_Tensor:$indices), (ins Onnx_I64<0>:$axis),
    2> {
  let note = "constant indices";
}
def Onnx_GatherElementsOp : Onnx_MovementOp<"GatherElements",
    (ins Onnx_Tensor:$data, Onnx_Tensor:$indices), (ins Onnx_I64<0>:$axis),
    2> {
  let note = "constant indices";
}
def Onnx_DepthToSpaceOp : Onnx_MovementOp<"DepthToSpace",
    (ins Onnx_Tensor:$input),
    (ins I64Attr:$blocksize, DefaultValuedAttr<StrAttr, "\"DCR\"">:$mode)>;
def Onnx_SpaceToDepthOp : Onnx_MovementOp<"SpaceToDepth",
    (ins Onnx_Tensor:$input), (ins I64Attr:$blocksize)>;
def Onnx_ArrayFeatureExtractorOp : Onnx_MovementOp<"ArrayFeatureExtractor",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$Y), (ins), 2> {
  let domains = "ai.onnx.ml";
  let note = "numeric classes";
  let inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

def Onnx_MatMulOp : Onnx_LinearOp<"MatMul",
    (ins Onnx_Tensor:$A, Onnx_Tensor:$B)>;
def Onnx_GemmOp : Onnx_LinearOp<"Gemm",
    (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Optional:$C),
    (ins Onnx_F32<"1.0">:$alpha, Onnx_F32<"1.0">:$beta, Onnx_I64<0>:$transA,
         Onnx_I64<0>:$transB), 2> {
  let methods = [{
    float getFactor() { return getAlpha().convertToFloat(); }
    ::mlir::Value getAddend() {
      return isNoValue(getC()) ? ::mlir::Value() : getC();
    }
    float getAddendFactor() { return getBeta().convertToFloat(); }
  }];
}

/// Operators that slide a window over the last dimensions.
defvar windowAttributes =
    (ins DefaultValuedAttr<StrAttr, "\"NOTSET\"">:$auto_pad,
         Onnx_I64s:$kernel_shape, Onnx_I64s:$strides, Onnx_I64s:$pads,
         Onnx_I64s:$dilations);
defvar poolAttributes = !con(windowAttributes, (ins Onnx_I64<0>:$ceil_mode));

def Onnx_ConvOp : Onnx_LinearOp<"Conv",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$W, Onnx_Optional:$B),
    !con(windowAttributes, (ins Onnx_I64<1>:$group)), 2> {
  let description = [{
    The bias has the shape of the channels, [C]; as an addend it stands for
    [C, 1, 1, ...].
  }];
  let note = "any number of spatial dimensions";
  let methods = [{
    ::mlir::Value getAddend() {
      return isNoValue(getB()) ? ::mlir::Value() : getB();
    }
    int64_t getAddendIndex(int64_t result);
  }];
}
def Onnx_AveragePoolOp : Onnx_LinearOp<"AveragePool", (ins Onnx_Tensor:$X),
    !con(poolAttributes, (ins Onnx_I64<0>:$count_include_pad))> {
  let methods = [{
    ::mlir::Value getWeights() { return {}; }
    int64_t getDivisor(int64_t result);
  }];
}
def Onnx_GlobalAveragePoolOp
    : Onnx_LinearOp<"GlobalAveragePool", (ins Onnx_Tensor:$X)> {
  let methods = [{
    ::mlir::Value getWeights() { return {}; }
    int64_t getDivisor(int64_t result);
  }];
}

/// The axes are an operand or, earlier, an attribute.
defvar reduceInputs = (ins Onnx_Tensor:$data, Onnx_Optional:$axes);
defvar reduceAttributes =
    (ins Onnx_I64s:$axes_attr, Onnx_I64<1>:$keepdims,
         Onnx_I64<0>:$noop_with_empty_axes);

def Onnx_ReduceMeanOp
    : Onnx_LinearOp<"ReduceMean", reduceInputs, reduceAttributes, 1> {
  let note = "folded in ONNX Runtime's order of summation";
  let methods = [{
    ::mlir::Value getWeights() { return {}; }
    int64_t getDivisor(int64_t result);
  }];
}
def Onnx_ReduceSumOp
    : Onnx_LinearOp<"ReduceSum", reduceInputs, reduceAttributes, 1> {
  let note = "folded in ONNX Runtime's order of summation";
  let methods = "::mlir::Value getWeights() { return {}; }";
}

//===----------------------------------------------------------------------===//
// The largest of a window or of an axis, and other functions of many elements
//===----------------------------------------------------------------------===//

def Onnx_MaxPoolOp
    : Onnx_GatheringOp<"MaxPool", (ins Onnx_Tensor:$X),
                       !con(poolAttributes, (ins Onnx_I64<0>:$storage_order))> {
  let maxOutputs = "2";
  let note = "the first output";
}
def Onnx_GlobalMaxPoolOp
    : Onnx_GatheringOp<"GlobalMaxPool", (ins Onnx_Tensor:$X)>;

class Onnx_ReduceOp<string mnemonic, bit approximate = 0>
    : Onnx_GatheringOp<mnemonic, reduceInputs, reduceAttributes, 1> {
  let methods = sourcesMethod #
                !if(approximate, "bool isApproximate() { return true; }", "");
}
def Onnx_ReduceMaxOp : Onnx_ReduceOp<"ReduceMax">;
def Onnx_ReduceMinOp : Onnx_ReduceOp<"ReduceMin">;
def Onnx_ReduceProdOp : Onnx_ReduceOp<"ReduceProd">;
def Onnx_ReduceL1Op : Onnx_ReduceOp<"ReduceL1">;
def Onnx_ReduceL2Op : Onnx_ReduceOp<"ReduceL2", 1>;
def Onnx_ReduceSumSquareOp : Onnx_ReduceOp<"ReduceSumSquare">;
def Onnx_ReduceLogSumOp : Onnx_ReduceOp<"ReduceLogSum", 1>;
def Onnx_ReduceLogSumExpOp : Onnx_ReduceOp<"ReduceLogSumExp", 1>;

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
    (ins I64Attr:$to, OptionalAttr<I64Attr>:$saturate, Onnx_String:$round_mode)> {
  let elementType = "getElementTypeOf(getContext(), getTo())";
  let stepMethod = "bool isStep();";
}

//===----------------------------------------------------------------------===//
// Decision
//===----------------------------------------------------------------------===//

def Onnx_ArgMaxOp : Onnx_Op<"ArgMax", (ins Onnx_Tensor:$data),
    (ins Onnx_I64<0>:$axis, Onnx_I64<1>:$keepdims,
         Onnx_I64<0>:$select_last_index)>;

#endif // PDKC_DIALECTS_ONNX_ONNXOPS_TD
