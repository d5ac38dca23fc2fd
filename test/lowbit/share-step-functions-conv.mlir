// RUN: pdkc-opt %s --lowbit-share-step-functions | FileCheck %s

// The channels' biases move their sums so that both functions begin at 0, and
// are one.
// CHECK-LABEL: func.func @shared
// CHECK: lowbit.conv {{.*}} bias [-4, -5]
// CHECK: lowbit.steps {{.*}} starts [-1, 0, 4] values [0, 1, 2] sizes [3] :
func.func @shared(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<4x!lowbit.int<0, 2>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[0, 0]], [[0, 0]]]> : tensor<2x1x2xi8> of [1] bias [0, 7] strides [1] pads [0, 0] dilations [1] : tensor<3x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 37>>
  %2 = lowbit.steps %1 starts [0, 4, 8, 0, 12, 16] values [0, 1, 2, 0, 1, 2] sizes [3, 3] function [0, 0, 1, 1] : tensor<4x!lowbit.int<0, 37>> -> tensor<4x!lowbit.int<0, 2>>
  return %2 : tensor<4x!lowbit.int<0, 2>>
}

// Functions that differ within a channel leave it as it is.
// CHECK-LABEL: func.func @mixed
// CHECK: lowbit.conv {{.*}} bias [0]
func.func @mixed(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 2>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[0, 0]]]> : tensor<1x1x2xi8> of [1] bias [0] strides [1] pads [0, 0] dilations [1] : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 30>>
  %2 = lowbit.steps %1 starts [0, 4, 8, 0, 12, 16] values [0, 1, 2, 0, 1, 2] sizes [3, 3] function [0, 1] : tensor<2x!lowbit.int<0, 30>> -> tensor<2x!lowbit.int<0, 2>>
  return %2 : tensor<2x!lowbit.int<0, 2>>
}
