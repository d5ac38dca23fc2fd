// Weights that are more products a sum than are made one by one: bytes of them
// and their factors are, and quickly.
// RUN: pdkc %s -o %t.ihx 2>&1 | FileCheck %s
// CHECK: 100 inputs verified against the model
func.func @model(%0: tensor<5x!lowbit.int<0, 31>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1, 1, 1, 1], [0, 0, 0, 0, 0]]> : tensor<2x5xi8> of [-10000000, 10000000] bias [0, 3] : tensor<5x!lowbit.int<0, 31>> -> tensor<2x!lowbit.int<-1550000000, 1550000003>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-1550000000, 1550000003>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
