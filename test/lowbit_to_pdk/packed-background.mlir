// Layers that take the first input off the others, and skip those equal to it.
// RUN: %lower-pms150c %s | FileCheck %s

// The rows' weights sum up to 3 and -3. In digits that are weights these are
// 2 + 1 and -1 - 2: what is read first of the tables, their last two entries,
// holds 2 and -1, then 1 and -2; the first input has no other. With A from 2
// times the input on: nothing, then the exchange and a negation, or 12; the
// exchange, then both, or 13. For -1 and 1 that is both and a negation, 11, for
// 1 and -1 the exchange and a negation, 9.
// CHECK-LABEL: pdk.program @signed for "pms150c"
// CHECK: %[[ACC:.*]] = pdk.cells "acc" size
// CHECK: %[[ENTRY:.*]] = pdk.cells "entry" size
// CHECK: %[[B:.*]] = pdk.cells "background" size
// CHECK: pdk.mov_a_k 5
// CHECK-NEXT: pdk.mov_m_a %[[ENTRY]][0]
// CHECK-NEXT: pdk.call_k @signed_next_input
// CHECK-NEXT: pdk.mov_m_a %[[B]][0]
// CHECK-NEXT: pdk.call_k @[[PASS:pass_piece_[0-9]+]]
// CHECK-NEXT: pdk.dec_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.mov_a_m %[[B]][0]
// CHECK-NEXT: pdk.call_k @[[PASS]]
// CHECK-NEXT: pdk.dec_m %[[ENTRY]][0]
// CHECK-NEXT: pdk.label @inputs{{.*}} trips 3
// CHECK-NEXT: pdk.call_k @signed_next_input
// CHECK-NEXT: pdk.sub_a_m %[[B]][0]
// CHECK-NEXT: pdk.t1sn_iobit 0, 0
// CHECK-NEXT: pdk.call_k @[[PASS]]
// CHECK-NEXT: pdk.dzsn_m %[[ENTRY]][0]
// CHECK: pdk.table @weights{{.*}} {{\[}}9, 9, 11, 13, 12]
func.func @signed(%0: tensor<4x!lowbit.int<-31, 31>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[3, 1, 2, 2], [0, 2, 1, 1]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "packed-relative-background"}
      : tensor<4x!lowbit.int<-31, 31>> -> tensor<2x!lowbit.int<-155, 155>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-155, 155>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Inputs that no row reads are passed over, so that the second one is the
// background; of what it is the middle of 0 to 20 is taken off, so that twice
// the rest is a byte, and comes in with the bias.
// CHECK-LABEL: pdk.program @bias for "pms150c"
// CHECK: pdk.cells "background" size
func.func @bias(%0: tensor<6x!lowbit.int<0, 20>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 2, 1, 0, 2], [1, 2, 2, 1, 0, 0], [1, 2, 0, 1, 2, 2]]> : tensor<3x6xi8> of [-3, 0, 1] bias [-100, 300, 7] {method = "packed-background"}
      : tensor<6x!lowbit.int<0, 20>> -> tensor<3x!lowbit.int<-280, 340>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 63 : tensor<3x!lowbit.int<-280, 340>> -> tensor<3x!lowbit.int<0, 63>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 2], [2, 0, 1], [1, 1, 2]]> : tensor<3x3xi8> of [-3, 0, 1] bias [0, 1, 2] {method = "packed"}
      : tensor<3x!lowbit.int<0, 63>> -> tensor<3x!lowbit.int<-189, 65>>
  %4 = lowbit.argmax %3 : tensor<3x!lowbit.int<-189, 65>> -> tensor<1x!lowbit.int<0, 2>>
  return %4 : tensor<1x!lowbit.int<0, 2>>
}
