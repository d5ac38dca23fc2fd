// What no method can write is refused where it is chosen.
// RUN: not pdkc-opt %s -split-input-file --pdkc-lower=mcu=pms150c 2>&1 | FileCheck %s

// Sums that two layers add to lie in no one's place; the region that has both
// comes apart all the same.
// CHECK: error: adds to what are no sums of a dense layer, or others take them, too
func.func @twice(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]]> : tensor<3x4xi8> of [0, 1] bias [0, 0, 0]
      : tensor<4x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<0, 15>>
  %2 = lowbit.fused %0, %1 {method = "stored"} : tensor<4x!lowbit.int<0, 15>>, tensor<3x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<0, 45>> {
  ^bb0(%x: tensor<4x!lowbit.int<0, 15>>, %s: tensor<3x!lowbit.int<0, 15>>):
    %3 = lowbit.conv %x to %s shape [1, 4] weights dense<[[[0, 1]]]> : tensor<1x1x2xi8> of [-1, 2] bias [0] strides [1] pads [0, 0] dilations [1]
        : tensor<4x!lowbit.int<0, 15>>, tensor<3x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-15, 45>>
    %4 = lowbit.requant %3 shift 1 clamp 0 to 15 : tensor<3x!lowbit.int<-15, 45>> -> tensor<3x!lowbit.int<0, 15>>
    %5 = lowbit.dense %4 to %s weights dense<[[0, 1, 0], [1, 0, 0], [1, 1, 0]]> : tensor<3x3xi8> of [0, 1] bias [0, 0, 0]
        : tensor<3x!lowbit.int<0, 15>>, tensor<3x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<0, 45>>
    lowbit.yield %5 : tensor<3x!lowbit.int<0, 45>>
  }
  %6 = lowbit.argmax %2 : tensor<3x!lowbit.int<0, 45>> -> tensor<1x!lowbit.int<0, 2>>
  return %6 : tensor<1x!lowbit.int<0, 2>>
}

// -----

// CHECK: error: takes 1 inputs; it must take all where they arrive one by one, and none where they lie in RAM
func.func @taken(%0: tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 0>> attributes {lowbit.buffer} {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  %2 = lowbit.argmax %1 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 0>>
  return %2 : tensor<1x!lowbit.int<0, 0>>
}

// -----

// CHECK: error: cannot add to sums of a layer of the method 'packed' by the method 'looped'
func.func @mixed(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 15>>
  %2 = lowbit.dense %0 to %1 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>>, tensor<2x!lowbit.int<-15, 15>> -> tensor<2x!lowbit.int<-30, 30>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-30, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
