// Two layers that are requantised alike, each to its place in a concatenation.
// RUN: pdkc %s -O3 --verify=200 -o %t.ihx 2>&1 | FileCheck %s
// RUN: pdkc %s -Os --verify=200 -o %t.ihx 2>&1 | FileCheck %s
// CHECK: 200 inputs verified against the model
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0]]> : tensor<1x2xi8> of [0, 1] bias [0] : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 255>>
  %2 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [0, 1] bias [0] : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 255>>
  %3 = lowbit.concat %2, %1 : tensor<1x!lowbit.int<0, 255>>, tensor<1x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 255>>
  %4 = lowbit.dense %3 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [12, 61] bias [0, 7] : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 18622>>
  %5 = lowbit.argmax %4 : tensor<2x!lowbit.int<0, 18622>> -> tensor<1x!lowbit.int<0, 1>>
  return %5 : tensor<1x!lowbit.int<0, 1>>
}
