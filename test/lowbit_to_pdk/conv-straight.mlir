// A convolution as straight-line code: a byte a pixel, each taking the place of
// the one before it; the sum in A alone, halved before the pixels of the next
// power of two.
// RUN: %lower-pms150c %s | FileCheck %s

// CHECK-LABEL: pdk.program @model
// CHECK: pdk.call_k @model_next_input
// CHECK-NEXT: pdk.xch_m %[[PIXELS:.*]][2]
// CHECK-NEXT: pdk.xch_m %[[PIXELS]][1]
// CHECK-NEXT: pdk.xch_m %[[PIXELS]][0]
// Weights 1, -2 and 4 - 1. With 45 on top, A is never below 0, and at the end has
// 20 too much: (45 - 5) / 2, as the bias is 5.
// CHECK: pdk.mov_a_k 45
// CHECK-NEXT: pdk.add_a_m %[[PIXELS]][0]
// CHECK-NEXT: pdk.sub_a_m %[[PIXELS]][2]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sub_a_m %[[PIXELS]][1]
// CHECK-NEXT: pdk.add_a_m %[[PIXELS]][2]
// CHECK-NEXT: pdk.add_a_m %[[PIXELS]][2]
// CHECK-NEXT: pdk.sub_a_k 20
// Clamped to 0 and 15.
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.sub_a_k 15
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.add_a_k 15
func.func @model(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[1, 0, 2]]]> : tensor<1x1x3xi8> of [-2, 1, 3] bias [5] strides [1] pads [0, 0] dilations [1] {method = "straight"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-25, 65>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 : tensor<2x!lowbit.int<-25, 65>> -> tensor<2x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-15, 15>>
  %4 = lowbit.argmax %3 : tensor<1x!lowbit.int<-15, 15>> -> tensor<1x!lowbit.int<0, 0>>
  return %4 : tensor<1x!lowbit.int<0, 0>>
}
