// An input of an integer type is handed over as it is.
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit | FileCheck %s

// CHECK-LABEL: func.func @unsigned(%arg0: tensor<1x2x!lowbit.int<0, 255>>
func.func @unsigned(%x: tensor<1x2xui8>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // CHECK-NEXT: lowbit.dense %arg0
  %0 = onnx.Cast %x {to = 1 : i64} : (tensor<1x2xui8>) -> tensor<*x!onnx.unknown>
  %1 = onnx.MatMul %0, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// Integer arithmetic wraps around: 100 + 100 is -56 in 8 bits, so this is no
// longer one shift, and a class is not what an overflow decides.
// CHECK-LABEL: func.func @signed(%arg0: tensor<1x2x!lowbit.int<-128, 127>>
func.func @signed(%x: tensor<1x2xi8>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1, 2], [2, 1]]> : tensor<2x2xi32>} : tensor<2x2xi32>
  %three = onnx.Constant {value = dense<3> : tensor<i32>} : tensor<i32>
  // Division truncates: of -5 / 3 remains -1.
  %low = onnx.Constant {value = dense<0> : tensor<i32>} : tensor<i32>
  %high = onnx.Constant {value = dense<7> : tensor<i32>} : tensor<i32>
  // CHECK: lowbit.dense %arg0
  // CHECK: lowbit.requant %{{.*}} times {{.*}} clamp 0 to 7
  %0 = onnx.Cast %x {to = 6 : i64} : (tensor<1x2xi8>) -> tensor<*x!onnx.unknown>
  %1 = onnx.MatMul %0, %w : (tensor<*x!onnx.unknown>, tensor<2x2xi32>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Div %1, %three : (tensor<*x!onnx.unknown>, tensor<i32>) -> tensor<*x!onnx.unknown>
  %3 = onnx.Clip %2, %low, %high : (tensor<*x!onnx.unknown>, tensor<i32>, tensor<i32>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}
