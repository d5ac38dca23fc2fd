// What the printer prints, the parser reads.
// RUN: pdkc-opt %s | pdkc-opt | FileCheck %s

// CHECK-LABEL: func.func @nodes
func.func @nodes(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>) {
  // CHECK: %[[NONE:.*]] = onnx.NoValue : none
  %none = onnx.NoValue : none
  // CHECK: onnx.Constant {value = dense<[1, 4]> : tensor<2xi64>} : tensor<2xi64>
  %shape = onnx.Constant {value = dense<[1, 4]> : tensor<2xi64>} : tensor<2xi64>
  // CHECK: onnx.Constant {value_float = 5.000000e-01 : f32} : tensor<f32>
  %half = onnx.Constant {value_float = 0.5 : f32} : tensor<f32>
  // CHECK: onnx.MatMul %{{.*}}, %{{.*}} : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<*x!onnx.unknown>
  %0 = onnx.MatMul %x, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<*x!onnx.unknown>
  // CHECK: onnx.Gemm %{{.*}}, %{{.*}}, %[[NONE]] {alpha = 5.000000e-01 : f32, transB = 1 : i64}
  %1 = onnx.Gemm %x, %x, %none {alpha = 0.5 : f32, transB = 1 : i64} : (tensor<1x4xf32>, tensor<1x4xf32>, none) -> tensor<1x1xf32>
  // CHECK: onnx.Clip %{{.*}}, %[[NONE]], %{{.*}} : (tensor<1x4xf32>, none, tensor<f32>) -> tensor<1x4xf32>
  %2 = onnx.Clip %x, %none, %half : (tensor<1x4xf32>, none, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: onnx.Min %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x4xf32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %3 = onnx.Min %x, %half, %half : (tensor<1x4xf32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return
}
