//===- OnnxElementwise.td - The elementwise operators ---------------------===//

#ifndef PDKC_DIALECTS_ONNX_ONNXELEMENTWISE_TD
#define PDKC_DIALECTS_ONNX_ONNXELEMENTWISE_TD

include "dialects/onnx/OnnxBase.td"

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

defvar unaryInput = (ins Onnx_Tensor:$X);
defvar binaryInputs = (ins Onnx_Tensor:$A, Onnx_Tensor:$B);

def Onnx_AddOp
    : Onnx_ElementwiseOp<"Add", binaryInputs, "Dependence::affine(1)">;
def Onnx_SubOp : Onnx_DependentOp<"Sub", binaryInputs>;
def Onnx_MulOp : Onnx_DependentOp<"Mul", binaryInputs>;
def Onnx_DivOp : Onnx_DependentOp<"Div", binaryInputs> {
  let note = "integers divide towards 0";
}
def Onnx_ModOp : Onnx_ElementwiseOp<"Mod", binaryInputs, "Dependence()", 0,
                                    (ins Onnx_I64<0>:$fmod)>;
def Onnx_PowOp : Onnx_DependentOp<"Pow", (ins Onnx_Tensor:$X, Onnx_Tensor:$Y)> {
  let sameTypesFrom = -1;
  let methods = "bool isApproximate() { return true; }";
}
def Onnx_NegOp
    : Onnx_ElementwiseOp<"Neg", unaryInput, "Dependence::affine(-1)">;
def Onnx_AbsOp : Onnx_ElementwiseOp<"Abs", unaryInput>;
def Onnx_SignOp
    : Onnx_ElementwiseOp<"Sign", unaryInput, "Dependence::monotone(1)", 1>;
def Onnx_ReciprocalOp : Onnx_ElementwiseOp<"Reciprocal", unaryInput>;
def Onnx_IdentityOp : Onnx_ElementwiseOp<"Identity", (ins Onnx_Tensor:$input),
                                         "Dependence::affine(1)">;
def Onnx_FloorOp
    : Onnx_ElementwiseOp<"Floor", unaryInput, "Dependence::monotone(1)", 1>;
def Onnx_CeilOp
    : Onnx_ElementwiseOp<"Ceil", unaryInput, "Dependence::monotone(1)", 1>;
def Onnx_RoundOp
    : Onnx_ElementwiseOp<"Round", unaryInput, "Dependence::monotone(1)", 1>;

class Onnx_VariadicOp<string mnemonic, string dependence>
    : Onnx_ElementwiseOp<mnemonic, (ins Variadic<Onnx_Tensor>:$inputs),
                         dependence, 0, (ins), 1, "~0u">;
def Onnx_MinOp : Onnx_VariadicOp<"Min", "Dependence::monotone(1)">;
def Onnx_MaxOp : Onnx_VariadicOp<"Max", "Dependence::monotone(1)">;
def Onnx_SumOp : Onnx_VariadicOp<"Sum", "Dependence::affine(1)">;
def Onnx_MeanOp : Onnx_VariadicOp<"Mean", "Dependence::affine(1)">;

def Onnx_ClipOp : Onnx_ElementwiseOp<"Clip",
    (ins Onnx_Tensor:$input, Onnx_Optional:$min, Onnx_Optional:$max),
    "Dependence::monotone(1)", 0,
    // The form before opset 11.
    (ins OptionalAttr<F32Attr>:$min_attr, OptionalAttr<F32Attr>:$max_attr), 1>;
