//===- Passes.td - Passes on the graph as it is ---------------------------===//

#ifndef PDKC_PASSES_ONNX_PASSES_TD
#define PDKC_PASSES_ONNX_PASSES_TD

include "mlir/Pass/PassBase.td"

def OnnxChooseOutputs : Pass<"onnx-choose-outputs", "::mlir::ModuleOp"> {
  let summary = "Keep the wanted outputs and what they are computed from";
  let description = [{
    Other outputs are named in remarks, and nodes that none of the wanted ones
    reads are gone, so that nothing is asked of them. One that the importer could
    not read has no value and says why (`onnx.missing`); it is an error to want
    it. Types need not be inferred.

    ```mlir
    return %label, %probabilities : tensor<1xi64>, tensor<1x3xf32>
    // becomes
    return %label : tensor<1xi64>
    ```
  }];
  let options = [
    Option<"outputs", "outputs", "std::string", "\"\"",
           "Their names, with commas between; the first one if empty">
  ];
}

def OnnxDecomposeQLinear : Pass<"onnx-decompose-qlinear", "::mlir::ModuleOp"> {
  let summary = "Take operators on quantised tensors apart";
  let description = [{
    Sums of products become sums of products of integers, times one float32, as
    ONNX Runtime computes them. The others become DequantizeLinear, the operator
    on floats and QuantizeLinear; Scaler becomes Sub and Mul. Types need not be
    inferred.

    ```mlir
    %y = onnx.QLinearSigmoid %x, %s, %z, %t, %u : ...
    // becomes
    %0 = onnx.DequantizeLinear %x, %s, %z : ...
    %1 = onnx.Sigmoid %0 : ...
    %y = onnx.QuantizeLinear %1, %t, %u : ...
    ```
  }];
}

def OnnxCheckBatch : Pass<"onnx-check-batch", "::mlir::ModuleOp"> {
  let summary = "Refuse a batch of more than one";
  let description = [{
    The first dimension of the model's inputs is a batch where the rows along it
    do not meet on the way to the first output. That is looked up in a copy of
    the function with two rows, element by element. One inference is one row, so
    more of them are an error. Operators on quantised tensors must be taken apart;
    types need not be inferred.
  }];
}

def OnnxInferTypes : Pass<"onnx-infer-types", "::mlir::ModuleOp"> {
  let summary = "Give every tensor its static shape and element type";
  let description = [{
    In the order of the nodes, from the types of the model's inputs. What a file
    itself says about the tensors between its nodes is not trusted. Shapes that
    are computed in the graph are evaluated as far as they are constant.

    ```mlir
    %1 = onnx.MatMul %0, %w : (tensor<1x64xf32>, tensor<64x16xf32>)
        -> tensor<*x!onnx.unknown>
    // becomes: ... -> tensor<1x16xf32>
    ```
  }];
}

def OnnxFoldConstants : Pass<"onnx-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Evaluate nodes whose operands are constant";
  let description = [{
    In the arithmetic of the tensors' types, each step rounded, as the graph
    says. Types must be inferred.

    ```mlir
    %0 = onnx.Constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
    %1 = onnx.Neg %0 : (tensor<f32>) -> tensor<f32>
    // becomes
    %1 = onnx.Constant {value = dense<-3.0> : tensor<f32>} : tensor<f32>
    ```
  }];
}

def OnnxCalibrate : Pass<"onnx-calibrate", "::mlir::ModuleOp"> {
  let summary = "Make scales that depend on the input constant";
  let description = [{
    The graph is evaluated in float32 on samples, for each such scale anew, with
    the earlier ones constant already. DynamicQuantizeLinear becomes
    QuantizeLinear for the range of all samples. A reduction by which, elementwise
    steps aside, activations are multiplied or divided becomes a constant: the
    largest seen for ReduceMax, the smallest for ReduceMin, the mean for the
    others. Remarks say what was seen and taken, and for how many samples the
    class stays. Types must be inferred and constants folded.

    ```mlir
    %0:3 = onnx.DynamicQuantizeLinear %x : (tensor<1x2xf32>)
        -> (tensor<1x2xui8>, tensor<f32>, tensor<ui8>)
    // becomes, for samples from -1 to 4.1
    %s = onnx.Constant {value = dense<0.02> : tensor<f32>} : tensor<f32>
    %z = onnx.Constant {value = dense<50> : tensor<ui8>} : tensor<ui8>
    %0 = onnx.QuantizeLinear %x, %s, %z : ...
    ```
  }];
  let options = [
    Option<"samples", "samples", "std::string", "\"\"",
           "File of inputs, one byte a value">,
    Option<"labels", "labels", "std::string", "\"\"",
           "File of their classes, one byte each">,
    Option<"inputRange", "input-range", "std::string", "\"\"",
           "As of onnx-to-lowbit; needed where the model's input is float">,
    Option<"inputScale", "input-scale", "std::string", "\"1\"",
           "As of onnx-to-lowbit">,
    Option<"inputZeroPoint", "input-zero-point", "std::string", "\"0\"",
           "As of onnx-to-lowbit">
  ];
}

#endif // PDKC_PASSES_ONNX_PASSES_TD
