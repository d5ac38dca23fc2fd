// --lowbit-flatten: reshapes vanish, selections move behind requantisations and
// steps, into the columns of the layer that reads them or the rows of the one
// whose sums they select.
// RUN: pdkc-opt %s --lowbit-flatten | FileCheck %s

// A crop of the inner 2 x 2 of a 3 x 3 image, requantised, then a layer: the
// requantisation is of all 9, the layer has columns of zeros for the rest.
// CHECK-LABEL: func.func @crop
// CHECK-SAME: (%[[IN:.*]]: tensor<9x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<-28, 28>>
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %[[IN]] shift 1 clamp 0 to 7 : tensor<9x!lowbit.int<0, 15>> -> tensor<9x!lowbit.int<0, 7>>
// Inputs 4, 5, 7, 8 with the weights 1, -1, -1, 1.
// CHECK-NEXT: %[[D:.*]] = lowbit.dense %[[Q]] weights dense<{{\[\[}}1, 1, 1, 1, 2, 0, 1, 0, 2]]> : tensor<1x9xi8> of [-1, 0, 1] bias [0] : tensor<9x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<-28, 28>>
// CHECK-NEXT: return %[[D]]
func.func @crop(%0: tensor<1x3x3x!lowbit.int<0, 15>>) -> tensor<1x1x!lowbit.int<-28, 28>> {
  %1 = lowbit.select %0 [4, 5, 7, 8] : tensor<1x3x3x!lowbit.int<0, 15>> -> tensor<1x2x2x!lowbit.int<0, 15>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 7 : tensor<1x2x2x!lowbit.int<0, 15>> -> tensor<1x2x2x!lowbit.int<0, 7>>
  %3 = lowbit.reshape %2 : tensor<1x2x2x!lowbit.int<0, 7>> -> tensor<1x4x!lowbit.int<0, 7>>
  %4 = lowbit.dense %3 weights dense<[[1, 0, 0, 1]]> : tensor<1x4xi8> of [-1, 1] bias [0] : tensor<1x4x!lowbit.int<0, 7>> -> tensor<1x1x!lowbit.int<-28, 28>>
  return %4 : tensor<1x1x!lowbit.int<-28, 28>>
}

// Two selections are one; an input selected twice has the sum of its weights.
// [2, 1, 0] of [3, 3, 1] picks 1, 3, 3: weights 1, 2, -2 on these are 1 on
// input 1 and 0 on input 3.
// CHECK-LABEL: func.func @twice
// CHECK-NEXT: lowbit.dense %{{.*}} weights dense<{{\[\[}}0, 1, 0, 0]]> : tensor<1x4xi8> of [0, 1] bias [4] {method = "packed"}
// CHECK-NEXT: return
func.func @twice(%0: tensor<4x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<-9, 13>> {
  %1 = lowbit.select %0 [3, 3, 1] : tensor<4x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 3>>
  %2 = lowbit.select %1 [2, 1, 0] : tensor<3x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 3>>
  %3 = lowbit.dense %2 weights dense<[[1, 2, 0]]> : tensor<1x3xi8> of [-2, 1, 2] bias [4] {method = "packed"} : tensor<3x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-9, 13>>
  return %3 : tensor<1x!lowbit.int<-9, 13>>
}

// A selection of everything in order is nothing; attributes of a requantisation
// stay.
// CHECK-LABEL: func.func @identity
// CHECK-NEXT: lowbit.requant %{{.*}} times 3 plus -1 shift 2 clamp -2 to 5
// CHECK-NEXT: lowbit.argmax
// CHECK-NEXT: return
func.func @identity(%0: tensor<2x1x!lowbit.int<-4, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.reshape %0 : tensor<2x1x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-4, 3>>
  %2 = lowbit.select %1 [0, 1] : tensor<2x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-4, 3>>
  %3 = lowbit.requant %2 times 3 plus -1 shift 2 clamp -2 to 5 : tensor<2x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-4, 5>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-4, 5>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// A transposition behind a layer's requantisation goes into the columns of the
// layer that follows: [w0, w1, w2, w3] over inputs 0, 2, 1, 3.
// CHECK-LABEL: func.func @transpose
// CHECK: lowbit.dense {{.*}} of [0, 1]
// CHECK-NEXT: lowbit.requant {{.*}} : tensor<4x!lowbit.int<0, 28>> -> tensor<4x!lowbit.int<0, 7>>
// CHECK-NEXT: lowbit.dense {{.*}} weights dense<{{\[\[}}0, 2, 1, 3]]> : tensor<1x4xi8> of [1, 2, 3, 4]
func.func @transpose(%0: tensor<4x!lowbit.int<0, 7>>) -> tensor<1x!lowbit.int<0, 70>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]]> : tensor<4x4xi8> of [0, 1] bias [0, 0, 0, 0]
      : tensor<4x!lowbit.int<0, 7>> -> tensor<2x2x!lowbit.int<0, 28>>
  %2 = lowbit.select %1 [0, 2, 1, 3] : tensor<2x2x!lowbit.int<0, 28>> -> tensor<2x2x!lowbit.int<0, 28>>
  %3 = lowbit.requant %2 shift 2 clamp 0 to 7 : tensor<2x2x!lowbit.int<0, 28>> -> tensor<2x2x!lowbit.int<0, 7>>
  %4 = lowbit.dense %3 weights dense<[[0, 1, 2, 3]]> : tensor<1x4xi8> of [1, 2, 3, 4] bias [0]
      : tensor<2x2x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 70>>
  return %4 : tensor<1x!lowbit.int<0, 70>>
}

