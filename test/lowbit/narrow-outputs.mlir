// --lowbit-narrow-outputs: outputs of more than 16 bits that may be cut count from
// the lowest or are shifted down, and what their integers are worth says so.
// RUN: pdkc-opt %s --lowbit-narrow-outputs | FileCheck %s

// 17 bits lose one: integer k is 2k or 2k + 1, worth (2k + 1/2) / 2 + 1 in the
// middle, that is k + 1.25. Its meaning says so.
// CHECK-LABEL: func.func @unsigned
// CHECK-SAME: -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 65535>>
// CHECK-SAME: {lowbit.cut, lowbit.meaning = "sums, rounded (16 bits hold no more): off by at most half a scale", lowbit.offset = array<f64: 1.250000e+00>, lowbit.scale = array<f64: 1.000000e+00>
// CHECK: %[[S:.*]] = lowbit.dense
// CHECK-NEXT: %[[C:.*]] = lowbit.argmax %[[S]]
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %[[S]] shift 1 clamp 0 to 65535 : tensor<1x!lowbit.int<0, 131070>> -> tensor<1x!lowbit.int<0, 65535>>
// CHECK-NEXT: return %[[C]], %[[Q]]
func.func @unsigned(%0: tensor<1x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 131070>> {lowbit.cut, lowbit.meaning = "sums", lowbit.scale = array<f64: 0.5>, lowbit.offset = array<f64: 1.0>}) {
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [514] bias [0] : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 131070>>
  %2 = lowbit.argmax %1 : tensor<1x!lowbit.int<0, 131070>> -> tensor<1x!lowbit.int<0, 0>>
  return %2, %1 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 131070>>
}

// -32769 has 17 bits, but from there on 16 do: 0 is worth 1 - 32769 / 2 or
// 1 - 32769 / 4. Each output has a scale of its own and then an offset.
// CHECK-LABEL: func.func @signed
// CHECK-SAME: lowbit.meaning = "sums", lowbit.offset = array<f64: -1.638350e+04, -8.191250e+03>, lowbit.scale = array<f64: 5.000000e-01, 2.500000e-01>
// CHECK: lowbit.requant %{{.*}} plus 32769 clamp 0 to 32869 : tensor<2x!lowbit.int<-32769, 100>> -> tensor<2x!lowbit.int<0, 32869>>
func.func @signed(%0: tensor<2x!lowbit.int<-32769, 100>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-32769, 100>> {lowbit.cut, lowbit.meaning = "sums", lowbit.scale = array<f64: 0.5, 0.25>, lowbit.offset = array<f64: 1.0>}) {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<-32769, 100>> -> tensor<1x!lowbit.int<0, 1>>
  return %1, %0 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-32769, 100>>
}

// 18 bits with a sign, 17 without one: from the lowest on 16 are left after one
// shift. 0 stands for -40000 and -39999, in the middle -39999.5.
// CHECK-LABEL: func.func @both
// CHECK-SAME: lowbit.offset = array<f64: -3.999950e+04>, lowbit.scale = array<f64: 2.000000e+00>
// CHECK: lowbit.requant %{{.*}} plus 40000 shift 1 clamp 0 to 55000
func.func @both(%0: tensor<1x!lowbit.int<-40000, 70000>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<-40000, 70000>> {lowbit.cut, lowbit.scale = array<f64: 1.0>, lowbit.offset = array<f64: 0.0>}) {
  %1 = lowbit.argmax %0 : tensor<1x!lowbit.int<-40000, 70000>> -> tensor<1x!lowbit.int<0, 0>>
  return %1, %0 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<-40000, 70000>>
}

// What may not be cut has more bits.
// CHECK-LABEL: func.func @exact
// CHECK-NOT: requant
// CHECK: return
func.func @exact(%0: tensor<1x!lowbit.int<0, 131070>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 131070>>) {
  %1 = lowbit.argmax %0 : tensor<1x!lowbit.int<0, 131070>> -> tensor<1x!lowbit.int<0, 0>>
  return %1, %0 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 131070>>
}

// 16 bits are kept, with or without a sign.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: requant
// CHECK: return
func.func @kept(%0: tensor<2x!lowbit.int<0, 65535>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 65535>> {lowbit.cut}) {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<0, 65535>> -> tensor<1x!lowbit.int<0, 1>>
  return %1, %0 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 65535>>
}

// Without outputs besides the class there is nothing to do.
// CHECK-LABEL: func.func @class
// CHECK-NEXT: return %arg0
func.func @class(%0: tensor<1x!lowbit.int<0, 131070>>) -> tensor<1x!lowbit.int<0, 131070>> {
  return %0 : tensor<1x!lowbit.int<0, 131070>>
}

// Values that span no more than a byte are bytes, counted from the lowest: 0 is
// worth -3 / 2 + 1.
// CHECK-LABEL: func.func @byte
// CHECK-SAME: lowbit.offset = array<f64: -5.000000e-01>, lowbit.scale = array<f64: 5.000000e-01>
// CHECK: lowbit.requant %{{.*}} plus 3 clamp 0 to 255 : tensor<2x!lowbit.int<-3, 252>> -> tensor<2x!lowbit.int<0, 255>>
func.func @byte(%0: tensor<2x!lowbit.int<-3, 252>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-3, 252>> {lowbit.scale = array<f64: 0.5>, lowbit.offset = array<f64: 1.0>}) {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<-3, 252>> -> tensor<1x!lowbit.int<0, 1>>
  return %1, %0 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-3, 252>>
}
