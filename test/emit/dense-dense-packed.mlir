// A layer whose sums are the next layer's inputs as they are, both long enough
// for packed tables: the second layer reads what the first has left, and not
// its own sums.
// RUN: pdkc %s -Os --verify=200 -o %t.ihx
func.func @model(%0: tensor<24x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 5>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0], [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1], [0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1], [0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1], [1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1], [1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1]]> : tensor<6x24xi8> of [-1, 1] bias [24, 33, 33, 24, 30, 33] : tensor<24x!lowbit.int<0, 3>> -> tensor<6x!lowbit.int<0, 72>>
  %2 = lowbit.dense %1 weights dense<[[1, 1, 1, 1, 1, 0], [1, 0, 0, 0, 1, 1], [0, 0, 1, 1, 1, 0], [0, 1, 0, 0, 0, 0], [0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 1, 0]]> : tensor<6x6xi8> of [-1, 1] bias [0, 0, 0, 0, 0, 0] : tensor<6x!lowbit.int<0, 72>> -> tensor<6x!lowbit.int<-432, 432>>
  %3 = lowbit.argmax %2 : tensor<6x!lowbit.int<-432, 432>> -> tensor<1x!lowbit.int<0, 5>>
  return %3 : tensor<1x!lowbit.int<0, 5>>
}
