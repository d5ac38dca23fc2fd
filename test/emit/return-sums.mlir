// A model whose one sum is its result.
// RUN: pdkc %s -O3 --verify=200 -o %t.ihx
// RUN: pdkc %s -Os --verify=200 -o %t.ihx
func.func @model(%0: tensor<6x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 36>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 1, 1, 0, 0]]> : tensor<1x6xi8> of [-1, 1] bias [18] : tensor<6x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 36>>
  return %1 : tensor<1x!lowbit.int<0, 36>>
}
