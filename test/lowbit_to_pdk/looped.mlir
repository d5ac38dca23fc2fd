// A looped layer on the device: what sums start at and the weights as one
// stream of bytes in the order of their use, and the loop over the rows.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// Weights of 4 bits, two a byte, the first one in the low bits, input by input;
// the last byte has room left. Products of -8 x 15 to 7 x 15 have a bias of
// 128, three of which the sums start below their own bias of 2 and -3.
// CHECK-LABEL: pdk.program @nibbles for "pms150c"
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 4 align 2
// CHECK: %[[X:.*]] = pdk.cells "x" size 1
// CHECK: %[[PRODUCT:.*]] = pdk.cells "product" size 1
// CHECK: %[[W:.*]] = pdk.cells "weights_code" size 1
// CHECK: pdk.call_k @nibbles_next_input
// CHECK: pdk.dzsn_m %{{.*}}[0]
// CHECK: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK: pdk.mov_a_k 16
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 3
// CHECK-NEXT: pdk.sub_a_m %[[X]][0]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK-NEXT: pdk.add_a_m %[[X]][0]
// CHECK: pdk.mov_m_a %[[PRODUCT]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P:.*]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.add_a_m %[[PRODUCT]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.set1_mbit %[[P]][0], 0
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.addc_a
// 2 - 384 = 0xFE82, -3 - 384 = 0xFE7D; then -8, 7, 1, 2 and -1, 0.
// CHECK: pdk.table @[[TABLE]] {{\[}}130, 254, 125, 254, 120, 33, 15]
func.func @nibbles(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3, 1], [5, 4, 2]]> : tensor<2x3xi8> of [-8, -1, 0, 1, 2, 7] bias [2, -3] {method = "looped"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-133, 137>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-133, 137>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// The same with zeros skipped: an input's weights begin at a byte of their own,
// and as the passes are counted, the sums start at their own bias.
// CHECK-LABEL: pdk.program @skip for "pms150c"
// CHECK: %[[POSITION:.*]] = pdk.cells "weights_position"
// CHECK: %[[PASSES:.*]] = pdk.cells "passes"
// CHECK: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.goto_k @[[NONZERO:.*]]
// CHECK-NEXT: pdk.mov_a_k 2
// CHECK-NEXT: pdk.add_m_a %[[POSITION]][0]
// CHECK-NEXT: pdk.goto_k
// CHECK-NEXT: pdk.label @[[NONZERO]]
// CHECK: pdk.inc_m %[[PASSES]][0]
// CHECK: pdk.table @{{weights_[0-9]+}} {{\[}}2, 0, 253, 255, 0, 0, 120, 1, 33, 15]
func.func @skip(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3], [5, 4], [3, 1]]> : tensor<3x2xi8> of [-8, -1, 0, 1, 2, 7] bias [2, -3, 0] {method = "looped-skip"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-120, 140>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-120, 140>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}

// -----

// Activations made of an engine's sums stay among its cells: 5 sums of 2 bytes,
// then 5 bytes of activations and 2 sums.
// CHECK-LABEL: pdk.program @in_place
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 10 align 2
// CHECK-NOT: pdk.cells "act"
// CHECK: pdk.mov_a_k 0 plus %[[SUMS]]
// The second layer's sums end where the first one's do.
// CHECK: pdk.mov_a_k 6 plus %[[SUMS]]
func.func @in_place(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0], [1, 1], [0, 0], [0, 1]]> : tensor<5x2xi8> of [-8, 7] bias [1, 2, 3, 4, 5] {method = "looped"}
      : tensor<2x!lowbit.int<0, 255>> -> tensor<5x!lowbit.int<-4076, 3573>>
  %2 = lowbit.requant %1 shift 4 clamp 0 to 255 : tensor<5x!lowbit.int<-4076, 3573>> -> tensor<5x!lowbit.int<0, 255>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 0, 1, 0], [1, 0, 1, 1, 0]]> : tensor<2x5xi8> of [-8, 7] bias [1, 2] {method = "looped"}
      : tensor<5x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-6119, 5357>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-6119, 5357>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// Rows unrolled: each fetches or shifts, multiplies, adds. The second layer has
// a row less and enters at the second row, whose codes are the upper halves.
// CHECK-LABEL: pdk.program @unrolled
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 5
// CHECK: %[[W:.*]] = pdk.cells "weights_code" size 1
// CHECK: pdk.call_k @[[PASS:pass_[0-9]+]]
// CHECK: pdk.call_k @[[LATE:late_[0-9]+]]
// CHECK: pdk.routine @[[PASS]]
// CHECK: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][2]
// CHECK-NEXT: pdk.label @[[ROW:row_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[W]][0]
// CHECK-NEXT: pdk.swap_a
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY]]
// CHECK-NEXT: pdk.add_m_a %[[SUMS]][3]
// CHECK: pdk.add_m_a %[[SUMS]][4]
// CHECK-NEXT: pdk.ret
// CHECK-NEXT: pdk.label @[[LATE]]
// CHECK: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.goto_k @[[ROW]]
// Activations are counted from 1: starts 1 - 1, 2 - 1, 3 - 1; 1 2 3 and 4 5 8;
// starts 4 + 1 + 3 + 5, 5 + 2 + 4 + 8; 1 2, 3 4 and 5 8.
// CHECK: pdk.table @{{weights_[0-9]+}} {{\[}}0, 1, 2, 33, 3, 84, 8, 13, 19, 16, 2, 48, 4, 80, 8]
func.func @unrolled(%0: tensor<2x!lowbit.int<0, 1>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3], [1, 4], [2, 5]]> : tensor<3x2xi8> of [1, 2, 3, 4, 5, 8] bias [1, 2, 3] {method = "looped-unrolled"}
      : tensor<2x!lowbit.int<0, 1>> -> tensor<3x!lowbit.int<1, 14>>
  %2 = lowbit.requant %1 shift 0 clamp 0 to 15 : tensor<3x!lowbit.int<1, 14>> -> tensor<3x!lowbit.int<1, 14>>
  %3 = lowbit.dense %2 weights dense<[[0, 2, 4], [1, 3, 5]]> : tensor<2x3xi8> of [1, 2, 3, 4, 5, 8] bias [4, 5] {method = "looped-unrolled"}
      : tensor<3x!lowbit.int<1, 14>> -> tensor<2x!lowbit.int<13, 201>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<13, 201>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
