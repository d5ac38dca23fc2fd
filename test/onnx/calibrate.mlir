// RUN: %python -c "import sys; sys.stdout.buffer.write(bytes([246, 20, 5, 41, 0, 0]))" > %t.u8
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-calibrate="samples=%t.u8 input-range=-128:127 input-scale=0.1" --onnx-fold-constants 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=SAID --input-file=%t.err

// Samples of (-1.0, 2.0), (0.5, 4.1) and (0, 0): a range of 5.1 in 255 steps.
// SAID: saw values of -1 to 4.1, takes scale 0.02 and zero point 50
// SAID: calibrated on 3 samples
// CHECK-LABEL: @quantizer
func.func @quantizer(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK-NOT: DynamicQuantizeLinear
  // CHECK-DAG: %[[Z:.*]] = onnx.Constant {value = dense<50> : tensor<ui8>}
  // CHECK-DAG: %[[S:.*]] = onnx.Constant {value = dense<{{0.02|2.000000e-02|0.01999.*}}> : tensor<f32>}
  // CHECK: %[[Q:.*]] = onnx.QuantizeLinear %arg0, %[[S]], %[[Z]]
  // CHECK: onnx.DequantizeLinear %[[Q]], %[[S]], %[[Z]]
  %0:3 = onnx.DynamicQuantizeLinear %x : (tensor<1x2xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  %1 = onnx.DequantizeLinear %0#0, %0#1, %0#2 : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// The largest of 2.0, 4.1 and 0; the mean of 0.5, 2.3 and 0, which only moves
// what it is taken from, stays.
// SAID: was 0 to 4.1, takes the largest, 4.1
// CHECK-LABEL: @reductions
func.func @reductions(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  %one = onnx.Constant {value_float = 1.0 : f32} : tensor<*x!onnx.unknown>
  // CHECK-NOT: onnx.ReduceMax
  // CHECK: onnx.ReduceMean
  // CHECK: onnx.Div
  %0 = onnx.Abs %x : (tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.ReduceMax %0, %none : (tensor<*x!onnx.unknown>, none) -> tensor<*x!onnx.unknown>
  %2 = onnx.Add %1, %one : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.ReduceMean %x, %none : (tensor<1x2xf32>, none) -> tensor<*x!onnx.unknown>
  %4 = onnx.Sub %x, %3 : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %5 = onnx.Div %4, %2 : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %5 : tensor<*x!onnx.unknown>
}

// The means of squares are 2.5, 8.53 and 0.
// SAID: was 0 to 8.53, takes the mean, 3.67667
// CHECK-LABEL: @mean
func.func @mean(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  %one = onnx.Constant {value_float = 1.0 : f32} : tensor<*x!onnx.unknown>
  // CHECK-NOT: onnx.ReduceMean
  // CHECK: onnx.Div
  %0 = onnx.Mul %x, %x : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.ReduceMean %0, %none : (tensor<*x!onnx.unknown>, none) -> tensor<*x!onnx.unknown>
  %2 = onnx.Add %1, %one : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Sqrt %2 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.Div %x, %3 : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}
