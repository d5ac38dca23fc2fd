// Step functions that are products: argument times factor plus addend, of which
// the bytes above the fraction count.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @product
// Below 50 the function is 0. From there (x - 50) x 656, of which the upper two
// bytes are one less than the value: 656 / 65536 is 1 / 99.9, and 656 has fewer
// ones than 655 or others that do.
// CHECK: pdk.routine @[[FUNCTION:function_[0-9]+]] {
// CHECK-NEXT: pdk.mov_a_k 50
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.subc_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 0
// CHECK-NEXT: pdk.mov_a_m %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND]][1]
// CHECK-NEXT: pdk.mov_a_k 144
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT]][1]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// No addend, and 505 x 656 fills no fourth byte. 5 at most.
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][2]
// CHECK-NEXT: pdk.sub_a_k 4
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @{{above_[0-9]+}}
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.add_a_k 5
// CHECK-NEXT: pdk.ret
func.func @product(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 5>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 555>>
  %2 = lowbit.steps %1 starts [0, 50, 150, 250, 350, 450] values [0, 1, 2, 3, 4, 5] sizes [6] lines [1 x + 50 over 100] {method = "multiply"} : tensor<2x!lowbit.int<0, 555>> -> tensor<2x!lowbit.int<0, 5>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 5>>
}

// -----

// CHECK-LABEL: pdk.program @exceptions
// A product would be 3 from 250 on, where the function is from 251: 250, which
// is 199 above 51, counts as one less. Then (x - 51) x 654 + 1062, which at 350
// is 3 x 65536.
// CHECK: pdk.ret_k 0
// CHECK-NEXT: pdk.mov_a_m %{{.*}}[0]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %{{.*}}[1]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND]][1]
// CHECK-NEXT: pdk.mov_a_k 199
// CHECK-NEXT: pdk.ceqsn_a_m %[[MULTIPLICAND]][0]
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.ceqsn_a_m %[[MULTIPLICAND]][1]
// CHECK-NEXT: pdk.goto_k @[[NEXT]]
// CHECK-NEXT: pdk.dec_m %[[MULTIPLICAND]][0]
// CHECK-NEXT: pdk.subc_m %[[MULTIPLICAND]][1]
// CHECK-NEXT: pdk.label @[[NEXT]]
// CHECK-NEXT: pdk.mov_a_k 142
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT]][1]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 38
// CHECK-NEXT: pdk.add_m_a %[[PRODUCT]][0]
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.addc_m_a %[[PRODUCT]][1]
func.func @exceptions(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 5>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 555>>
  %2 = lowbit.steps %1 starts [0, 51, 150, 251, 350, 451] values [0, 1, 2, 3, 4, 5] sizes [6] lines [1 x + 50 over 100] {method = "multiply"} : tensor<2x!lowbit.int<0, 555>> -> tensor<2x!lowbit.int<0, 5>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 5>>
}

// -----

// CHECK-LABEL: pdk.program @products
// By element: the number goes up with each call. What differs by function is in
// tables: where it leaves 0, a byte of the factor and one of the addend.
// CHECK: %[[NUMBER:.*]] = pdk.cells "number" size 1
// CHECK: pdk.inc_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[STARTS:starts_[0-9]+]]
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.subc_m_a %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[FACTORS:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT]][1]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[ADDENDS:addends_[0-9]+]]
// CHECK-NEXT: pdk.add_m_a %[[PRODUCT]][1]
// CHECK-NEXT: pdk.addc_m %[[PRODUCT]][2]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][2]
// CHECK-NEXT: pdk.sub_a_k 4
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[END:done_[0-9]+]]
// CHECK-NEXT: pdk.label @{{above_[0-9]+}}
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[END]]
// CHECK-NEXT: pdk.add_a_k 5
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
// (x - 50) x 656 and (x - 40) x 546 + 512: 120 x 546 + 512 is 65536 and a bit.
// CHECK: pdk.table @[[FACTORS]] {{\[}}144, 34]
// CHECK-NEXT: pdk.table @[[ADDENDS]] {{\[}}0, 2]
// CHECK-NEXT: pdk.table @[[STARTS]] {{\[}}50, 40]
func.func @products(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 5>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 555>>
  %2 = lowbit.steps %1 starts [0, 50, 150, 250, 350, 450, 0, 40, 160, 280, 400, 520] values [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5] sizes [6, 6] lines [1 x + 50 over 100, 1 x + 80 over 120] function [0, 1] {method = "multiply"} : tensor<2x!lowbit.int<0, 555>> -> tensor<2x!lowbit.int<0, 5>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 5>>
}
