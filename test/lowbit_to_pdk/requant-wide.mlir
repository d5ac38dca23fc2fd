// Requantisation to more than a byte: results count from the lowest one.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @unsigned
// Sums have the offset 3. The least, -252 >> 2 = -63, is made 0 by 252 more.
// CHECK: %[[SHIFTED:.*]] = pdk.cells "shifted" size 4
// CHECK: pdk.undef %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.clear_m %[[SUMS]][1]
// CHECK-NEXT: pdk.mov_a_k 139
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_a_k 19
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][3]
// CHECK: pdk.idxm_a_m %[[P:.*]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 252
// CHECK-NEXT: pdk.add_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.addc_m %[[VALUE]][1]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_m %[[VALUE]][0]
// 63 is taken off, what borrows is 0; 1000 = 3 x 256 + 232 more, and what does
// not borrow is 0; then 1000 is added.
// CHECK-NEXT: pdk.mov_a_k 63
// CHECK-NEXT: pdk.sub_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.subc_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[ABOVE:above_[0-9]+]]
// CHECK-NEXT: pdk.clear_m %[[VALUE]][0]
// CHECK-NEXT: pdk.clear_m %[[VALUE]][1]
// CHECK-NEXT: pdk.label @[[ABOVE]]
// CHECK-NEXT: pdk.mov_a_k 232
// CHECK-NEXT: pdk.sub_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.subc_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.clear_m %[[VALUE]][0]
// CHECK-NEXT: pdk.clear_m %[[VALUE]][1]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 232
// CHECK-NEXT: pdk.add_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.addc_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[SHIFTED]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[SHIFTED]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 4 plus %[[SHIFTED]]
// CHECK-NEXT: pdk.goto_k @[[LOOP:elements_[0-9]+]]
func.func @unsigned(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 1000>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 5000]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 5255>>
  %2 = lowbit.requant %1 plus 3 shift 2 clamp 0 to 1000 : tensor<2x!lowbit.int<-255, 5255>> -> tensor<2x!lowbit.int<0, 1000>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1000>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 1000>>
}

// -----

// CHECK-LABEL: pdk.program @ties
// The least is (-255 + 4) >> 3 = -32, even, so that ties stay even; the sums
// have 4 + 32 x 8 = 260. No result is beyond the clamp.
// CHECK: pdk.undef %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][1]
// CHECK: pdk.mov_a_m %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.and_a_k 8
// CHECK-NEXT: pdk.add_a_k 248
// CHECK-NEXT: pdk.subc_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.src_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[SHIFTED:.*]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
func.func @ties(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-32, 657>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 5000]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 5255>>
  %2 = lowbit.requant %1 plus 4 shift 3 ties even clamp -1000 to 1000 : tensor<2x!lowbit.int<-255, 5255>> -> tensor<2x!lowbit.int<-32, 657>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-32, 657>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-32, 657>>
}
