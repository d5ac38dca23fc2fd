// Layers in one loop, weight by weight.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s
// RUN: %lower-pfs173 %s -split-input-file | FileCheck %s --check-prefix=WORDS

// A code is whether the sign changes and, above that bit, whether the input is
// added twice. Input by input, layer 1 has 0 1 3 and 3 3 2, layer 2 has 0 3, 1 2
// and 2 0: four a byte, seven a word with a 1 above them. Before a layer's codes
// stands how far behind the beginning of all sums its own begin; as the codes of
// a byte may be two layers', that comes before the byte where it is read before
// it: 0, then 0 1 3 3, then 3 2 0 3, then 2, then 1 2 2 0.
// CHECK-LABEL: pdk.program @two for "pms150c"
// CHECK: %[[SUMS:.*]] = pdk.cells "sums" size 10 align 2
// CHECK: %[[X:.*]] = pdk.cells "x" size 1
// CHECK: %[[FROM:.*]] = pdk.cells "from" size 2 align 2
// CHECK: %[[FIRST:.*]] = pdk.cells "first" size 1
// CHECK: %[[W:.*]] = pdk.cells "weights_code" size 1
// CHECK: %[[VALUE:.*]] = pdk.cells "value" size 2
// Results of 5 bits: the high byte of a sum that gives one is 0. Of others, all
// below 0, the result is.
// CHECK: pdk.label @{{result_[0-9]+}} trips 3
// CHECK: pdk.mov_m_a %[[VALUE]][1]
// CHECK: pdk.idxm_a_m %{{.*}}[0] into %[[SUMS]]
// CHECK-NEXT: pdk.neg_m %[[VALUE]][1]
// CHECK-NEXT: pdk.t1sn_iobit 0, 0
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.idxm_m_a %[[FROM]][0] into %[[SUMS]]
// What is streamed, or stored.
// CHECK: pdk.t0sn_mbit %[[FROM]][1], 1
// CHECK-NEXT: pdk.call_k @two_next_input
// CHECK-NEXT: pdk.t1sn_mbit %[[FROM]][1], 1
// CHECK-NEXT: pdk.idxm_a_m %[[FROM]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[X]][0]
// CHECK: pdk.sr_m %[[W]][0]
// CHECK: pdk.neg_m %[[X]][0]
// CHECK: pdk.add_a_m %[[X]][0]
// CHECK: pdk.set0_mbit %[[W]][0], 0
// CHECK: pdk.table @{{weights_[0-9]+}} {{\[}}0, 244, 203, 2, 41]
// 0 + 4 + 48 + 192 + 768 + 2048 + 0 + 16384, then 3 + 4 + 32 + 128 + 16384.
// WORDS-LABEL: pdk.program @two for "pfs173"
// WORDS: pdk.words @{{weights_[0-9]+}} {{\[}}0, 19444, 2, 16551]
func.func @two(%0: tensor<2x!lowbit.int<-31, 31>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[2, 0], [1, 3], [3, 3]]> : tensor<3x2xi8> of [-2, -1, 1, 2] bias [0, 0, 0] {method = "serial"}
      : tensor<2x!lowbit.int<-31, 31>> -> tensor<3x!lowbit.int<-124, 124>>
  %2 = lowbit.requant %1 shift 3 clamp 0 to 127 : tensor<3x!lowbit.int<-124, 124>> -> tensor<3x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[2, 1, 3], [0, 0, 2]]> : tensor<2x3xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "serial"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-60, 45>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-60, 45>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// Alone, and with biases, 2 and -3, before the codes; a weight is there or not.
// CHECK-LABEL: pdk.program @alone for "pms150c"
// CHECK-NOT: pdk.neg_m
// CHECK: pdk.dzsn_m
// CHECK: pdk.table @{{weights_[0-9]+}} {{\[}}2, 0, 253, 255, 14]
// WORDS-LABEL: pdk.program @alone for "pfs173"
func.func @alone(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 1]]> : tensor<2x2xi8> of [0, 1] bias [2, -3] {method = "serial"}
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-3, 510>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-3, 510>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
