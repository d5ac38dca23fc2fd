// RUN: pdkc-opt %s --split-input-file --verify-diagnostics --onnx-check-batch

// expected-error @+1 {{model's input has a batch of 4, and its rows do not meet; one inference is one row: export the model with a batch of 1}}
func.func @rows(%x: tensor<4x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, -2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.MatMul %x, %w : (tensor<4x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Relu %0 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// -----

// Rows that meet are no batch.
func.func @meets(%x: tensor<4x2xf32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.Flatten %x {axis = 0 : i64} : (tensor<4x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// -----

// Rows that are treated differently are none either.
func.func @unlike(%x: tensor<2x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, -2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = onnx.Mul %x, %w : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}
