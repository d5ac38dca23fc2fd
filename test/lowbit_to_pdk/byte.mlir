// lowbit.byte: one byte of each element of a wide vector.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @stored
// Sums count from the base already: byte 1 as it is stored, then on by 2 bytes.
// CHECK: pdk.undef %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_a_k 255
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.clear_m %[[SUMS]][1]
// CHECK: pdk.undef %[[BYTES:.*]]
// CHECK-NEXT: pdk.mov_a_k 1 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[BYTES]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[BYTES]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[BYTES]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
func.func @stored(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 5000]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 5255>>
  %2 = lowbit.byte 1 of %1 from -255 : tensor<2x!lowbit.int<-255, 5255>> -> tensor<2x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @other_base
// 1000 - 255 = 745 is missing, 233 modulo 256: of byte 0 no other counts.
// CHECK: pdk.idxm_a_m %[[P:.*]][0] into %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 233
// CHECK-NEXT: pdk.add_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[BYTES:.*]]
func.func @other_base(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 5000]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 5255>>
  %2 = lowbit.byte 0 of %1 from -1000 : tensor<2x!lowbit.int<-255, 5255>> -> tensor<2x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @beyond
// No element reaches byte 2: zeros, and no sum is read.
// CHECK: %[[BYTES:.*]] = pdk.cells "byte" size 2
// CHECK: pdk.undef %[[BYTES]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[BYTES]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[BYTES]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[BYTES]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
func.func @beyond(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 5000]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 5255>>
  %2 = lowbit.byte 2 of %1 from -255 : tensor<2x!lowbit.int<-255, 5255>> -> tensor<2x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
