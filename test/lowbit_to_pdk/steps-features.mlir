// Functions of the model's inputs that are lines: one piece of code, which reads
// each function's constants by the element's number as the elements arrive.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @features
// CHECK: %[[NUMBER:.*]] = pdk.cells "number" size 1
// CHECK: pdk.clear_m %[[NUMBER]][0]
// CHECK: pdk.label @[[LOOP:inputs_[0-9]+]]
// CHECK-NEXT: pdk.call_k @features_next_input
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[NUMBER]][0]
// The third one falls: its argument's bits are turned.
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[MASKS:masks_[0-9]+]]
// CHECK-NEXT: pdk.xor_m_a %[[ARGUMENT]][0]
// CHECK: pdk.call_k @{{multiply_[0-9]+}}
// CHECK: pdk.table @[[MASKS]] {{\[}}0, 0, 255]
func.func @features(%0: tensor<3x!lowbit.int<0, 20>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.steps %0 starts [0, 3, 8, 13, 18, 0, 2, 5, 8, 11, 0, 6, 12]
      values [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 2, 1, 0] sizes [5, 5, 3]
      lines [1 x + 2 over 5, 1 x + 1 over 3, -1 x + 17 over 6]
      function [0, 1, 2] {method = "multiply"}
      : tensor<3x!lowbit.int<0, 20>> -> tensor<3x!lowbit.int<0, 4>>
  %2 = lowbit.dense %1 weights dense<[[1, 0, 2], [2, 2, 0]]> : tensor<2x3xi8> of [-1, 0, 1] bias [0, 0] {method = "packed"}
      : tensor<3x!lowbit.int<0, 4>> -> tensor<2x!lowbit.int<-4, 8>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-4, 8>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @by_channel
// Two channels of three elements: the number goes up with each third one.
// CHECK: %[[NUMBER:.*]] = pdk.cells "number" size 1
// CHECK: %[[LEFT:.*]] = pdk.cells "left" size 1
// CHECK: pdk.clear_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[LEFT]][0]
// CHECK: pdk.dzsn_m %[[LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[HAVE:have_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.mov_m_a %[[LEFT]][0]
// CHECK-NEXT: pdk.inc_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.label @[[HAVE]]
func.func @by_channel(%0: tensor<6x!lowbit.int<0, 20>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.steps %0 starts [0, 3, 8, 13, 18, 0, 2, 5, 8, 11]
      values [0, 1, 2, 3, 4, 0, 1, 2, 3, 4] sizes [5, 5]
      lines [1 x + 2 over 5, 1 x + 1 over 3]
      function [0, 0, 0, 1, 1, 1] {method = "multiply"}
      : tensor<6x!lowbit.int<0, 20>> -> tensor<6x!lowbit.int<0, 4>>
  %2 = lowbit.dense %1 weights dense<[[1, 0, 2, 1, 2, 1], [2, 2, 0, 0, 0, 1]]> : tensor<2x6xi8> of [-1, 0, 1] bias [0, 0] {method = "packed"}
      : tensor<6x!lowbit.int<0, 4>> -> tensor<2x!lowbit.int<-24, 24>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-24, 24>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
