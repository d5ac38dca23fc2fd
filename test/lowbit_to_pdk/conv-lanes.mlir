// A convolution of pixels that are shifted in: the threshold's carry goes into
// the queue; per position of the pool's row a lane, which a weight goes to where
// the pixel's bit is set; a kernel's row in one byte.
// RUN: %lower-pms150c %s | FileCheck %s

// CHECK-LABEL: pdk.program @model
// CHECK: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a
// CHECK-NEXT: pdk.mov_a_k 4
// CHECK-NEXT: pdk.label @[[WINDOW:window_[0-9]+]] trips 2
// CHECK-NEXT: pdk.mov_m_a %[[COUNT:.*]][0]
// CHECK-NEXT: pdk.label @[[PIXEL:pixel_[0-9]+]] trips 4
// CHECK-NEXT: pdk.call_k @model_next_input
// CHECK-NEXT: pdk.add_a_k 156
// CHECK-NEXT: pdk.slc_m %[[QUEUE:.*]][0]
// CHECK-NEXT: pdk.dzsn_m %[[COUNT]][0]
// CHECK-NEXT: pdk.goto_k @[[PIXEL]]
// The bias, and what the least sum lacks to 0.
// CHECK: pdk.call_k @kernels
// CHECK-NEXT: pdk.mov_m_a %[[LANES:.*]][0]
// CHECK-NEXT: pdk.mov_m_a %[[LANES]][1]
// The row's four pixels, and a mark that ends its three taps.
// CHECK: pdk.idxm_a_m %{{.*}}[0] into %[[QUEUE]]
// CHECK-NEXT: pdk.and_a_k 15
// CHECK-NEXT: pdk.mov_m_a %[[ROW:.*]][0]
// CHECK: pdk.set1_mbit %[[ROW]][0], 4
// CHECK: pdk.label @[[TAP:tap_[0-9]+]] trips 3
// CHECK-NEXT: pdk.mov_a_m %[[CODES:.*]][0]
// CHECK-NEXT: pdk.and_a_k 3
// CHECK-NEXT: pdk.add_a_k 254
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW]][0], 3
// CHECK-NEXT: pdk.add_m_a %[[LANES]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[ROW]][0], 2
// CHECK-NEXT: pdk.add_m_a %[[LANES]][1]
// CHECK-NEXT: pdk.sr_m %[[CODES]][0]
// CHECK-NEXT: pdk.sr_m %[[CODES]][0]
// CHECK-NEXT: pdk.sl_m %[[ROW]][0]
// CHECK-NEXT: pdk.t1sn_mbit %[[ROW]][0], 7
// CHECK-NEXT: pdk.goto_k @[[TAP]]
// Weights -2, 1, 0: codes 0, 3, 2 from the low end. 3, 2, 3. 1 + 1 and 3 + 1.
// CHECK: pdk.table @kernels_{{[0-9]+}} {{\[}}2, 44, 4, 59]
func.func @model(%0: tensor<6x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 0>> {
  %1 = lowbit.requant %0 plus -99 clamp 0 to 1 : tensor<6x!lowbit.int<0, 255>> -> tensor<6x!lowbit.int<0, 1>>
  %2 = lowbit.conv %1 shape [1, 6] weights dense<[[[0, 2, 1]], [[2, 1, 2]]]> : tensor<2x1x3xi8> of [-2, 0, 1] bias [1, 3] strides [1] pads [0, 0] dilations [1]
        : tensor<6x!lowbit.int<0, 1>> -> tensor<8x!lowbit.int<-2, 5>>
  %3 = lowbit.requant %2 clamp 0 to 3 : tensor<8x!lowbit.int<-2, 5>> -> tensor<8x!lowbit.int<0, 3>>
  %4 = lowbit.maxpool %3 windows [0, 1, 2, 3, 4, 5, 6, 7] sizes [2, 2, 2, 2] : tensor<8x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<0, 3>>
  %5 = lowbit.dense %4 weights dense<[[0, 1, 0, 1]]> : tensor<1x4xi8> of [-1, 1] bias [0] : tensor<4x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-6, 6>>
  %6 = lowbit.argmax %5 : tensor<1x!lowbit.int<-6, 6>> -> tensor<1x!lowbit.int<0, 0>>
  return %6 : tensor<1x!lowbit.int<0, 0>>
}
