// --lowbit-narrow-outputs: outputs of more than 16 bits are shifted down, and
// what their integers are worth says so.
// RUN: pdkc-opt %s --lowbit-narrow-outputs | FileCheck %s

// 17 bits lose one: integer k is 2k or 2k + 1, worth (2k + 1/2) / 2 + 1 in the
// middle, that is k + 1.25.
// CHECK-LABEL: func.func @unsigned
// CHECK-SAME: -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 65535>>)
// CHECK-SAME: lowbit.output_offset = array<f64: 1.250000e+00>, lowbit.output_scale = array<f64: 1.000000e+00>
// CHECK: %[[S:.*]] = lowbit.dense
// CHECK-NEXT: %[[C:.*]] = lowbit.argmax %[[S]]
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %[[S]] shift 1 clamp 0 to 65535 : tensor<1x!lowbit.int<0, 131070>> -> tensor<1x!lowbit.int<0, 65535>>
// CHECK-NEXT: return %[[C]], %[[Q]]
func.func @unsigned(%0: tensor<1x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 131070>>)
    attributes {lowbit.output_scale = array<f64: 0.5>, lowbit.output_offset = array<f64: 1.0>} {
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [514] bias [0] : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 131070>>
  %2 = lowbit.argmax %1 : tensor<1x!lowbit.int<0, 131070>> -> tensor<1x!lowbit.int<0, 0>>
  return %2, %1 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 131070>>
}

// -32769 has 17 bits. Each output has a scale of its own and then an offset.
// CHECK-LABEL: func.func @signed
// CHECK-SAME: lowbit.output_offset = array<f64: 1.250000e+00, 1.125000e+00>, lowbit.output_scale = array<f64: 1.000000e+00, 5.000000e-01>
// CHECK: lowbit.requant %{{.*}} shift 1 clamp -16385 to 50 : tensor<2x!lowbit.int<-32769, 100>> -> tensor<2x!lowbit.int<-16385, 50>>
func.func @signed(%0: tensor<2x!lowbit.int<-32769, 100>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-32769, 100>>)
    attributes {lowbit.output_scale = array<f64: 0.5, 0.25>, lowbit.output_offset = array<f64: 1.0>} {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<-32769, 100>> -> tensor<1x!lowbit.int<0, 1>>
  return %1, %0 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-32769, 100>>
}

// 16 bits are kept, with or without a sign.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: requant
// CHECK: return
func.func @kept(%0: tensor<2x!lowbit.int<0, 65535>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 65535>>) {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<0, 65535>> -> tensor<1x!lowbit.int<0, 1>>
  return %1, %0 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 65535>>
}

// Without outputs besides the class there is nothing to do.
// CHECK-LABEL: func.func @class
// CHECK-NEXT: return %arg0
func.func @class(%0: tensor<1x!lowbit.int<0, 131070>>) -> tensor<1x!lowbit.int<0, 131070>> {
  return %0 : tensor<1x!lowbit.int<0, 131070>>
}
