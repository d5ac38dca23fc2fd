// --lowbit-elementwise-sums: sums of tensors, element by element, are products
// of their own where weights are wider than a byte.
// RUN: pdkc-opt %s --lowbit-elementwise-sums | FileCheck %s

// CHECK-LABEL: func.func @parts
// CHECK-NEXT: lowbit.scale %arg0, %arg1 times [300, 300, 7000, 0] plus [1, 2]
// CHECK-NEXT: return
func.func @parts(%0: tensor<2x!lowbit.int<0, 3>>, %1: tensor<2x!lowbit.int<0, 3>>) -> tensor<2x!lowbit.int<1, 21901>> {
  %2 = lowbit.concat %0, %1 : tensor<2x!lowbit.int<0, 3>>, tensor<2x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<0, 3>>
  %3 = lowbit.dense %2 weights dense<[[1, 0, 2, 0], [0, 1, 0, 0]]> : tensor<2x4xi8> of [0, 300, 7000] bias [1, 2] : tensor<4x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<1, 21901>>
  return %3 : tensor<2x!lowbit.int<1, 21901>>
}

// Products of one tensor's elements: 300 x2 + 7000 x0 - 500 x1 and 7000 x1, the
// first ones together, then the second ones, then what is taken off.
// CHECK-LABEL: func.func @selected
// CHECK-NEXT: %[[A:.*]] = lowbit.select %arg0 [0, 1]
// CHECK-NEXT: %[[B:.*]] = lowbit.select %arg0 [2, 2]
// CHECK-NEXT: %[[C:.*]] = lowbit.select %arg0 [1, 1]
// CHECK-NEXT: lowbit.scale %[[A]], %[[B]], %[[C]] times [7000, 7000, 300, 0, -500, 0] plus [1, 2]
// CHECK-NEXT: return
func.func @selected(%0: tensor<3x!lowbit.int<0, 3>>) -> tensor<2x!lowbit.int<-1499, 21901>> {
  %1 = lowbit.dense %0 weights dense<[[3, 0, 2], [1, 3, 1]]> : tensor<2x3xi8> of [-500, 0, 300, 7000] bias [1, 2] : tensor<3x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-1499, 21901>>
  return %1 : tensor<2x!lowbit.int<-1499, 21901>>
}

// What an engine takes, and what has many products, is left.
// CHECK-LABEL: func.func @left
// CHECK-NEXT: lowbit.dense
// CHECK-NEXT: lowbit.dense
// CHECK-NEXT: return
func.func @left(%0: tensor<5x!lowbit.int<0, 3>>) -> (tensor<1x!lowbit.int<0, 765>>, tensor<1x!lowbit.int<0, 4500>>) {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 0, 0, 0]]> : tensor<1x5xi8> of [0, 255] bias [0] : tensor<5x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 765>>
  %2 = lowbit.dense %0 weights dense<[[1, 1, 1, 1, 1]]> : tensor<1x5xi8> of [0, 300] bias [0] : tensor<5x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 4500>>
  return %1, %2 : tensor<1x!lowbit.int<0, 765>>, tensor<1x!lowbit.int<0, 4500>>
}