def Onnx_CastOp : Onnx_DependentOp<"Cast", (ins Onnx_Tensor:$input),
    (ins I64Attr:$to, Onnx_I64<1>:$saturate, Onnx_String:$round_mode)> {
  let elementType = "getElementTypeOf(getContext(), getTo())";
  let stepMethod = "bool isStep();";
  let note = "no strings, no 8-bit floats";
}
def Onnx_CastLikeOp : Onnx_DependentOp<"CastLike",
    (ins Onnx_Tensor:$input, Onnx_Tensor:$target_type),
    (ins Onnx_I64<1>:$saturate, Onnx_String:$round_mode)> {
  let stepMethod = "bool isStep();";
  let methods = "void getSources(int64_t index, Sources &sources);";
  let inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup) {
      return inferShape(*this, getShape(getInput()),
                        getElementType(getTargetType()));
    }
  }];
}
def Onnx_DropoutOp : Onnx_ElementwiseOp<"Dropout",
    (ins Onnx_Tensor:$data, Onnx_Optional:$ratio, Onnx_Optional:$training_mode),
    "Dependence::affine(1)", 0,
    (ins OptionalAttr<F32Attr>:$ratio_attr, OptionalAttr<I64Attr>:$seed), 1> {
  let maxOutputs = "2";
  let note = "inference";
  let methods = "void getSources(int64_t index, Sources &sources);";
  let inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}
def Onnx_BatchNormalizationOp : Onnx_GatheringOp<"BatchNormalization",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$scale, Onnx_Tensor:$B,
         Onnx_Tensor:$input_mean, Onnx_Tensor:$input_var),
    (ins Onnx_F32<"1e-5f">:$epsilon, OptionalAttr<F32Attr>:$momentum,
         Onnx_I64<0>:$training_mode, Onnx_I64<1>:$spatial)> {
  let maxOutputs = "5";
  let note = "inference; the first output";
  let methods = sourcesMethod # "bool isApproximate() { return true; }";
}

//===----------------------------------------------------------------------===//
// Comparisons, logic, bits
//===----------------------------------------------------------------------===//

class Onnx_ComparisonOp<string mnemonic>
    : Onnx_PredicateOp<mnemonic, binaryInputs> {
  let dependenceMethod = [{
    Dependence getDependence(unsigned operand,
                             ::llvm::ArrayRef<const Scalar *>);
  }];
}
def Onnx_GreaterOp : Onnx_ComparisonOp<"Greater">;
def Onnx_GreaterOrEqualOp : Onnx_ComparisonOp<"GreaterOrEqual">;
def Onnx_LessOp : Onnx_ComparisonOp<"Less">;
def Onnx_LessOrEqualOp : Onnx_ComparisonOp<"LessOrEqual">;
def Onnx_EqualOp : Onnx_PredicateOp<"Equal", binaryInputs>;
def Onnx_AndOp
    : Onnx_PredicateOp<"And", binaryInputs, "Dependence::monotone(1)">;
def Onnx_OrOp : Onnx_PredicateOp<"Or", binaryInputs, "Dependence::monotone(1)">;
def Onnx_XorOp : Onnx_PredicateOp<"Xor", binaryInputs>;
def Onnx_NotOp : Onnx_PredicateOp<"Not", unaryInput, "Dependence::monotone(-1)">;
def Onnx_IsNaNOp : Onnx_PredicateOp<"IsNaN", unaryInput>;
def Onnx_IsInfOp : Onnx_PredicateOp<"IsInf", unaryInput, "Dependence()",
    (ins Onnx_I64<1>:$detect_negative, Onnx_I64<1>:$detect_positive)>;
def Onnx_WhereOp : Onnx_DependentOp<"Where",
    (ins Onnx_Tensor:$condition, Onnx_Tensor:$X, Onnx_Tensor:$Y)> {
  let elementType = "onnx::getElementType(getX())";
  let sameTypesFrom = 1;
}
def Onnx_BitShiftOp : Onnx_ElementwiseOp<"BitShift",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$Y), "Dependence()", 0,
    (ins StrAttr:$direction)>;
def Onnx_BitwiseAndOp : Onnx_ElementwiseOp<"BitwiseAnd", binaryInputs>;
def Onnx_BitwiseOrOp : Onnx_ElementwiseOp<"BitwiseOr", binaryInputs>;
def Onnx_BitwiseXorOp : Onnx_ElementwiseOp<"BitwiseXor", binaryInputs>;
def Onnx_BitwiseNotOp : Onnx_ElementwiseOp<"BitwiseNot", unaryInput>;

//===----------------------------------------------------------------------===//
// Functions of a real number
//===----------------------------------------------------------------------===//

defvar rises = "Dependence::monotone(1)";
defvar falls = "Dependence::monotone(-1)";

