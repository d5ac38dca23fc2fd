// ONNX Runtime's kernel rounds mean / scale + zero point, ties to even, other than
// QuantizeLinear, which adds the zero point to what is rounded.
// RUN: pdkc-opt %s --onnx-decompose-qlinear --onnx-infer-types --onnx-fold-constants | FileCheck %s

// 2.5 - 81 = -78.5 and 1.5 - 81 = -79.5; -130 is out of range.
// CHECK-LABEL: func.func @ties
// CHECK: onnx.Constant {value = dense<{{\[\[\[\[}}-78, -80, -128]]]]> : tensor<1x1x1x3xi8>}
func.func @ties() -> tensor<*x!onnx.unknown> {
  %x = onnx.Constant {value = dense<[[[[2, 3, 1, 2, -50, -48]]]]> : tensor<1x1x1x6xi8>} : tensor<1x1x1x6xi8>
  %s = onnx.Constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %xz = onnx.Constant {value = dense<0> : tensor<i8>} : tensor<i8>
  %yz = onnx.Constant {value = dense<-81> : tensor<i8>} : tensor<i8>
  %y = onnx.QLinearAveragePool %x, %s, %xz, %s, %yz {kernel_shape = array<i64: 1, 2>, strides = array<i64: 1, 2>} : (tensor<1x1x1x6xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i8>) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// One window for all: the kernel of QLinearGlobalAveragePool rounds first. 2.5
// becomes 2, and so -79; with a padding it is a window as any other.
// CHECK-LABEL: func.func @global
// CHECK: onnx.Constant {value = dense<-79> : tensor<1x1x1x1xi8>}
func.func @global() -> tensor<*x!onnx.unknown> {
  %x = onnx.Constant {value = dense<[[[[2, 3]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %s = onnx.Constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %xz = onnx.Constant {value = dense<0> : tensor<i8>} : tensor<i8>
  %yz = onnx.Constant {value = dense<-81> : tensor<i8>} : tensor<i8>
  %y = onnx.QLinearAveragePool %x, %s, %xz, %s, %yz {kernel_shape = array<i64: 1, 2>} : (tensor<1x1x1x2xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i8>) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// CHECK-LABEL: func.func @padded
// CHECK: onnx.Constant {value = dense<{{\[\[\[\[}}-79, -78, -78]]]]> : tensor<1x1x1x3xi8>}
func.func @padded() -> tensor<*x!onnx.unknown> {
  %x = onnx.Constant {value = dense<[[[[2, 3]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %s = onnx.Constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %xz = onnx.Constant {value = dense<0> : tensor<i8>} : tensor<i8>
  %yz = onnx.Constant {value = dense<-81> : tensor<i8>} : tensor<i8>
  %y = onnx.QLinearAveragePool %x, %s, %xz, %s, %yz {kernel_shape = array<i64: 1, 2>, pads = array<i64: 0, 1, 0, 1>} : (tensor<1x1x1x2xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i8>) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}

// Without a zero point ties go to even integers.
// CHECK-LABEL: func.func @none
// CHECK: onnx.Constant {value = dense<2> : tensor<1x1x1x2xi8>}
func.func @none() -> tensor<*x!onnx.unknown> {
  %x = onnx.Constant {value = dense<[[[[2, 3, 1, 2]]]]> : tensor<1x1x1x4xi8>} : tensor<1x1x1x4xi8>
  %s = onnx.Constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %xz = onnx.Constant {value = dense<0> : tensor<i8>} : tensor<i8>
  %none = onnx.NoValue : none
  %y = onnx.QLinearAveragePool %x, %s, %xz, %s, %none {kernel_shape = array<i64: 1, 2>, strides = array<i64: 1, 2>} : (tensor<1x1x1x4xi8>, tensor<f32>, tensor<i8>, tensor<f32>, none) -> tensor<*x!onnx.unknown>
  return %y : tensor<*x!onnx.unknown>
}
