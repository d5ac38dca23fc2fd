// A convolution that can take its inputs as they arrive is grouped with all that
// comes of it; specialised, the pool stands before the activation where that
// only rises, and results are in the order in which windows are complete.
// RUN: pdkc-opt %s -lowbit-choose-input -lowbit-store-inputs -lowbit-fuse | FileCheck %s --check-prefix=FUSED
// RUN: pdkc-opt %s -lowbit-choose-input -lowbit-store-inputs -lowbit-fuse -lowbit-specialize | FileCheck %s
// RUN: pdkc-opt %s -lowbit-choose-input=input=buffer -lowbit-store-inputs -lowbit-fuse -lowbit-specialize | FileCheck %s --check-prefix=BUFFER

// FUSED-LABEL: func.func @rises
// FUSED-NOT: lowbit.copy
// FUSED: lowbit.fused %arg0
// FUSED: lowbit.requant
// FUSED-NEXT: lowbit.conv
// FUSED-NEXT: lowbit.requant
// FUSED-NEXT: lowbit.maxpool
// FUSED-NEXT: lowbit.dense
// FUSED-NEXT: lowbit.yield

// Two channels of two windows: channel by channel, then window by window.
// CHECK-LABEL: func.func @rises
// CHECK: %[[SUMS:.*]] = lowbit.conv
// CHECK-NEXT: %[[POOLED:.*]] = lowbit.maxpool %[[SUMS]] windows [0, 1, 4, 5, 2, 3, 6, 7] sizes [2, 2, 2, 2]
// CHECK-NEXT: %[[ACT:.*]] = lowbit.requant %[[POOLED]]
// CHECK-NEXT: lowbit.dense %[[ACT]] weights dense<{{\[\[}}0, 2, 1, 3]]>
// CHECK-NEXT: lowbit.yield

// BUFFER-LABEL: func.func @rises
// BUFFER-SAME: lowbit.buffer
// BUFFER: lowbit.conv
// BUFFER-NEXT: lowbit.requant
// BUFFER-NEXT: lowbit.maxpool {{.*}} windows [0, 1, 2, 3, 4, 5, 6, 7]
func.func @rises(%0: tensor<5x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.requant %0 shift 7 clamp 0 to 1 : tensor<5x!lowbit.int<0, 255>> -> tensor<5x!lowbit.int<0, 1>>
  %2 = lowbit.conv %1 shape [1, 5] weights dense<[[[0, 1]], [[1, 1]]]> : tensor<2x1x2xi8> of [-1, 2] bias [1, 0] strides [1] pads [0, 0] dilations [1]
      : tensor<5x!lowbit.int<0, 1>> -> tensor<8x!lowbit.int<-1, 4>>
  %3 = lowbit.requant %2 clamp 0 to 3 : tensor<8x!lowbit.int<-1, 4>> -> tensor<8x!lowbit.int<0, 3>>
  %4 = lowbit.maxpool %3 windows [0, 1, 2, 3, 4, 5, 6, 7] sizes [2, 2, 2, 2] : tensor<8x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<0, 3>>
  %5 = lowbit.dense %4 weights dense<[[0, 1, 2, 3]]> : tensor<1x4xi8> of [-3, -1, 1, 2] bias [0]
      : tensor<4x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-12, 9>>
  %6 = lowbit.argmax %5 : tensor<1x!lowbit.int<-12, 9>> -> tensor<1x!lowbit.int<0, 0>>
  return %6 : tensor<1x!lowbit.int<0, 0>>
}

// The largest sum gives the smallest result: the pool stays where it is.
// CHECK-LABEL: func.func @falls
// CHECK: lowbit.conv
// CHECK-NEXT: lowbit.requant
// CHECK-NEXT: lowbit.maxpool
// CHECK-NEXT: lowbit.dense
func.func @falls(%0: tensor<4x!lowbit.int<0, 1>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[0, 1]]]> : tensor<1x1x2xi8> of [-1, 2] bias [0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 1>> -> tensor<3x!lowbit.int<-1, 2>>
  %2 = lowbit.requant %1 times -1 plus 2 clamp 0 to 3 : tensor<3x!lowbit.int<-1, 2>> -> tensor<3x!lowbit.int<0, 3>>
  %3 = lowbit.maxpool %2 windows [0, 1, 2] sizes [3] : tensor<3x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  %4 = lowbit.dense %3 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  %5 = lowbit.argmax %4 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 0>>
  return %5 : tensor<1x!lowbit.int<0, 0>>
}

// Without a pool one of windows of one element gives the order.
// CHECK-LABEL: func.func @plain
// CHECK: lowbit.conv
// CHECK-NEXT: lowbit.maxpool {{.*}} windows [0, 2, 1, 3] sizes [1, 1, 1, 1]
// CHECK-NEXT: lowbit.requant
func.func @plain(%0: tensor<3x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[0, 1]], [[1, 1]]]> : tensor<2x1x2xi8> of [-1, 2] bias [0, 1] strides [1] pads [0, 0] dilations [1]
      : tensor<3x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<-3, 13>>
  %2 = lowbit.requant %1 clamp 0 to 3 : tensor<4x!lowbit.int<-3, 13>> -> tensor<4x!lowbit.int<0, 3>>
  %3 = lowbit.dense %2 weights dense<[[0, 0, 0, 0]]> : tensor<1x4xi8> of [1] bias [0] : tensor<4x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 12>>
  %4 = lowbit.argmax %3 : tensor<1x!lowbit.int<0, 12>> -> tensor<1x!lowbit.int<0, 0>>
  return %4 : tensor<1x!lowbit.int<0, 0>>
}

// Channels that come one after the other are an array's.
// CHECK-LABEL: func.func @channels
// CHECK-SAME: lowbit.buffer
func.func @channels(%0: tensor<4x!lowbit.int<0, 1>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.conv %0 shape [2, 2] weights dense<[[[0, 1], [0, 0]]]> : tensor<1x2x2xi8> of [-1, 2] bias [0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<-3, 2>>
  %2 = lowbit.requant %1 clamp 0 to 3 : tensor<1x!lowbit.int<-3, 2>> -> tensor<1x!lowbit.int<0, 3>>
  %3 = lowbit.dense %2 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  %4 = lowbit.argmax %3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 0>>
  return %4 : tensor<1x!lowbit.int<0, 0>>
}
