// Straight-line taps: each weight is read where it stands; of five weights of 3
// bits the last one is made of what the others leave of two bytes.
// RUN: %lower-pms150c %s | FileCheck %s

// CHECK-LABEL: pdk.program @model
// CHECK: pdk.label @has_any
// CHECK: pdk.call_k @[[KERNELS:kernels_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[CODES:.*]][0]
// CHECK: pdk.mov_m_a %[[CODES]][1]
// CHECK-NEXT: pdk.mov_a_m %[[CODES]][0]
// CHECK-NEXT: pdk.and_a_k 7
// CHECK-NEXT: pdk.add_a_k 252
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW:.*]][0], 5
// CHECK-NEXT: pdk.add_m_a %[[LANES:.*]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW]][0], 4
// CHECK-NEXT: pdk.add_m_a %[[LANES]][1]
// CHECK-NEXT: pdk.mov_a_m %[[CODES]][0]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.and_a_k 7
// CHECK-NEXT: pdk.add_a_k 252
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW]][0], 4
// CHECK: pdk.mov_a_m %[[CODES]][1]
// CHECK: pdk.mov_a_m %[[CODES]][1]
// CHECK: pdk.mov_a_m %[[CODES]][1]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.mov_a_m %[[CODES]][0]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.swap_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.and_a_k 7
// CHECK-NEXT: pdk.add_a_k 252
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW]][0], 1
// CHECK-NEXT: pdk.add_m_a %[[LANES]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW]][0], 0
// CHECK-NEXT: pdk.add_m_a %[[LANES]][1]
// Weights -4, 3, -3, 2, 1: codes 0, 7, 1, 6 and 5 = 0b101. 0 + 7 * 8 + 0b01 * 64;
// 1 + 6 * 8 + 0b1 * 64. Before them the bias, and what the least sum lacks: 7.
// CHECK: pdk.table @[[KERNELS]] {{\[}}7, 120, 113]
func.func @model(%0: tensor<6x!lowbit.int<0, 1>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.conv %0 shape [1, 6] weights dense<[[[0, 5, 1, 4, 3]]]> : tensor<1x1x5xi8> of [-4, -3, 0, 1, 2, 3] bias [0] strides [1] pads [0, 0] dilations [1] {method = "lanes-unrolled"}
      : tensor<6x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<-7, 6>>
  %2 = lowbit.requant %1 clamp 0 to 3 : tensor<2x!lowbit.int<-7, 6>> -> tensor<2x!lowbit.int<0, 3>>
  %3 = lowbit.maxpool %2 windows [0, 1] sizes [2] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  %4 = lowbit.dense %3 weights dense<[[0]]> : tensor<1x1xi8> of [2] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  %5 = lowbit.argmax %4 : tensor<1x!lowbit.int<0, 6>> -> tensor<1x!lowbit.int<0, 0>>
  return %5 : tensor<1x!lowbit.int<0, 0>>
}
