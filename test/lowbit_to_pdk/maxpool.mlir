// lowbit.maxpool by itself: loops over channels, windows and elements, whose
// places are a stream.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @channels
// Numbers of two bytes are 2 apart. Both channels are the same windows, 2
// numbers, that is 4 bytes, apart.
// CHECK: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[CHANNEL:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[RESULT:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[CHANNELS_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[CHANNELS:channels_[0-9]+]] trips 2
// CHECK-NEXT: pdk.clear_m %[[POSITION:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[POSITIONS:positions_[0-9]+]] trips 2
// CHECK-NEXT: pdk.clear_m %[[BEST:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[BEST]][1]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[POOL_LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[POOL:pool_[0-9]+]] trips 2
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.mov_a_m %[[POSITION]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.add_a_m %[[CHANNEL]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sub_a_m %[[BEST]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.subc_a_m %[[BEST]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_m_a %[[BEST]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_m_a %[[BEST]][1]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.dzsn_m %[[POOL_LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[POOL]]
// CHECK-NEXT: pdk.mov_a_m %[[BEST]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[RESULT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[BEST]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[RESULT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[POSITIONS]]
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.add_m_a %[[CHANNEL]][0]
// CHECK-NEXT: pdk.dzsn_m %[[CHANNELS_LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[CHANNELS]]
// CHECK: pdk.table @[[PLACES]] {{\[}}0, 2, 2, 0]
func.func @channels(%0: tensor<4x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, deduct 1, take 2, load 2, accumulate 2, take 3, load 3, accumulate 3, accumulate 0] bias [0, 0, -100, 300]
      : tensor<4x!lowbit.int<0, 255>> -> tensor<4x!lowbit.int<-255, 555>>
  %2 = lowbit.maxpool %1 windows [0, 1, 1, 0, 2, 3, 3, 2] sizes [2, 2, 2, 2] : tensor<4x!lowbit.int<-255, 555>> -> tensor<4x!lowbit.int<-255, 555>>
  %3 = lowbit.argmax %2 : tensor<4x!lowbit.int<-255, 555>> -> tensor<1x!lowbit.int<0, 3>>
  return %3 : tensor<1x!lowbit.int<0, 3>>
}

// -----

// CHECK-LABEL: pdk.program @signed
// Signed bytes are compared 8 higher, and so are the results, from which
// outputs take it off. A window of fewer elements has its first one again.
// CHECK: %[[POSITION:.*]] = pdk.cells "windows_position" size 1
// CHECK: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.mov_a_m %[[POSITION]][0]
// CHECK-NEXT: pdk.call_k @[[PLACES:windows_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 0 plus %[[INPUT:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[INPUT]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 8
// CHECK-NEXT: pdk.add_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sub_a_m %[[BEST:.*]][0]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_m_a %[[BEST]][0]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK: pdk.mov_a_k 248
// CHECK-NEXT: pdk.add_m_a %[[OUT:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[OUT]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[OUTPUT:.*]]
// CHECK: pdk.table @[[PLACES]] {{\[}}0, 1, 2, 2, 3, 1]
func.func @signed(%0: tensor<4x!lowbit.int<-8, 7>>) -> (tensor<1x!lowbit.int<0, 2>>, tensor<3x!lowbit.int<-8, 7>>) {
  %1 = lowbit.maxpool %0 windows [0, 1, 2, 3, 1] sizes [2, 1, 2] : tensor<4x!lowbit.int<-8, 7>> -> tensor<3x!lowbit.int<-8, 7>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-8, 7>> -> tensor<1x!lowbit.int<0, 2>>
  return %2, %1 : tensor<1x!lowbit.int<0, 2>>, tensor<3x!lowbit.int<-8, 7>>
}
