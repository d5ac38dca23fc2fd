// RUN: %python -c "import sys; sys.stdout.buffer.write(bytes([1, 2, 0, 0]))" > %t.u8
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-calibrate="samples=%t.u8 input-range=0:255" -split-input-file -verify-diagnostics

func.func @undefined(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  %0 = onnx.ReduceMax %x, %none : (tensor<1x2xf32>, none) -> tensor<*x!onnx.unknown>
  // expected-error @below {{is an infinity or a NaN}}
  // expected-note @below {{in calibration sample 1}}
  %1 = onnx.Div %x, %0 : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// -----

func.func @not_evaluated(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %none = onnx.NoValue : none
  %0 = onnx.ReduceMax %x, %none : (tensor<1x2xf32>, none) -> tensor<*x!onnx.unknown>
  %1 = onnx.Mul %x, %0 : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  // expected-error @below {{cannot be evaluated on samples}}
  %2:2 = onnx.TopK %1, %none {k = 1 : i64} : (tensor<*x!onnx.unknown>, none) -> (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>)
  return %2#1 : tensor<*x!onnx.unknown>
}

// -----

// expected-remark @below {{has no scale that depends on the input: there is nothing to calibrate}}
func.func @static(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %0 = onnx.Relu %x : (tensor<1x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}
