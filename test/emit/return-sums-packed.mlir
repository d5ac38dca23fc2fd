// A model whose one sum is its result, long enough for a packed table: what the
// passes add too much is taken off.
// RUN: pdkc %s -Os --verify=200 -o %t.ihx
func.func @model(%0: tensor<24x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 72>> {
  %1 = lowbit.dense %0 weights dense<[[0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1]]> : tensor<1x24xi8> of [-1, 1] bias [42] : tensor<24x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 72>>
  return %1 : tensor<1x!lowbit.int<0, 72>>
}
