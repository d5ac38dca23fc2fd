// The tables of looped layers where the device reads whole code words: 15 bits
// each, three weights of 4 bits, of which the first is in the high part.
// RUN: %lower-pfs173 %s | FileCheck %s

// What sums start at, a byte a word, as in lower-looped.mlir; then the weights
// -8, 7, 1 and 2, -1, 0.
// CHECK-LABEL: pdk.program @nibbles for "pfs173"
// CHECK: %[[POSITION:.*]] = pdk.cells "weights_position" size 2 align 2
// CHECK: pdk.mov_a_k 1 of @[[TABLE:weights_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[POSITION]][1]
// CHECK-NEXT: pdk.mov_a_k 0 of @[[TABLE]]
// CHECK-NEXT: pdk.mov_m_a %[[POSITION]][0]
// CHECK: pdk.ldtabh_m %[[POSITION]][0]
// CHECK: pdk.ldtabl_m %[[POSITION]][0]
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.addc_m %[[POSITION]][1]
// CHECK: pdk.words @[[TABLE]] {{\[}}130, 254, 125, 254, 2161, 752]
func.func @nibbles(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3, 1], [5, 4, 2]]> : tensor<2x3xi8> of [-8, -1, 0, 1, 2, 7] bias [2, -3] {method = "looped"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-133, 137>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-133, 137>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
