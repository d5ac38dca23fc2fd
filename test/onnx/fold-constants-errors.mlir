// RUN: pdkc-opt %s --onnx-fold-constants -split-input-file -verify-diagnostics

func.func @untyped(%x: tensor<1x4xf32>) {
  // expected-error @+1 {{has no type yet: run --onnx-infer-types first}}
  %0 = onnx.Relu %x : (tensor<1x4xf32>) -> tensor<*x!onnx.unknown>
  return
}

// -----

func.func @by_zero() -> tensor<2xi32> {
  %a = onnx.Constant {value = dense<1> : tensor<2xi32>} : tensor<2xi32>
  %b = onnx.Constant {value = dense<[1, 0]> : tensor<2xi32>} : tensor<2xi32>
  // expected-error @+1 {{is not defined for element 1 of its operands}}
  %0 = onnx.Div %a, %b : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  return %0 : tensor<2xi32>
}
