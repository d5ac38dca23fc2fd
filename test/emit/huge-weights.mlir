// Weights whose straight-line code would be millions of additions are refused
// at once, with the reason why no method takes them.
// RUN: not pdkc %s -o %t.ihx 2>&1 | FileCheck %s
// CHECK: pdkc: error:
// CHECK-NOT: error:
func.func @model(%0: tensor<2x!lowbit.int<0, 127>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-20000000, 20000000] bias [0, 3] : tensor<2x!lowbit.int<0, 127>> -> tensor<2x!lowbit.int<-2540000000, 2540000003>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-2540000000, 2540000003>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
