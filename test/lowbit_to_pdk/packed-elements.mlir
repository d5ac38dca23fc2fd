// Activations of 1, 2 and 4 bits, several in a byte: elements come in at a
// byte's top and go down as others follow; the last byte is filled up.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// Three of four bits in two bytes.
// CHECK-LABEL: pdk.program @nibbles
// CHECK: %[[ACT:.*]] = pdk.cells "act" size 2
// CHECK: %[[PACKED:.*]] = pdk.cells "packed" size 1
// CHECK: %[[LEFT:.*]] = pdk.cells "left" size 1
// CHECK: pdk.mov_a_k 2
// CHECK-NEXT: pdk.mov_m_a %[[LEFT]][0]
// CHECK: pdk.label @{{elements_[0-9]+}} trips 3
// CHECK: pdk.swap_a
// CHECK-NEXT: pdk.sr_m %[[PACKED]][0]
// CHECK-NEXT: pdk.sr_m %[[PACKED]][0]
// CHECK-NEXT: pdk.sr_m %[[PACKED]][0]
// CHECK-NEXT: pdk.sr_m %[[PACKED]][0]
// CHECK-NEXT: pdk.or_m_a %[[PACKED]][0]
// CHECK-NEXT: pdk.dzsn_m %[[LEFT]][0]
// One is left for the last byte's low half.
// CHECK: pdk.dzsn_m
// CHECK-NEXT: pdk.goto_k
// CHECK-COUNT-4: pdk.sr_m %[[PACKED]][0]
// CHECK: pdk.idxm_m_a %{{.*}}[0] into %[[ACT]]
// CHECK: pdk.idxm_a_m %{{.*}}[0] into %[[ACT]]
// CHECK: pdk.and_a_k 15
func.func @nibbles(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 1, 0], [1, 1, 0, 1], [1, 1, 1, 1]]> : tensor<3x4xi8> of [-1, 1] bias [0, 0, 0] {method = "packed"}
      : tensor<4x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-30, 60>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 15 {method = "loop-packed"} : tensor<3x!lowbit.int<-30, 60>> -> tensor<3x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 1], [1, 0, 1]]> : tensor<2x3xi8> of [-1, 1] bias [0, 0] {method = "packed"}
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 30>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-15, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @bits
// CHECK: pdk.cells "act" size 2
// CHECK: pdk.sr_a
// CHECK-NEXT: pdk.src_m
// CHECK: pdk.and_a_k 1
func.func @bits(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0], [1, 1], [0, 0], [0, 1], [1, 1], [1, 0], [1, 1], [0, 1], [1, 0]]> : tensor<10x2xi8> of [-1, 1] bias [0, 1, -9, 20, 4, -20, 3, -15, 1, 2] {method = "straight"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<10x!lowbit.int<-20, 21>>
  %2 = lowbit.requant %1 clamp 0 to 1 {method = "loop-packed"} : tensor<10x!lowbit.int<-20, 21>> -> tensor<10x!lowbit.int<0, 1>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 1, 0, 1, 0, 1, 1, 0, 0], [1, 1, 1, 0, 1, 0, 0, 1, 0, 1]]> : tensor<2x10xi8> of [-3, 1] bias [0, 5] {method = "looped"}
      : tensor<10x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<-15, 11>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-15, 11>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// An input that no row reads is taken all the same.
// CHECK-LABEL: pdk.program @pairs
// CHECK: pdk.and_a_k 3
// CHECK: pdk.label @{{discard_[0-9]+}} trips 1
func.func @pairs(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0], [1, 1], [0, 1], [1, 1]]> : tensor<5x2xi8> of [-1, 1] bias [0, 1, -9, 4, -20] {method = "packed"}
      : tensor<2x!lowbit.int<0, 15>> -> tensor<5x!lowbit.int<-20, 21>>
  %2 = lowbit.requant %1 shift 2 clamp 0 to 3 {method = "loop-packed"} : tensor<5x!lowbit.int<-20, 21>> -> tensor<5x!lowbit.int<0, 3>>
  %3 = lowbit.dense %2 weights dense<[[0, 1, 2, 2, 1], [1, 1, 2, 0, 1]]> : tensor<2x5xi8> of [-3, 0, 1] bias [0, 5] {method = "looped-skip"}
      : tensor<5x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-18, 14>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-18, 14>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
