// Inputs far below zero after the offset are all clipped to 0.
// RUN: pdkc %s -O3 --verify=200 -o %t.ihx
// RUN: pdkc %s -Os --verify=200 -o %t.ihx
func.func @model(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.requant %0 plus -261 clamp 0 to 7 : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 7>>
  %2 = lowbit.dense %1 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<-15, 15>>
  %4 = lowbit.argmax %2 : tensor<2x!lowbit.int<-15, 15>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}
