// --lowbit-share-step-functions: one function for as many channels as can be.
// RUN: pdkc-opt %s --lowbit-share-step-functions | FileCheck %s

// The steps at 3 and 10 and those at 5 and 12 are 7 apart both: with a bias less
// by the first step, both rows go through the one with its steps at 0 and 7. Its
// line is that of x + 3: (x + 3 + 4) / 7.
// CHECK-LABEL: func.func @moved
// CHECK-NEXT: %[[D:.*]] = lowbit.dense %arg0 weights dense<1> : tensor<2x1xi8> of [-1, 1] bias [-3, -3] : tensor<1x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<-3, 17>>
// CHECK-NEXT: lowbit.steps %[[D]] starts [-1, 0, 7] values [0, 1, 2] sizes [3] lines [1 x + 7 over 7] : tensor<2x!lowbit.int<-3, 17>>
func.func @moved(%0: tensor<1x!lowbit.int<0, 20>>) -> tensor<2x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[1], [1]]> : tensor<2x1xi8> of [-1, 1] bias [0, 2] : tensor<1x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<0, 22>>
  %2 = lowbit.steps %1 starts [0, 3, 10, 0, 5, 12] values [0, 1, 2, 0, 1, 2] sizes [3, 3] lines [1 x + 4 over 7, 1 x + 2 over 7] function [0, 1]
      : tensor<2x!lowbit.int<0, 22>> -> tensor<2x!lowbit.int<0, 2>>
  return %2 : tensor<2x!lowbit.int<0, 2>>
}

// A function that falls is one that rises of the negative sum: 2 for x + 2 < 5
// is 2 for 9 - x >= 7. Of functions without a line and with one that are the same
// the first one stays.
// CHECK-LABEL: func.func @turned
// CHECK-NEXT: %[[D:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}1], [0]]> : tensor<2x1xi8> of [-1, 1] bias [-3, 9] : tensor<1x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<-11, 17>>
// CHECK-NEXT: lowbit.steps %[[D]] starts [-1, 0, 7] values [0, 1, 2] sizes [3] :
func.func @turned(%0: tensor<1x!lowbit.int<0, 20>>) -> tensor<2x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0], [0]]> : tensor<2x1xi8> of [1] bias [0, 2] : tensor<1x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<0, 22>>
  %2 = lowbit.steps %1 starts [0, 3, 10, 0, 5, 12] values [0, 1, 2, 2, 1, 0] sizes [3, 3] lines [none, -1 x + 18 over 7] function [0, 1]
      : tensor<2x!lowbit.int<0, 22>> -> tensor<2x!lowbit.int<0, 2>>
  return %2 : tensor<2x!lowbit.int<0, 2>>
}

// Others read the sums: they stay, and so do two functions.
// CHECK-LABEL: func.func @shared
// CHECK-NEXT: lowbit.dense {{.*}} bias [0, 2]
// CHECK-NEXT: lowbit.steps {{.*}} starts [2, 3, 4, 5] values [0, 1, 0, 1] sizes [2, 2] function [0, 1]
func.func @shared(%0: tensor<1x!lowbit.int<0, 20>>) -> (tensor<2x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 22>>) {
  %1 = lowbit.dense %0 weights dense<[[0], [0]]> : tensor<2x1xi8> of [1] bias [0, 2] : tensor<1x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<0, 22>>
  %2 = lowbit.steps %1 starts [0, 3, 0, 5] values [0, 1, 0, 1] sizes [2, 2] function [0, 1]
      : tensor<2x!lowbit.int<0, 22>> -> tensor<2x!lowbit.int<0, 1>>
  return %2, %1 : tensor<2x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 22>>
}

// Of 0 to 20 all four are the step at 3: a piece out of reach goes, neighbours
// of one value are one piece.
// CHECK-LABEL: func.func @reached
// CHECK-NEXT: lowbit.steps %arg0 starts [2, 3] values [0, 1] sizes [2] :
func.func @reached(%0: tensor<4x!lowbit.int<0, 20>>) -> tensor<4x!lowbit.int<0, 1>> {
  %1 = lowbit.steps %0 starts [0, 3, -9, 0, 3, 0, 2, 3, 0, 3, 21] values [0, 1, 7, 0, 1, 0, 0, 1, 0, 1, 7] sizes [2, 3, 3, 3] function [0, 1, 2, 3]
      : tensor<4x!lowbit.int<0, 20>> -> tensor<4x!lowbit.int<0, 1>>
  return %1 : tensor<4x!lowbit.int<0, 1>>
}

// The second function begins above the least value: it is moved to where its line
// would come from there at 0.
// CHECK-LABEL: func.func @above
// CHECK-NEXT: lowbit.dense %arg0 {{.*}} bias [-3, 6]
// CHECK-NEXT: lowbit.steps {{.*}} starts [-1, 0, 4, 8, 12, 7, 8, 12] values [0, 1, 2, 3, 4, 2, 3, 4] sizes [5, 3] lines [1 x + 4 over 4, 1 x + 4 over 4] function [0, 1]
func.func @above(%0: tensor<1x!lowbit.int<0, 20>>) -> tensor<2x!lowbit.int<0, 4>> {
  %1 = lowbit.dense %0 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<0, 20>>
  %2 = lowbit.steps %1 starts [0, 3, 7, 11, 15, 0, 2, 6] values [0, 1, 2, 3, 4, 2, 3, 4] sizes [5, 3] lines [1 x + 1 over 4, 1 x + 10 over 4] function [0, 1]
      : tensor<2x!lowbit.int<0, 20>> -> tensor<2x!lowbit.int<0, 4>>
  return %2 : tensor<2x!lowbit.int<0, 4>>
}

// A line that falls rises, too: (-x - 4) / 7 is (y - 4) / 7 of y = -x, and that
// is (z + 7) / 7 of z = y - 11.
// CHECK-LABEL: func.func @turned_line
// CHECK-NEXT: lowbit.dense %arg0 weights dense<0> : tensor<1x1xi8> of [1] bias [-11]
// CHECK-NEXT: lowbit.steps {{.*}} starts [-1, 0, 7] values [0, 1, 2] sizes [3] lines [1 x + 7 over 7] :
func.func @turned_line(%0: tensor<1x!lowbit.int<0, 20>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<0> : tensor<1x1xi8> of [-1] bias [0] : tensor<1x!lowbit.int<0, 20>> -> tensor<1x!lowbit.int<-20, 0>>
  %2 = lowbit.steps %1 starts [-20, -17, -10] values [2, 1, 0] sizes [3] lines [-1 x + -4 over 7]
      : tensor<1x!lowbit.int<-20, 0>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}

// A line that comes from far away: the bias that moved its channel there would
// take three bytes, so only the first step is moved.
// CHECK-LABEL: func.func @far
// CHECK-NEXT: lowbit.dense %arg0 weights {{.*}} bias [-20, -10]
// CHECK-SAME: -> tensor<2x!lowbit.int<-20, 35>>
func.func @far(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [1, 2] bias [0, 0] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 45>>
  %2 = lowbit.steps %1 starts [0, 20, 0, 10] values [0, 1, 1, 2] sizes [2, 2] lines [1 x + 0 over 20, 1 x + 1999990 over 1000000] function [0, 1] : tensor<2x!lowbit.int<0, 45>> -> tensor<2x!lowbit.int<0, 2>>
  return %2 : tensor<2x!lowbit.int<0, 2>>
}
