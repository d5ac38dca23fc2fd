// RUN: pdkc-opt %s -split-input-file -verify-diagnostics

func.func @no_value() {
  // expected-error @+1 {{needs one value, has 0}}
  %0 = onnx.Constant : tensor<f32>
  return
}

// -----

func.func @two_values() {
  // expected-error @+1 {{needs one value, has 2}}
  %0 = onnx.Constant {value_float = 1.0 : f32, value_int = 1 : i64} : tensor<f32>
  return
}

// -----

func.func @sparse_value() {
  // expected-error @+1 {{needs a dense value}}
  %0 = onnx.Constant {value = sparse<[[0]], [1.0]> : tensor<2xf32>} : tensor<2xf32>
  return
}

// -----

func.func @missing_operand(%x: tensor<1x4xf32>, %none: none) {
  // expected-error @+1 {{operand #1 must be tensor}}
  %0 = onnx.MatMul %x, %none : (tensor<1x4xf32>, none) -> tensor<*x!onnx.unknown>
  return
}
