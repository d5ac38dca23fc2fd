// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit="input-range=-31:31" | FileCheck %s

// A layer with a power of two and floor: the shift is found, not matched.
// CHECK-LABEL: func.func @layers
// CHECK-SAME: %arg0: tensor<1x4x!lowbit.int<-31, 31>>
// CHECK-SAME: -> tensor<1x!lowbit.int<0, 1>>
func.func @layers(%x: tensor<1x4xf32>) -> tensor<*x!onnx.unknown> {
  %w1 = onnx.Constant {value = dense<[[1.0, -2.0], [2.0, 1.0], [-1.0, 2.0], [2.0, -1.0]]> : tensor<4x2xf32>} : tensor<4x2xf32>
  %w2 = onnx.Constant {value = dense<[[1.0, -1.0], [-2.0, 2.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %eighth = onnx.Constant {value_float = 0.125 : f32} : tensor<*x!onnx.unknown>
  %low = onnx.Constant {value_float = 0.0 : f32} : tensor<*x!onnx.unknown>
  %high = onnx.Constant {value_float = 15.0 : f32} : tensor<*x!onnx.unknown>
  // CHECK: %[[S:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}2, 3, 1, 3], [0, 2, 3, 1]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [0, 0] : tensor<1x4x!lowbit.int<-31, 31>> -> tensor<1x2x!lowbit.int<-186, 186>>
  %0 = onnx.MatMul %x, %w1 : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: %[[A:.*]] = lowbit.requant %[[S]] shift 3 clamp 0 to 15
  %1 = onnx.Mul %0, %eighth : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Floor %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Clip %2, %low, %high : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: %[[T:.*]] = lowbit.dense %[[A]]
  // CHECK: lowbit.argmax %[[T]]
  %4 = onnx.MatMul %3, %w2 : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %5 = onnx.ArgMax %4 {axis = 1 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %5 : tensor<*x!onnx.unknown>
}

// The same, written by another exporter: decimal scales, a rounding made of
// Add and Floor, Min and Max for the clip, and a bias beside the sum's grid.
// Floor hides the fraction of the bias, so it is rounded down.
// CHECK-LABEL: func.func @other_shapes
func.func @other_shapes(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w1 = onnx.Constant {value = dense<[[0.1, -0.2], [0.3, 0.1]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %w2 = onnx.Constant {value = dense<[[1.0, -1.0], [-2.0, 2.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %b = onnx.Constant {value_floats = array<f32: 0.05, -0.17>} : tensor<*x!onnx.unknown>
  %step = onnx.Constant {value_float = 0.4 : f32} : tensor<*x!onnx.unknown>
  %half = onnx.Constant {value_float = 0.5 : f32} : tensor<*x!onnx.unknown>
  %low = onnx.Constant {value_float = 0.0 : f32} : tensor<*x!onnx.unknown>
  %high = onnx.Constant {value_float = 7.0 : f32} : tensor<*x!onnx.unknown>
  // expected: (n + 2.5 or n + 0.3) / 4, rounded down
  // CHECK: %[[S:.*]] = lowbit.dense %arg0 {{.*}} of [-2, 1, 3] bias [2, 0]
  // CHECK: lowbit.requant %[[S]] shift 2 clamp 0 to 7
  %none = onnx.NoValue : none
  %0 = onnx.Gemm %x, %w1, %b : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Div %0, %step : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Add %half, %1 : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Floor %2 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.Min %3, %high : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %5 = onnx.Max %4, %low : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %6 = onnx.Mul %5, %step : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %7 = onnx.MatMul %6, %w2 : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  // The first output is no class: its largest element is.
  // CHECK: lowbit.argmax
  return %7 : tensor<*x!onnx.unknown>
}

// Rows whose function falls have their weights turned around.
// CHECK-LABEL: func.func @falling
func.func @falling(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %scale = onnx.Constant {value_floats = array<f32: 0.25, -0.25>} : tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %scale : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Ceil %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Relu %2 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: lowbit.dense %arg0 weights dense<{{\[\[}}2, 3], [0, 1]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [3, 3]
  // CHECK: lowbit.requant %{{.*}} shift 2 clamp 0 to 24
  %4 = onnx.MatMul %3, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// Slices and transpositions pick elements, reshapes pick none.
// CHECK-LABEL: func.func @crop
func.func @crop(%x: tensor<1x4x4xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0], [-1.0, 1.0], [1.0, -2.0]]> : tensor<4x2xf32>} : tensor<4x2xf32>
  // CHECK: %[[C:.*]] = lowbit.select %arg0 [5, 9, 6, 10] : tensor<1x4x4x!lowbit.int<-31, 31>> -> tensor<1x4x!lowbit.int<-31, 31>>
  // CHECK-NEXT: lowbit.dense %[[C]]
  %0 = onnx.Slice %x, %none, %none, %none, %none {starts_attr = array<i64: 1, 1>, ends_attr = array<i64: -1, 3>, axes_attr = array<i64: 1, 2>} : (tensor<1x4x4xf32>, none, none, none, none) -> tensor<*x!onnx.unknown>
  %1 = onnx.Transpose %0 {perm = array<i64: 0, 2, 1>} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Flatten %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.MatMul %2, %w : (tensor<*x!onnx.unknown>, tensor<4x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: lowbit.argmax
  return %3 : tensor<*x!onnx.unknown>
}

// Two layers without anything in between stay two layers; their scales meet.
// CHECK-LABEL: func.func @linear
func.func @linear(%x: tensor<2xf32>) -> tensor<*x!onnx.unknown> {
  %w1 = onnx.Constant {value = dense<[[0.5, 1.0], [-0.5, 1.5]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %b1 = onnx.Constant {value_floats = array<f32: 0.3, 0.0>} : tensor<*x!onnx.unknown>
  %w2 = onnx.Constant {value = dense<[[1.0, 2.0], [3.0, -1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // CHECK: %[[A:.*]] = lowbit.dense %arg0 {{.*}} of [-1, 1, 2, 3] bias [0, 0]
  %0 = onnx.MatMul %x, %w1 : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Add %0, %b1 : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // The offsets 0.3 and 0.6 come out as 0.6 and 1.2 steps of 0.5: of two sums
  // that are equal on the grid the first is larger, and wins as the lower row.
  // CHECK: %[[B:.*]] = lowbit.dense %[[A]] {{.*}} of [-1, 1, 2, 3] bias [0, 1]
  %2 = onnx.MatMul %1, %w2 : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: lowbit.argmax %[[B]]
  return %2 : tensor<*x!onnx.unknown>
}

// Where the first row is preferred at ties it wins without help.
// CHECK-LABEL: func.func @fractions
func.func @fractions(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %b = onnx.Constant {value_floats = array<f32: 0.75, 7.25>} : tensor<*x!onnx.unknown>
  // CHECK: lowbit.dense %arg0 {{.*}} of [1, 2] bias [0, 7]
  // CHECK: lowbit.argmax
  %0 = onnx.Gemm %x, %w, %b : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// Behind a Relu the first of several that are 0 is taken: a zero before the others
// wins over all that are not above it, and has the first one's number.
// CHECK-LABEL: func.func @rectified
func.func @rectified(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %b = onnx.Constant {value_floats = array<f32: 0.1, 3.3>} : tensor<*x!onnx.unknown>
  // The first row is above 0 where its sum is 0, but not above the second.
  // CHECK: %[[S:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}0, 0], [1, 2], [2, 1]]> : tensor<3x2xi8> of [0, 1, 2] bias [{{.*}}]
  // CHECK: %[[C:.*]] = lowbit.argmax
  // CHECK: lowbit.requant %[[C]] plus -1 clamp 0 to 1
  %0 = onnx.Gemm %x, %w, %b : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Relu %0 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// Not all rows can be preferred to those behind them: two ranks decide.
// CHECK-LABEL: func.func @ranks
func.func @ranks(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0, 1.0], [2.0, 1.0, -1.0]]> : tensor<2x3xf32>} : tensor<2x3xf32>
  %b = onnx.Constant {value_floats = array<f32: 0.0, 0.25, 0.5>} : tensor<*x!onnx.unknown>
  // CHECK: lowbit.dense %arg0 {{.*}} of [-1, 1, 2] bias [0, 0, 0]
  // CHECK: lowbit.scale {{.*}} times [2, 2, 2] plus [-1, 0, 1]
  // CHECK: lowbit.argmax
  %0 = onnx.Gemm %x, %w, %b : (tensor<1x2xf32>, tensor<2x3xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// Channels of different scales are compared on a common one.
// CHECK-LABEL: func.func @channels
func.func @channels(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, -1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %scale = onnx.Constant {value_floats = array<f32: 0.5, -0.75>} : tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %scale : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: lowbit.dense %arg0 weights dense<{{\[\[}}1, 2], [2, 0]]> : tensor<2x2xi8> of [-1, 1, 2] bias [0, 0]
  // CHECK: lowbit.scale {{.*}} times [2, -3] plus [0, 0]
  // CHECK: lowbit.argmax
  return %1 : tensor<*x!onnx.unknown>
}

// The last of equal ones is the first of the reversed row.
// CHECK-LABEL: func.func @last
func.func @last(%x: tensor<1x3xf32>) -> tensor<*x!onnx.unknown> {
  // CHECK: %[[R:.*]] = lowbit.select %arg0 [2, 1, 0]
  // CHECK: %[[A:.*]] = lowbit.argmax %[[R]]
  // CHECK: lowbit.requant %[[A]] times -1 plus 2 clamp 0 to 2
  %0 = onnx.ArgMax %x {axis = 1 : i64, select_last_index = 1 : i64} : (tensor<1x3xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// A class may be cast and reshaped before it is put out.
// CHECK-LABEL: func.func @class
// CHECK-SAME: -> tensor<1x!lowbit.int<0, 2>>
func.func @class(%x: tensor<1x3xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  // CHECK: %[[A:.*]] = lowbit.argmax %arg0
  // CHECK-NEXT: return %[[A]]
  %0 = onnx.ArgMax %x {axis = 1 : i64} : (tensor<1x3xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Cast %0 {to = 6 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Squeeze %1, %none : (tensor<*x!onnx.unknown>, none) -> tensor<*x!onnx.unknown>
  return %2 : tensor<*x!onnx.unknown>
}

// One real value: class 1 where it is above 0.
// CHECK-LABEL: func.func @sign
// CHECK-SAME: -> tensor<1x!lowbit.int<0, 1>>
func.func @sign(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %b = onnx.Constant {value_float = -3.5 : f32} : tensor<*x!onnx.unknown>
  // CHECK: %[[S:.*]] = lowbit.dense %arg0 {{.*}} of [1, 2] bias [-3]
  // CHECK: lowbit.requant %[[S]] clamp 0 to 1
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Add %0, %b : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// What is lowered already stays.
// CHECK-LABEL: func.func @lowered(%arg0: tensor<2x!lowbit.int<0, 3>>)
func.func @lowered(%x: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %0 = lowbit.argmax %x : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return %0 : tensor<1x!lowbit.int<0, 1>>
}

// Ties go to the even number, so 1 begins at 0.75, 2 at 1.5, 3 at 2.75, 4 at
// 3.5: with the half as bias, a shift of that kind.
// CHECK-LABEL: func.func @ties
func.func @ties(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %quarter = onnx.Constant {value_float = 0.25 : f32} : tensor<*x!onnx.unknown>
  %low = onnx.Constant {value_float = 0.0 : f32} : tensor<*x!onnx.unknown>
  %high = onnx.Constant {value_float = 4.0 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %quarter : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Round %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: %[[S:.*]] = lowbit.dense {{.*}} bias [2, 2]
  // CHECK: lowbit.requant %[[S]] shift 2 ties even clamp 0 to 4
  %3 = onnx.Clip %2, %low, %high : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.MatMul %3, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// Codes with an odd zero point: what was even is odd. 7 * 4 + 2 is in the bias.
// CHECK-LABEL: func.func @odd_ties
func.func @odd_ties(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %four = onnx.Constant {value_float = 4.0 : f32} : tensor<*x!onnx.unknown>
  %zero = onnx.Constant {value = dense<7> : tensor<ui8>} : tensor<ui8>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: %[[S:.*]] = lowbit.dense {{.*}} bias [30, 30]
  // CHECK: lowbit.requant %[[S]] shift 2 ties odd clamp 0 to 15
  %1 = onnx.QuantizeLinear %0, %four, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<ui8>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Cast %1 {to = 1 : i64} : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.MatMul %2, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}

// Steps that no shift has: the square root.
// CHECK-LABEL: func.func @steps
func.func @steps(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %low = onnx.Constant {value_float = 0.0 : f32} : tensor<*x!onnx.unknown>
  %high = onnx.Constant {value_float = 25.0 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Clip %0, %low, %high : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Sqrt %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // CHECK: lowbit.steps {{.*}} starts [-31, 1, 4, 9, 16, 25] values [0, 1, 2, 3, 4, 5] sizes [6]
  %3 = onnx.Floor %2 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.MatMul %3, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// A residual sum is a sum over the terms of both.
// CHECK-LABEL: func.func @residual
func.func @residual(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 3.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: lowbit.dense %arg0 weights dense<{{\[\[}}0, 0], [0, 1]]> : tensor<2x2xi8> of [2, 4] bias [0, 0]
  %1 = onnx.Add %0, %x : (tensor<*x!onnx.unknown>, tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}
