// Looped layers of other formats: products of two bytes and sums of three,
// codes that count from the smallest weight, tables of more than 255 bytes.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @eight_bits
// From the lowest bit up: added to the high byte, halved; the top one is
// subtracted. 32768 more keep it positive.
// CHECK: pdk.label @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[X:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[HIGH:.*]][0]
// CHECK-NEXT: pdk.clear_m %[[LOW:.*]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W:.*]][0], 0
// CHECK-NEXT: pdk.mov_m_a %[[HIGH]][0]
// CHECK-NEXT: pdk.sr_m %[[HIGH]][0]
// CHECK-NEXT: pdk.src_m %[[LOW]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.add_m_a %[[HIGH]][0]
// CHECK-NEXT: pdk.src_m %[[HIGH]][0]
// CHECK-NEXT: pdk.src_m %[[LOW]][0]
// CHECK: pdk.t0sn_mbit %[[W]][0], 7
// CHECK-NEXT: pdk.sub_m_a %[[HIGH]][0]
// CHECK-NEXT: pdk.src_m %[[HIGH]][0]
// CHECK-NEXT: pdk.src_m %[[LOW]][0]
// CHECK-NEXT: pdk.mov_a_k 128
// CHECK-NEXT: pdk.xor_m_a %[[HIGH]][0]
// Added byte by byte, the carry through the product.
// CHECK-NEXT: pdk.idxm_a_m %[[P:.*]][0] into %[[SUMS:.*]]
// CHECK-NEXT: pdk.add_m_a %[[LOW]][0]
// CHECK-NEXT: pdk.addc_m %[[HIGH]][0]
// CHECK-NEXT: pdk.mov_a_m %[[LOW]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.add_a_m %[[HIGH]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.addc_a
// CHECK-NEXT: pdk.mov_m_a %[[LOW]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.add_a_m %[[LOW]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[P]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 6 plus %[[SUMS]]
// CHECK-NEXT: pdk.goto_k @[[ROW:row_[0-9]+]]
// 2 x 32768 less: 0 - 65536 and 3 - 65536. Then -100 = 156 and 90.
// CHECK: pdk.table @weights{{.*}} {{\[}}0, 0, 255, 3, 0, 255, 156, 90, 90, 90]
func.func @eight_bits(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 1]]> : tensor<2x2xi8> of [-100, 90] bias [0, 3] {method = "looped"}
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-25500, 45903>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-25500, 45903>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @base
// Codes 0 and 3 for -1 and 2, four in a byte. A sum of its own comes first, of
// a weight of 0, whose code is 1: what all sums have too much.
// CHECK: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[LEFT:.*]][0]
// CHECK-NEXT: pdk.undef %[[W:.*]]{{$}}
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_m_a %[[W]][0]
// CHECK-NEXT: pdk.goto_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.label @[[ROW:row_[0-9]+]] trips 3
// CHECK-NEXT: pdk.dzsn_m %[[LEFT]][0]
// CHECK-NEXT: pdk.goto_k @[[HAVE:have_[0-9]+]]
// CHECK: pdk.label @[[HAVE]]
// CHECK-NEXT: pdk.sr_m %[[W]][0]
// CHECK-NEXT: pdk.sr_m %[[W]][0]
// CHECK-NEXT: pdk.label @[[MULTIPLY]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 1
// CHECK-NEXT: pdk.mov_a_m %[[X:.*]][0]
// CHECK-NEXT: pdk.sl_a
// CHECK-NEXT: pdk.t0sn_mbit %[[W]][0], 0
// CHECK-NEXT: pdk.add_a_m %[[X]][0]
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.add_a_m %[[PRODUCT]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[P]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 3 plus %[[SUMS]]
// CHECK-NEXT: pdk.goto_k @[[ROW]]
// CHECK-NEXT: pdk.label @[[NEXT:next_[0-9]+]]
// CHECK-NEXT: pdk.dzsn_m %[[COUNTER:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[INPUTS:inputs_[0-9]+]]
// CHECK: pdk.table @weights{{.*}} {{\[}}0, 3, 12, 15]
func.func @base(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 1]]> : tensor<2x2xi8> of [-1, 2] bias [0, 3] {method = "looped"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 63>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-15, 63>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @tables
// 20 starts and 30 x 10 bytes of two weights: a routine for the next byte, and
// one that goes past an input's.
// CHECK: pdk.ceqsn_a_k 0
// CHECK-NEXT: pdk.goto_k @[[NONZERO:nonzero_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_k 10
// CHECK-NEXT: pdk.call_k @[[SKIP:skip_weights_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @next{{.*}}
// CHECK: pdk.label @fetch{{.*}}
// CHECK-NEXT: pdk.call_k @[[NEXT_BYTE:next_weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[W:.*]][0]
// CHECK: pdk.routine @[[NEXT_BYTE]] {
// CHECK-NEXT: pdk.izsn_m %[[POSITION:.*]][0]
// CHECK-NEXT: pdk.goto_k @[[SAME:same_[0-9]+]]
// CHECK-NEXT: pdk.inc_m %[[TABLE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.label @[[SAME]]
// CHECK-NEXT: pdk.mov_a_m %[[POSITION]][0]
// CHECK-NEXT: pdk.t0sn_mbit %[[TABLE]][0], 0
// CHECK-NEXT: pdk.goto_k @[[MORE:weights_[0-9]+]]
// CHECK-NEXT: pdk.goto_k @[[WEIGHTS:weights_[0-9]+]]
// CHECK: pdk.routine @[[SKIP]] {
// CHECK-NEXT: pdk.add_m_a %[[POSITION]][0]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.ret
// CHECK-NEXT: pdk.inc_m %[[TABLE]][0]
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.ret
// CHECK: pdk.table @[[WEIGHTS]] {{\[0, 1, 2, 3, .* 19, (63, ){234}63\]}}
// CHECK-NEXT: pdk.table @[[MORE]] {{\[(63, ){64}63\]}}
func.func @tables(%0: tensor<30x!lowbit.int<0, 1>>) -> tensor<1x!lowbit.int<0, 19>> {
  %1 = lowbit.dense %0 weights dense<0> : tensor<20x30xi8> of [7] bias [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] {method = "looped-skip"}
      : tensor<30x!lowbit.int<0, 1>> -> tensor<20x!lowbit.int<0, 229>>
  %2 = lowbit.argmax %1 : tensor<20x!lowbit.int<0, 229>> -> tensor<1x!lowbit.int<0, 19>>
  return %2 : tensor<1x!lowbit.int<0, 19>>
}
