// Step functions by comparisons and by tables: a routine a function, called in
// a loop over the elements.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @compare
// Arguments count from -255: the sums start there. Of a value of two bytes one
// piece's length after the other is taken off, 200, 300 = 256 + 44 and 56,
// until there is a borrow.
// CHECK: %[[ACT:.*]] = pdk.cells "act" size 2
// CHECK: pdk.undef %[[ACT]]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[ACT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.call_k @[[FUNCTION:function_[0-9]+]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[ACT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK: pdk.routine @[[FUNCTION]] {
// CHECK-NEXT: pdk.mov_a_k 200
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.subc_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 4
// CHECK-NEXT: pdk.mov_a_k 44
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.subc_m_a %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 0
// CHECK-NEXT: pdk.mov_a_k 56
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.subc_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 9
// CHECK-NEXT: pdk.ret_k 2
func.func @compare(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.steps %1 starts [-255, -55, 245, 301] values [4, 0, 9, 2] sizes [4] {method = "compare"} : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>
}

// -----

// CHECK-LABEL: pdk.program @byte
// One byte is handed over in A.
// CHECK: pdk.idxm_a_m %[[P:.*]][0] into %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.call_k @[[FUNCTION:function_[0-9]+]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[ACT:.*]]
// CHECK: pdk.routine @[[FUNCTION]] {
// CHECK-NEXT: pdk.sub_a_k 10
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 4
// CHECK-NEXT: pdk.sub_a_k 100
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 0
// CHECK-NEXT: pdk.sub_a_k 110
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 9
// CHECK-NEXT: pdk.ret_k 2
func.func @byte(%0: tensor<2x!lowbit.int<0, 100>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 55]
      : tensor<2x!lowbit.int<0, 100>> -> tensor<2x!lowbit.int<-100, 155>>
  %2 = lowbit.steps %1 starts [-100, -90, 10, 120] values [4, 0, 9, 2] sizes [4] {method = "compare"} : tensor<2x!lowbit.int<-100, 155>> -> tensor<2x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>
}

// -----

// CHECK-LABEL: pdk.program @lookup
// Of few arguments a table of values, from -5 on.
// CHECK: pdk.mov_a_m %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.call_k @[[FUNCTION:function_[0-9]+]]
// CHECK: pdk.routine @[[FUNCTION]] {
// CHECK-NEXT: pdk.add_a_k 1
// CHECK-NEXT: pdk.call_k @[[VALUES:values_[0-9]+]]
// CHECK-NEXT: pdk.ret
// CHECK: pdk.table @[[VALUES]] {{\[}}4, 4, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 2, 2, 2, 2]
func.func @lookup(%0: tensor<2x!lowbit.int<0, 5>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 5]
      : tensor<2x!lowbit.int<0, 5>> -> tensor<2x!lowbit.int<-5, 10>>
  %2 = lowbit.steps %1 starts [-5, -3, 2, 7] values [4, 0, 9, 2] sizes [4] {method = "table"} : tensor<2x!lowbit.int<-5, 10>> -> tensor<2x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>
}

// -----

// CHECK-LABEL: pdk.program @distances
// Of more, a loop over a table of the pieces' lengths, and one of values.
// CHECK: pdk.routine @[[FUNCTION:function_[0-9]+]] {
// CHECK-NEXT: pdk.mov_a_k 200
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.subc_m %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 4
// CHECK-NEXT: pdk.clear_m %[[PIECE:.*]][0]
// CHECK-NEXT: pdk.label @[[LOOP:distance_[0-9]+]] trips 4
// CHECK-NEXT: pdk.inc_m %[[PIECE]][0]
// CHECK-NEXT: pdk.mov_a_m %[[PIECE]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 3
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[NEXT]]
// CHECK-NEXT: pdk.call_k @[[LOW:distances_[0-9]+]]
// CHECK-NEXT: pdk.sub_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.mov_a_m %[[PIECE]][0]
// CHECK-NEXT: pdk.call_k @[[HIGH:distances_[0-9]+]]
// CHECK-NEXT: pdk.subc_m_a %[[ARGUMENT]][1]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.label @[[DONE]]
// CHECK-NEXT: pdk.mov_a_m %[[PIECE]][0]
// CHECK-NEXT: pdk.call_k @[[VALUES:values_[0-9]+]]
// CHECK-NEXT: pdk.ret
// CHECK: pdk.table @[[LOW]] {{\[}}44, 56]
// CHECK-NEXT: pdk.table @[[HIGH]] {{\[}}1, 0]
// CHECK-NEXT: pdk.table @[[VALUES]] {{\[}}0, 9, 2]
func.func @distances(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.steps %1 starts [-255, -55, 245, 301] values [4, 0, 9, 2] sizes [4] {method = "table"} : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 9>>
}

// -----

// CHECK-LABEL: pdk.program @by_element
// Functions by element: neighbours of one function share a loop; one alone has
// none.
// CHECK: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.call_k @[[FIRST:function_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[ACT:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 1 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 1 plus %[[ACT]]
// CHECK-NEXT: pdk.mov_m_a %[[TARGET:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[TARGET]][1]
// CHECK-NEXT: pdk.label @[[LOOP:elements_[0-9]+]] trips 2
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[ARGUMENT]][0]
// CHECK-NEXT: pdk.call_k @[[SECOND:function_[0-9]+]]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET]][0] into %[[ACT]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 3 plus %[[ACT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK: pdk.routine @[[FIRST]] {
// CHECK-NEXT: pdk.sub_a_k 10
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 4
// CHECK-NEXT: pdk.ret_k 0
// CHECK: pdk.routine @[[SECOND]] {
// CHECK-NEXT: pdk.sub_a_k 110
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.ret_k 9
// CHECK-NEXT: pdk.ret_k 2
func.func @by_element(%0: tensor<2x!lowbit.int<0, 100>>) -> (tensor<1x!lowbit.int<0, 2>>, tensor<3x!lowbit.int<0, 9>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, accumulate 2, deduct 0] bias [0, 55, 7]
      : tensor<2x!lowbit.int<0, 100>> -> tensor<3x!lowbit.int<-100, 155>>
  %2 = lowbit.steps %1 starts [-100, -90, -100, 10, 0] values [4, 0, 9, 2, 5] sizes [2, 2, 1] function [0, 1, 1] {method = "compare"} : tensor<3x!lowbit.int<-100, 155>> -> tensor<3x!lowbit.int<0, 9>>
  %3 = lowbit.argmax %2 : tensor<3x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 2>>
  return %3, %2 : tensor<1x!lowbit.int<0, 2>>, tensor<3x!lowbit.int<0, 9>>
}
