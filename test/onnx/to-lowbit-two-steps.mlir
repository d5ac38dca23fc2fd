// Two quantisers, one behind the other: one function of the sum where it is a line;
// else a function for each, so that the first can be a product and the second, of
// a byte, a shift or a table. Methods may compute both as one.
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit="input-range=-128:127" | FileCheck %s

// Codes of a third of the sum, then those times 1.5, rounded. Of up to 638 a third
// is 341 / 1024, which is off by less than the 1 / 3 that lies between the values
// and the ties.
// CHECK-LABEL: func.func @many
// CHECK: %[[S:.*]] = lowbit.dense
// CHECK-NEXT: %[[A:.*]] = lowbit.requant %[[S]] times 341 plus 468 shift 10 clamp -128 to 127
// CHECK-NEXT: %[[B:.*]] = lowbit.requant %[[A]] times 3 plus 1 shift 1 ties even clamp -128 to 127
// CHECK-NEXT: lowbit.argmax %[[B]]
func.func @many(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[3.0, -2.0], [1.0, 3.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %third = onnx.Constant {value_float = 3.0 : f32} : tensor<*x!onnx.unknown>
  %other = onnx.Constant {value_float = 2.0 : f32} : tensor<*x!onnx.unknown>
  %zero = onnx.Constant {value = dense<0> : tensor<i8>} : tensor<i8>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.QuantizeLinear %0, %third, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i8>) -> tensor<*x!onnx.unknown>
  %2 = onnx.DequantizeLinear %1, %third, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i8>) -> tensor<*x!onnx.unknown>
  %3 = onnx.QuantizeLinear %2, %other, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i8>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}

// Of the same scale: the second one changes nothing.
// CHECK-LABEL: func.func @same
// CHECK: lowbit.dense
// CHECK-NEXT: %[[A:.*]] = lowbit.steps
// CHECK-NEXT: lowbit.argmax %[[A]]
func.func @same(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[3.0, -2.0], [1.0, 3.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %third = onnx.Constant {value_float = 60.0 : f32} : tensor<*x!onnx.unknown>
  %other = onnx.Constant {value_float = 60.0 : f32} : tensor<*x!onnx.unknown>
  %zero = onnx.Constant {value = dense<0> : tensor<i8>} : tensor<i8>
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  %1 = onnx.QuantizeLinear %0, %third, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i8>) -> tensor<*x!onnx.unknown>
  %2 = onnx.DequantizeLinear %1, %third, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i8>) -> tensor<*x!onnx.unknown>
  %3 = onnx.QuantizeLinear %2, %other, %zero : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<i8>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}
