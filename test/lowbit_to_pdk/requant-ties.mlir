// Rounding of ties: with half of 2^shift in the offset, a quotient without
// remainder goes to the even or the odd neighbour by one less before the shift,
// which only then counts.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @even
// Carry where bit 2, the quotient's lowest, is clear: 4 + 252 carries, 0 does
// not, so it is set for odd quotients, from which 1 is taken off.
// CHECK: pdk.mov_a_m %[[SUM:.*]][0]
// CHECK-NEXT: pdk.and_a_k 4
// CHECK-NEXT: pdk.add_a_k 252
// CHECK-NEXT: pdk.subc_m %[[SUM]][0]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][0]
// CHECK-NEXT: pdk.sr_m %[[SUM]][1]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sr_m %[[SUM]][1]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @even(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 128>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  %2 = lowbit.requant %1 plus 2 shift 2 ties even clamp 0 to 255 {method = "unrolled"} : tensor<1x!lowbit.int<0, 510>> -> tensor<1x!lowbit.int<0, 128>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 128>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 128>>
}

// -----

// CHECK-LABEL: pdk.program @even_8
// The lowest bit of a byte goes to the carry by a shift.
// CHECK: pdk.mov_a_m %[[SUM:.*]][1]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.subc_m %[[SUM]][0]
// CHECK-NEXT: pdk.subc_m %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][1]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @even_8(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [4000]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<4000, 4510>>
  %2 = lowbit.requant %1 plus 128 shift 8 ties even clamp 0 to 255 {method = "unrolled"} : tensor<1x!lowbit.int<4000, 4510>> -> tensor<1x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>
}

// -----

// CHECK-LABEL: pdk.program @even_7
// So does the highest.
// CHECK: pdk.mov_a_m %[[SUM:.*]][0]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.subc_m %[[SUM]][0]
// CHECK-NEXT: pdk.sl_m %[[SUM]][0]
// CHECK-NEXT: pdk.slc_m %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][1]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @even_7(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  %2 = lowbit.requant %1 plus 64 shift 7 ties even clamp 0 to 255 {method = "unrolled"} : tensor<1x!lowbit.int<0, 510>> -> tensor<1x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 255>>
}

// -----

// CHECK-LABEL: pdk.program @odd
// Counted from -1 the results are even: the same, and -1 = 255 at the end.
// CHECK: pdk.mov_a_m %[[SUM:.*]][0]
// CHECK-NEXT: pdk.and_a_k 4
// CHECK-NEXT: pdk.add_a_k 252
// CHECK-NEXT: pdk.subc_m %[[SUM]][0]
// CHECK: pdk.add_a_k 255
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @odd(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<-1, 126>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  %2 = lowbit.requant %1 plus 2 shift 2 ties odd clamp -1 to 126 {method = "unrolled"} : tensor<1x!lowbit.int<0, 510>> -> tensor<1x!lowbit.int<-1, 126>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<-1, 126>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<-1, 126>>
}

// -----

// CHECK-LABEL: pdk.program @odd_clamped
// Borrow where bit 2 is clear; it goes through both bytes, and a tie at 0 goes
// below.
// CHECK: pdk.mov_a_m %[[SUM:.*]][0]
// CHECK-NEXT: pdk.and_a_k 4
// CHECK-NEXT: pdk.sub_a_k 4
// CHECK-NEXT: pdk.subc_m %[[SUM]][0]
// CHECK-NEXT: pdk.subc_m %[[SUM]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
func.func @odd_clamped(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 100>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  %2 = lowbit.requant %1 plus 2 shift 2 ties odd clamp 0 to 100 {method = "unrolled"} : tensor<1x!lowbit.int<0, 510>> -> tensor<1x!lowbit.int<0, 100>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 100>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 100>>
}
