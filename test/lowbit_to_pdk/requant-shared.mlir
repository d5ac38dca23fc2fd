// Layers of one engine with the same requantisation share its routine, where it
// is a loop. Activations of one byte lie among the engine's cells, before the
// sums.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @shared
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 4
// CHECK: pdk.call_k @[[REQUANT:requant_[0-9]+]]
// The next layer reads them there.
// CHECK: pdk.mov_a_k 2 plus %[[SUMS]]
// CHECK-NEXT: pdk.call_k @[[START:start_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[COUNTER:.*]][0]
// CHECK-NEXT: pdk.label @inputs{{.*}} trips 2
// CHECK-NEXT: pdk.mov_a_m %[[COUNTER]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %{{.*}}[0]
// CHECK: pdk.call_k @[[REQUANT]]
// CHECK: pdk.routine @[[REQUANT]] {
// CHECK-NEXT: pdk.mov_a_k 2 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @elements{{.*}} trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @below{{.*}}
// CHECK-NEXT: pdk.sr_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.goto_k @done{{.*}}
// CHECK: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[SUMS]]
// CHECK-NEXT: pdk.goto_k @elements{{.*}}
// CHECK-NEXT: pdk.ret
// CHECK: pdk.routine @pass{{.*}} {
func.func @shared(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-8, 7] bias [1, 2] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-119, 107>>
  %2 = lowbit.requant %1 shift 3 clamp 0 to 15 : tensor<2x!lowbit.int<-119, 107>> -> tensor<2x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-8, 7] bias [-9, 5] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-129, 110>>
  %4 = lowbit.requant %3 shift 3 clamp 0 to 15 : tensor<2x!lowbit.int<-129, 110>> -> tensor<2x!lowbit.int<0, 15>>
  %5 = lowbit.dense %4 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-8, 7] bias [0, 0] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-120, 105>>
  %6 = lowbit.argmax %5 : tensor<2x!lowbit.int<-120, 105>> -> tensor<1x!lowbit.int<0, 1>>
  return %6 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @unrolled
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 4
// Unrolled code is there to be fast, and has no calls.
// CHECK: pdk.mov_a_m %[[SUMS]][2]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.sr_m %[[SUMS]][2]
// CHECK-NEXT: pdk.sr_m %[[SUMS]][2]
// CHECK-NEXT: pdk.sr_m %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][2]
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @below{{.*}}
// CHECK-NEXT: pdk.sr_m %[[SUMS]][3]
// CHECK-NEXT: pdk.sr_m %[[SUMS]][3]
// CHECK-NEXT: pdk.sr_m %[[SUMS]][3]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.goto_k @done{{.*}}
// CHECK-NEXT: pdk.label @below{{.*}}
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @done{{.*}}
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][1]
// CHECK-NOT: call_k @requant
func.func @unrolled(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-8, 7] bias [1, 2] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-119, 107>>
  %2 = lowbit.requant %1 shift 3 clamp 0 to 15 {method = "unrolled"} : tensor<2x!lowbit.int<-119, 107>> -> tensor<2x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-8, 7] bias [-9, 5] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-129, 110>>
  %4 = lowbit.requant %3 shift 3 clamp 0 to 15 {method = "unrolled"} : tensor<2x!lowbit.int<-129, 110>> -> tensor<2x!lowbit.int<0, 15>>
  %5 = lowbit.dense %4 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-8, 7] bias [0, 0] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-120, 105>>
  %6 = lowbit.argmax %5 : tensor<2x!lowbit.int<-120, 105>> -> tensor<1x!lowbit.int<0, 1>>
  return %6 : tensor<1x!lowbit.int<0, 1>>
}
