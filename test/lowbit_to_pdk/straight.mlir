// Straight-line code, the requantisation's shapes and the decision.
// RUN: %lower-pms150c %s | FileCheck %s

// Inputs are stored where they are used again; sums begin at their biases, a
// accumulation adds the carry to the bytes above.
// CHECK-LABEL: pdk.program @straight
// CHECK: %[[S:.*]] = pdk.cells "sum" size 4
// CHECK: %[[I:.*]] = pdk.cells "in_0" size 1
// CHECK: pdk.call_k @{{.*}}next_input
// CHECK-NEXT: pdk.mov_m_a %[[I]][0]
// CHECK-NEXT: pdk.call_k @{{.*}}next_input
// CHECK-NEXT: pdk.add_a_m %[[I]][0]
// CHECK-NEXT: pdk.add_m_a %[[S]][0]
// CHECK-NEXT: pdk.addc_m %[[S]][1]
// CHECK-NEXT: pdk.sub_m_a %[[S]][2]
// CHECK-NEXT: pdk.subc_m %[[S]][3]
// The decision, unrolled: a strictly larger value takes over.
// CHECK: pdk.sub_a_m %[[S]][2]
// CHECK-NEXT: pdk.mov_a_m %[[S]][1]
// CHECK-NEXT: pdk.subc_a_m %[[S]][3]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK: pdk.ret
func.func @straight(%0: tensor<2x!lowbit.int<0, 100>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, take 1, load 1, add 0, accumulate 0, deduct 1] bias [1, 400]
      : tensor<2x!lowbit.int<0, 100>> -> tensor<2x!lowbit.int<1, 400>>
  %2 = lowbit.argmax %1 {method = "unrolled"} : tensor<2x!lowbit.int<1, 400>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// A sum that may be negative is tested by its sign, shifted over both bytes and
// clipped at 100: below, 0. Once an element.
// CHECK-LABEL: pdk.program @clip
// CHECK: %[[S:.*]] = pdk.cells "sum" size 2
// CHECK: %[[A:.*]] = pdk.cells "act" size 1 within %[[S]]
// CHECK: pdk.mov_a_m %[[S]][1]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[LOW:below.*]]
// CHECK: pdk.mov_a_m %[[S]][0]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sub_a_k 100
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 100
// CHECK: pdk.label @[[LOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK: pdk.mov_m_a %[[A]][0]
// CHECK: pdk.ret
func.func @clip(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 100>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, deduct 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<-255, 255>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 100 {method = "unrolled"} : tensor<1x!lowbit.int<-255, 255>> -> tensor<1x!lowbit.int<0, 100>>
  return %2 : tensor<1x!lowbit.int<0, 100>>
}

// A shift by 8 is the other byte, no instruction.
// CHECK-LABEL: pdk.program @byte
// CHECK: %[[S:.*]] = pdk.cells "sum" size 2
// CHECK-NOT: sr_m
// CHECK: pdk.mov_a_m %[[S]][1]
// CHECK: pdk.ret
func.func @byte(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  %2 = lowbit.requant %1 shift 8 clamp 0 to 1 {method = "unrolled"} : tensor<1x!lowbit.int<0, 510>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// In a loop: through p from the sums, through a pointer into the activations.
// CHECK-LABEL: pdk.program @loop
// CHECK: pdk.idxm_a_m %{{.*}}[0] into
// CHECK: pdk.idxm_m_a %{{.*}}[0] into
// The decision's loop counts the elements.
// CHECK: pdk.ceqsn_a_k 3
// CHECK: pdk.ret
func.func @loop(%0: tensor<1x!lowbit.int<0, 100>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, accumulate 1, accumulate 2] bias [0, 200, 400]
      : tensor<1x!lowbit.int<0, 100>> -> tensor<3x!lowbit.int<0, 500>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 100 : tensor<3x!lowbit.int<0, 500>> -> tensor<3x!lowbit.int<0, 100>>
  %3 = lowbit.argmax %2 : tensor<3x!lowbit.int<0, 100>> -> tensor<1x!lowbit.int<0, 2>>
  return %3 : tensor<1x!lowbit.int<0, 2>>
}

