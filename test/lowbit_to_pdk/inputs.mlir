// How a model's inputs reach its first layers: from the stream as they arrive,
// kept in RAM, or from an array of the user's; and what is done to them before.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @shifted
// 8 more may carry: nine bits are shifted. 12 at most.
// CHECK: pdk.call_k @shifted_next_input
// CHECK-NEXT: pdk.add_a_k 8
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sub_a_k 12
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 12
// CHECK-NEXT: pdk.add_m_a %[[SUMS:.*]][0]
// CHECK-NEXT: pdk.call_k @shifted_next_input
// CHECK-NEXT: pdk.add_a_k 8
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sr_a
func.func @shifted(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.requant %0 plus 8 shift 4 clamp 0 to 12 : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 12>>
  %2 = lowbit.chains %1 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [1, 0] : tensor<2x!lowbit.int<0, 12>> -> tensor<2x!lowbit.int<0, 13>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 13>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @ties
// Ties of nine bits: the carry is kept in a second byte.
// CHECK: pdk.call_k @ties_next_input
// CHECK-NEXT: pdk.add_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[VALUE]][1]
// CHECK-NEXT: pdk.slc_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.and_a_k 4
// CHECK-NEXT: pdk.add_a_k 252
// CHECK-NEXT: pdk.subc_m %[[VALUE]][0]
// CHECK-NEXT: pdk.sr_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.src_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.add_m_a %[[SUM:.*]][0]
func.func @ties(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 128>>) {
  %1 = lowbit.requant %0 plus 2 shift 2 ties even clamp 0 to 255 : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 64>>
  %2 = lowbit.chains %1 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 0] bias [0]
      : tensor<2x!lowbit.int<0, 64>> -> tensor<1x!lowbit.int<0, 128>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 128>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 128>>
}

// -----

