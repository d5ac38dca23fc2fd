// The streams of convolutions and pools where the device reads code words: a
// byte a word, at an address of two bytes.
// RUN: %lower-pfs173 %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @pooled
// CHECK: pdk.mov_a_k 1 of @[[KERNELS:kernels_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS:.*]][1]
// CHECK-NEXT: pdk.mov_a_k 0 of @[[KERNELS]]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[CHANNELS_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[CHANNELS:channels_[0-9]+]] trips 2
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_m_a %[[CHANNEL:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WEIGHTS]][1]
// CHECK-NEXT: pdk.mov_m_a %[[CHANNEL]][1]
// CHECK-NEXT: pdk.mov_a_k 1 of @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[WINDOWS:.*]][1]
// CHECK-NEXT: pdk.mov_a_k 0 of @[[PLACES]]
// CHECK-NEXT: pdk.mov_m_a %[[WINDOWS]][0]
// CHECK-NEXT: pdk.clear_m %[[LARGEST:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.mov_m_a %[[POOL_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[POOL:pool_[0-9]+]] trips 4
// CHECK-NEXT: pdk.mov_a_m %[[CHANNEL]][0]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[CHANNEL]][1]
// CHECK-NEXT: pdk.mov_m_a %[[WEIGHTS]][1]
// CHECK-NEXT: pdk.ldtabl_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.inc_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.addc_m %[[WEIGHTS]][1]
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK-NEXT: pdk.ldtabl_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.inc_m %[[WINDOWS]][0]
// CHECK-NEXT: pdk.addc_m %[[WINDOWS]][1]
// CHECK-NEXT: pdk.add_a_k 0 plus %[[IMAGE:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK: pdk.idxm_a_m %[[P]][0] into %[[IMAGE]]
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.ldtabl_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.inc_m %[[WEIGHTS]][0]
// CHECK-NEXT: pdk.addc_m %[[WEIGHTS]][1]
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK: pdk.words @[[KERNELS]] {{\[}}4, 13, 15, 2, 5, 250, 5, 2, 15, 13]
// CHECK-NEXT: pdk.words @[[PLACES]] {{\[}}0, 1, 3, 4]
func.func @pooled(%0: tensor<9x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.conv %0 shape [1, 3, 3] weights dense<[[[[0, 1], [2, 3]]], [[[3, 2], [1, 0]]]]> : tensor<2x1x2x2xi8> of [-3, -1, 2, 5] bias [4, -6]
      strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] : tensor<9x!lowbit.int<0, 15>> -> tensor<2x2x2x!lowbit.int<-66, 109>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 15 : tensor<2x2x2x!lowbit.int<-66, 109>> -> tensor<2x2x2x!lowbit.int<0, 15>>
  %3 = lowbit.maxpool %2 windows [0, 1, 2, 3, 4, 5, 6, 7] sizes [4, 4] : tensor<2x2x2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @channels
// CHECK: pdk.mov_a_k 1 of @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[POSITION:.*]][1]
// CHECK-NEXT: pdk.mov_a_k 0 of @[[PLACES]]
// CHECK-NEXT: pdk.mov_m_a %[[POSITION]][0]
// CHECK: pdk.ldtabl_m %[[POSITION]][0]
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.addc_m %[[POSITION]][1]
// CHECK-NEXT: pdk.add_a_m %[[CHANNEL:.*]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK: pdk.words @[[PLACES]] {{\[}}0, 2, 2, 0]
func.func @channels(%0: tensor<4x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, deduct 1, take 2, load 2, accumulate 2, take 3, load 3, accumulate 3, accumulate 0] bias [0, 0, -100, 300]
      : tensor<4x!lowbit.int<0, 255>> -> tensor<4x!lowbit.int<-255, 555>>
  %2 = lowbit.maxpool %1 windows [0, 1, 1, 0, 2, 3, 3, 2] sizes [2, 2, 2, 2] : tensor<4x!lowbit.int<-255, 555>> -> tensor<4x!lowbit.int<-255, 555>>
  %3 = lowbit.argmax %2 : tensor<4x!lowbit.int<-255, 555>> -> tensor<1x!lowbit.int<0, 3>>
  return %3 : tensor<1x!lowbit.int<0, 3>>
}
