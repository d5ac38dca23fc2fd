// RUN: pdkc-opt %s --split-input-file --lowbit-split-inputs | FileCheck %s

// A byte is read as it is.
// CHECK-LABEL: func @narrow
// CHECK-NEXT: lowbit.dense %arg0
// CHECK-NEXT: return
func.func @narrow(%0: tensor<1x!lowbit.int<-128, 127>>) -> tensor<1x!lowbit.int<-384, 381>> {
  %1 = lowbit.dense %0 weights dense<0> : tensor<1x1xi8> of [3] bias [0] : tensor<1x!lowbit.int<-128, 127>> -> tensor<1x!lowbit.int<-384, 381>>
  return %1 : tensor<1x!lowbit.int<-384, 381>>
}

// -----

// From -100 up: 1000 = 3 x 256 + 232, less 100 times the weights 1 + 3.
// CHECK-LABEL: func @shifted
// CHECK-DAG: %[[HIGH:.*]] = lowbit.byte 1 of %arg0 from -100 {{.*}} -> tensor<2x!lowbit.int<0, 3>>
// CHECK-DAG: %[[LOW:.*]] = lowbit.byte 0 of %arg0 from -100 {{.*}} -> tensor<2x!lowbit.int<0, 255>>
// CHECK: %[[A:.*]] = lowbit.dense %[[LOW]] weights dense<{{\[\[}}0, 1]]> : tensor<1x2xi8> of [1, 3] bias [0]
// CHECK: %[[B:.*]] = lowbit.scale %[[A]] times [1] plus [-393]
// CHECK: %[[C:.*]] = lowbit.dense %[[HIGH]] weights dense<{{\[\[}}0, 1]]> : tensor<1x2xi8> of [1, 3] bias [0]
// CHECK: lowbit.scale %[[C]], %[[B]] times [256, 1] plus [0]
func.func @shifted(%0: tensor<2x!lowbit.int<-100, 900>>) -> tensor<1x!lowbit.int<-393, 3607>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [1, 3] bias [7] : tensor<2x!lowbit.int<-100, 900>> -> tensor<1x!lowbit.int<-393, 3607>>
  return %1 : tensor<1x!lowbit.int<-393, 3607>>
}

// -----

// 10, 500 and 520 are 0, 490 = 256 + 234 and 510 = 256 + 254 from 10 up.
// CHECK-LABEL: func @steps
// CHECK-DAG: lowbit.steps %arg0 starts [0, 2, 3] values [0, 234, 254] sizes [3]
// CHECK-DAG: lowbit.steps %arg0 starts [0, 2] values [0, 1] sizes [2]
func.func @steps(%0: tensor<1x!lowbit.int<0, 5>>) -> tensor<1x!lowbit.int<10, 520>> {
  %1 = lowbit.steps %0 starts [0, 2, 3] values [10, 500, 520] sizes [3] : tensor<1x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<10, 520>>
  %2 = lowbit.dense %1 weights dense<0> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<10, 520>> -> tensor<1x!lowbit.int<10, 520>>
  return %2 : tensor<1x!lowbit.int<10, 520>>
}

// -----

// Somebody else reads all of it: put together again.
// CHECK-LABEL: func @joined
// CHECK-DAG: %[[LOW:.*]] = lowbit.steps %arg0 starts [0, 2, 3] values [0, 234, 254] sizes [3]
// CHECK-DAG: %[[HIGH:.*]] = lowbit.steps %arg0 starts [0, 2] values [0, 1] sizes [2]
// CHECK: %[[A:.*]] = lowbit.scale %[[LOW]], %[[HIGH]] times [1, 256] plus [10] within [10, 520]
// CHECK: return %[[A]]
func.func @joined(%0: tensor<1x!lowbit.int<0, 5>>) -> tensor<1x!lowbit.int<10, 520>> {
  %1 = lowbit.steps %0 starts [0, 2, 3] values [10, 500, 520] sizes [3] : tensor<1x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<10, 520>>
  return %1 : tensor<1x!lowbit.int<10, 520>>
}

// -----

// Of a concatenation whose first part is a byte already, 7 = 0 x 256 + 7.
// CHECK-LABEL: func @parts
// CHECK-DAG: %[[ZERO:.*]] = lowbit.byte 1 of %arg0 from 0 : tensor<1x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 0>>
// CHECK-DAG: %[[LOW:.*]] = lowbit.byte 0 of %arg1 from 0
// CHECK-DAG: %[[HIGH:.*]] = lowbit.byte 1 of %arg1 from 0
// CHECK-DAG: lowbit.concat %arg0, %[[LOW]]
// CHECK-DAG: lowbit.concat %[[ZERO]], %[[HIGH]]
func.func @parts(%0: tensor<1x!lowbit.int<0, 7>>, %1: tensor<1x!lowbit.int<0, 700>>) -> tensor<1x!lowbit.int<0, 1400>> {
  %2 = lowbit.concat %0, %1 : tensor<1x!lowbit.int<0, 7>>, tensor<1x!lowbit.int<0, 700>> -> tensor<2x!lowbit.int<0, 700>>
  %3 = lowbit.dense %2 weights dense<0> : tensor<1x2xi8> of [1] bias [0] : tensor<2x!lowbit.int<0, 700>> -> tensor<1x!lowbit.int<0, 1400>>
  return %3 : tensor<1x!lowbit.int<0, 1400>>
}
