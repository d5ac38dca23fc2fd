// Packed layers beyond the rows that packed.mlir shows: tables of digits,
// inputs taken in pieces, layers of fewer rows in one engine.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @digits
// Five weights of three values in a byte, which is a fraction to the base 3: 0
// for 1, 1 for -1, 2 for 0. A routine takes the next digit off its top. -1 0 1
// -1 0 is 0.12012, of 256 the 147.5th part; 0 1 -1 -1 0 is 0.20112.
// CHECK: pdk.mov_a_m %[[ENTRY:.*]][0]
// CHECK-NEXT: pdk.call_k @[[FIRST:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK-NEXT: pdk.call_k @[[NEXT:digit_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[X:.*]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[DIGIT:.*]][0], 0
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.t0sn_mbit %[[DIGIT]][0], 1
// CHECK-NEXT: pdk.mov_a_m %[[ZERO:.*]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC:.*]][0]
// CHECK-NEXT: pdk.call_k @[[NEXT]]
// CHECK-NEXT: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[DIGIT]][0], 0
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.t0sn_mbit %[[DIGIT]][0], 1
// CHECK-NEXT: pdk.mov_a_m %[[ZERO]][0]
// CHECK-NEXT: pdk.add_m_a %[[ACC]][1]
// CHECK: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[SECOND:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.call_k @[[NEXT]]
// CHECK: pdk.routine @[[NEXT]] {
// CHECK-NEXT: pdk.mov_a_m %[[W]][0]
// CHECK-NEXT: pdk.clear_m %[[DIGIT]][0]
// CHECK-NEXT: pdk.sl_m %[[W]][0]
// CHECK-NEXT: pdk.slc_m %[[DIGIT]][0]
// CHECK-NEXT: pdk.add_m_a %[[W]][0]
// CHECK-NEXT: pdk.addc_m %[[DIGIT]][0]
// CHECK-NEXT: pdk.ret
// CHECK: pdk.table @[[FIRST]] {{\[}}186, 148]
// CHECK-NEXT: pdk.table @[[SECOND]] {{\[}}0, 0]
func.func @digits(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 5>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 2], [2, 0], [0, 0], [1, 1], [2, 2]]> : tensor<6x2xi8> of [-1, 0, 1] bias [0, 0, 0, 0, 0, 0] {method = "packed-digits"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<6x!lowbit.int<-30, 30>>
  %2 = lowbit.argmax %1 : tensor<6x!lowbit.int<-30, 30>> -> tensor<1x!lowbit.int<0, 5>>
  return %2 : tensor<1x!lowbit.int<0, 5>>
}

// -----

// CHECK-LABEL: pdk.program @pieces
// Products of 2 fit seven bits for inputs up to 63: of a larger one 63, and
// the pass again for the rest.
// CHECK: %[[X:.*]] = pdk.cells "x" size 1
// CHECK: pdk.label @[[AGAIN:piece_[0-9]+]] trips 5
// CHECK-NEXT: pdk.sub_a_k 64
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[LARGE:large_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 64
// CHECK-NEXT: pdk.t0sn_iobit 0, 0
// CHECK-NEXT: pdk.goto_k @[[NEXT:next_input_[0-9]+]]
// CHECK-NEXT: pdk.clear_m %[[X]][0]
// CHECK-NEXT: pdk.label @[[START:start_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[PIECE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[PASSES:.*]][0]
// CHECK: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.t0sn_iobit 0, 0
// CHECK-NEXT: pdk.goto_k @[[NEXT]]
// CHECK-NEXT: pdk.goto_k @[[AGAIN]]
// CHECK-NEXT: pdk.label @[[LARGE]]
// CHECK-NEXT: pdk.add_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[X]][0]
// CHECK-NEXT: pdk.mov_a_k 63
// CHECK-NEXT: pdk.goto_k @[[START]]
// CHECK-NEXT: pdk.label @[[NEXT]]
// CHECK: pdk.table @[[TABLE:weights_[0-9]+]] {{\[}}9, 3]
func.func @pieces(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3], [2, 1]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [300, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-510, 810>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-510, 810>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @late
// Two rows behind five: the last two. Their entries come behind the others,
// from 3 to 7, and enter at row 3, whose bits are within a byte that the rows
// before it have fetched.
// CHECK: pdk.mov_a_k 7
// CHECK-NEXT: pdk.mov_m_a %[[ENTRY:.*]][0]
// CHECK: pdk.mov_a_k 5 plus %[[ACC:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK: pdk.routine @[[PASS:pass_piece_[0-9]+]] {
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.mov_m_a %[[X:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[PASSES:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.sub_a_k 3
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[EARLY:early_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[ROW:row_[0-9]+]]
// CHECK-NEXT: pdk.label @[[EARLY]]
// CHECK-NEXT: pdk.mov_a_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @[[TABLE]]
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK: pdk.add_m_a %[[ACC]][2]
// CHECK-NEXT: pdk.label @[[ROW]]
// CHECK-NEXT: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 3
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][3]
// CHECK-NEXT: pdk.mov_a_m %[[X]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 4
// CHECK-NEXT: pdk.neg_a
// CHECK-NEXT: pdk.add_m_a %[[ACC]][4]
// CHECK-NEXT: pdk.ret
// Bits 0 to 4, 1 for -1; then 3 and 4; of each layer the last input first.
// CHECK: pdk.table @[[TABLE]] {{\[}}10, 25, 16, 16, 8, 16, 8]
func.func @late(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0], [1, 1], [0, 0], [0, 1]]> : tensor<5x2xi8> of [-1, 1] bias [0, 0, 0, 0, 0] {method = "packed"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<5x!lowbit.int<-30, 30>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 : tensor<5x!lowbit.int<-30, 30>> -> tensor<5x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 0, 1, 1], [1, 0, 1, 0, 0]]> : tensor<2x5xi8> of [-1, 1] bias [0, 0] {method = "packed"}
      : tensor<5x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-45, 45>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-45, 45>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
