// Every operation of the lowbit dialect prints as it is parsed, in the short
// form and in the generic one.
// RUN: pdkc-opt %s | FileCheck %s
// RUN: pdkc-opt %s | pdkc-opt | FileCheck %s
// RUN: pdkc-opt %s --mlir-print-op-generic | pdkc-opt | FileCheck %s

// CHECK-LABEL: func.func @shape
// CHECK: lowbit.reshape %{{.*}} : tensor<1x2x2x!lowbit.int<-8, 7>> -> tensor<4x!lowbit.int<-8, 7>>
// CHECK: lowbit.select %{{.*}} [3, 0, 0] : tensor<4x!lowbit.int<-8, 7>> -> tensor<3x!lowbit.int<-8, 7>>
func.func @shape(%0: tensor<1x2x2x!lowbit.int<-8, 7>>) -> tensor<3x!lowbit.int<-8, 7>> {
  %1 = lowbit.reshape %0 : tensor<1x2x2x!lowbit.int<-8, 7>> -> tensor<4x!lowbit.int<-8, 7>>
  %2 = lowbit.select %1 [3, 0, 0] : tensor<4x!lowbit.int<-8, 7>> -> tensor<3x!lowbit.int<-8, 7>>
  return %2 : tensor<3x!lowbit.int<-8, 7>>
}

// Defaults are not printed: multiplier 1, offset 0, shift 0, ties up.
// CHECK-LABEL: func.func @arithmetic
// CHECK: lowbit.dense %{{.*}} weights dense<{{\[\[}}0, 3], [1, 2]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 5] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 50>>
// CHECK: lowbit.requant %{{.*}} times 3 plus -4 shift 2 clamp -20 to 30 : tensor<2x!lowbit.int<-30, 50>> -> tensor<2x!lowbit.int<-20, 30>>
// CHECK: lowbit.requant %{{.*}} clamp 0 to 7 : tensor<2x!lowbit.int<-20, 30>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK: lowbit.requant %{{.*}} plus 4 shift 3 ties even clamp 0 to 7 : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK: lowbit.requant %{{.*}} shift 1 clamp 0 to 7 : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK: lowbit.dense {{.*}} {method = "packed"} : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK: lowbit.argmax %{{.*}} : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 1>>
func.func @arithmetic(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3], [1, 2]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 5]
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 50>>
  %2 = lowbit.requant %1 times 3 plus -4 shift 2 clamp -20 to 30 : tensor<2x!lowbit.int<-30, 50>> -> tensor<2x!lowbit.int<-20, 30>>
  %3 = lowbit.requant %2 times 1 plus 0 shift 0 clamp 0 to 7 : tensor<2x!lowbit.int<-20, 30>> -> tensor<2x!lowbit.int<0, 7>>
  %6 = lowbit.requant %3 plus 4 shift 3 ties even clamp 0 to 7 : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
  %7 = lowbit.requant %6 shift 1 ties up clamp 0 to 7 : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
  %4 = lowbit.dense %7 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [0, 1] bias [0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
}

