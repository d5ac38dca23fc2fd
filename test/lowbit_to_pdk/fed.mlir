// A dense layer behind a convolution, its activation and its pool takes each
// feature as it is made: there is no feature map. Stored it is there, and the
// layer's loop is behind the convolution's.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @fed
// CHECK-NOT: pdk.cells "act"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size 2
// CHECK: %[[ENTRY:.*]] = pdk.cells "entry" size 1
// CHECK: pdk.mov_m_a %[[ENTRY]][0]
// CHECK: pdk.label @[[POSITIONS:positions_[0-9]+]] trips 3
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK: pdk.dec_m %[[ENTRY]][0]
// CHECK: pdk.goto_k @[[POSITIONS]]
// CHECK: pdk.table @[[TABLE]] {{\[}}{{[0-9]+, [0-9]+, [0-9]+}}]
func.func @fed(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.conv %0 shape [1, 4] weights dense<[[[0, 1]]]> : tensor<1x1x2xi8> of [-1, 2] bias [0] strides [1] pads [0, 0] dilations [1]
      : tensor<4x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-15, 30>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 : tensor<3x!lowbit.int<-15, 30>> -> tensor<3x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 2], [1, 2, 0]]> : tensor<2x3xi8> of [-2, 1, 2] bias [0, 1] {method = "packed"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 46>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-30, 46>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// Weights of 3 bits, two a word, counted; a window's first weight begins a word.
// CHECK-LABEL: pdk.program @pooled
// CHECK: %[[LEFT:.*]] = pdk.cells "kernels_left" size 1
// CHECK: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[LEFT]][0]
// CHECK: pdk.dzsn_m %[[LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[HAVE:have_[0-9]+]]
// CHECK: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[LEFT]][0]
// CHECK: pdk.label @[[HAVE]]
// Codes -3, 2, 3, 0 as 3 bits: 5 + 2 * 8, 3 + 0 * 8.
// CHECK: pdk.table @{{kernels_[0-9]+}} {{\[}}21, 3]
func.func @pooled(%0: tensor<6x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.conv %0 shape [1, 6] weights dense<[[[0, 2, 3, 1]]]> : tensor<1x1x4xi8> of [-3, 0, 2, 3] bias [1] strides [1] pads [0, 1] dilations [1] {method = "windows-packed"}
      : tensor<6x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<-8, 16>>
  %2 = lowbit.steps %1 starts [-8, 2, 5] values [0, 1, 3] sizes [3] : tensor<4x!lowbit.int<-8, 16>> -> tensor<4x!lowbit.int<0, 3>>
  %3 = lowbit.maxpool %2 windows [0, 1, 2, 3] sizes [2, 2] : tensor<4x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  %4 = lowbit.dense %3 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-50, 90] bias [0, 0] {method = "looped"}
      : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-150, 270>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<-150, 270>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @stored
// CHECK: pdk.cells "act" size 3
func.func @stored(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.fused %0 {method = "stored"} : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 46>> {
  ^bb0(%x: tensor<4x!lowbit.int<0, 15>>):
    %2 = lowbit.conv %x shape [1, 4] weights dense<[[[0, 1]]]> : tensor<1x1x2xi8> of [-1, 2] bias [0] strides [1] pads [0, 0] dilations [1]
        : tensor<4x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-15, 30>>
    %3 = lowbit.requant %2 shift 1 clamp 0 to 15 : tensor<3x!lowbit.int<-15, 30>> -> tensor<3x!lowbit.int<0, 15>>
    %4 = lowbit.dense %3 weights dense<[[0, 1, 2], [1, 2, 0]]> : tensor<2x3xi8> of [-2, 1, 2] bias [0, 1] {method = "packed"}
        : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 46>>
    lowbit.yield %4 : tensor<2x!lowbit.int<-30, 46>>
  }
  %5 = lowbit.argmax %1 : tensor<2x!lowbit.int<-30, 46>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
}
