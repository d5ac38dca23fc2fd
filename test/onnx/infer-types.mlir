// RUN: pdkc-opt %s --onnx-infer-types | FileCheck %s

// CHECK-LABEL: func.func @network(%arg0: tensor<1x8x8xf32>) -> tensor<1xi64>
func.func @network(%x: tensor<1x8x8xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  %starts = onnx.Constant {value = dense<[2, 2]> : tensor<2xi64>} : tensor<2xi64>
  %ends = onnx.Constant {value = dense<[-2, 9223372036854775807]> : tensor<2xi64>} : tensor<2xi64>
  %axes = onnx.Constant {value = dense<[-1, 1]> : tensor<2xi64>} : tensor<2xi64>
  %w = onnx.Constant {value = dense<1.0> : tensor<24x10xf32>} : tensor<24x10xf32>
  // CHECK: onnx.Slice {{.*}} -> tensor<1x6x4xf32>
  %0 = onnx.Slice %x, %starts, %ends, %axes, %none : (tensor<1x8x8xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, none) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Flatten {{.*}} -> tensor<1x24xf32>
  %1 = onnx.Flatten %0 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.MatMul {{.*}} -> tensor<1x10xf32>
  %2 = onnx.MatMul %1, %w : (tensor<*x!onnx.unknown>, tensor<24x10xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.ArgMax {{.*}} -> tensor<1xi64>
  %3 = onnx.ArgMax %2 {axis = 1 : i64, keepdims = 0 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}

// CHECK-LABEL: func.func @shapes
func.func @shapes(%x: tensor<2x3x1x4xf32>) {
  %none = onnx.NoValue : none
  %ones = onnx.Constant {value_ints = array<i64: 0, -1>} : tensor<*x!onnx.unknown>
  %wanted = onnx.Constant {value_ints = array<i64: 0, -1, 2>} : tensor<*x!onnx.unknown>
  // CHECK: onnx.Transpose {{.*}} -> tensor<4x1x3x2xf32>
  %0 = onnx.Transpose %x : (tensor<2x3x1x4xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Transpose {{.*}} -> tensor<2x1x4x3xf32>
  %1 = onnx.Transpose %x {perm = array<i64: 0, 2, 3, 1>} : (tensor<2x3x1x4xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Reshape {{.*}} -> tensor<2x6x2xf32>
  %2 = onnx.Reshape %x, %wanted : (tensor<2x3x1x4xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Squeeze {{.*}} -> tensor<2x3x4xf32>
  %3 = onnx.Squeeze %x, %none : (tensor<2x3x1x4xf32>, none) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Unsqueeze {{.*}} -> tensor<1x2x3x1x4x1xf32>
  %4 = onnx.Unsqueeze %x, %ones : (tensor<2x3x1x4xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Slice {{.*}} -> tensor<2x2x1x4xf32>
  %5 = onnx.Slice %x, %none, %none, %none, %none {starts_attr = array<i64: 0, -2>, ends_attr = array<i64: 9, 9>} : (tensor<2x3x1x4xf32>, none, none, none, none) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Cast {{.*}} -> tensor<2x3x1x4xi64>
  %6 = onnx.Cast %x {to = 7 : i64} : (tensor<2x3x1x4xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.ArgMax {{.*}} -> tensor<2x3x1x1xi64>
  %7 = onnx.ArgMax %x {axis = -1 : i64} : (tensor<2x3x1x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// Broadcasting goes both ways; a shape may come out of arithmetic.
// CHECK-LABEL: func.func @computed
func.func @computed(%x: tensor<3x1xf32>, %y: tensor<4xf32>) {
  %one = onnx.Constant {value_ints = array<i64: 1, 1>} : tensor<*x!onnx.unknown>
  %three = onnx.Constant {value_int = 3 : i64} : tensor<*x!onnx.unknown>
  // CHECK: onnx.Add {{.*}} -> tensor<3x4xf32>
  %0 = onnx.Add %x, %y : (tensor<3x1xf32>, tensor<4xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Mul {{.*}} -> tensor<2xi64>
  %shape = onnx.Mul %one, %three : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %neg = onnx.Neg %one : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %all = onnx.Max %neg, %neg : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Slice {{.*}} -> tensor<1xi64>
  %none = onnx.NoValue : none
  %zero = onnx.Constant {value_ints = array<i64: 0>} : tensor<*x!onnx.unknown>
  %first = onnx.Constant {value_ints = array<i64: 1>} : tensor<*x!onnx.unknown>
  %last = onnx.Slice %all, %zero, %first, %none, %none : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, none, none) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Reshape {{.*}} -> tensor<12xf32>
  %1 = onnx.Reshape %0, %last : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.MatMul {{.*}} -> tensor<f32>
  %2 = onnx.MatMul %y, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<*x!onnx.unknown>
  return
}