// Every step. Row 0: -4 + 2 (i0 + 2 i1 + 7) lies in 10 to 100, row 1 is 18 - 9.
// CHECK-LABEL: func.func @chains
// CHECK: lowbit.chains %{{.*}} steps [take 0, take 1, load 0, accumulate 0, add 1, sub 0, double, offset 7, accumulate 0, double_sums, const 9, deduct 1] bias [-4, 18] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 100>>
func.func @chains(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 100>> {
  %1 = lowbit.chains %0 steps [take 0, take 1, load 0, accumulate 0, add 1, sub 0, double, offset 7, accumulate 0, double_sums, const 9, deduct 1] bias [-4, 18]
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 100>>
  return %1 : tensor<2x!lowbit.int<0, 100>>
}

// One function for all, and one for each; numbers of functions only where there
// are several, lines only where there is one. The last one's differs at 5 and 6.
// CHECK-LABEL: func.func @steps
// CHECK: lowbit.steps %{{.*}} starts [-20, 3, 10] values [0, 5, -2] sizes [3] : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<-2, 5>>
// CHECK: lowbit.steps %{{.*}} starts [-20, 3, -20, 5] values [0, 2, 1, 0] sizes [2, 2] function [1, 0] : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<0, 2>>
// CHECK: lowbit.steps %{{.*}} starts [-20, 3, -20, 5] values [0, 2, 1, 0] sizes [2, 2] lines [none, -1 x + 9 over 3] function [1, 0] : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<0, 2>>
func.func @steps(%0: tensor<2x!lowbit.int<-20, 20>>) -> tensor<2x!lowbit.int<0, 2>> {
  %1 = lowbit.steps %0 starts [-20, 3, 10] values [0, 5, -2] sizes [3] : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<-2, 5>>
  %2 = lowbit.steps %0 starts [-20, 3, -20, 5] values [0, 2, 1, 0] sizes [2, 2] function [1, 0]
      : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<0, 2>>
  %3 = lowbit.steps %0 starts [-20, 3, -20, 5] values [0, 2, 1, 0] sizes [2, 2] lines [none, -1 x + 9 over 3] function [1, 0]
      : tensor<2x!lowbit.int<-20, 20>> -> tensor<2x!lowbit.int<0, 2>>
  return %2 : tensor<2x!lowbit.int<0, 2>>
}

// A type's range is that of the tensor's elements together: 5 x 4 + 1 = 21.
// CHECK-LABEL: func.func @concat
// CHECK: %[[C:.*]] = lowbit.concat %{{.*}}, %{{.*}} : tensor<1x!lowbit.int<-4, 4>>, tensor<1x!lowbit.int<-3, 3>> -> tensor<2x!lowbit.int<-4, 4>>
// CHECK: lowbit.scale %[[C]] times [3, 5] plus [0, 1] : tensor<2x!lowbit.int<-4, 4>> -> tensor<2x!lowbit.int<-19, 21>>
func.func @concat(%0: tensor<1x!lowbit.int<-4, 4>>) -> tensor<2x!lowbit.int<-19, 21>> {
  %1 = lowbit.requant %0 clamp -3 to 3 : tensor<1x!lowbit.int<-4, 4>> -> tensor<1x!lowbit.int<-3, 3>>
  %2 = lowbit.concat %0, %1 : tensor<1x!lowbit.int<-4, 4>>, tensor<1x!lowbit.int<-3, 3>> -> tensor<2x!lowbit.int<-4, 4>>
  %3 = lowbit.scale %2 times [3, 5] plus [0, 1] : tensor<2x!lowbit.int<-4, 4>> -> tensor<2x!lowbit.int<-19, 21>>
  return %3 : tensor<2x!lowbit.int<-19, 21>>
}

// 5 x 80 + 100 = 500, of which 4 bits go: 31; -4 x 80 - 220 is clamped to 0.
// CHECK-LABEL: func.func @shifted
// CHECK: lowbit.scale %{{.*}} times [80, -80] plus [100, 100] shift 4 clamp 0 to 30 : tensor<2x!lowbit.int<-4, 5>> -> tensor<2x!lowbit.int<0, 30>>
func.func @shifted(%0: tensor<2x!lowbit.int<-4, 5>>) -> tensor<2x!lowbit.int<0, 30>> {
  %1 = lowbit.scale %0 times [80, -80] plus [100, 100] shift 4 clamp 0 to 30 : tensor<2x!lowbit.int<-4, 5>> -> tensor<2x!lowbit.int<0, 30>>
  return %1 : tensor<2x!lowbit.int<0, 30>>
}

// Products of more than 64 bits: 2^56 x (2^16 - 1) / 2^60 is 4095 and 15/16.
// CHECK-LABEL: func.func @huge
// CHECK: lowbit.scale %{{.*}} times [72057594037927936] plus [0] shift 60 clamp 0 to 65535
func.func @huge(%0: tensor<1x!lowbit.int<0, 65535>>) -> tensor<1x!lowbit.int<0, 4095>> {
  %1 = lowbit.scale %0 times [72057594037927936] plus [0] shift 60 clamp 0 to 65535 : tensor<1x!lowbit.int<0, 65535>> -> tensor<1x!lowbit.int<0, 4095>>
  return %1 : tensor<1x!lowbit.int<0, 4095>>
}

// 1000 from -100 up is 3 x 256 + 232. Where the byte above is one for all, the
// byte rises with the integer: 5 to 205 here.
// CHECK-LABEL: func.func @bytes
// CHECK: lowbit.byte 0 of %{{.*}} from -100 : tensor<2x!lowbit.int<-100, 900>> -> tensor<2x!lowbit.int<0, 255>>
// CHECK: lowbit.byte 1 of %{{.*}} from -100 : tensor<2x!lowbit.int<-100, 900>> -> tensor<2x!lowbit.int<0, 3>>
// CHECK: lowbit.byte 0 of %{{.*}} from -5 : tensor<1x!lowbit.int<0, 200>> -> tensor<1x!lowbit.int<5, 205>>
func.func @bytes(%0: tensor<2x!lowbit.int<-100, 900>>, %1: tensor<1x!lowbit.int<0, 200>>) -> (tensor<2x!lowbit.int<0, 255>>, tensor<2x!lowbit.int<0, 3>>, tensor<1x!lowbit.int<5, 205>>) {
  %2 = lowbit.byte 0 of %0 from -100 : tensor<2x!lowbit.int<-100, 900>> -> tensor<2x!lowbit.int<0, 255>>
  %3 = lowbit.byte 1 of %0 from -100 : tensor<2x!lowbit.int<-100, 900>> -> tensor<2x!lowbit.int<0, 3>>
  %4 = lowbit.byte 0 of %1 from -5 : tensor<1x!lowbit.int<0, 200>> -> tensor<1x!lowbit.int<5, 205>>
  return %2, %3, %4 : tensor<2x!lowbit.int<0, 255>>, tensor<2x!lowbit.int<0, 3>>, tensor<1x!lowbit.int<5, 205>>
}
