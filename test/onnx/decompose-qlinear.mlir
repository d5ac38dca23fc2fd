// RUN: pdkc-opt %s --onnx-decompose-qlinear -split-input-file -verify-diagnostics | FileCheck %s

// Sums are those of integers; one factor and a quantiser follow.
// CHECK-LABEL: func.func @matmul
func.func @matmul(%x: tensor<1x4xui8>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<3> : tensor<ui8>} : tensor<ui8>
  %w = onnx.Constant {value = dense<1> : tensor<4x2xi8>} : tensor<4x2xi8>
  %ws = onnx.Constant {value = dense<0.25> : tensor<2xf32>} : tensor<2xf32>
  %wz = onnx.Constant {value = dense<0> : tensor<2xi8>} : tensor<2xi8>
  // CHECK: %[[S:.*]] = onnx.Constant {value = dense<5.000000e-01>
  // CHECK: %[[WS:.*]] = onnx.Constant {value = dense<2.500000e-01>
  // CHECK: %[[X:.*]] = onnx.Cast %arg0 {to = 6 : i64}
  // CHECK: %[[XI:.*]] = onnx.Sub %[[X]],
  // CHECK: %[[SUMS:.*]] = onnx.MatMul %[[XI]],
  // CHECK: %[[SCALE:.*]] = onnx.Mul %[[S]], %[[WS]]
  // CHECK: %[[FLOATS:.*]] = onnx.Cast %[[SUMS]] {to = 1 : i64}
  // CHECK: %[[FACTOR:.*]] = onnx.Div %[[SCALE]], %[[S]]
  // CHECK: %[[PRODUCT:.*]] = onnx.Mul %[[FLOATS]], %[[FACTOR]]
  // CHECK: %[[ONE:.*]] = onnx.Constant {value_float = 1.000000e+00 : f32}
  // CHECK: %[[Y:.*]] = onnx.QuantizeLinear %[[PRODUCT]], %[[ONE]],
  // CHECK: return %[[Y]]
  %y = onnx.QLinearMatMul %x, %s, %z, %w, %ws, %wz, %s, %z : (tensor<1x4xui8>, tensor<f32>, tensor<ui8>, tensor<4x2xi8>, tensor<2xf32>, tensor<2xi8>, tensor<f32>, tensor<ui8>) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// -----

// Scales and zero points by channel line up with the channels.
// CHECK-LABEL: func.func @conv
func.func @conv(%x: tensor<1x1x4x4xui8>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<3> : tensor<ui8>} : tensor<ui8>
  %w = onnx.Constant {value = dense<1> : tensor<2x1x3x3xi8>} : tensor<2x1x3x3xi8>
  %ws = onnx.Constant {value = dense<[0.25, 0.5]> : tensor<2xf32>} : tensor<2xf32>
  %wz = onnx.Constant {value = dense<[0, 1]> : tensor<2xi8>} : tensor<2xi8>
  %none = onnx.NoValue : none
  // CHECK: onnx.Unsqueeze {{.*}} {axes_attr = array<i64: 1, 2, 3>} : (tensor<2xi8>, none)
  // CHECK: onnx.Conv {{.*}} {pads = array<i64: 1, 1, 1, 1>}
  // CHECK: onnx.Unsqueeze {{.*}} {axes_attr = array<i64: 1, 2>} : (tensor<2xf32>, none)
  %y = onnx.QLinearConv %x, %s, %z, %w, %ws, %wz, %s, %z, %none {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x1x4x4xui8>, tensor<f32>, tensor<ui8>, tensor<2x1x3x3xi8>, tensor<2xf32>, tensor<2xi8>, tensor<f32>, tensor<ui8>, none) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: func.func @sigmoid
func.func @sigmoid(%x: tensor<1x4xui8>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<3> : tensor<ui8>} : tensor<ui8>
  // CHECK: %[[X:.*]] = onnx.DequantizeLinear %arg0,
  // CHECK: %[[Y:.*]] = onnx.Sigmoid %[[X]]
  // CHECK: onnx.QuantizeLinear %[[Y]],
  %y = onnx.QLinearSigmoid %x, %s, %z, %s, %z : (tensor<1x4xui8>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// -----

// CHECK-LABEL: func.func @softmax
func.func @softmax(%x: tensor<1x4xui8>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<3> : tensor<ui8>} : tensor<ui8>
  // CHECK: %[[X:.*]] = onnx.DequantizeLinear %arg0,
  // CHECK: %[[Y:.*]] = onnx.Softmax %[[X]] {axis = 1 : i64}
  // CHECK: onnx.QuantizeLinear %[[Y]],
  %y = onnx.QLinearSoftmax %x, %s, %z, %s, %z {axis = 1 : i64, opset = 13 : i64} : (tensor<1x4xui8>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// -----

func.func @channels_last(%x: tensor<1x4x4x1xui8>) {
  %s = onnx.Constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<3> : tensor<ui8>} : tensor<ui8>
  // expected-error @+1 {{with channels_last is not supported: export the model with channels first}}
  %y = onnx.QLinearGlobalAveragePool %x, %s, %z, %s, %z {channels_last = 1 : i64} : (tensor<1x4x4x1xui8>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*x!onnx.unknown>
  return
}
