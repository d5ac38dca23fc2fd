// RUN: pdkc-opt %s --split-input-file --onnx-choose-outputs --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit="input-range=0:15" --cse | FileCheck %s

// The smallest of open sums: the largest of negated ones.
// CHECK-LABEL: func.func @reduce_min
func.func @reduce_min(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, -2.0, 3.0, 0.0], [2.0, 1.0, -1.0, 3.0]]> : tensor<2x4xf32>} : tensor<2x4xf32>
  %v = onnx.Constant {value = dense<[[1.0, -1.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %shape = onnx.Constant {value = dense<[2, 2]> : tensor<2xi64>} : tensor<2xi64>
  %row = onnx.Constant {value = dense<[1, 2]> : tensor<2xi64>} : tensor<2xi64>
  // CHECK: lowbit.dense %arg0 weights dense<{{\[\[}}2, 1], [5, 2], [0, 4], [3, 0]]> : tensor<4x2xi8> of [-3, -2, -1, 0, 1, 2]
  // CHECK: lowbit.maxpool
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x4xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Reshape %0, %shape : (tensor<*x!onnx.unknown>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  %none = onnx.NoValue : none
  %2 = onnx.ReduceMin %1, %none {axes_attr = array<i64: 1>, keepdims = 0 : i64} : (tensor<*x!onnx.unknown>, none) -> tensor<*x!onnx.unknown>
  %3 = onnx.Reshape %2, %row : (tensor<*x!onnx.unknown>, tensor<2xi64>) -> tensor<*x!onnx.unknown>
  %4 = onnx.MatMul %3, %v : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// -----

// The bound is one more element, which wins if all others are below it.
// CHECK-LABEL: func.func @bound
// CHECK-SAME: lowbit.classes_beside_none = 2
func.func @bound(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK: %[[S:.*]] = lowbit.dense %arg0 {{.*}} bias [0, 0, 8]
  // CHECK: %[[N:.*]] = lowbit.argmax %[[S]]
  // CHECK: lowbit.steps %[[N]]
  // CHECK-NOT: lowbit.maxpool
  %w = onnx.Constant {value = dense<[[1.0, -2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %bound = onnx.Constant {value_float = 7.5 : f32} : tensor<*x!onnx.unknown>
  %minus = onnx.Constant {value = dense<-1> : tensor<i64>} : tensor<i64>
  %none = onnx.NoValue : none
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.ArgMax %0 {axis = 1 : i64, keepdims = 0 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.ReduceMax %0, %none {axes_attr = array<i64: 1>, keepdims = 0 : i64} : (tensor<*x!onnx.unknown>, none) -> tensor<*x!onnx.unknown>
  %3 = onnx.Greater %2, %bound : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.Where %3, %1, %minus : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i64>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// -----

// What no wanted output reads is gone, whatever it would be.
// CHECK-LABEL: func.func @unread
// CHECK-SAME: -> tensor<1x!lowbit.int<0, 1>>
// CHECK-NOT: onnx
func.func @unread(%x: tensor<1x2xf32>) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) {
  %0 = onnx.ArgMin %x {axis = 1 : i64} : (tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.MatMul %x, %x : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  return %0, %1 : tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>
}
