// Engines with more code and fewer decisions, and inputs in pairs.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// Accumulators are cleared one by one. The second layer's two rows of three have
// a way in of their own, to row 1, whose bits are within the byte that is read
// there, with A as it is at the beginning.
// CHECK-LABEL: pdk.program @late for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[ENTRY:.*]] = pdk.cells "entry" size
// CHECK: %[[W:.*]] = pdk.cells "w" size
// CHECK: pdk.call_k @late_next_input
// CHECK-NEXT: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.call_k @[[PASS:pass_piece_[0-9]+]]
// CHECK: pdk.call_k @[[LATE:pass_from_1_[0-9]+]]
// CHECK: pdk.routine @[[PASS]] {
// CHECK: pdk.label @[[ROW:row_[0-9]+]]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 2
// CHECK: pdk.ret
// CHECK-NEXT: pdk.label @[[LATE]]
// CHECK-NEXT: pdk.add_a_k 128
// CHECK: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.xch_m %[[W]][0]
// CHECK-NEXT: pdk.goto_k @[[ROW]]
func.func @late(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3], [1, 2, 0, 0], [2, 2, 1, 1]]> : tensor<3x4xi8> of [-2, -1, 1, 2] bias [4, 0, 0] {method = "packed-relative-unrolled"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-75, 49>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 : tensor<3x!lowbit.int<-75, 49>> -> tensor<3x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 2], [2, 0, 1]]> : tensor<2x3xi8> of [-2, -1, 1, 2] bias [0, 1] {method = "packed-relative-unrolled"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-45, 16>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-45, 16>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// The layer's code takes 63 off a larger input, and comes back for the rest.
// CHECK-LABEL: pdk.program @pieces
// CHECK: %[[ENTRY:.*]] = pdk.cells "entry" size
// CHECK: %[[X:.*]] = pdk.cells "x" size 1
// CHECK: pdk.call_k @pieces_next_input
// CHECK-NEXT: pdk.label @[[AGAIN:piece_[0-9]+]] trips 2
// CHECK-NEXT: pdk.sub_a_k 64
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[LARGE:large_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 64
// CHECK-NEXT: pdk.t1sn_iobit 0, 0
// CHECK-NEXT: pdk.call_k @[[PASS:pass_piece_[0-9]+]]
// CHECK-NEXT: pdk.dzsn_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.goto_k @inputs
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[LARGE]]
// CHECK-NEXT: pdk.add_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[X]][0]
// CHECK-NEXT: pdk.mov_a_k 63
// CHECK-NEXT: pdk.call_k @[[PASS]]
// CHECK-NEXT: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.goto_k @[[AGAIN]]
// CHECK-NEXT: pdk.label @[[DONE]]
func.func @pieces(%0: tensor<3x!lowbit.int<0, 100>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3, 1], [2, 1, 0]]> : tensor<2x3xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "packed-relative-unrolled"}
      : tensor<3x!lowbit.int<0, 100>> -> tensor<2x!lowbit.int<-300, 200>>
  %2 = lowbit.requant %1 shift 3 clamp 0 to 15 : tensor<2x!lowbit.int<-300, 200>> -> tensor<2x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1], [2, 0]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 1] {method = "packed-relative-unrolled"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-45, 16>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-45, 16>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// Inputs 2 and 3 differ from the first most often. A is y with 128 on top; with x
// it is what row 0 wants, x + y; less 2 y for row 1, x - y, which is as far as
// any other way there. The pair is one pass from the beginning on.
// CHECK-LABEL: pdk.program @pair
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size 4
// CHECK: %[[PASSES:.*]] = pdk.cells "passes" size
// CHECK: %[[B:.*]] = pdk.cells "background" size
// CHECK: %[[X:.*]] = pdk.cells "pair_0" size 1
// CHECK: %[[Y:.*]] = pdk.cells "pair_1" size 1
// CHECK: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[PASSES]][0]
// CHECK: pdk.sub_a_m %[[B]][0]
// CHECK: pdk.call_k @pair_next_input
// CHECK-NEXT: pdk.mov_m_a %[[X]][0]
// CHECK-NEXT: pdk.call_k @pair_next_input
// CHECK-NEXT: pdk.mov_m_a %[[Y]][0]
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.add_a_m %[[X]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC]][0]
// CHECK-NEXT: pdk.addc_m %[[ACC]][1]
// CHECK-NEXT: pdk.sub_a_m %[[Y]][0]
// CHECK-NEXT: pdk.sub_a_m %[[Y]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC]][2]
// CHECK-NEXT: pdk.addc_m %[[ACC]][3]
// CHECK-NEXT: pdk.call_k @pair_next_input
// CHECK-NEXT: pdk.sub_a_m %[[B]][0]
func.func @pair(%0: tensor<5x!lowbit.int<-31, 31>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[3, 1, 2, 2, 0], [0, 2, 2, 1, 1]]> : tensor<2x5xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "packed-relative-background-unrolled-pair", busy = array<i64: 0, 10, 900, 990, 300>}
      : tensor<5x!lowbit.int<-31, 31>> -> tensor<2x!lowbit.int<-217, 217>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-217, 217>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
