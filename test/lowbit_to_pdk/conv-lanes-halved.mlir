// Lanes of pixels of two bits: the lower one is halved, then the higher one is
// added, and the sum, already shifted, is a byte.
// RUN: %lower-pms150c %s | FileCheck %s

// CHECK-LABEL: pdk.program @model
// What the lower bit's lane begins with is the channel's own; 1 keeps the other
// from falling below 0.
// CHECK: pdk.call_k @[[KERNELS:kernels_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[LANES:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[LANES]][1]
// CHECK: pdk.mov_a_m %[[LANES]][0]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.add_a_m %[[LANES]][1]
// The bias 2, and 2 for the step that is taken off here, less twice that 1.
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// Up to (3 + 2) / 2.
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK: pdk.table @[[KERNELS]] {{\[}}2,
func.func @model(%0: tensor<3x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[1, 0]]]> : tensor<1x1x2xi8> of [-1, 1] bias [2] strides [1] pads [0, 0] dilations [1] {method = "lanes"}
      : tensor<3x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-1, 5>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 1 : tensor<2x!lowbit.int<-1, 5>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.dense %2 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<-1, 1>>
  %4 = lowbit.argmax %3 : tensor<1x!lowbit.int<-1, 1>> -> tensor<1x!lowbit.int<0, 0>>
  return %4 : tensor<1x!lowbit.int<0, 0>>
}
