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

// Defaults are not printed: multiplier 1, offset 0, shift 0.
// CHECK-LABEL: func.func @arithmetic
// CHECK: lowbit.dense %{{.*}} weights dense<{{\[\[}}0, 3], [1, 2]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 5] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 50>>
// CHECK: lowbit.requant %{{.*}} times 3 plus -4 shift 2 clamp -20 to 30 : tensor<2x!lowbit.int<-30, 50>> -> tensor<2x!lowbit.int<-20, 30>>
// CHECK: lowbit.requant %{{.*}} clamp 0 to 7 : tensor<2x!lowbit.int<-20, 30>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK: lowbit.dense {{.*}} {method = "packed"} : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK: lowbit.argmax %{{.*}} : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 1>>
func.func @arithmetic(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3], [1, 2]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 5]
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 50>>
  %2 = lowbit.requant %1 times 3 plus -4 shift 2 clamp -20 to 30 : tensor<2x!lowbit.int<-30, 50>> -> tensor<2x!lowbit.int<-20, 30>>
  %3 = lowbit.requant %2 times 1 plus 0 shift 0 clamp 0 to 7 : tensor<2x!lowbit.int<-20, 30>> -> tensor<2x!lowbit.int<0, 7>>
  %4 = lowbit.dense %3 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [0, 1] bias [0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
}

// Every step. Row 0: -4 + i0 + (2 i1 + 7) lies in 3 to 48, row 1 is 18 - 9.
// CHECK-LABEL: func.func @chains
// CHECK: lowbit.chains %{{.*}} steps [take 0, take 1, load 0, tap 0, add 1, sub 0, double, offset 7, tap 0, const 9, untap 1] bias [-4, 18] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 48>>
func.func @chains(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 48>> {
  %1 = lowbit.chains %0 steps [take 0, take 1, load 0, tap 0, add 1, sub 0, double, offset 7, tap 0, const 9, untap 1] bias [-4, 18]
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 48>>
  return %1 : tensor<2x!lowbit.int<0, 48>>
}
