// What is computed together: a dense layer with what prepares the model's
// inputs; a convolution with what takes its sums one by one.
// RUN: pdkc-opt %s -lowbit-fuse | FileCheck %s

// CHECK-LABEL: func.func @dense
// CHECK: %[[R:.*]] = lowbit.fused %arg0
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<2x!lowbit.int<-4, 3>>):
// CHECK-NEXT: %[[P:.*]] = lowbit.requant %[[X]] plus 4
// CHECK-NEXT: %[[S:.*]] = lowbit.dense %[[P]]
// CHECK-NEXT: lowbit.yield %[[S]]
// CHECK: lowbit.argmax %[[R]]
func.func @dense(%0: tensor<2x!lowbit.int<-4, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.requant %0 plus 4 clamp 0 to 7 : tensor<2x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<0, 7>>
  %2 = lowbit.dense %1 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [1, 3] bias [0, 0] : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 28>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 28>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// The pool's windows lie within channels; the results of both go nowhere else.
// CHECK-LABEL: func.func @conv
// CHECK: lowbit.fused
// CHECK: lowbit.conv
// CHECK-NEXT: lowbit.requant
// CHECK-NEXT: lowbit.maxpool
// CHECK-NEXT: lowbit.yield
func.func @conv(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[0]], [[1]]]> : tensor<2x1x1xi8> of [-1, 1] bias [15, 0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 15>> -> tensor<8x!lowbit.int<0, 15>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 7 : tensor<8x!lowbit.int<0, 15>> -> tensor<8x!lowbit.int<0, 7>>
  %3 = lowbit.maxpool %2 windows [0, 1, 2, 3, 4, 5, 6, 7] sizes [4, 4] : tensor<8x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 7>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// Sums that two operations need are kept.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: lowbit.fused
func.func @kept(%0: tensor<4x!lowbit.int<0, 15>>) -> (tensor<1x!lowbit.int<0, 3>>, tensor<4x!lowbit.int<0, 15>>) attributes {lowbit.buffer} {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<0> : tensor<1x1x1xi8> of [1] bias [0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 15>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 7 : tensor<4x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 7>>
  %3 = lowbit.argmax %2 : tensor<4x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 3>>
  return %3, %1 : tensor<1x!lowbit.int<0, 3>>, tensor<4x!lowbit.int<0, 15>>
}
