// --lowbit-specialize: layers with the method "straight" become chains.
// RUN: pdkc-opt %s -split-input-file --lowbit-specialize -verify-diagnostics | FileCheck %s

// Other layers stay.
// CHECK-LABEL: func.func @packed
// CHECK-NEXT: lowbit.dense {{.*}} {method = "packed"}
// CHECK-NEXT: return
func.func @packed(%0: tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] {method = "packed"} : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return %1 : tensor<1x!lowbit.int<0, 3>>
}

// -----

// Rows of two bytes that need a form and its negative share it: one row accumulates it,
// the other deducts it. The inputs arrive as a stream.
// CHECK-LABEL: func.func @stream
// CHECK-NEXT: lowbit.chains %{{.*}} steps [take 0, take 1{{.*}}, accumulate 0, deduct 1] bias [{{.*}}] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<970, 1030>>
// CHECK-NEXT: return
func.func @stream(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<970, 1030>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [0, 0]]> : tensor<2x2xi8> of [-1, 1] bias [1000, 1000] {method = "straight"} : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<970, 1030>>
  return %1 : tensor<2x!lowbit.int<970, 1030>>
}

// -----

// Behind a requantisation of a layer's sums the inputs are in RAM: no take.
// CHECK-LABEL: func.func @from_ram
// CHECK: lowbit.requant
// CHECK-NEXT: lowbit.chains
// CHECK-SAME: steps [load 0,
// CHECK-NOT: take
// CHECK: return
func.func @from_ram(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 30>> {
  %1 = lowbit.dense %0 weights dense<[[0, 0], [0, 0]]> : tensor<2x2xi8> of [1] bias [0, 0] {method = "packed"} : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 30>>
  %2 = lowbit.requant %1 clamp 0 to 15 : tensor<2x!lowbit.int<0, 30>> -> tensor<2x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {method = "straight"} : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<0, 30>>
  return %3 : tensor<1x!lowbit.int<0, 30>>
}

// -----

// i0 - i1 in two accumulations, one input each: no constant is needed.
// CHECK-LABEL: func.func @difference
// CHECK-NEXT: lowbit.chains {{.*}} steps [take 0{{.*}}, accumulate 0, take 1{{.*}}, deduct 0] bias [7] : {{.*}} -> tensor<1x!lowbit.int<-8, 22>>
func.func @difference(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<-8, 22>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0]]> : tensor<1x2xi8> of [-1, 1] bias [7] {method = "straight"} : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-8, 22>>
  return %1 : tensor<1x!lowbit.int<-8, 22>>
}

// -----

// A weight whose product does not fit a byte is tapped in pieces.
// CHECK-LABEL: func.func @pieces
// CHECK-NEXT: lowbit.chains {{.*}} steps [take 0{{.*}}, accumulate 0{{.*}}, accumulate 0{{.*}}, accumulate 0] bias [0]
func.func @pieces(%0: tensor<1x!lowbit.int<0, 200>>) -> tensor<1x!lowbit.int<0, 600>> {
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [3] bias [0] {method = "straight"} : tensor<1x!lowbit.int<0, 200>> -> tensor<1x!lowbit.int<0, 600>>
  return %1 : tensor<1x!lowbit.int<0, 600>>
}

// -----

func.func @negative(%0: tensor<1x!lowbit.int<-4, 3>>) -> tensor<1x!lowbit.int<-4, 3>> {
  // expected-error@+1 {{straight-line code takes inputs of 0 to 255, not -4 to 3}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] {method = "straight"} : tensor<1x!lowbit.int<-4, 3>> -> tensor<1x!lowbit.int<-4, 3>>
  return %1 : tensor<1x!lowbit.int<-4, 3>>
}

// -----

func.func @large(%0: tensor<1x!lowbit.int<0, 256>>) -> tensor<1x!lowbit.int<0, 256>> {
  // expected-error@+1 {{straight-line code takes inputs of 0 to 255, not 0 to 256}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] {method = "straight"} : tensor<1x!lowbit.int<0, 256>> -> tensor<1x!lowbit.int<0, 256>>
  return %1 : tensor<1x!lowbit.int<0, 256>>
}

// -----

// The model's signed inputs are taken as they are, not from 0 up.
// CHECK-LABEL: func.func @signed_inputs
// CHECK-NEXT: lowbit.chains %arg0 steps {{.*}} : tensor<2x!lowbit.int<-31, 31>> -> tensor<1x!lowbit.int<-55, 69>>
// CHECK-NEXT: return
func.func @signed_inputs(%0: tensor<2x!lowbit.int<-31, 31>>) -> tensor<1x!lowbit.int<-55, 69>> attributes {lowbit.buffer} {
  %1 = lowbit.requant %0 plus 31 clamp 0 to 62 : tensor<2x!lowbit.int<-31, 31>> -> tensor<2x!lowbit.int<0, 62>>
  %2 = lowbit.dense %1 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-1, 1] bias [7] {method = "straight"} : tensor<2x!lowbit.int<0, 62>> -> tensor<1x!lowbit.int<-55, 69>>
  return %2 : tensor<1x!lowbit.int<-55, 69>>
}

// -----