// Elements 2 and 0 go through functions 0 and 1, and take these along. Nobody
// reads element 1: any function will do.
// CHECK-LABEL: func.func @steps
// CHECK-NEXT: %[[S:.*]] = lowbit.steps %arg0 starts [0, 4, 0, 9] values [0, 1, 2, 3] sizes [2, 2] function [1, 0, 0] : tensor<3x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<0, 3>>
// CHECK-NEXT: lowbit.select %[[S]] [2, 0] : tensor<3x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
func.func @steps(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 3>> {
  %1 = lowbit.select %0 [2, 0] : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
  %2 = lowbit.steps %1 starts [0, 4, 0, 9] values [0, 1, 2, 3] sizes [2, 2] function [0, 1] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 3>>
  return %2 : tensor<2x!lowbit.int<0, 3>>
}

// One element through two functions: the selection has to stay before them.
// CHECK-LABEL: func.func @steps_twice
// CHECK-NEXT: %[[S:.*]] = lowbit.select %arg0 [1, 1]
// CHECK-NEXT: lowbit.steps %[[S]] {{.*}} function [0, 1]
func.func @steps_twice(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 3>> {
  %1 = lowbit.select %0 [1, 1] : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
  %2 = lowbit.steps %1 starts [0, 4, 0, 9] values [0, 1, 2, 3] sizes [2, 2] function [0, 1] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 3>>
  return %2 : tensor<2x!lowbit.int<0, 3>>
}

// Rows 2, 0 and 2 again, with their biases.
// CHECK-LABEL: func.func @rows
// CHECK-NEXT: lowbit.dense %arg0 weights dense<{{\[\[}}1, 1], [0, 1], [1, 1]]> : tensor<3x2xi8> of [-1, 1] bias [7, 5, 7] : tensor<2x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 13>>
// CHECK-NEXT: return
func.func @rows(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<3x!lowbit.int<0, 13>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0], [1, 1]]> : tensor<3x2xi8> of [-1, 1] bias [5, 6, 7] : tensor<2x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 13>>
  %2 = lowbit.select %1 [2, 0, 2] : tensor<3x!lowbit.int<0, 13>> -> tensor<3x!lowbit.int<0, 13>>
  return %2 : tensor<3x!lowbit.int<0, 13>>
}

// (clamp((3x + 1) >> 2) + 5) >> 1 is (3x + 1 + 5 * 4) >> 3, and the ends -2 and 3
// become 3 >> 1 and 8 >> 1.
// CHECK-LABEL: func.func @requants
// CHECK-NEXT: lowbit.requant %arg0 times 3 plus 21 shift 3 clamp 1 to 4 : tensor<1x!lowbit.int<-99, 99>> -> tensor<1x!lowbit.int<1, 4>>
// CHECK-NEXT: return
func.func @requants(%0: tensor<1x!lowbit.int<-99, 99>>) -> tensor<1x!lowbit.int<1, 4>> {
  %1 = lowbit.requant %0 times 3 plus 1 shift 2 clamp -2 to 3 : tensor<1x!lowbit.int<-99, 99>> -> tensor<1x!lowbit.int<-2, 3>>
  %2 = lowbit.requant %1 plus 5 shift 1 clamp 0 to 9 : tensor<1x!lowbit.int<-2, 3>> -> tensor<1x!lowbit.int<1, 4>>
  return %2 : tensor<1x!lowbit.int<1, 4>>
}

