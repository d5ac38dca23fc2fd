// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit -split-input-file -verify-diagnostics

func.func @off_grid(%x: tensor<1x3xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0], [1.0, 0.70710678]]> : tensor<3x2xf32>} : tensor<3x2xf32>
  // expected-error @+1 {{weights are on no integer grid: in row 1 of the result, weight 2 of 0.707106769 is no multiple of a common step}}
  %0 = onnx.MatMul %x, %w : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// Weights on a grid of their own in each block, activations in float.
func.func @float_activations(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [0.70710678, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // expected-error @+1 {{weights are on no integer grid: in row 0 of the result, weight 1 of 0.707106769 is no multiple of a common step; quantise weights and activations before the export (weights to at most 255 steps each way); activations are float: quantise them too, no quantiser stands before MatMul}}
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Relu %0 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.MatMul %1, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %2 : tensor<*x!onnx.unknown>
}

// -----

// 1 and 1 + 2^-23 are the same weight.
func.func @snapped(%x: tensor<1x3xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, -1.0], [1.00000012, 0.0], [1.0, 1.0]]> : tensor<3x2xf32>} : tensor<3x2xf32>
  // expected-remark @+1 {{takes weights within a rounding error of their grid for the grid's own}}
  %0 = onnx.MatMul %x, %w : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @nan(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{constant holds a NaN}}
  %w = onnx.Constant {value = dense<[[1.0, 0x7FC00000], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @infinity(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{constant holds an infinity}}
  %w = onnx.Constant {value = dense<[[1.0, 0x7F800000], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @infinite_factor(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %inf = onnx.Constant {value_float = 0x7F800000 : f32} : tensor<f32>
  // A bound may be infinite, a factor may not.
  %0 = onnx.Min %x, %inf : (tensor<1x2xf32>, tensor<f32>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{computes with an infinity}}
  %1 = onnx.Mul %0, %inf : (tensor<*x!onnx.unknown>, tensor<f32>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// -----

func.func @too_wide(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w1 = onnx.Constant {value = dense<[[3.0e4, 1.0], [1.0, 3.0e4]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.MatMul %x, %w1 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.MatMul %0, %w1 : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{more than 40 bits hold}}
  %2 = onnx.MatMul %1, %w1 : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %2 : tensor<*x!onnx.unknown>
}

// -----

// A Sigmoid to 16 bits has more values than a table, and is no line.
func.func @too_fine(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[30.0, 1.0], [1.0, 30.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %s = onnx.Constant {value = dense<1.0e-3> : tensor<f32>} : tensor<f32>
  %q = onnx.Constant {value = dense<1.6e-5> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<0> : tensor<ui16>} : tensor<ui16>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %s : (tensor<*x!onnx.unknown>, tensor<f32>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Sigmoid %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.QuantizeLinear %2, %q, %z : (tensor<*x!onnx.unknown>, tensor<f32>, tensor<ui16>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{takes more than 4096 values, which no device's table holds, and is no straight line between a rounding and a clip; quantise it to fewer bits}}
  %4 = onnx.DequantizeLinear %3, %q, %z : (tensor<*x!onnx.unknown>, tensor<f32>, tensor<ui16>) -> tensor<*x!onnx.unknown>
  %5 = onnx.MatMul %4, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %5 : tensor<*x!onnx.unknown>
}

// -----

func.func @no_quantiser(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %pi = onnx.Constant {value_float = 3.14159274 : f32} : tensor<*x!onnx.unknown>
  %e = onnx.Constant {value_float = 2.71828e-10 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %0, %pi : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Floor %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{has values on no integer grid}}
  %3 = onnx.Max %2, %e : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %4 = onnx.MatMul %3, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %4 : tensor<*x!onnx.unknown>
}

// -----

func.func @two_values(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{combines 2 values that depend on the model's input}}
  %1 = onnx.Mul %0, %x : (tensor<*x!onnx.unknown>, tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// -----

func.func @product(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.Transpose %x : (tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  // expected-error @+1 {{multiplies two tensors that both depend on the model's input}}
  %1 = onnx.MatMul %x, %0 : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// -----

func.func @addend(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // expected-error @+1 {{adds a tensor that depends on the model's input}}
  %0 = onnx.Gemm %x, %w, %x : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @batch(%x: tensor<3x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // expected-error @+1 {{multiplies several vectors, of shape [3, 2]; one at a time is supported}}
  %0 = onnx.MatMul %x, %w : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @decisions(%x: tensor<3x2xf32>) -> tensor<*x!onnx.unknown> {
  // expected-error @+1 {{decides along dimension 1 of a tensor of shape [3, 2]; only one decision at a time is supported}}
  %0 = onnx.ArgMax %x {axis = 1 : i64} : (tensor<3x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

func.func @constant(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // expected-error @+1 {{does not depend on the model's input}}
  %w = onnx.Constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  return %w : tensor<1x2xf32>
}

// -----

func.func @division(%x: tensor<1x2xi8>) -> tensor<*x!onnx.unknown> {
  %one = onnx.Constant {value = dense<1> : tensor<i8>} : tensor<i8>
  // expected-error @+1 {{is not defined where its input's integer is 0}}
  %0 = onnx.Div %one, %x : (tensor<i8>, tensor<1x2xi8>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// expected-error @+1 {{model's input is of type 'i32', which 16 bits do not hold: give the range that it really has with input-range}}
func.func @wide_input(%x: tensor<1x2xi32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.ArgMax %x {axis = 1 : i64} : (tensor<1x2xi32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}