// Sums of planes, with the requantisation behind: its offset goes to the bias. A sum of
// 45 at most is a byte.
// CHECK-LABEL: func.func @planes
// CHECK-NEXT: lowbit.copy %arg0
// CHECK-NEXT: lowbit.planes %{{.*}} walk [{{.*}}tap{{.*}}tap{{.*}}] coefficients [{{1, -2|-1, 2}}] bias [4, 5] limit 45 shift 2 clamp 0 to 15 : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
// CHECK-NEXT: return
func.func @planes(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 15>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 0], [1, 0, 1]]> : tensor<2x3xi8> of [-1, 1] bias [1, 2] {method = "planes"} : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-29, 32>>
  %2 = lowbit.requant %1 plus 3 shift 2 clamp 0 to 15 : tensor<2x!lowbit.int<-29, 32>> -> tensor<2x!lowbit.int<0, 15>>
  return %2 : tensor<2x!lowbit.int<0, 15>>
}

// -----

// A sum that others take as well is stored as it is.
// CHECK-LABEL: func.func @sums
// CHECK-NEXT: lowbit.copy %arg0
// CHECK-NEXT: %[[S:.*]] = lowbit.planes {{.*}} bias [0, 0] limit 45 : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 30>>
// CHECK-NEXT: lowbit.requant %[[S]]
func.func @sums(%0: tensor<3x!lowbit.int<0, 15>>) -> (tensor<2x!lowbit.int<0, 15>>, tensor<2x!lowbit.int<-30, 30>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 0], [1, 0, 1]]> : tensor<2x3xi8> of [-1, 1] bias [0, 0] {method = "planes"} : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 30>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 15 : tensor<2x!lowbit.int<-30, 30>> -> tensor<2x!lowbit.int<0, 15>>
  return %2, %1 : tensor<2x!lowbit.int<0, 15>>, tensor<2x!lowbit.int<-30, 30>>
}

// -----

// Sums that are a byte for most inputs only: digits of as many bits as always are.
// CHECK-LABEL: func.func @digits
// CHECK-NEXT: lowbit.copy %arg0
// CHECK-NEXT: lowbit.planes {{.*}} limit 255 digits 6 : tensor<3x!lowbit.int<0, 127>>
func.func @digits(%0: tensor<3x!lowbit.int<0, 127>>) -> tensor<1x!lowbit.int<-254, 254>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 0]]> : tensor<1x3xi8> of [-1, 1] bias [0] {method = "planes"} : tensor<3x!lowbit.int<0, 127>> -> tensor<1x!lowbit.int<-254, 254>>
  return %1 : tensor<1x!lowbit.int<-254, 254>>
}

// -----

func.func @planes_signed(%0: tensor<1x!lowbit.int<-3, 3>>) -> tensor<1x!lowbit.int<-3, 3>> {
  // expected-error@+1 {{sums of bit planes take inputs of 0 to 255, not -3 to 3}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] {method = "planes"} : tensor<1x!lowbit.int<-3, 3>> -> tensor<1x!lowbit.int<-3, 3>>
  return %1 : tensor<1x!lowbit.int<-3, 3>>
}

// -----

func.func @planes_weights(%0: tensor<1x!lowbit.int<0, 3>>) -> tensor<2x!lowbit.int<-600, 600>> {
  // expected-error@+1 {{sums of bit planes have weights that span at most 255, not 400}}
  %1 = lowbit.dense %0 weights dense<[[0], [1]]> : tensor<2x1xi8> of [-200, 200] bias [0, 0] {method = "planes"} : tensor<1x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-600, 600>>
  return %1 : tensor<2x!lowbit.int<-600, 600>>
}

// -----

// Layers of the method "serial" become one region, as far as requantisations
// are the same; the signs of the model's bytes are kept.
// CHECK-LABEL: func.func @serial
// CHECK-NEXT: lowbit.fused %{{.*}} : tensor<1x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-24, 24>> {
// CHECK: lowbit.dense %{{.*}} bias [0, 0]
// CHECK-NEXT: lowbit.requant
// CHECK-NEXT: lowbit.dense
// CHECK-NEXT: lowbit.yield
// CHECK: lowbit.requant {{.*}} shift 1
// CHECK-NEXT: lowbit.dense
// CHECK-NEXT: return
func.func @serial(%0: tensor<1x!lowbit.int<-4, 3>>) -> tensor<2x!lowbit.int<-9, 9>> {
  %1 = lowbit.fused %0 : tensor<1x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-8, 8>> {
  ^bb0(%x: tensor<1x!lowbit.int<-4, 3>>):
    %8 = lowbit.requant %x plus 4 clamp 0 to 7 : tensor<1x!lowbit.int<-4, 3>> -> tensor<1x!lowbit.int<0, 7>>
    %9 = lowbit.dense %8 weights dense<[[3], [1]]> : tensor<2x1xi8> of [-2, -1, 1, 2] bias [-8, 4] {method = "serial"} : tensor<1x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<-8, 8>>
    lowbit.yield %9 : tensor<2x!lowbit.int<-8, 8>>
  }
  %2 = lowbit.requant %1 clamp -100 to 100 : tensor<2x!lowbit.int<-8, 8>> -> tensor<2x!lowbit.int<-8, 8>>
  %3 = lowbit.dense %2 weights dense<[[3, 2], [1, 2]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "serial"} : tensor<2x!lowbit.int<-8, 8>> -> tensor<2x!lowbit.int<-24, 24>>
  %4 = lowbit.requant %3 shift 1 clamp 0 to 3 : tensor<2x!lowbit.int<-24, 24>> -> tensor<2x!lowbit.int<0, 3>>
  %5 = lowbit.dense %4 weights dense<[[0, 2], [1, 3]]> : tensor<2x2xi8> of [-2, -1, 1, 2] bias [0, 0] {method = "serial"} : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-9, 9>>
  return %5 : tensor<2x!lowbit.int<-9, 9>>
}
