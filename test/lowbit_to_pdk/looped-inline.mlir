// Words that are read through the stack: in place, or by a routine that both
// places call, which takes two bytes of stack more.
// RUN: %lower-undocumented-pms150c %s -split-input-file | FileCheck %s
// RUN: %lower-undocumented-pfs154 %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @inline
// CHECK: pdk.mov_a_m %[[POSITION:.*]][0]
// CHECK-NEXT: pdk.pushaf
// CHECK-NEXT: pdk.mov_a_io 2
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[ON_STACK:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[ON_STACK]][1]
// CHECK-NEXT: pdk.mov_a_m %[[POSITION]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[ON_STACK]][0]
// CHECK-NEXT: pdk.ldspth
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK-NEXT: pdk.ldsptl
// CHECK-NEXT: pdk.mov_m_a %[[REST:.*]][0]
// CHECK-NEXT: pdk.popaf
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.addc_m %[[POSITION]][1]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK: pdk.mov_a_m %[[POSITION]][0]
// CHECK-NEXT: pdk.pushaf
// CHECK-NEXT: pdk.mov_a_io 2
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[ON_STACK]][0]
// CHECK-NEXT: pdk.clear_m %[[ON_STACK]][1]
// CHECK-NEXT: pdk.mov_a_m %[[POSITION]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[ON_STACK]][0]
// CHECK-NEXT: pdk.ldspth
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.ldsptl
// CHECK-NEXT: pdk.mov_m_a %[[REST]][0]
// CHECK-NEXT: pdk.popaf
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.addc_m %[[POSITION]][1]
// CHECK-NEXT: pdk.mov_a_m %[[REST]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P:.*]][0] into %[[SUMS:.*]]
func.func @inline(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3, 1], [5, 4, 2]]> : tensor<2x3xi8> of [-8, -1, 0, 1, 2, 7] bias [2, -3] {method = "looped-inline"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-133, 137>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-133, 137>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @shared
// CHECK: pdk.call_k @[[NEXT_WORD:next_weights_[0-9]+]]
// CHECK: pdk.call_k @[[NEXT_WORD]]
// CHECK-NEXT: pdk.mov_a_m %[[REST:.*]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P:.*]][0] into %[[SUMS:.*]]
// CHECK: pdk.routine @[[NEXT_WORD]] {
// CHECK-NEXT: pdk.mov_a_m %[[POSITION:.*]][0]
// CHECK-NEXT: pdk.pushaf
// CHECK-NEXT: pdk.mov_a_io 2
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[ON_STACK:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[ON_STACK]][1]
// CHECK-NEXT: pdk.mov_a_m %[[POSITION]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[ON_STACK]][0]
// CHECK-NEXT: pdk.ldspth
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK-NEXT: pdk.ldsptl
// CHECK-NEXT: pdk.mov_m_a %[[REST]][0]
// CHECK-NEXT: pdk.popaf
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.addc_m %[[POSITION]][1]
// CHECK-NEXT: pdk.ret
func.func @shared(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3, 1], [5, 4, 2]]> : tensor<2x3xi8> of [-8, -1, 0, 1, 2, 7] bias [2, -3] {method = "looped"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-133, 137>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-133, 137>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
