// Weights whose codes say what changes from one row to the next: bit 0
// exchanges A and a cell, the last bit negates A. A begins as the first multiple
// for each input.
// RUN: %lower-pms150c %s | FileCheck %s

// A begins as twice the input, the cell as the input. Weights of 1, 2, -1, -2,
// for input 0 from row 0 to 3: exchanges alone for the first two; with a
// negation for the others: from the lowest bits on 1, 1, 3, 3, or 245.
// For input 1 -2, -1, 2, 1: a negation alone; the exchange and a negation; the
// exchange, which brings back -2, and a negation; likewise: 2, 3, 3, 3, or 254.
// CHECK-LABEL: pdk.program @one_two for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[ENTRY:.*]] = pdk.cells "entry" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[ONE:.*]] = pdk.cells "x_times_1" size
// What A is waits where the code will be.
// CHECK: pdk.mov_m_a %[[ONE]][0]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.inc_m
// CHECK-NEXT: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.xch_m %[[W]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.xch_m %[[ONE]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK-NEXT: pdk.addc_m %[[ACC]][1]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK: pdk.table @[[TABLE]] {{\[}}254, 245]
func.func @one_two(%0: tensor<2x!lowbit.int<0, 63>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.dense %0 weights dense<[[2, 0], [3, 1], [1, 3], [0, 2]]> : tensor<4x2xi8> of [-2, -1, 1, 2] bias [0, 9, 0, -5] {method = "packed-relative"}
      : tensor<2x!lowbit.int<0, 63>> -> tensor<4x!lowbit.int<-257, 252>>
  %2 = lowbit.argmax %1 : tensor<4x!lowbit.int<-257, 252>> -> tensor<1x!lowbit.int<0, 3>>
  return %2 : tensor<1x!lowbit.int<0, 3>>
}

// Two bytes at a time, eight weights of one bit each: what A holds waits in the
// second one's cell while both are read.
// CHECK-LABEL: pdk.program @signs for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[ENTRY:.*]] = pdk.cells "entry" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: %[[ODD:.*]] = pdk.cells "w_odd" size
// CHECK: pdk.mov_m_a %[[ODD]][0]
// CHECK-NEXT: pdk.inc_m
// CHECK-NEXT: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[FIRST:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[SECOND:weights_[0-9]+]]
// CHECK-NEXT: pdk.xch_m %[[ODD]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK: pdk.t0sn_mbit %[[W]][0], 7
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][7]
// CHECK-NEXT: pdk.t0sn_mbit %[[ODD]][0], 0
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][8]
// CHECK: pdk.table @[[FIRST]] {{\[}}170, 85]
// CHECK: pdk.table @[[SECOND]] {{\[}}1, 1]
func.func @signs(%0: tensor<2x!lowbit.int<0, 30>>) -> tensor<1x!lowbit.int<0, 8>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [0, 0], [1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [1, 1], [0, 0]]> : tensor<9x2xi8> of [-1, 1] bias [0, 0, 0, 0, 0, 0, 0, 0, 0] {method = "packed-relative"}
      : tensor<2x!lowbit.int<0, 30>> -> tensor<9x!lowbit.int<-60, 60>>
  %2 = lowbit.argmax %1 : tensor<9x!lowbit.int<-60, 60>> -> tensor<1x!lowbit.int<0, 8>>
  return %2 : tensor<1x!lowbit.int<0, 8>>
}

// Of weights 0 and 1 the cell holds 128, which no negation changes. Rows behind
// others begin late, with A as it is at the beginning.
// CHECK-LABEL: pdk.program @late for "pms150c"
// CHECK: pdk.goto_k @early
// CHECK-NEXT: pdk.mov_a_m
// CHECK-NEXT: pdk.call_k @weights
// CHECK-NEXT: pdk.xch_m %[[W:[0-9]+]][0]
// CHECK-NEXT: pdk.goto_k @[[ROW:row_[0-9]+]]
// CHECK: pdk.label @[[ROW]]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK-NEXT: pdk.xch_m
func.func @late(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2], [1, 2, 0], [2, 2, 1]]> : tensor<3x3xi8> of [-1, 0, 1] bias [4, 0, 0] {method = "packed-relative"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-26, 34>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 : tensor<3x!lowbit.int<-26, 34>> -> tensor<3x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 2], [2, 0, 1]]> : tensor<2x3xi8> of [-1, 0, 1] bias [0, 1] {method = "packed-relative"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-29, 31>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-29, 31>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
