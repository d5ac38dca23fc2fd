// Convolutions whose channels have functions of their own, and whose weights
// take more than one table.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @channels
// Functions by channel: a routine goes on to the channel's; one value is one,
// too.
// CHECK: %[[SUM:.*]] = pdk.cells "sum" size 1
// CHECK: pdk.clear_m %[[NUMBER:.*]][0]
// CHECK: pdk.mov_a_m %[[SUM]][0]
// CHECK-NEXT: pdk.call_k @[[CHOICE:channel_function_[0-9]+]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[ACT:.*]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[POSITIONS:positions_[0-9]+]]
// CHECK-NEXT: pdk.inc_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.dzsn_m %[[CHANNELS_LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[CHANNELS:channels_[0-9]+]]
// CHECK: pdk.routine @[[CHOICE]] {
// CHECK-NEXT: pdk.t0sn_mbit %[[NUMBER]][0], 1
// CHECK-NEXT: pdk.goto_k @[[CONSTANT:constant_[0-9]+]]
// CHECK-NEXT: pdk.t0sn_mbit %[[NUMBER]][0], 0
// CHECK-NEXT: pdk.goto_k @[[SECOND:function_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[FIRST:function_[0-9]+]]
// CHECK: pdk.routine @[[CONSTANT]] {
// CHECK-NEXT: pdk.ret_k 3
func.func @channels(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 8>> {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[0, 1]], [[1, 1]], [[1, 0]]]> : tensor<3x1x2xi8> of [-1, 1] bias [0, 0, 0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 15>> -> tensor<3x3x!lowbit.int<-15, 30>>
  %2 = lowbit.steps %1 starts [-15, 3, -15, 7, 12, 0] values [0, 5, 1, 2, 9, 3] sizes [2, 3, 1] function [0, 0, 0, 1, 1, 1, 2, 2, 2] {method = "compare"} : tensor<3x3x!lowbit.int<-15, 30>> -> tensor<9x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<9x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 8>>
  return %3 : tensor<1x!lowbit.int<0, 8>>
}

// -----

// CHECK-LABEL: pdk.program @products
// Products by channel: the number of the channel's goes up at its end.
// CHECK: %[[SUM:.*]] = pdk.cells "sum" size 1
// CHECK: pdk.clear_m %[[NUMBER:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.undef
// CHECK: pdk.mov_a_m %[[SUM]][0]
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @{{starts_[0-9]+}}
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[ACT:.*]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[POSITIONS:positions_[0-9]+]]
// CHECK-NEXT: pdk.inc_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.dzsn_m %[[CHANNELS_LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[CHANNELS:channels_[0-9]+]]
func.func @products(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 5>> {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[0, 1]], [[1, 1]]]> : tensor<2x1x2xi8> of [-1, 1] bias [0, 0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 15>> -> tensor<2x3x!lowbit.int<-15, 30>>
  %2 = lowbit.steps %1 starts [-15, 5, 15, 25, -15, 4, 10, 16] values [0, 1, 2, 3, 0, 1, 2, 3] sizes [4, 4] lines [1 x + 5 over 10, 1 x + 2 over 6] function [0, 0, 0, 1, 1, 1] {method = "multiply"} : tensor<2x3x!lowbit.int<-15, 30>> -> tensor<6x!lowbit.int<0, 3>>
  %3 = lowbit.argmax %2 : tensor<6x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 5>>
  return %3 : tensor<1x!lowbit.int<0, 5>>
}

// -----

// CHECK-LABEL: pdk.program @tables
// A table has 255 bytes at most; of several, a routine gives the next one, and
// places are two bytes.
// CHECK: pdk.clear_m %[[WEIGHTS:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TABLE:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 16
// CHECK-NEXT: pdk.mov_m_a %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[CHANNELS:channels_[0-9]+]] trips 16
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_m_a %[[CHANNEL:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TABLE]][0]
// CHECK-NEXT: pdk.mov_m_a %[[CHANNEL]][1]
// CHECK-NEXT: pdk.clear_m %[[WINDOWS:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[CHANNEL]][0]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[CHANNEL]][1]
// CHECK-NEXT: pdk.mov_m_a %[[TABLE]][0]
// CHECK: pdk.call_k @[[NEXT:next_kernels_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK: pdk.routine @[[NEXT]] {
// CHECK-NEXT: pdk.izsn_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.goto_k @[[SAME:same_[0-9]+]]
// CHECK-NEXT: pdk.inc_m %[[TABLE]][0]
// CHECK-NEXT: pdk.inc_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.label @[[SAME]]
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[TABLE]][0], 0
// CHECK-NEXT: pdk.goto_k @[[MORE:kernels_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[KERNELS:kernels_[0-9]+]]
// CHECK: pdk.table @[[KERNELS]] {{\[(3, ){254}3\]}}
// CHECK-NEXT: pdk.table @[[MORE]] {{\[(3, ){16}3\]}}
func.func @tables(%0: tensor<17x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 15>> {
  %1 = lowbit.conv %0 shape [1, 17] weights dense<0> : tensor<16x1x17xi8> of [3] bias [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] strides [1] pads [0, 0] dilations [1]
      : tensor<17x!lowbit.int<0, 15>> -> tensor<16x1x!lowbit.int<0, 765>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 255 : tensor<16x1x!lowbit.int<0, 765>> -> tensor<16x1x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<16x1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 15>>
  return %3 : tensor<1x!lowbit.int<0, 15>>
}
