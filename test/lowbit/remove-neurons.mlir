// RUN: pdkc-opt %s --split-input-file --lowbit-remove-neurons | FileCheck %s

// The second neuron equals the first, the third is always 7, and nobody reads
// the fourth: one is left, with the sum 1 + 3 of the weights, and 2 * 7 goes
// into the bias.

// CHECK-LABEL: @all
// CHECK: %[[A:.*]] = lowbit.dense %arg0 weights {{.*}} : tensor<1x2xi8> of [1, 2] bias [5]
// CHECK-SAME: -> tensor<1x!lowbit.int
// CHECK: %[[B:.*]] = lowbit.requant %[[A]] clamp 0 to 7
// CHECK: lowbit.dense %[[B]] weights dense<0> : tensor<1x1xi8> of [4] bias [15]
func.func @all(%arg0: tensor<2x!lowbit.int<0, 3>>)
    -> tensor<1x!lowbit.int<-100, 100>> {
  %0 = lowbit.dense %arg0 weights dense<[[1, 2], [1, 2], [0, 0], [2, 1]]>
      : tensor<4x2xi8> of [0, 1, 2] bias [5, 5, 9, 0]
      : tensor<2x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<0, 14>>
  %1 = lowbit.requant %0 clamp 0 to 7
      : tensor<4x!lowbit.int<0, 14>> -> tensor<4x!lowbit.int<0, 7>>
  %2 = lowbit.dense %1 weights dense<[[1, 3, 2, 0]]> : tensor<1x4xi8>
      of [0, 1, 2, 3] bias [1]
      : tensor<4x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<-100, 100>>
  return %2 : tensor<1x!lowbit.int<-100, 100>>
}

// -----

// Equal sums, but other functions: both stay.

// CHECK-LABEL: @functions
// CHECK: lowbit.steps {{.*}} function [0, 1]
// CHECK: tensor<1x2xi8>
func.func @functions(%arg0: tensor<1x!lowbit.int<0, 3>>)
    -> tensor<1x!lowbit.int<0, 2>> {
  %0 = lowbit.dense %arg0 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0]
      : tensor<1x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  %1 = lowbit.steps %0 starts [0, 1, 0, 2] values [0, 1, 0, 1] sizes [2, 2]
      function [0, 1]
      : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 1>>
  %2 = lowbit.dense %1 weights dense<0> : tensor<1x2xi8> of [1] bias [0]
      : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
