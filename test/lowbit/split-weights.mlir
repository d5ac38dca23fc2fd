// RUN: pdkc-opt %s --split-input-file --lowbit-split-weights | FileCheck %s

// What an engine takes stays: a byte of span.
// CHECK-LABEL: func @narrow
// CHECK: lowbit.dense {{.*}} of [-128, 127]
// CHECK-NOT: lowbit.scale
func.func @narrow(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<-384, 381>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-128, 127] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-384, 381>>
  return %1 : tensor<1x!lowbit.int<-384, 381>>
}

// -----

// Multiples of 300 and of 200 by row.
// CHECK-LABEL: func @factor
// CHECK: %[[D:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}0, 2], [2, 1]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 0]
// CHECK: lowbit.scale %[[D]] times [300, 200] plus [5, 7]
func.func @factor(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<2x!lowbit.int<-895, 905>> {
  %1 = lowbit.dense %0 weights dense<[[0, 3], [2, 1]]> : tensor<2x2xi8> of [-300, 0, 200, 300] bias [5, 7] : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-895, 905>>
  return %1 : tensor<2x!lowbit.int<-895, 905>>
}

// -----

// The first row counts from -181, -5 is 176 there; a row of ones brings that
// back. Each selection has the range of its own rows.
// CHECK-LABEL: func @base
// CHECK: %[[D:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}0, 4], [2, 3], [1, 1]]> : tensor<3x2xi8> of [0, 1, 71, 91, 176] bias [0, 0, 0]
// CHECK: %[[A:.*]] = lowbit.select %[[D]] [0, 1] {{.*}} -> tensor<2x!lowbit.int<0, 528>>
// CHECK: %[[B:.*]] = lowbit.select %[[D]] [2, 2] {{.*}} -> tensor<2x!lowbit.int<0, 6>>
// CHECK: lowbit.scale %[[A]], %[[B]] times [1, 1, -181, 0] plus [3, 4]
func.func @base(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<2x!lowbit.int<-555, 490>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [2, 3]]> : tensor<2x2xi8> of [-181, -5, 71, 91] bias [3, 4] : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-555, 490>>
  return %1 : tensor<2x!lowbit.int<-555, 490>>
}

// -----

// 77 and 1000 = 3 x 256 + 232.
// CHECK-LABEL: func @bytes
// CHECK: %[[D:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}2, 0, 3], [0, 0, 1]]> : tensor<2x3xi8> of [0, 3, 77, 232] bias [0, 0]
// CHECK: lowbit.scale {{.*}} times [1, 256] plus [0]
func.func @bytes(%0: tensor<3x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 3231>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 2]]> : tensor<1x3xi8> of [0, 77, 1000] bias [0] : tensor<3x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3231>>
  return %1 : tensor<1x!lowbit.int<0, 3231>>
}

// -----

// From -400 up there is one other weight, 701. An input that no row reads stays
// without weights, ones included.
// CHECK-LABEL: func @unread
// CHECK: %[[D:.*]] = lowbit.dense %arg0 weights dense<{{\[\[}}0, 0, 1], [1, 0, 1]]> : tensor<2x3xi8> of [0, 1] bias [0, 0]
// CHECK: lowbit.scale {{.*}} times [701, -400] plus [0]
func.func @unread(%0: tensor<3x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<-1200, 903>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2]]> : tensor<1x3xi8> of [-400, 0, 301] bias [0] : tensor<3x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-1200, 903>>
  return %1 : tensor<1x!lowbit.int<-1200, 903>>
}

// -----

// -300 = -2 x 256 + 212, 77 = 0 x 256 + 77; the bias is one a channel.
// CHECK-LABEL: func @conv
// CHECK: %[[LOW:.*]] = lowbit.conv {{.*}} of [77, 212] bias [0]
// CHECK: %[[HIGH:.*]] = lowbit.conv {{.*}} of [-2, 0] bias [0]
// CHECK: lowbit.scale %[[LOW]], %[[HIGH]] times [1, 1, 256, 256] plus [9, 9]
func.func @conv(%0: tensor<3x!lowbit.int<0, 3>>) -> tensor<2x!lowbit.int<-891, 240>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[0, 1]]]> : tensor<1x1x2xi8> of [-300, 77] bias [9] strides [1] pads [0, 0] dilations [1] : tensor<3x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-891, 240>>
  return %1 : tensor<2x!lowbit.int<-891, 240>>
}
