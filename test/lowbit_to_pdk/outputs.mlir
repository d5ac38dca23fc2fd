// Outputs besides the class: a copy that C sees, of one or two bytes an
// element, before the decision takes the sums.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @bytes
// Code that is unrolled would destroy the sums: a loop, though it says so.
// CHECK: %[[OUTPUT:.*]] = pdk.cells "output" size 2 exported
// CHECK: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[OUTPUT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[OUTPUT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[OUTPUT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.mov_a_k 2 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK: pdk.label @[[ARGMAX:argmax_[0-9]+]] trips 2
// CHECK-NEXT: pdk.dec_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.xor_a_k 128
// CHECK-NEXT: pdk.mov_m_a %{{.*}}[0]
func.func @bytes(%0: tensor<2x!lowbit.int<0, 60>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-60, 60>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 0]
      : tensor<2x!lowbit.int<0, 60>> -> tensor<2x!lowbit.int<-60, 60>>
  %2 = lowbit.argmax %1 {method = "unrolled"} : tensor<2x!lowbit.int<-60, 60>> -> tensor<1x!lowbit.int<0, 1>>
  return %2, %1 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-60, 60>>
}

// -----

// CHECK-LABEL: pdk.program @words
// CHECK: %[[OUTPUT:.*]] = pdk.cells "output" size 4 exported
// CHECK: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[OUTPUT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[OUTPUT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[OUTPUT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 4 plus %[[OUTPUT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// Signs are turned, and both bytes compared.
// CHECK: pdk.label @[[ARGMAX:argmax_[0-9]+]] trips 2
// CHECK-NEXT: pdk.dec_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.xor_a_k 128
// CHECK-NEXT: pdk.mov_m_a %[[COPY:.*]][1]
// CHECK-NEXT: pdk.dec_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[COPY]][0]
// CHECK-NEXT: pdk.sub_a_m %[[BEST:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[COPY]][1]
// CHECK-NEXT: pdk.subc_a_m %[[BEST]][1]
func.func @words(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-255, 355>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 100]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 355>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-255, 355>> -> tensor<1x!lowbit.int<0, 1>>
  return %2, %1 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-255, 355>>
}