def Onnx_ReluOp : Onnx_ElementwiseOp<"Relu", unaryInput, rises>;
def Onnx_LeakyReluOp : Onnx_DependentOp<"LeakyRelu", unaryInput,
                                        (ins Onnx_F32<"0.01f">:$alpha)>;
def Onnx_PReluOp : Onnx_DependentOp<"PRelu",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$slope)>;
def Onnx_ThresholdedReluOp : Onnx_DependentOp<"ThresholdedRelu", unaryInput,
                                              (ins Onnx_F32<"1.0f">:$alpha)>;
def Onnx_HardSigmoidOp : Onnx_DependentOp<"HardSigmoid", unaryInput,
    (ins Onnx_F32<"0.2f">:$alpha, Onnx_F32<"0.5f">:$beta)>;
def Onnx_HardSwishOp : Onnx_ElementwiseOp<"HardSwish", unaryInput>;
def Onnx_ShrinkOp : Onnx_ElementwiseOp<"Shrink", unaryInput, "Dependence()", 0,
    (ins Onnx_F32<"0.0f">:$bias, Onnx_F32<"0.5f">:$lambd)>;
def Onnx_SoftsignOp : Onnx_ElementwiseOp<"Softsign", unaryInput, rises>;

def Onnx_SigmoidOp : Onnx_RealFunction<"Sigmoid", rises>;
def Onnx_TanhOp : Onnx_RealFunction<"Tanh", rises>;
def Onnx_ErfOp : Onnx_RealFunction<"Erf", rises>;
def Onnx_ExpOp : Onnx_RealFunction<"Exp", rises>;
def Onnx_LogOp : Onnx_RealFunction<"Log", rises>;
def Onnx_SqrtOp : Onnx_RealFunction<"Sqrt", rises>;
def Onnx_SoftplusOp : Onnx_RealFunction<"Softplus", rises>;
def Onnx_MishOp : Onnx_RealFunction<"Mish">;
def Onnx_SwishOp : Onnx_RealFunction<"Swish", "Dependence()",
                                     (ins Onnx_F32<"1.0f">:$alpha)>;
def Onnx_GeluOp : Onnx_RealFunction<"Gelu", "Dependence()",
    (ins DefaultValuedAttr<StrAttr, "\"none\"">:$approximate)> {
  let domains = "ai.onnx com.microsoft";
}
def Onnx_EluOp : Onnx_RealFunction<"Elu", "getDirection()",
                                   (ins Onnx_F32<"1.0f">:$alpha)> {
  let methods = [{
    bool isApproximate() { return true; }
    Dependence getDirection();
  }];
}
def Onnx_CeluOp : Onnx_RealFunction<"Celu", rises,
                                    (ins Onnx_F32<"1.0f">:$alpha)>;
def Onnx_SeluOp : Onnx_RealFunction<"Selu", "getDirection()",
    (ins Onnx_F32<"1.67326319217681884765625f">:$alpha,
         Onnx_F32<"1.05070102214813232421875f">:$gamma)> {
  let methods = [{
    bool isApproximate() { return true; }
    Dependence getDirection();
  }];
}
def Onnx_SinOp : Onnx_RealFunction<"Sin">;
def Onnx_CosOp : Onnx_RealFunction<"Cos">;
def Onnx_TanOp : Onnx_RealFunction<"Tan">;
def Onnx_AsinOp : Onnx_RealFunction<"Asin", rises>;
def Onnx_AcosOp : Onnx_RealFunction<"Acos", falls>;
def Onnx_AtanOp : Onnx_RealFunction<"Atan", rises>;
def Onnx_SinhOp : Onnx_RealFunction<"Sinh", rises>;
def Onnx_CoshOp : Onnx_RealFunction<"Cosh">;
def Onnx_AsinhOp : Onnx_RealFunction<"Asinh", rises>;
def Onnx_AcoshOp : Onnx_RealFunction<"Acosh", rises>;
def Onnx_AtanhOp : Onnx_RealFunction<"Atanh", rises>;

//===----------------------------------------------------------------------===//
// Quantisation
//===----------------------------------------------------------------------===//

defvar qonnxDomains =
    "qonnx.custom_op.general onnx.brevitas finn.custom_op.general";

