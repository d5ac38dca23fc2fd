// What a packed layer's rows are on the device: one multiple of the input, a
// step a code bit, the sum; and the table, one word an input, the last one
// first, whose bits say which weight. Row 0 has the codebook's values in their
// order, row 1 in the reverse one.
// RUN: %lower-pms150c %s | FileCheck %s

// Inputs of three weights; whatever the skeleton, 2 bits a weight.
// CHECK-LABEL: pdk.program @ternary for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_0:.*]] = pdk.cells "x_times_0" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_0]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}13, 4, 3]
func.func @ternary(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2], [1, 2, 0]]> : tensor<2x3xi8> of [-1, 0, 1] bias [0, 0] {method = "packed"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 30>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-30, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Bit 0: negate. The bias of 128 stays where it is under negation.
// CHECK-LABEL: pdk.program @signs for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}2, 1]
func.func @signs(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 15>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-15, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Bit 0: double, bit 1: negate; the bias comes last, for a doubling loses it.
// Codes: 1, 2, -1, -2.
// CHECK-LABEL: pdk.program @one_two for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}13, 8, 2, 7]
func.func @one_two(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3], [3, 2, 1, 0]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "packed"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-45, 45>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-45, 45>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Bit 0: 2 x more, bit 1: negate. Codes: 1, 3, -1, -3.
// CHECK-LABEL: pdk.program @one_three for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: %[[X_TIMES_2:.*]] = pdk.cells "x_times_2" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_2]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}13, 8, 2, 7]
func.func @one_three(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3], [3, 2, 1, 0]]> : tensor<2x4xi8> of [-3, -1, 1, 3] bias [0, 0] {method = "packed"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-60, 60>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-60, 60>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Bit 0: 3 x more, bit 1: double, bit 2: negate. Codes: 1, 4, 2, 8, -1, ...
// CHECK-LABEL: pdk.program @powers for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: %[[X_TIMES_3:.*]] = pdk.cells "x_times_3" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_3]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}59, 41, 50, 32, 4, 22, 13, 31]
func.func @powers(%0: tensor<8x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0]]> : tensor<2x8xi8> of [-8, -4, -2, -1, 1, 2, 4, 8] bias [0, 0] {method = "packed"}
      : tensor<8x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-225, 225>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-225, 225>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Three bits a weight; the second row's code straddles no byte: 6 bits of a table.
// CHECK-LABEL: pdk.program @int3 for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: %[[X_TIMES_2:.*]] = pdk.cells "x_times_2" size
// CHECK: %[[X_TIMES_M1:.*]] = pdk.cells "x_times_-1" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_2]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_M1]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}57, 29, 48, 20, 34, 6, 43, 15]
func.func @int3(%0: tensor<8x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0]]> : tensor<2x8xi8> of [-4, -3, -2, -1, 0, 1, 2, 3] bias [0, 0] {method = "packed"}
      : tensor<8x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-150, 90>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-150, 90>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Plain binary above -8: code 0 is -8, 15 is 7.
// CHECK-LABEL: pdk.program @int4 for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_M8:.*]] = pdk.cells "x_times_-8" size
// CHECK: %[[X_TIMES_1:.*]] = pdk.cells "x_times_1" size
// CHECK: %[[X_TIMES_2:.*]] = pdk.cells "x_times_2" size
// CHECK: %[[X_TIMES_4:.*]] = pdk.cells "x_times_4" size
// CHECK: %[[X_TIMES_8:.*]] = pdk.cells "x_times_8" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_M8]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_1]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_2]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_4]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 3
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_8]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180, 195, 210, 225, 240]
func.func @int4(%0: tensor<16x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]> : tensor<2x16xi8> of [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7] bias [0, 0] {method = "packed"}
      : tensor<16x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-540, 420>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-540, 420>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// A codebook of no pattern: two steps over multiples of its own.
// CHECK-LABEL: pdk.program @irregular for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[X_TIMES_M5:.*]] = pdk.cells "x_times_-5" size
// CHECK: %[[X_TIMES_0:.*]] = pdk.cells "x_times_0" size
// CHECK: %[[X_TIMES_7:.*]] = pdk.cells "x_times_7" size
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_M5]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.mov_a_m %[[X_TIMES_0]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.add_a_m %[[X_TIMES_7]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK: pdk.table @[[TABLE]] {{\[}}3, 6, 9, 12]
func.func @irregular(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3], [3, 2, 1, 0]]> : tensor<2x4xi8> of [-5, 0, 2, 7] bias [0, 0] {method = "packed"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-75, 135>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-75, 135>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

