// Weights of 0 and 1.
// RUN: pdkc %s -O3 --verify=200 -o %t.ihx
// RUN: pdkc %s -Os --verify=200 -o %t.ihx
func.func @model(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [0, 1] bias [0, 0] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 30>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<0, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
