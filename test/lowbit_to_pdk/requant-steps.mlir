// Sums with a bias of 128 for each pass: what is above their last 7 bits is a
// byte, less the passes, and says whether a sum is below 0 or too large.
// RUN: %lower-pms150c %s | FileCheck %s

// Of a sum that is 0 to 1,023 the upper three bits and the four behind them are
// put together.
// CHECK-LABEL: pdk.program @steps for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size 8
// CHECK: %[[PASSES:.*]] = pdk.cells "passes" size 1
// CHECK: pdk.label @{{elements.*}} trips 4
// CHECK-NEXT: pdk.idxm_a_m %[[P:.*]][0] into %[[ACC]]
// CHECK-NEXT: pdk.mov_m_a %[[LOW:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[ACC]]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.sl_m %[[LOW]][0]
// CHECK-NEXT: pdk.slc_a
// CHECK-NEXT: pdk.sub_a_m %[[PASSES]][0]
// CHECK-NEXT: pdk.add_a_k 128
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.sub_a_k 136
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[ABOVE:above_[0-9]+]]
// CHECK-NEXT: pdk.add_a_k 8
// CHECK-NEXT: pdk.xor_a_m %[[LOW]][0]
// CHECK-NEXT: pdk.and_a_k 15
// CHECK-NEXT: pdk.xor_a_m %[[LOW]][0]
// CHECK-NEXT: pdk.swap_a
// CHECK-NEXT: pdk.goto_k @[[DONE:done_[0-9]+]]
// CHECK-NEXT: pdk.label @[[ABOVE]]
// CHECK-NEXT: pdk.mov_a_k 127
// CHECK-NEXT: pdk.goto_k @[[DONE]]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.label @[[DONE]]
func.func @steps(%0: tensor<9x!lowbit.int<0, 63>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[3, 3, 3, 3, 3, 3, 3, 3, 3], [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 1, 2, 3, 0], [3, 2, 1, 0, 3, 2, 1, 0, 3]]> : tensor<4x9xi8> of [-2, -1, 1, 2] bias [0, 0, 0, 0] {method = "packed-relative"}
      : tensor<9x!lowbit.int<0, 63>> -> tensor<4x!lowbit.int<-1134, 1134>>
  %2 = lowbit.requant %1 shift 3 clamp 0 to 127 : tensor<4x!lowbit.int<-1134, 1134>> -> tensor<4x!lowbit.int<0, 127>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 2, 3], [2, 0, 1, 1]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "packed-relative"}
      : tensor<4x!lowbit.int<0, 127>> -> tensor<2x!lowbit.int<-508, 381>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-508, 381>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
