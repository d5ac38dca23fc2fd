// Layers that add to sums that there are: these stay where they are, and the
// bias at run time counts on. A concatenation by the method accumulate is a layer
// for each of its parts.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @packed
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size 2
// CHECK: %[[PASSES:.*]] = pdk.cells "passes" size 1
// CHECK: pdk.undef %[[ACC]]
// CHECK-NEXT: pdk.clear_m %[[PASSES]][0]
// The second layer has its biases added, 3 and -5.
// CHECK-NOT: pdk.undef %[[ACC]]
// CHECK-NOT: pdk.clear_m %[[PASSES]][0]
// CHECK: pdk.mov_a_k 3
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.mov_a_k 251
// CHECK-NEXT: pdk.add_m_a %[[ACC]][1]
// CHECK-NOT: pdk.clear_m %[[PASSES]][0]
// CHECK: pdk.label @{{inputs_[0-9]+}} trips 4
func.func @packed(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.requant %0 shift 1 clamp 0 to 7 : tensor<4x!lowbit.int<0, 15>> -> tensor<4x!lowbit.int<0, 7>>
  %2 = lowbit.dense %0 weights dense<[[0, 3, 1, 1], [1, 2, 0, 0]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [0, 5] {method = "packed"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-90, 65>>
  %3 = lowbit.dense %1 to %2 weights dense<[[1, 3, 0, 2], [1, 2, 3, 0]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [3, -5] {method = "packed"}
      : tensor<4x!lowbit.int<0, 7>>, tensor<2x!lowbit.int<-90, 65>> -> tensor<2x!lowbit.int<-111, 86>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-111, 86>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// Straight-line code in the middle of an engine's sums, and before them.
// CHECK-LABEL: pdk.program @mixed
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 4 align 2
// CHECK: pdk.undef %[[SUMS]]
// CHECK-NEXT: pdk.clear_m
// The first inputs: straight to the engine's cells.
// CHECK: pdk.add_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.addc_m %[[SUMS]][1]
// CHECK-NOT: pdk.undef %[[SUMS]]
// CHECK: pdk.label @{{inputs_[0-9]+}} trips 2
// CHECK-NOT: pdk.undef %[[SUMS]]
// CHECK: pdk.sub_m_a %[[SUMS]][0]
// CHECK-NEXT: pdk.subc_m %[[SUMS]][1]
func.func @mixed(%0: tensor<2x!lowbit.int<0, 200>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [0, 1] bias [0, 0] {method = "straight"}
      : tensor<2x!lowbit.int<0, 200>> -> tensor<2x!lowbit.int<0, 200>>
  %2 = lowbit.dense %0 to %1 weights dense<[[1, 0], [2, 1]]> : tensor<2x2xi8> of [0, 3, 9] bias [0, 0] {method = "looped-skip"}
      : tensor<2x!lowbit.int<0, 200>>, tensor<2x!lowbit.int<0, 200>> -> tensor<2x!lowbit.int<0, 2600>>
  %3 = lowbit.dense %0 to %2 weights dense<[[0, 1], [1, 1]]> : tensor<2x2xi8> of [-1, 0] bias [0, 0] {method = "straight"}
      : tensor<2x!lowbit.int<0, 200>>, tensor<2x!lowbit.int<0, 2600>> -> tensor<2x!lowbit.int<-200, 2600>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-200, 2600>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @parts
// CHECK-NOT: pdk.cells "concat"
// The tables hold 3 columns of the first part and 2 of the second.
// CHECK: pdk.table @{{weights_[0-9]+}} {{\[}}{{[0-9]+, [0-9]+, [0-9]+, [0-9]+, [0-9]+}}]
func.func @parts(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 1], [0, 1, 1]]> : tensor<2x3xi8> of [-1, 1] bias [0, 0] {method = "straight"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 30>>
  %2 = lowbit.requant %1 clamp 0 to 15 : tensor<2x!lowbit.int<-15, 30>> -> tensor<2x!lowbit.int<0, 15>>
  %3 = lowbit.concat %2, %0 {method = "accumulate"} : tensor<2x!lowbit.int<0, 15>>, tensor<3x!lowbit.int<0, 15>> -> tensor<5x!lowbit.int<0, 15>>
  %4 = lowbit.dense %3 weights dense<[[0, 1, 1, 0, 1], [1, 1, 0, 0, 1]]> : tensor<2x5xi8> of [-1, 1] bias [4, 9] {method = "packed"}
      : tensor<5x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-26, 54>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<-26, 54>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// A convolution's sums on top of another's: the next one is read where the other
// left them, through a pointer of its own.
// CHECK-LABEL: pdk.program @images
// CHECK: %[[SOURCE:.*]] = pdk.cells "source" size 2 align 2
// CHECK: pdk.idxm_a_m %[[SOURCE]][0] into %[[BEFORE:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[SUM_BEFORE:.*]][0]
// CHECK: pdk.mov_a_m %[[SUM_BEFORE]][0]
// CHECK-NEXT: pdk.add_m_a
func.func @images(%0: tensor<6x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> attributes {lowbit.buffer} {
  %1 = lowbit.conv %0 shape [2, 3] weights dense<[[[0], [1]]]> : tensor<1x2x1xi8> of [-1, 3] bias [0] strides [1] pads [0, 0] dilations [1]
      : tensor<6x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-15, 45>>
  %2 = lowbit.conv %0 to %1 shape [1, 6] weights dense<[[[0, 1, 1, 0]]]> : tensor<1x1x4xi8> of [-2, 1] bias [7] strides [1] pads [0, 0] dilations [1]
      : tensor<6x!lowbit.int<0, 15>>, tensor<3x!lowbit.int<-15, 45>> -> tensor<3x!lowbit.int<-68, 82>>
  %3 = lowbit.argmax %2 : tensor<3x!lowbit.int<-68, 82>> -> tensor<1x!lowbit.int<0, 2>>
  return %3 : tensor<1x!lowbit.int<0, 2>>
}