// Ties stay the remainder's of one shift: first 3x + 6 in quarters; then
// quarters, of which 3 more are taken, so that even ones are odd.
// CHECK-LABEL: func.func @ties
// CHECK-NEXT: lowbit.requant %arg0 times 3 plus 6 shift 2 ties even clamp -20 to 20
// CHECK-NEXT: lowbit.requant %arg0 plus 14 shift 2 ties odd clamp 3 to 9
// CHECK-NEXT: return
func.func @ties(%0: tensor<1x!lowbit.int<-99, 99>>) -> (tensor<1x!lowbit.int<-20, 20>>, tensor<1x!lowbit.int<3, 9>>) {
  %1 = lowbit.requant %0 times 3 plus 4 clamp -200 to 200 : tensor<1x!lowbit.int<-99, 99>> -> tensor<1x!lowbit.int<-200, 200>>
  %2 = lowbit.requant %1 plus 2 shift 2 ties even clamp -20 to 20 : tensor<1x!lowbit.int<-200, 200>> -> tensor<1x!lowbit.int<-20, 20>>
  %3 = lowbit.requant %0 plus 2 shift 2 ties even clamp 0 to 6 : tensor<1x!lowbit.int<-99, 99>> -> tensor<1x!lowbit.int<0, 6>>
  %4 = lowbit.requant %3 plus 3 clamp 0 to 99 : tensor<1x!lowbit.int<0, 6>> -> tensor<1x!lowbit.int<3, 9>>
  return %2, %4 : tensor<1x!lowbit.int<-20, 20>>, tensor<1x!lowbit.int<3, 9>>
}

// Rounding twice is not rounding once.
// CHECK-LABEL: func.func @two_ties
// CHECK-NEXT: lowbit.requant %arg0 plus 2 shift 2 ties even
// CHECK-NEXT: lowbit.requant %{{.*}} shift 1 clamp 0 to 3
func.func @two_ties(%0: tensor<1x!lowbit.int<-99, 99>>) -> tensor<1x!lowbit.int<0, 3>> {
  %1 = lowbit.requant %0 plus 2 shift 2 ties even clamp 0 to 6 : tensor<1x!lowbit.int<-99, 99>> -> tensor<1x!lowbit.int<0, 6>>
  %2 = lowbit.requant %1 shift 1 clamp 0 to 3 : tensor<1x!lowbit.int<0, 6>> -> tensor<1x!lowbit.int<0, 3>>
  return %2 : tensor<1x!lowbit.int<0, 3>>
}

// A method that was chosen stays with the operation. On all of the sums, wider
// than those selected, the function is not its line any more.
// CHECK-LABEL: func.func @chosen
// CHECK: lowbit.steps %{{.*}} starts [0, 4, 300] values [0, 1, 0] sizes [3] {method = "search"}
// CHECK: lowbit.requant %{{.*}} shift 1 clamp 0 to 1 {method = "unrolled"}
func.func @chosen(%0: tensor<2x!lowbit.int<0, 7>>) -> (tensor<2x!lowbit.int<0, 1>>, tensor<3x!lowbit.int<0, 1400>>) {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1], [2, 2]]> : tensor<3x2xi8> of [0, 1, 100] bias [0, 0, 0] : tensor<2x!lowbit.int<0, 7>> -> tensor<3x!lowbit.int<0, 1400>>
  %2 = lowbit.select %1 [0, 1] : tensor<3x!lowbit.int<0, 1400>> -> tensor<2x!lowbit.int<0, 7>>
  %3 = lowbit.steps %2 starts [0, 4, 300] values [0, 1, 0] sizes [3] lines [1 x + 0 over 4] {method = "search"} : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 1>>
  %4 = lowbit.requant %3 shift 1 clamp 0 to 1 {method = "unrolled"} : tensor<2x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<0, 1>>
  return %4, %1 : tensor<2x!lowbit.int<0, 1>>, tensor<3x!lowbit.int<0, 1400>>
}
