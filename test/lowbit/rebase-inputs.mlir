// --lowbit-rebase-inputs: every layer's inputs count from 0 up, multipliers go
// into the weights before them.
// RUN: pdkc-opt %s -split-input-file --lowbit-rebase-inputs -verify-diagnostics | FileCheck %s

// The model's inputs get a requantisation of their own; -4 x (1 + 3) = -16 goes
// into the bias.
// CHECK-LABEL: func.func @argument
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %{{.*}} plus 4 clamp 0 to 7 : tensor<2x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK-NEXT: lowbit.dense %[[Q]] weights {{.*}} of [1, 3] bias [-16] : tensor<2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<-16, 12>>
func.func @argument(%0: tensor<2x!lowbit.int<-4, 3>>) -> tensor<1x!lowbit.int<-16, 12>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3] bias [0] : tensor<2x!lowbit.int<-4, 3>> -> tensor<1x!lowbit.int<-16, 12>>
  return %1 : tensor<1x!lowbit.int<-16, 12>>
}

// -----

// From 3 up the same way; the bias grows by 3 x (1 + 3).
// CHECK-LABEL: func.func @above
// CHECK-NEXT: lowbit.requant %{{.*}} plus -3 clamp 0 to 4
// CHECK-NEXT: lowbit.dense {{.*}} bias [17]
func.func @above(%0: tensor<2x!lowbit.int<3, 7>>) -> tensor<1x!lowbit.int<0, 33>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3] bias [5] : tensor<2x!lowbit.int<3, 7>> -> tensor<1x!lowbit.int<0, 33>>
  return %1 : tensor<1x!lowbit.int<0, 33>>
}

// -----

// Counted from -3 even results are odd ones; 4 + 3 * 8 = 28.
// CHECK-LABEL: func.func @ties
// CHECK-NEXT: lowbit.requant %{{.*}} plus 28 shift 3 ties odd clamp 0 to 6
func.func @ties(%0: tensor<2x!lowbit.int<-64, 63>>) -> tensor<1x!lowbit.int<-6, 6>> {
  %1 = lowbit.requant %0 plus 4 shift 3 ties even clamp -3 to 3 : tensor<2x!lowbit.int<-64, 63>> -> tensor<2x!lowbit.int<-3, 3>>
  %2 = lowbit.dense %1 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<-3, 3>> -> tensor<1x!lowbit.int<-6, 6>>
  return %2 : tensor<1x!lowbit.int<-6, 6>>
}

// -----

// A requantisation before the layer takes the change in: floor((x + 2) / 8) + 4
// = floor((x + 34) / 8).
// CHECK-LABEL: func.func @requant
// CHECK-NEXT: lowbit.requant %{{.*}} plus 34 shift 3 clamp 0 to 7 : tensor<2x!lowbit.int<-64, 63>> -> tensor<2x!lowbit.int<0, 7>>
// CHECK-NEXT: lowbit.dense {{.*}} of [-1, 1] bias [0] : tensor<2x!lowbit.int<0, 7>>
func.func @requant(%0: tensor<2x!lowbit.int<-64, 63>>) -> tensor<1x!lowbit.int<-7, 7>> {
  %1 = lowbit.requant %0 plus 2 shift 3 clamp -4 to 3 : tensor<2x!lowbit.int<-64, 63>> -> tensor<2x!lowbit.int<-4, 3>>
  %2 = lowbit.dense %1 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<-4, 3>> -> tensor<1x!lowbit.int<-7, 7>>
  return %2 : tensor<1x!lowbit.int<-7, 7>>
}

// -----

// The type may be narrower than the clamp: sums of 2 or more keep 2 to 5.
// CHECK-LABEL: func.func @narrower
// CHECK-NEXT: lowbit.requant %{{.*}} plus -2 clamp 0 to 3 : tensor<2x!lowbit.int<2, 9>> -> tensor<2x!lowbit.int<0, 3>>
// CHECK-NEXT: lowbit.dense {{.*}} bias [4] :
func.func @narrower(%0: tensor<2x!lowbit.int<2, 9>>) -> tensor<1x!lowbit.int<4, 10>> {
  %1 = lowbit.requant %0 clamp -7 to 5 : tensor<2x!lowbit.int<2, 9>> -> tensor<2x!lowbit.int<2, 5>>
  %2 = lowbit.dense %1 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] : tensor<2x!lowbit.int<2, 5>> -> tensor<1x!lowbit.int<4, 10>>
  return %2 : tensor<1x!lowbit.int<4, 10>>
}

// -----