/// Scale and zero point have a place for each channel, each block or all.
class Onnx_QuantizeOp<string mnemonic, dag inputs, dag attributes>
    : Onnx_GatheringOp<mnemonic, inputs, attributes, 2> {
  let domains = "ai.onnx com.microsoft";
  let note = "per tensor, per axis, by blocks; integers of 2 to 32 bits";
}
def Onnx_QuantizeLinearOp : Onnx_QuantizeOp<"QuantizeLinear",
    (ins Onnx_Tensor:$x, Onnx_Tensor:$y_scale, Onnx_Optional:$y_zero_point),
    (ins Onnx_I64<1>:$axis, Onnx_I64<0>:$block_size, Onnx_I64<0>:$output_dtype,
         Onnx_I64<0>:$precision, Onnx_I64<1>:$saturate)> {
  let stepMethod = "bool isStep() { return true; }";
}
def Onnx_DequantizeLinearOp : Onnx_QuantizeOp<"DequantizeLinear",
    (ins Onnx_Tensor:$x, Onnx_Tensor:$x_scale, Onnx_Optional:$x_zero_point),
    (ins Onnx_I64<1>:$axis, Onnx_I64<0>:$block_size,
         Onnx_I64<0>:$output_dtype)>;

/// The result has the type of the first operand, whatever the others have.
class Onnx_QonnxOp<string mnemonic, dag inputs, dag attributes,
                   string dependence, int minInputs = !size(inputs)>
    : Onnx_ElementwiseOp<mnemonic, inputs, dependence, 1, attributes,
                         minInputs> {
  let domains = qonnxDomains;
  let sameTypesFrom = -1;
}
defvar quantInputs = (ins Onnx_Tensor:$X, Onnx_Tensor:$scale,
                          Onnx_Tensor:$zeropt, Onnx_Tensor:$bitwidth);
class Onnx_QuantizerOp<string mnemonic> : Onnx_QonnxOp<mnemonic, quantInputs,
    (ins Onnx_I64<1>:$signed_attr, Onnx_I64<0>:$narrow,
         DefaultValuedAttr<StrAttr, "\"ROUND\"">:$rounding_mode),
    "Dependence::monotone(1)"> {
  let note = "all rounding modes";
  let inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}
def Onnx_QuantOp : Onnx_QuantizerOp<"Quant">;
def Onnx_IntQuantOp : Onnx_QuantizerOp<"IntQuant">;
def Onnx_BipolarQuantOp : Onnx_QonnxOp<"BipolarQuant",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$scale), (ins), "">  {
  let dependenceMethod = [{
    Dependence getDependence(unsigned operand,
                             ::llvm::ArrayRef<const Scalar *> constants);
  }];
}
def Onnx_TruncOp : Onnx_QonnxOp<"Trunc",
    (ins Onnx_Tensor:$X, Onnx_Tensor:$scale, Onnx_Tensor:$zeropt,
         Onnx_Tensor:$in_bitwidth, Onnx_Tensor:$out_scale_or_bitwidth,
         Onnx_Optional:$out_bitwidth),
    (ins DefaultValuedAttr<StrAttr, "\"FLOOR\"">:$rounding_mode,
         Onnx_I64<1>:$signed_attr, Onnx_I64<0>:$narrow),
    "Dependence::monotone(1)", 5> {
  let note = "versions 1 (5 inputs) and 2 (6); all rounding modes";
  let inferMethod = [{
    ::llvm::FailureOr<ResultTypes> inferResultTypes(ConstantLookup constants);
  }];
}
def Onnx_MultiThresholdOp : Onnx_GatheringOp<"MultiThreshold",
    (ins Onnx_Tensor:$v, Onnx_Tensor:$thresholds),
    (ins Onnx_F32<"1.0f">:$out_scale, Onnx_F32<"0.0f">:$out_bias,
         Onnx_String:$out_dtype,
         DefaultValuedAttr<StrAttr, "\"NCHW\"">:$data_layout)> {
  let domains = qonnxDomains;
  let stepMethod = "bool isStep() { return true; }";
  let note = "per channel or for all";
}

#endif // PDKC_DIALECTS_ONNX_ONNXELEMENTWISE_TD
