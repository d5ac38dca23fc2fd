// Step functions by a search: a tree of comparisons.
// RUN: %lower-pms150c %s | FileCheck %s

// Arguments count from -255: the steps are at 100, 200 and 600. First at 200; what
// is left is at least 400 = 256 + 144 from 600 on. Below 200 it is one byte that
// was borrowed to, 56 for 0, and at least 256 - 100 = 156 from 100 on.
// CHECK-LABEL: pdk.program @search
// CHECK: pdk.call_k @[[FUNCTION:function_[0-9]+]]
// CHECK: pdk.routine @[[FUNCTION]] {
// CHECK-NEXT: pdk.mov_a_k 200
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.subc_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 144
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.subc_m_a %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 9
// CHECK-NEXT: pdk.ret_k 2
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 156
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 4
// CHECK-NEXT: pdk.ret_k 0
func.func @search(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.steps %1 starts [-255, -155, -55, 345] values [4, 0, 9, 2] sizes [4] {method = "search"} : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>
}
