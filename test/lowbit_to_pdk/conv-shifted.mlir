// A convolution behind a convolution, and sums in turn behind that: pixels of two
// channels, each a byte, are pushed as they are made.
// RUN: %lower-pms150c %s | FileCheck %s

// CHECK-LABEL: pdk.program @model
// CHECK: pdk.call_k @model_next_input
// CHECK-NEXT: pdk.xch_m %[[PIXELS:.*]][1]
// CHECK-NEXT: pdk.xch_m %[[PIXELS]][0]
// Four bytes are two positions of two channels.
// CHECK: pdk.xch_m %[[BETWEEN:.*]][3]
// CHECK-NEXT: pdk.xch_m %[[BETWEEN]][2]
// CHECK-NEXT: pdk.xch_m %[[BETWEEN]][1]
// CHECK-NEXT: pdk.xch_m %[[BETWEEN]][0]
// CHECK-NEXT: pdk.dzsn_m %[[COUNT:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[WAITS:waits_[0-9]+]]
// The next result is added to the other sum.
// CHECK: pdk.label @done
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TURN:.*]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS:.*]]
// CHECK-NEXT: pdk.add_a_m %[[X]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[P]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[SUMS]]
// CHECK: pdk.mov_m_a %[[TURN]][0]
// After the first two positions there is a window for every one.
// CHECK: pdk.label @{{window_[0-9]+}}
// CHECK-NEXT: pdk.mov_m_a %[[COUNT]][0]
// CHECK-NEXT: pdk.label @[[WAITS]]
func.func @model(%0: tensor<4x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[0, 1]], [[1, 1]]]> : tensor<2x1x2xi8> of [-1, 1] bias [0, 1] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 255>> -> tensor<6x!lowbit.int<-255, 511>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 255 : tensor<6x!lowbit.int<-255, 511>> -> tensor<6x!lowbit.int<0, 255>>
  %3 = lowbit.conv %2 shape [2, 3] weights dense<[[[0, 1], [1, 1]], [[1, 1], [0, 1]]]> : tensor<2x2x2xi8> of [-1, 1] bias [0, 0] strides [1] pads [0, 0] dilations [1]
      : tensor<6x!lowbit.int<0, 255>> -> tensor<4x!lowbit.int<-255, 765>>
  %4 = lowbit.requant %3 shift 4 clamp 0 to 15 : tensor<4x!lowbit.int<-255, 765>> -> tensor<4x!lowbit.int<0, 15>>
  %5 = lowbit.dense %4 weights dense<[[1, 1, 0, 0], [0, 0, 1, 1]]> : tensor<2x4xi8> of [0, 1] bias [0, 0] {method = "turns"} : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 30>>
  %6 = lowbit.argmax %5 : tensor<2x!lowbit.int<0, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %6 : tensor<1x!lowbit.int<0, 1>>
}
