// Names of inputs may have commas and signs of equality: of those that an entry
// of the options begins with, the longest is meant.
// RUN: pdkc-opt %s --onnx-to-lowbit="input-range=a,b=0:3,a=0:1,a,b=c=0:7" | FileCheck %s

// CHECK: func.func @model(%{{.*}}: tensor<1x2x!lowbit.int<0, 1>>
// CHECK-SAME: %{{.*}}: tensor<1x2x!lowbit.int<0, 3>>
// CHECK-SAME: %{{.*}}: tensor<1x2x!lowbit.int<0, 7>>
func.func @model(%x: tensor<1x2xi8> {onnx.name = "a"}, %y: tensor<1x2xi8> {onnx.name = "a,b"}, %z: tensor<1x2xi8> {onnx.name = "a,b=c"}) -> tensor<1xi64> {
  %0 = onnx.Concat %x, %y, %z {axis = 1 : i64} : (tensor<1x2xi8>, tensor<1x2xi8>, tensor<1x2xi8>) -> tensor<1x6xi8>
  %1 = onnx.ArgMax %0 {axis = 1 : i64, keepdims = 0 : i64} : (tensor<1x6xi8>) -> tensor<1xi64>
  return %1 : tensor<1xi64>
}