// One that others use stays as it is; the layer gets one of its own.
// CHECK-LABEL: func.func @shared
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %{{.*}} clamp -4 to 3
// CHECK-NEXT: %[[R:.*]] = lowbit.requant %arg0 plus 4 clamp 0 to 7
// CHECK-NEXT: lowbit.dense %[[R]] {{.*}} bias [-4]
// CHECK-NEXT: return %[[Q]]
func.func @shared(%0: tensor<1x!lowbit.int<-9, 9>>) -> (tensor<1x!lowbit.int<-4, 3>>, tensor<1x!lowbit.int<-4, 3>>) {
  %1 = lowbit.requant %0 clamp -4 to 3 : tensor<1x!lowbit.int<-9, 9>> -> tensor<1x!lowbit.int<-4, 3>>
  %2 = lowbit.dense %1 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<-4, 3>> -> tensor<1x!lowbit.int<-4, 3>>
  return %1, %2 : tensor<1x!lowbit.int<-4, 3>>, tensor<1x!lowbit.int<-4, 3>>
}

// -----

// A concatenation of a concatenation: each part counts from its own lowest, -1
// and 2, so the bias gets 5 (-1) + 7 (2).
// CHECK-LABEL: func.func @nested
// CHECK: lowbit.dense %{{.*}} of [5, 7, 9] bias [9]
func.func @nested(%0: tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<-100, 100>> {
  %1 = lowbit.requant %0 plus -1 clamp -1 to 2 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-1, 2>>
  %2 = lowbit.requant %0 plus 2 clamp 2 to 4 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<2, 4>>
  %3 = lowbit.concat %1, %2 : tensor<1x!lowbit.int<-1, 2>>, tensor<1x!lowbit.int<2, 4>> -> tensor<2x!lowbit.int<-1, 4>>
  %4 = lowbit.concat %3, %0 : tensor<2x!lowbit.int<-1, 4>>, tensor<1x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<-1, 4>>
  %5 = lowbit.dense %4 weights dense<[[0, 1, 2]]> : tensor<1x3xi8> of [5, 7, 9] bias [0] : tensor<3x!lowbit.int<-1, 4>> -> tensor<1x!lowbit.int<-100, 100>>
  return %5 : tensor<1x!lowbit.int<-100, 100>>
}

// -----

// A layer that nobody reads goes, and what only it reads.
// CHECK-LABEL: func.func @dead
// CHECK-NEXT: return %arg0
func.func @dead(%0: tensor<1x!lowbit.int<-9, 9>>) -> tensor<1x!lowbit.int<-9, 9>> {
  %1 = lowbit.requant %0 clamp -4 to 3 : tensor<1x!lowbit.int<-9, 9>> -> tensor<1x!lowbit.int<-4, 3>>
  %2 = lowbit.dense %1 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<-4, 3>> -> tensor<1x!lowbit.int<-4, 3>>
  return %0 : tensor<1x!lowbit.int<-9, 9>>
}

// -----

// A positive multiplier goes into codebook and bias of the layer before; 15 - 6x
// for x of 0 to 3 is -3 to 15, and (15 + 2) / 4 is 4.
// CHECK-LABEL: func.func @multiplier
// CHECK-NEXT: lowbit.dense %{{.*}} of [-6, 3] bias [15] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-3, 15>>
// CHECK-NEXT: lowbit.requant %{{.*}} plus 2 shift 2 clamp 0 to 5 : tensor<1x!lowbit.int<-3, 15>> -> tensor<1x!lowbit.int<0, 4>>
func.func @multiplier(%0: tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 5>> {
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [-2, 1] bias [5] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-1, 8>>
  %2 = lowbit.requant %1 times 3 plus 2 shift 2 clamp 0 to 5 : tensor<1x!lowbit.int<-1, 8>> -> tensor<1x!lowbit.int<0, 5>>
  return %2 : tensor<1x!lowbit.int<0, 5>>
}

// -----

// More than a byte's worth of values cannot be an input.
func.func @wide(%0: tensor<1x!lowbit.int<-200, 200>>) -> tensor<1x!lowbit.int<-200, 200>> {
  // expected-error@+1 {{inputs of -200 to 200 need 9 bits, there are 8; quantise the activations to fewer bits}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<-200, 200>> -> tensor<1x!lowbit.int<-200, 200>>
  return %1 : tensor<1x!lowbit.int<-200, 200>>
}

// -----

// Of sums that are added to others not all weights are this layer's.
// CHECK-LABEL: func.func @accumulated
// CHECK: lowbit.dense %{{.*}} to %{{.*}} of [1] bias [2]
// CHECK: lowbit.requant %{{.*}} times 3 shift 4
func.func @accumulated(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-3, 3>>
  %2 = lowbit.dense %0 to %1 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [2] : tensor<2x!lowbit.int<0, 3>>, tensor<1x!lowbit.int<-3, 3>> -> tensor<1x!lowbit.int<-1, 11>>
  %3 = lowbit.requant %2 times 3 shift 4 clamp 0 to 1 : tensor<1x!lowbit.int<-1, 11>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
