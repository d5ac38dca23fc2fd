// A function that is one line below 13 and another one from there on: from 3 to
// 12 it rises by 1 every 5, above by 1 each. And one of a table, which is
// halved.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @bent
// CHECK: pdk.routine @{{function_[0-9]+}} {
// CHECK: pdk.sub_m_a %[[ARGUMENT:.*]][0]
// CHECK: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK: pdk.ret
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK: pdk.add_m_a %[[ARGUMENT]][0]
// CHECK: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 0
// CHECK: pdk.call_k @[[MULTIPLY]]
func.func @bent(%0: tensor<1x!lowbit.int<0, 20>>) -> tensor<1x!lowbit.int<0, 9>> {
  %1 = lowbit.steps %0 starts [0, 3, 8, 13, 14, 15, 16, 17, 18, 19]
      values [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] sizes [10] {method = "multiply-bent"}
      : tensor<1x!lowbit.int<0, 20>> -> tensor<1x!lowbit.int<0, 9>>
  return %1 : tensor<1x!lowbit.int<0, 9>>
}

// -----

// CHECK-LABEL: pdk.program @halved
// Of eight pieces, by steps of 4, 2, 1, the last whose start, less one, is below
// the argument.
// CHECK: pdk.routine @{{function_[0-9]+}} {
// CHECK-NEXT: pdk.clear_m %[[PIECE:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.mov_m_a %[[HALF:.*]][0]
// CHECK-NEXT: pdk.label @[[LOOP:half_[0-9]+]] trips 3
// CHECK-NEXT: pdk.mov_a_m %[[PIECE]][0]
// CHECK-NEXT: pdk.add_a_m %[[HALF]][0]
// CHECK-NEXT: pdk.mov_m_a %[[TRIED:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TRIED]][0]
// CHECK-NEXT: pdk.call_k @[[LOW:steps_[0-9]+]]
// CHECK-NEXT: pdk.sub_a_m %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TRIED]][0]
// CHECK-NEXT: pdk.call_k @[[HIGH:steps_[0-9]+]]
// CHECK-NEXT: pdk.subc_a_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[TRIED]][0]
// CHECK-NEXT: pdk.mov_m_a %[[PIECE]][0]
// CHECK-NEXT: pdk.label @[[NEXT]]
// CHECK-NEXT: pdk.sr_m %[[HALF]][0]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.mov_a_m %[[PIECE]][0]
// CHECK-NEXT: pdk.ret
// CHECK: pdk.table @[[LOW]] {{\[}}9, 19, 49, 9, 143, 243, 37]
// CHECK-NEXT: pdk.table @[[HIGH]] {{\[}}0, 0, 0, 1, 1, 1, 2]
func.func @halved(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 7>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 555>>
  %2 = lowbit.steps %1 starts [0, 10, 20, 50, 266, 400, 500, 550] values [0, 1, 2, 3, 4, 5, 6, 7] sizes [8] {method = "bisect"} : tensor<2x!lowbit.int<0, 555>> -> tensor<2x!lowbit.int<0, 7>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 7>>
}