// CHECK-LABEL: pdk.program @behind
// Layers as dense ones: chains are found. Behind the first the next reads its
// activations in place.
// CHECK: pdk.call_k @behind_next_input
// CHECK-NEXT: pdk.mov_m_a %[[IN_0:.*]][0]
// CHECK-NEXT: pdk.sub_m_a %[[SUMS:.*]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][2]
// CHECK-NEXT: pdk.add_a_m %[[IN_0]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][1]
// CHECK-NEXT: pdk.call_k @behind_next_input
// CHECK-NEXT: pdk.mov_m_a %[[IN_1:.*]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][1]
// CHECK-NEXT: pdk.add_a_m %[[IN_1]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][2]
// CHECK: pdk.mov_a_k 15
// CHECK-NEXT: pdk.mov_m_a %[[NEXT_SUMS:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 18
// CHECK-NEXT: pdk.mov_m_a %[[NEXT_SUMS]][1]
// CHECK-NEXT: pdk.mov_a_m %[[ACT:.*]][0]
// CHECK-NEXT: pdk.add_m_a %[[NEXT_SUMS]][0]
// CHECK-NEXT: pdk.sub_m_a %[[NEXT_SUMS]][1]
// CHECK-NEXT: pdk.mov_a_m %[[ACT]][1]
// CHECK-NEXT: pdk.add_m_a %[[NEXT_SUMS]][0]
// CHECK-NEXT: pdk.add_m_a %[[NEXT_SUMS]][1]
// CHECK-NEXT: pdk.mov_a_m %[[ACT]][2]
// CHECK-NEXT: pdk.sub_m_a %[[NEXT_SUMS]][0]
// CHECK-NEXT: pdk.add_m_a %[[NEXT_SUMS]][1]
func.func @behind(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 2], [2, 1], [1, 2]]> : tensor<3x2xi8> of [-1, 1, 2] bias [0, 0, 0] {method = "straight"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-15, 45>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 {method = "unrolled"} : tensor<3x!lowbit.int<-15, 45>> -> tensor<3x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[1, 1, 0], [0, 1, 1]]> : tensor<2x3xi8> of [-1, 1] bias [0, 3] {method = "straight"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 33>>
  %4 = lowbit.argmax %3 {method = "unrolled"} : tensor<2x!lowbit.int<-15, 33>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// Sums that are doubled start at half their bias; the bit of it that is lost so
// comes behind, where the sum is even.
// CHECK-LABEL: pdk.program @doubled
// CHECK: %[[I:.*]] = pdk.cells "input" size 2
// CHECK: %[[SUM:.*]] = pdk.cells "sum" size 4
// CHECK: pdk.mov_a_k 3
// CHECK-NEXT: pdk.mov_m_a %[[SUM]][0]
// CHECK: pdk.mov_a_m %[[I]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUM]][0]
// CHECK-NEXT: pdk.addc_m %[[SUM]][1]
// CHECK-NEXT: pdk.sl_m %[[SUM]][0]
// CHECK-NEXT: pdk.slc_m %[[SUM]][1]
// CHECK-NEXT: pdk.inc_m %[[SUM]][0]
// CHECK-NEXT: pdk.sl_m %[[SUM]][2]
// CHECK-NEXT: pdk.slc_m %[[SUM]][3]
// CHECK-NEXT: pdk.mov_a_m %[[I]][1]
// CHECK-NEXT: pdk.sub_m_a %[[SUM]][2]
func.func @doubled(%0: tensor<2x!lowbit.int<0, 200>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.chains %0 steps [load 0, accumulate 0, double_sums, load 1, deduct 1] bias [7, 400]
      : tensor<2x!lowbit.int<0, 200>> -> tensor<2x!lowbit.int<7, 407>>
  %2 = lowbit.argmax %1 {method = "loop"} : tensor<2x!lowbit.int<7, 407>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// A layer as one walk: from 128 to the sum of both inputs, added to one row,
// taken off the other one.
// CHECK-LABEL: pdk.program @walk
// CHECK: %[[I:.*]] = pdk.cells "input" size 2
// CHECK: %[[SUM:.*]] = pdk.cells "sum" size 2
// CHECK: pdk.mov_a_k 128
// CHECK-NEXT: pdk.{{add|sub}}_a_m %[[I]][0]
// CHECK-NEXT: pdk.{{add|sub}}_a_m %[[I]][1]
// CHECK-NEXT: pdk.{{add|sub}}_m_a %[[SUM]]
// CHECK-NEXT: pdk.{{add|sub}}_m_a %[[SUM]]
func.func @walk(%0: tensor<2x!lowbit.int<-3, 3>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.requant %0 plus 3 clamp 0 to 6 : tensor<2x!lowbit.int<-3, 3>> -> tensor<2x!lowbit.int<0, 6>>
  %2 = lowbit.dense %1 weights dense<[[0, 0], [1, 1]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] {method = "walk"}
      : tensor<2x!lowbit.int<0, 6>> -> tensor<2x!lowbit.int<-12, 12>>
  %3 = lowbit.argmax %2 {method = "loop"} : tensor<2x!lowbit.int<-12, 12>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
