//===- Passes.td - From reals to integers ---------------------------------===//

#ifndef PDKC_PASSES_ONNXTOLOWBIT_PASSES_TD
#define PDKC_PASSES_ONNXTOLOWBIT_PASSES_TD

include "mlir/Pass/PassBase.td"

def OnnxToLowbit : Pass<"onnx-to-lowbit", "::mlir::ModuleOp"> {
  let summary = "Prove every tensor an integer of known range and lower it";
  let description = [{
    Evaluates, does not match. Every tensor is scale times integer plus offset.
    Sums of products of such tensors and constants are integer arithmetic. What
    lies between two sums, elementwise operators of whatever kind, is evaluated
    for each integer that can reach it; where its results lie on a grid they are
    the next integers, and the step function found is fitted to a lowbit.requant
    that equals it on every one of them. Types must be inferred and constants
    folded.

    The device hands over an integer r for each element of the model's inputs,
    worth (r - zero point) * scale. The first result is the class; others are
    what else is asked for, with attributes that say what their integers are.

    ```mlir
    %1 = onnx.MatMul %0, %w : (tensor<1x64xf32>, tensor<64x16xf32>)
        -> tensor<1x16xf32>
    %2 = onnx.Mul %1, %eighth : (tensor<1x16xf32>, tensor<f32>)
        -> tensor<1x16xf32>
    %3 = onnx.Floor %2 : (tensor<1x16xf32>) -> tensor<1x16xf32>
    // becomes
    %1 = lowbit.dense %0 weights ... : tensor<1x64x!lowbit.int<-31, 31>>
        -> tensor<1x16x!lowbit.int<-3968, 3968>>
    %2 = lowbit.requant %1 shift 3 clamp -496 to 496 : ...
    ```
  }];
  let dependentDialects = ["::pdkc::lowbit::LowbitDialect"];
  let options = [
    Option<"inputRange", "input-range", "std::string", "\"\"",
           "[NAME=]LO:HI,..., the integers that the device hands over for all "
           "inputs or the one of that name; by default an integer input's whole "
           "type, -128:127 for floats">,
    Option<"inputScale", "input-scale", "std::string", "\"1\"",
           "[NAME=]NUMBER,..., what one step of the integer is worth, as a "
           "decimal or a fraction">,
    Option<"inputZeroPoint", "input-zero-point", "std::string", "\"0\"",
           "The integer that is worth 0, as a decimal or a fraction">,
    Option<"output", "output", "std::string", "\"class\"",
           "class; logits: the class and the last integers before it; values: "
           "the class and the graph's outputs themselves as integers. The "
           "class comes from the first output">
  ];
}

#endif // PDKC_PASSES_ONNXTOLOWBIT_PASSES_TD
