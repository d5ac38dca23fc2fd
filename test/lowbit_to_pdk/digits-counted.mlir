// A layer of weights 0, 1 and -1 that is fed: five digits a byte, tables indexed
// by the input's number; sums of 12 bits, three bytes for two of them, each with
// as much on top as if its weights were 1, 2 and 0.
// RUN: %lower-pms150c %s | FileCheck %s

// CHECK-LABEL: pdk.program @model
// The biases 2 and 5 above the lesser one: 0 and 3.
// CHECK: pdk.clear_m %[[SUMS:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 48
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][1]
// CHECK-NEXT: pdk.clear_m %[[SUMS]][2]
// CHECK-NEXT: pdk.clear_m %[[NUMBER:.*]][0]
// CHECK: pdk.inc_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[TABLE:digits_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[WORD:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK: pdk.label @[[DIGIT:digit_[0-9]+]] trips 2
// The word times 3; the carries are the digit.
// CHECK-NEXT: pdk.clear_m %[[D:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[WORD]][0]
// CHECK-NEXT: pdk.add_a_m %[[WORD]][0]
// CHECK-NEXT: pdk.addc_m %[[D]][0]
// CHECK-NEXT: pdk.add_m_a %[[WORD]][0]
// CHECK-NEXT: pdk.addc_m %[[D]][0]
// The input is added so many times.
// CHECK-NEXT: pdk.inc_m %[[D]][0]
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[MORE:more_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.add_a_m %[[X]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// A carry.
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[DONE]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.add_a_k 1
// CHECK: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.dzsn_m %[[D]][0]
// CHECK-NEXT: pdk.goto_k @[[MORE]]
// To the other half of a byte, or the next byte.
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.swap_a
// CHECK-NEXT: pdk.mov_m_a %[[X]][0]
// CHECK-NEXT: pdk.sub_a_k 16
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// The decision reads both halves.
// CHECK: pdk.label @argmax_{{[0-9]+}} trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.dzsn_m
// CHECK: pdk.and_a_k 240
// Digits 2 0 and 0 1, as numbers of base 3 over 9: 6/9 and 1/9 of 256.
// CHECK: pdk.table @[[TABLE]] {{\[}}171, 29]
func.func @model(%0: tensor<2x!lowbit.int<0, 1>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.conv %0 shape [1, 2] weights dense<[[[0]]]> : tensor<1x1x1xi8> of [6] bias [0] strides [1] pads [0, 0] dilations [1]
      : tensor<2x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<0, 6>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 3 : tensor<2x!lowbit.int<0, 6>> -> tensor<2x!lowbit.int<0, 3>>
  %3 = lowbit.dense %2 weights dense<[[2, 0], [0, 1]]> : tensor<2x2xi8> of [-1, 0, 1] bias [2, 5] {method = "digits-counted"}
      : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-6, 11>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-6, 11>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
