// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants | FileCheck %s

// Weights that a file computes: transposed, scaled, rounded in float32.
// CHECK-LABEL: func.func @weights
func.func @weights(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.25, -0.75], [0.5, 2.5]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %two = onnx.Constant {value_float = 2.0 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.Transpose %w : (tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %two : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Round %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // Ties go to even: 2.5 to 2, -1.5 to -2.
  // CHECK: %[[W:.*]] = onnx.Constant {value = dense<{{\[\[}}2.000000e+00, 1.000000e+00], [-2.000000e+00, 5.000000e+00]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // CHECK-NEXT: onnx.MatMul %arg0, %[[W]]
  %3 = onnx.MatMul %x, %2 : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}

// Each step rounds to float32: 2^24 + 1 is 2^24.
// CHECK-LABEL: func.func @rounding
func.func @rounding() -> tensor<*x!onnx.unknown> {
  %one = onnx.Constant {value_float = 1.0 : f32} : tensor<*x!onnx.unknown>
  %large = onnx.Constant {value_float = 16777216.0 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.Add %large, %one : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Sub %0, %large : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Constant {value = dense<0.000000e+00> : tensor<f32>}
  return %1 : tensor<*x!onnx.unknown>
}

// Integers divide towards 0 and wrap around; casts truncate.
// CHECK-LABEL: func.func @integers
func.func @integers() -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  %a = onnx.Constant {value = dense<[-7, 100]> : tensor<2xi8>} : tensor<2xi8>
  %b = onnx.Constant {value = dense<[2, 100]> : tensor<2xi8>} : tensor<2xi8>
  %f = onnx.Constant {value = dense<[-1.9, 1.9]> : tensor<2xf32>} : tensor<2xf32>
  // CHECK-DAG: onnx.Constant {value = dense<[-3, 1]> : tensor<2xi8>}
  %0 = onnx.Div %a, %b : (tensor<2xi8>, tensor<2xi8>) -> tensor<*x!onnx.unknown>
  // CHECK-DAG: onnx.Constant {value = dense<[-5, -56]> : tensor<2xi8>}
  %1 = onnx.Add %a, %b : (tensor<2xi8>, tensor<2xi8>) -> tensor<*x!onnx.unknown>
  // CHECK-DAG: onnx.Constant {value = dense<[-1, 1]> : tensor<2xi64>}
  %2 = onnx.Cast %f {to = 7 : i64} : (tensor<2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK-DAG: onnx.Constant {value = dense<[249, 100]> : tensor<2xui8>}
  %3 = onnx.Cast %a {to = 2 : i64} : (tensor<2xi8>) -> tensor<*x!onnx.unknown>
  return %0, %1, %2, %3 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}

// CHECK-LABEL: func.func @gemm
func.func @gemm() -> tensor<*x!onnx.unknown> {
  %a = onnx.Constant {value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %b = onnx.Constant {value = dense<[[3.0, 4.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %c = onnx.Constant {value = dense<10.0> : tensor<1xf32>} : tensor<1xf32>
  // 2 * (3 + 8) + 0.5 * 10
  // CHECK: onnx.Constant {value = dense<2.700000e+01> : tensor<1x1xf32>}
  %0 = onnx.Gemm %a, %b, %c {transA = 1 : i64, transB = 1 : i64, alpha = 2.0 : f32, beta = 0.5 : f32} : (tensor<2x1xf32>, tensor<1x2xf32>, tensor<1xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// Batches broadcast.
// CHECK-LABEL: func.func @batch
func.func @batch() -> tensor<*x!onnx.unknown> {
  %a = onnx.Constant {value = dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>} : tensor<2x1x2xf32>
  %b = onnx.Constant {value = dense<[[1.0], [10.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  // CHECK: onnx.Constant {value = dense<{{\[\[\[}}2.100000e+01]], {{\[\[}}4.300000e+01]]]> : tensor<2x1x1xf32>}
  %0 = onnx.MatMul %a, %b : (tensor<2x1x2xf32>, tensor<2x1xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}
