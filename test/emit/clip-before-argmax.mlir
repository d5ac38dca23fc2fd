// A clip from below that is not at 0, before the decision: values that it makes
// equal tie, and the lowest number wins.
// RUN: pdkc %s -O3 --verify=200 -o %t.ihx
// RUN: pdkc %s -Os --verify=200 -o %t.ihx
func.func @model(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 15>>
  %2 = lowbit.requant %1 clamp 3 to 7 : tensor<2x!lowbit.int<-15, 15>> -> tensor<2x!lowbit.int<3, 7>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<3, 7>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
