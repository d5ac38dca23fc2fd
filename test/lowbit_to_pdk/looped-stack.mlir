// The tables of looped layers as whole code words that are read through the
// stack: the words of lower-looped-words.mlir, which fit 13 bits as well. And
// nothing of the kind unless it is asked for.
// RUN: %lower-undocumented-pms150c %s | FileCheck %s
// RUN: %lower-undocumented-pfs154 %s | FileCheck %s
// RUN: %lower-pms150c %s | FileCheck %s --check-prefix=NONE
// RUN: %lower-undocumented-pfs173 %s | FileCheck %s --check-prefix=NONE

// The address goes on the stack before it is used, and SP stays above it.
// CHECK-LABEL: pdk.program @nibbles
// CHECK: %[[POSITION:.*]] = pdk.cells "weights_position" size 2 align 2
// CHECK: pdk.mov_a_k 1 of @[[TABLE:weights_[0-9]+]]
// CHECK: pdk.mov_a_m %[[POSITION]][0]
// CHECK-NEXT: pdk.pushaf
// CHECK-NEXT: pdk.mov_a_io 2
// CHECK-NEXT: pdk.sub_a_k 1
// CHECK: pdk.mov_a_m %[[POSITION]][1]
// CHECK-NEXT: pdk.idxm_m_a
// CHECK-NEXT: pdk.ldspth
// CHECK: pdk.ldsptl
// CHECK: pdk.popaf
// CHECK-NEXT: pdk.inc_m %[[POSITION]][0]
// CHECK-NEXT: pdk.addc_m %[[POSITION]][1]
// CHECK: pdk.words @[[TABLE]] {{\[}}130, 254, 125, 254, 2161, 752]
// NONE-LABEL: pdk.program @nibbles
// NONE-NOT: pdk.ldspt
func.func @nibbles(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3, 1], [5, 4, 2]]> : tensor<2x3xi8> of [-8, -1, 0, 1, 2, 7] bias [2, -3] {method = "looped"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-133, 137>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-133, 137>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