// CHECK-LABEL: pdk.program @signed
// Inputs of -31 to 31 count from 0: 31 is added to each, and 31 times the
// weights' sum, 0, to the bias.
// CHECK: pdk.clear_m %[[PASSES:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 3
// CHECK-NEXT: pdk.mov_m_a %[[ACC:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[ACC]][1]
// CHECK: pdk.label @[[INPUTS:inputs_[0-9]+]] trips 2
// CHECK-NEXT: pdk.call_k @signed_next_input
// CHECK-NEXT: pdk.add_a_k 31
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.goto_k @[[START:start_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_input_[0-9]+]]
// CHECK-NEXT: pdk.label @[[START]]
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[PASSES]][0]
func.func @signed(%0: tensor<2x!lowbit.int<-31, 31>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [3, 0] {method = "packed"}
      : tensor<2x!lowbit.int<-31, 31>> -> tensor<2x!lowbit.int<-62, 65>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-62, 65>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @signed_taken
// Or the layer takes them as they are.
// CHECK: pdk.label @[[INPUTS:inputs_[0-9]+]] trips 2
// CHECK-NEXT: pdk.call_k @signed_taken_next_input
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.goto_k @[[START:start_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_input_[0-9]+]]
// CHECK-NEXT: pdk.label @[[START]]
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[PASSES:.*]][0]
func.func @signed_taken(%0: tensor<2x!lowbit.int<-31, 31>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [3, 0] {method = "packed-signed"}
      : tensor<2x!lowbit.int<-31, 31>> -> tensor<2x!lowbit.int<-62, 65>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-62, 65>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @by_element
// Functions by element: a loop for each stretch of the same one.
// CHECK: pdk.label @[[LOOP:inputs_[0-9]+]] trips 1
// CHECK-NEXT: pdk.call_k @by_element_next_input
// CHECK-NEXT: pdk.call_k @[[FIRST:function_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.call_k @[[PASS:pass_[0-9]+]]
// CHECK-NEXT: pdk.label @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK: pdk.label @inputs{{.*}} trips 1
// CHECK-NEXT: pdk.call_k @by_element_next_input
// CHECK-NEXT: pdk.call_k @[[SECOND:function_[0-9]+]]
// CHECK: pdk.label @inputs{{.*}} trips 1
// CHECK-NEXT: pdk.call_k @by_element_next_input
// CHECK-NEXT: pdk.call_k @[[FIRST]]
func.func @by_element(%0: tensor<3x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.steps %0 starts [0, 100, 0, 50, 150] values [0, 3, 5, 0, 7] sizes [2, 3] function [0, 1, 0] {method = "compare"} : tensor<3x!lowbit.int<0, 255>> -> tensor<3x!lowbit.int<0, 7>>
  %2 = lowbit.dense %1 weights dense<[[0, 1, 1], [1, 0, 1]]> : tensor<2x3xi8> of [-1, 1] bias [0, 0] {method = "looped"}
      : tensor<3x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<-7, 14>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-7, 14>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @unread
// What no neuron reads is taken and dropped, by calls if they are up to six.
// What is read alone is no loop.
// CHECK: pdk.call_k @unread_next_input
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.call_k @[[PASS:pass_piece_[0-9]+]] {trips = 1 : i64}
// CHECK-NEXT: pdk.dec_m %[[ENTRY:.*]][0]
// CHECK-NEXT: pdk.call_k @unread_next_input
// CHECK-NEXT: pdk.call_k @unread_next_input
// CHECK-NEXT: pdk.call_k @unread_next_input
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.call_k @[[PASS]] {trips = 1 : i64}
// CHECK-NEXT: pdk.dec_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.mov_a_k 7
// CHECK-NEXT: pdk.mov_m_a %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.label @[[DISCARD:discard_[0-9]+]] trips 7
// CHECK-NEXT: pdk.call_k @unread_next_input
// CHECK-NEXT: pdk.dzsn_m %[[LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[DISCARD]]
func.func @unread(%0: tensor<11x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1], [2, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1]]> : tensor<2x11xi8> of [-1, 0, 1] bias [0, 0] {method = "packed"}
      : tensor<11x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 15>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-15, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @buffer
// From an array: p goes through it.
// CHECK: %[[INPUT:.*]] = pdk.cells "input" size 2 exported
// CHECK: pdk.mov_a_k 0 plus %[[INPUT]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.label @[[LOOP:inputs_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[INPUT]]
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.goto_k @[[START:start_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_input_[0-9]+]]
// CHECK-NEXT: pdk.label @[[START]]
// CHECK: pdk.label @[[NEXT]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.dzsn_m %[[ENTRY:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NOT: pdk.external
func.func @buffer(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 15>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-15, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @buffer_straight
// Straight-line code takes each where it is.
// CHECK: %[[INPUT:.*]] = pdk.cells "input" size 2 exported
// CHECK: pdk.mov_a_m %[[INPUT]][0]
// CHECK-NEXT: pdk.sub_a_m %[[INPUT]][1]
// CHECK-NEXT: pdk.add_a_k 15
// CHECK-NEXT: pdk.sub_m_a %[[SUMS:.*]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][1]
// CHECK-NOT: pdk.external
func.func @buffer_straight(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] {method = "straight"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 15>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-15, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @two_uses
// Inputs with more than one user go to RAM first, to where they are wanted.
// CHECK: %[[ALL:.*]] = pdk.cells "concat" size 4
// CHECK: pdk.mov_a_k 0 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.call_k @two_uses_next_input
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ALL]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[ALL]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK: pdk.mov_a_k 0 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2 plus %[[ALL]]
// CHECK-NEXT: pdk.mov_m_a %[[ACT_TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[ACT_TARGET]][1]
// CHECK-NEXT: pdk.label @elements{{.*}} trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[ALL]]
// CHECK: pdk.idxm_m_a %[[ACT_TARGET]][0] into %[[ALL]]
func.func @two_uses(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.requant %0 plus 8 shift 4 clamp 0 to 15 : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 15>>
  %2 = lowbit.concat %0, %1 : tensor<2x!lowbit.int<0, 255>>, tensor<2x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 255>>
  %3 = lowbit.argmax %2 : tensor<4x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 3>>
  return %3 : tensor<1x!lowbit.int<0, 3>>
}

// -----

// CHECK-LABEL: pdk.program @as_they_arrive
// Where no layer comes first, activations of the inputs go to RAM.
// CHECK: pdk.mov_a_k 0 plus %[[ACT:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 1
// CHECK-NEXT: pdk.call_k @as_they_arrive_next_input
// CHECK-NEXT: pdk.call_k @[[FIRST:function_[0-9]+]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 1 plus %[[ACT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.mov_a_k 1 plus %[[ACT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET_2:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET_2]][1]
// CHECK-NEXT: pdk.label @[[LOOP_2:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.call_k @as_they_arrive_next_input
// CHECK-NEXT: pdk.call_k @[[SECOND:function_[0-9]+]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET_2]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET_2]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET_2]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 3 plus %[[ACT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP_2]]
func.func @as_they_arrive(%0: tensor<3x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.steps %0 starts [0, 100, 0, 50, 150] values [0, 3, 5, 0, 7] sizes [2, 3] function [0, 1, 1] {method = "compare"} : tensor<3x!lowbit.int<0, 255>> -> tensor<3x!lowbit.int<0, 7>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}

// -----

// CHECK-LABEL: pdk.program @window
// A convolution prepares each element of an array as it reads it.
// CHECK: %[[INPUT:.*]] = pdk.cells "input" size 3 exported
// CHECK: pdk.idxm_a_m %[[P:.*]][0] into %[[INPUT]]
// CHECK-NEXT: pdk.swap_a
// CHECK-NEXT: pdk.and_a_k 15
// CHECK-NEXT: pdk.sub_a_k 12
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 12
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
func.func @window(%0: tensor<3x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.requant %0 shift 4 clamp 0 to 12 : tensor<3x!lowbit.int<0, 255>> -> tensor<3x!lowbit.int<0, 12>>
  %2 = lowbit.conv %1 shape [1, 3] weights dense<[[[0, 1]]]> : tensor<1x1x2xi8> of [-1, 1] bias [7] strides [1] pads [0, 0] dilations [1]
      : tensor<3x!lowbit.int<0, 12>> -> tensor<1x2x!lowbit.int<-5, 19>>
  %3 = lowbit.argmax %2 : tensor<1x2x!lowbit.int<-5, 19>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
