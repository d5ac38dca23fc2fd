//===- OnnxOps.td - The operators of the onnx dialect ---------------------===//

#ifndef PDKC_DIALECTS_ONNX_ONNXOPS_TD
#define PDKC_DIALECTS_ONNX_ONNXOPS_TD

include "dialects/onnx/OnnxElementwise.td"

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
    // With counts_overhang all of a window's places count, as
    // QLinearAveragePool has it, even what ceil_mode lets hang over.
    !con(poolAttributes, (ins Onnx_I64<0>:$count_include_pad,
                              Onnx_I64<0>:$counts_overhang))> {
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
// Decisions and what else is not elementwise
//===----------------------------------------------------------------------===//

class Onnx_ArgOp<string mnemonic>
    : Onnx_Op<mnemonic, (ins Onnx_Tensor:$data),
              (ins Onnx_I64<0>:$axis, Onnx_I64<1>:$keepdims,
                   Onnx_I64<0>:$select_last_index)>;
def Onnx_ArgMaxOp : Onnx_ArgOp<"ArgMax">;
def Onnx_ArgMinOp : Onnx_ArgOp<"ArgMin">;
def Onnx_TopKOp : Onnx_Op<"TopK", (ins Onnx_Tensor:$X, Onnx_Optional:$count),
    (ins Onnx_I64<-1>:$axis, Onnx_I64<1>:$largest, Onnx_I64<1>:$sorted,
         OptionalAttr<I64Attr>:$k), [], 1> {
  let results = (outs Variadic<Onnx_Tensor>:$outputs);
  let maxOutputs = "2";
}

/// The result has the type of the first operand.
class Onnx_SameTypeOp<string mnemonic, dag inputs, dag attributes,
                      int minInputs = !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [], minInputs> {
  let extraClassDeclaration = nodeMethods # [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup) {
      return inferShape(*this, getShape((*this)->getOperand(0)),
                        getFirstElementType(*this));
    }
  }];
}
/// `opset` is that of the file: before 13 the default axis was 1, and the
/// dimensions from there on counted as one.
class Onnx_NormalizedOp<string mnemonic>
    : Onnx_SameTypeOp<mnemonic, (ins Onnx_Tensor:$input),
                      (ins OptionalAttr<I64Attr>:$axis, Onnx_I64<13>:$opset)>;
def Onnx_SoftmaxOp : Onnx_NormalizedOp<"Softmax">;
def Onnx_LogSoftmaxOp : Onnx_NormalizedOp<"LogSoftmax">;
def Onnx_HardmaxOp : Onnx_NormalizedOp<"Hardmax">;
def Onnx_LpNormalizationOp : Onnx_SameTypeOp<"LpNormalization",
    (ins Onnx_Tensor:$input), (ins Onnx_I64<-1>:$axis, Onnx_I64<2>:$p)>;
def Onnx_LayerNormalizationOp : Onnx_SameTypeOp<"LayerNormalization",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$Scale, Onnx_Optional:$B),
    (ins Onnx_I64<-1>:$axis, Onnx_F32<"1e-5f">:$epsilon,
         Onnx_I64<1>:$stash_type), 2> {
  let maxOutputs = "3";
}
def Onnx_DynamicQuantizeLinearOp : Onnx_Op<"DynamicQuantizeLinear",
    (ins Onnx_Tensor:$x), (ins)> {
  let results = (outs Variadic<Onnx_Tensor>:$outputs);
  let maxOutputs = "3";
}

//===----------------------------------------------------------------------===//
// Operators on quantised tensors, which --onnx-decompose-qlinear takes apart
//===----------------------------------------------------------------------===//

/// Optional inputs are at the end; those that only name a type have none.
class Onnx_CompositeOp<string mnemonic, dag inputs, dag attributes = (ins),
                       int minInputs = !size(inputs),
                       string maxInputs = "" # !size(inputs)>
    : Onnx_Op<mnemonic, inputs, attributes, [], minInputs, maxInputs> {
  let domains = "com.microsoft";
  let extraClassDeclaration = nodeMethods # [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup) {
      return emitOpError("is composite: run --onnx-decompose-qlinear first");
    }
  }];
}
defvar qlinearInputs = (ins Onnx_Tensor:$A, Onnx_Tensor:$A_scale,
                            Onnx_Optional:$A_zero_point);
