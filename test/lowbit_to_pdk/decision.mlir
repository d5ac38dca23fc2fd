// The class: by a loop or unrolled, as a label, of one value.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @unrolled
// Each pass adds 32768 to every sum, so only an odd number of passes is seen:
// the excess is taken off each sum when its turn comes. The largest so far is
// kept in the first one's place.
// CHECK: %[[PASSES:.*]] = pdk.cells "passes" size 1
// CHECK: pdk.mov_a_m %[[PASSES]][0]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.clear_m %[[EXCESS:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.mov_m_a %[[EXCESS]][1]
// CHECK-NEXT: pdk.mov_a_m %[[EXCESS]][0]
// CHECK-NEXT: pdk.sub_m_a %[[SUMS:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[EXCESS]][1]
// CHECK-NEXT: pdk.subc_m_a %[[SUMS]][1]
// CHECK-NEXT: pdk.clear_m %[[LARGEST:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[EXCESS]][0]
// CHECK-NEXT: pdk.sub_m_a %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_a_m %[[EXCESS]][1]
// CHECK-NEXT: pdk.subc_m_a %[[SUMS]][3]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][0]
// CHECK-NEXT: pdk.sub_a_m %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][1]
// CHECK-NEXT: pdk.subc_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][2]
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][3]
// CHECK-NEXT: pdk.mov_m_a %[[SUMS]][1]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[LARGEST]][0]
// CHECK-NEXT: pdk.label @[[NEXT]]
// CHECK-NEXT: pdk.mov_a_m %[[EXCESS]][0]
// CHECK-NEXT: pdk.sub_m_a %[[SUMS]][4]
// CHECK-NEXT: pdk.mov_a_m %[[EXCESS]][1]
// CHECK-NEXT: pdk.subc_m_a %[[SUMS]][5]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][0]
// CHECK-NEXT: pdk.sub_a_m %[[SUMS]][4]
// CHECK-NEXT: pdk.mov_a_m %[[SUMS]][1]
// CHECK-NEXT: pdk.subc_a_m %[[SUMS]][5]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[END:next_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[LARGEST]][0]
// CHECK-NEXT: pdk.label @[[END]]
// CHECK-NEXT: pdk.mov_a_m %[[LARGEST]][0]
// CHECK-NEXT: pdk.ret
func.func @unrolled(%0: tensor<3x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 1], [1, 0, 1], [0, 0, 1]]> : tensor<3x3xi8> of [-8, 7] bias [0, 9, 3] {method = "looped-skip"}
      : tensor<3x!lowbit.int<0, 255>> -> tensor<3x!lowbit.int<-6120, 5364>>
  %2 = lowbit.argmax %1 {method = "unrolled"} : tensor<3x!lowbit.int<-6120, 5364>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}

// -----

// CHECK-LABEL: pdk.program @labels
// As a loop, from the last value down, that takes what is no less than the
// largest so far; the class goes through a function of its own.
// CHECK: pdk.mov_a_k 2 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[NUMBER:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[BEST:.*]][0]
// CHECK-NEXT: pdk.undef %[[LARGEST:.*]]
// CHECK-NEXT: pdk.label @[[LOOP:argmax_[0-9]+]] trips 2
// CHECK-NEXT: pdk.dec_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.sub_a_m %[[BEST]][0]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_m_a %[[BEST]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.mov_m_a %[[LARGEST]][0]
// CHECK-NEXT: pdk.label @[[NEXT]]
// CHECK-NEXT: pdk.dzsn_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.mov_a_m %[[LARGEST]][0]
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.undef %[[CLASS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[CLASS]][0]
// CHECK: pdk.mov_a_m %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.call_k @[[FUNCTION:function_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[LABEL:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[LABEL]][0]
// CHECK-NEXT: pdk.ret
// CHECK: pdk.routine @[[FUNCTION]] {
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 3
// CHECK-NEXT: pdk.ret_k 9
func.func @labels(%0: tensor<2x!lowbit.int<0, 100>>) -> tensor<1x!lowbit.int<0, 9>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [0, 7]
      : tensor<2x!lowbit.int<0, 100>> -> tensor<2x!lowbit.int<0, 107>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<0, 107>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.steps %2 starts [0, 1] values [3, 9] sizes [2] {method = "compare"} : tensor<1x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 9>>
  return %3 : tensor<1x!lowbit.int<0, 9>>
}

// -----

// CHECK-LABEL: pdk.program @sign
// The activation is the class already.
// CHECK: %[[ACT:.*]] = pdk.cells "act" size 1 within %{{.*}}
// CHECK: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 1 plus %[[ACT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP:elements_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[ACT]][0]
// CHECK-NEXT: pdk.ret
func.func @sign(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-8, 7] bias [0] {method = "looped"}
      : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<-2040, 1785>>
  %2 = lowbit.requant %1 plus 31 shift 5 clamp 0 to 1 : tensor<1x!lowbit.int<-2040, 1785>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
