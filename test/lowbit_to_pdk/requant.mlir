// Requantisation to a byte by a shift: a loop over the sums or code for each,
// and what the width of the sums and the clamp make of it.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @loop
// Activations lie within the sums, which start at their bias and the offset: 0
// + 8 and 300 + 8 = 256 + 52.
// CHECK: %[[SUMS:.*]] = pdk.cells "sum" size 4
// CHECK-NEXT: %[[ACT:.*]] = pdk.cells "act" size 2 within %[[SUMS]]
// CHECK: pdk.mov_a_k 8
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.clear_m %[[SUMS]][1]
// CHECK-NEXT: pdk.mov_a_k 52
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][3]
// Through p from the sums to a copy, through a pointer of its own back.
// CHECK: pdk.mov_a_k 0 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[ACT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// Negative: 0. Else a shift over both bytes by 2, and 100 at most.
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sub_a_k 100
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 100
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[ACT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
func.func @loop(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 100>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.requant %1 plus 8 shift 2 clamp 0 to 100 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 100>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 100>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 100>>
}

// -----

// CHECK-LABEL: pdk.program @top
// No sum is negative and the limit is 64 x 4 = 256: the upper byte alone says
// what is beyond it, and has no bits else. Once an element.
// CHECK: pdk.mov_a_m %[[SUMS:.*]][1]
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[ABOVE:above_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][0]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[ABOVE]]
// CHECK-NEXT: pdk.mov_a_k 63
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @above{{.*}}
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][2]
// CHECK-NEXT: pdk.sr_a
func.func @top(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 63>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, accumulate 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 555>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 63 {method = "unrolled"} : tensor<2x!lowbit.int<0, 555>> -> tensor<2x!lowbit.int<0, 63>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 63>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 63>>
}

// -----

// CHECK-LABEL: pdk.program @upwards
// A shift by 7 down is one by 1 up: the result is the upper byte.
// CHECK: pdk.sl_m %[[SUM:.*]][0]
// CHECK-NEXT: pdk.slc_m %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][1]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @upwards(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 3>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  %2 = lowbit.requant %1 shift 7 clamp 0 to 3 {method = "unrolled"} : tensor<1x!lowbit.int<0, 510>> -> tensor<1x!lowbit.int<0, 3>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 3>>
}

// -----

// CHECK-LABEL: pdk.program @whole
// A shift by 8 is the second byte of three; the third says what is beyond 255.
// CHECK: pdk.mov_a_m %[[SUM:.*]][2]
// CHECK-NEXT: pdk.t1sn_iobit 0, 0
// CHECK-NEXT: pdk.goto_k @[[ABOVE:above_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][1]
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[ABOVE]]
// CHECK-NEXT: pdk.mov_a_k 255
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @whole(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [65400]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<65400, 65910>>
  %2 = lowbit.requant %1 shift 8 clamp 0 to 255 {method = "unrolled"} : tensor<1x!lowbit.int<65400, 65910>> -> tensor<1x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>
}

// -----

// CHECK-LABEL: pdk.program @missing
// Two requantisations of the same sums: these have their bias alone, and each
// adds what it lacks: 20 x 4, then 64 x 32 - 4000 = -1952 = 0xF860.
// CHECK: pdk.clear_m %[[SUMS:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[SUMS]][1]
// CHECK-NEXT: pdk.mov_a_k 44
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][3]
// CHECK: pdk.mov_a_k 80
// CHECK-NEXT: pdk.add_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.addc_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// Results count from the lowest: at most 120, and then -20 = 236.
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sub_a_k 120
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 120
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.add_a_k 236
// CHECK-NEXT: pdk.idxm_m_a %{{.*}}[0] into %{{.*}}
// CHECK: pdk.mov_a_k 96
// CHECK-NEXT: pdk.add_m_a %[[OTHER:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 248
// CHECK-NEXT: pdk.addc_m_a %[[OTHER]][1]
// CHECK-NEXT: pdk.mov_a_m %[[OTHER]][1]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[LESS:below_[0-9]+]]
// Up by 3 for down by 5; -64 = 192.
// CHECK-NEXT: pdk.sl_m %[[OTHER]][0]
// CHECK-NEXT: pdk.slc_m %[[OTHER]][1]
// CHECK-NEXT: pdk.sl_m %[[OTHER]][0]
// CHECK-NEXT: pdk.slc_m %[[OTHER]][1]
// CHECK-NEXT: pdk.sl_m %[[OTHER]][0]
// CHECK-NEXT: pdk.slc_m %[[OTHER]][1]
// CHECK-NEXT: pdk.mov_a_m %[[OTHER]][1]
// CHECK-NEXT: pdk.goto_k @[[END:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[LESS]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[END]]
// CHECK-NEXT: pdk.add_a_k 192
// CHECK-NEXT: pdk.idxm_m_a %{{.*}}[0] into %{{.*}}
func.func @missing(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 3>>, tensor<4x!lowbit.int<-64, 100>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.requant %1 shift 2 clamp -20 to 100 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<-20, 100>>
  %3 = lowbit.requant %1 plus -4000 shift 5 clamp -64 to 63 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<-64, 63>>
  %4 = lowbit.concat %2, %3 : tensor<2x!lowbit.int<-20, 100>>, tensor<2x!lowbit.int<-64, 63>> -> tensor<4x!lowbit.int<-64, 100>>
  %5 = lowbit.argmax %4 : tensor<4x!lowbit.int<-64, 100>> -> tensor<1x!lowbit.int<0, 3>>
  return %5, %4 : tensor<1x!lowbit.int<0, 3>>, tensor<4x!lowbit.int<-64, 100>>
}