defvar qlinearOutputs = (ins Onnx_Tensor:$C_scale, Onnx_Optional:$C_zero_point);
defvar qlinearWeights = (ins Onnx_Tensor:$B, Onnx_Tensor:$B_scale,
                             Onnx_Optional:$B_zero_point);

def Onnx_MatMulIntegerOp : Onnx_CompositeOp<"MatMulInteger",
    (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Optional:$A_zero_point,
         Onnx_Optional:$B_zero_point), (ins), 2> {
  let domains = "ai.onnx";
}
def Onnx_ConvIntegerOp : Onnx_CompositeOp<"ConvInteger",
    (ins Onnx_Tensor:$A, Onnx_Tensor:$B, Onnx_Optional:$A_zero_point,
         Onnx_Optional:$B_zero_point),
    !con(windowAttributes, (ins Onnx_I64<1>:$group)), 2> {
  let domains = "ai.onnx";
}
def Onnx_QLinearMatMulOp : Onnx_CompositeOp<"QLinearMatMul",
    !con(qlinearInputs, qlinearWeights, qlinearOutputs)> {
  let domains = "ai.onnx";
}
def Onnx_QLinearConvOp : Onnx_CompositeOp<"QLinearConv",
    !con(qlinearInputs, qlinearWeights, qlinearOutputs,
         (ins Onnx_Optional:$bias)),
    !con(windowAttributes, (ins Onnx_I64<1>:$group,
                                OptionalAttr<I64Attr>:$channels_last)), 8> {
  let domains = "ai.onnx com.microsoft";
}
def Onnx_QGemmOp : Onnx_CompositeOp<"QGemm",
    !con(qlinearInputs, qlinearWeights,
         (ins Onnx_Optional:$C, Onnx_Optional:$C_scale,
              Onnx_Optional:$C_zero_point)),
    (ins Onnx_F32<"1.0f">:$alpha, Onnx_I64<0>:$transA, Onnx_I64<0>:$transB),
    6>;
class Onnx_QLinearBinaryOp<string mnemonic>
    : Onnx_CompositeOp<mnemonic,
                       !con(qlinearInputs, qlinearWeights, qlinearOutputs),
                       (ins), 7>;
def Onnx_QLinearAddOp : Onnx_QLinearBinaryOp<"QLinearAdd">;
def Onnx_QLinearMulOp : Onnx_QLinearBinaryOp<"QLinearMul">;
class Onnx_QLinearUnaryOp<string mnemonic, dag attributes = (ins)>
    : Onnx_CompositeOp<mnemonic, !con(qlinearInputs, qlinearOutputs),
                       attributes, 4>;
def Onnx_QLinearLeakyReluOp
    : Onnx_QLinearUnaryOp<"QLinearLeakyRelu", (ins Onnx_F32<"0.01f">:$alpha)>;
def Onnx_QLinearSigmoidOp : Onnx_QLinearUnaryOp<"QLinearSigmoid">;
def Onnx_QLinearSoftmaxOp : Onnx_QLinearUnaryOp<"QLinearSoftmax",
    (ins Onnx_I64<-1>:$axis, OptionalAttr<I64Attr>:$opset)>;
def Onnx_QLinearAveragePoolOp : Onnx_QLinearUnaryOp<"QLinearAveragePool",
    !con(poolAttributes, (ins Onnx_I64<0>:$count_include_pad,
                              Onnx_I64<0>:$channels_last))>;
def Onnx_QLinearGlobalAveragePoolOp
    : Onnx_QLinearUnaryOp<"QLinearGlobalAveragePool",
                          (ins Onnx_I64<0>:$channels_last)>;
/// Scale and zero point of the result come first, then three inputs for each
/// tensor.
def Onnx_QLinearConcatOp : Onnx_CompositeOp<"QLinearConcat",
    (ins Onnx_Tensor:$Y_scale, Onnx_Tensor:$Y_zero_point,
         Variadic<Onnx_Tensor>:$inputs), (ins I64Attr:$axis), 5, "~0u">;
/// (X - offset) * scale; one number each, or one by feature.
def Onnx_ScalerOp : Onnx_CompositeOp<"Scaler", (ins Onnx_Tensor:$X),
                                     (ins Onnx_F32s:$offset, Onnx_F32s:$scale)> {
  let domains = "ai.onnx.ml";
  let note = "features along the last axis";
}

#endif // PDKC_DIALECTS_ONNX_ONNXOPS_TD
