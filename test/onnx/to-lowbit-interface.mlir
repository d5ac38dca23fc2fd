// Several inputs, each with its meaning; several outputs: the class by the first,
// of each what is asked for.
// RUN: pdkc-opt %s --pdkc-streamline="input-range=a=0:1023,-8:7 input-scale=a=1/4 output=values outputs=sum,large" 2>%t | FileCheck %s --check-prefix=VALUES
// RUN: FileCheck %s --check-prefix=LEFT < %t
// RUN: pdkc-opt %s --pdkc-streamline="output=logits outputs=squashed" | FileCheck %s --check-prefix=LOGITS
// RUN: not pdkc-opt %s --pdkc-streamline="output=values outputs=squashed" 2>&1 | FileCheck %s --check-prefix=NO-GRID
// RUN: not pdkc-opt %s --pdkc-streamline="outputs=none" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not pdkc-opt %s --pdkc-streamline="outputs=sum,sum" 2>&1 | FileCheck %s --check-prefix=TWICE

// a's integer is worth a quarter, so that sums have quarters: 1 * a + 2 * b is
// (a + 8 b) / 4. A concatenation's elements have one range.
// VALUES: func.func @model(%arg0: tensor<1x1x!lowbit.int<0, 1023>> {lowbit.name = "a", lowbit.scale = "1/4", lowbit.zero_point = "0"},
// VALUES-SAME: %arg1: tensor<1x1x!lowbit.int<-8, 7>> {lowbit.name = "b", lowbit.scale = "1", lowbit.zero_point = "0"})
// VALUES-SAME: -> (tensor<1x!lowbit.int<0, 1>>,
// VALUES-SAME: tensor<1x1x!lowbit.int<-72, 9207>> {lowbit.meaning = "output 'sum'", lowbit.name = "sum", lowbit.offset = array<f64: 0.000000e+00>, lowbit.scale = array<f64: 2.500000e-01>, lowbit.symbol = "output"},
// VALUES-SAME: tensor<1x1x!lowbit.int<0, 9207>> {lowbit.meaning = "output 'large'", lowbit.name = "large", {{.*}}lowbit.symbol = "output_large"})
// VALUES: lowbit.scale {{.*}} clamp 0 to 9207
// LEFT: remark: output 'squashed' is left out; --outputs=NAME,... chooses others than 'sum'
// LOGITS: lowbit.meaning = "what stands before Tanh of output 'squashed'"
// NO-GRID: error: output 'squashed' stands on no grid of integers: quantise it in the model (QuantizeLinear, Quant), or take --output=logits
// NONE: error: model has no output 'none'; it has 'squashed', 'sum', 'large'
// TWICE: error: output 'sum' is asked for twice
func.func @model(%a: tensor<1x1xf32> {onnx.name = "a"}, %b: tensor<1x1xf32> {onnx.name = "b"}) -> (tensor<*x!onnx.unknown> {onnx.name = "squashed"}, tensor<*x!onnx.unknown> {onnx.name = "sum"}, tensor<*x!onnx.unknown> {onnx.name = "large"}) {
  %w = onnx.Constant {value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %both = onnx.Concat %a, %b {axis = 1 : i64} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<*x!onnx.unknown>
  %sum = onnx.MatMul %both, %w : (tensor<*x!onnx.unknown>, tensor<2x1xf32>) -> tensor<*x!onnx.unknown>
  %large = onnx.Relu %sum : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %squashed = onnx.Tanh %sum : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %squashed, %sum, %large : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}
