// Where float32 may have another of a function's values: what the import leaves
// for the interpreter.
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit="input-range=-128:127" | FileCheck %s

// x is n / 16, and -1 what x times a small number is rounded down to. That number
// is half of 1 + erf, which float32 has as 0 up to -89, and as a multiple of 2^-24
// behind: up to where it is 2^-23 or so, at 5.17 below 0, nobody knows it.
// CHECK-LABEL: func.func @tail
// CHECK: lowbit.steps {{.*}} starts [-384, -88, 0, {{.*}} values [0, -1, 0, {{.*}} jumps = array<f64: -8.850000e+01, -8.250000e+01,
func.func @tail(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %s = onnx.Constant {value = dense<6.25e-2> : tensor<f32>} : tensor<f32>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %s : (tensor<*x!onnx.unknown>, tensor<f32>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Gelu %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Floor %2 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.MatMul %3, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// 3 / (1 + 3) is the threshold to a rounding of float32, which libraries do at
// other places.
// CHECK-LABEL: func.func @softsign
// CHECK: lowbit.requant {{.*}} jumps = array<f64: 2.500000e+00, 3.500000e+00>
func.func @softsign(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %t = onnx.Constant {value_float = 0.75 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Softsign %0 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Sub %1, %t : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Ceil %2 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.MatMul %3, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}
