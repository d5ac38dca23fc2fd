// lowbit.concat and lowbit.select.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @in_place
// Parts of bytes are made where they belong: 2 of 4, then the others.
// CHECK: %[[ALL:.*]] = pdk.cells "concat" size 4
// CHECK: pdk.undef %[[ALL]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK: pdk.ceqsn_a_k 2 plus %[[ALL]]
// CHECK: pdk.mov_a_k 0 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 2 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET_2:.*]][0]
// CHECK: pdk.ceqsn_a_k 4 plus %[[ALL]]
func.func @in_place(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 255 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 255>>
  %3 = lowbit.byte 0 of %1 from -255 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 255>>
  %4 = lowbit.concat %2, %3 : tensor<2x!lowbit.int<0, 255>>, tensor<2x!lowbit.int<0, 255>> -> tensor<4x!lowbit.int<0, 255>>
  %5 = lowbit.argmax %4 : tensor<4x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 3>>
  return %5 : tensor<1x!lowbit.int<0, 3>>
}

// -----

// CHECK-LABEL: pdk.program @wide
// Wide parts are copied and brought to one base, -255: sums with their sign,
// bytes with a zero above.
// CHECK: %[[ALL:.*]] = pdk.cells "concat" size 8
// CHECK: pdk.undef %[[ALL]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 255
// CHECK-NEXT: pdk.add_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.addc_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ALL]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ALL]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 4 plus %[[ALL]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[ACT:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 4 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET_2:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET_2]][1]
// CHECK-NEXT: pdk.label @[[LOOP_2:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[ACT]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE_2:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.clear_m %[[VALUE_2]][1]
// CHECK-NEXT: pdk.mov_a_k 255
// CHECK-NEXT: pdk.add_m_a %[[VALUE_2]][0]
// CHECK-NEXT: pdk.addc_m %[[VALUE_2]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE_2]][0]
// CHECK: pdk.mov_a_m %[[TARGET_2]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 8 plus %[[ALL]]
// CHECK-NEXT: pdk.goto_k @[[LOOP_2]]
func.func @wide(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 100 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 100>>
  %3 = lowbit.concat %1, %2 : tensor<2x!lowbit.int<-255, 555>>, tensor<2x!lowbit.int<0, 100>> -> tensor<4x!lowbit.int<-255, 555>>
  %4 = lowbit.argmax %3 : tensor<4x!lowbit.int<-255, 555>> -> tensor<1x!lowbit.int<0, 3>>
  return %4 : tensor<1x!lowbit.int<0, 3>>
}

// -----

// CHECK-LABEL: pdk.program @select
// Elements 1, 0, 1, byte by byte.
// CHECK: %[[SELECTED:.*]] = pdk.cells "selected" size 6
// CHECK: pdk.undef %[[SELECTED]]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS:.*]][2]
// CHECK-NEXT: pdk.mov_m_a %[[SELECTED]][0]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.mov_m_a %[[SELECTED]][1]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][0]
// CHECK-NEXT: pdk.mov_m_a %[[SELECTED]][2]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][1]
// CHECK-NEXT: pdk.mov_m_a %[[SELECTED]][3]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_m_a %[[SELECTED]][4]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.mov_m_a %[[SELECTED]][5]
func.func @select(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.select %1 [1, 0, 1] : tensor<2x!lowbit.int<-255, 555>> -> tensor<3x!lowbit.int<-255, 555>>
  %3 = lowbit.argmax %2 : tensor<3x!lowbit.int<-255, 555>> -> tensor<1x!lowbit.int<0, 2>>
  return %3 : tensor<1x!lowbit.int<0, 2>>
}
