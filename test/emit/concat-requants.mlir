// Parts of a concatenation that are requantised one after the other: the second
// leaves the first one's cells alone.
// RUN: pdkc %s -O3 --mcu=pfs173 --verify=200 -o %t.ihx 2>&1 | FileCheck %s
// RUN: pdkc %s -Os --mcu=pfs173 --verify=200 -o %t.ihx 2>&1 | FileCheck %s
// CHECK: 200 inputs verified against the model
func.func @model(%0: tensor<4x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1, 1, 0], [0, 1, 1, 0]]> : tensor<2x4xi8> of [-1, 1] bias [-2, 5] : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-25, 43>>
  %2 = lowbit.requant %1 clamp 0 to 3 : tensor<2x!lowbit.int<-25, 43>> -> tensor<2x!lowbit.int<0, 3>>
  %3 = lowbit.dense %0 weights dense<[[0, 0, 0, 3], [3, 0, 3, 2]]> : tensor<2x4xi8> of [-2, -1, 1, 3] bias [-8, -3] : tensor<4x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-98, 102>>
  %4 = lowbit.requant %3 clamp 0 to 3 : tensor<2x!lowbit.int<-98, 102>> -> tensor<2x!lowbit.int<0, 3>>
  %5 = lowbit.concat %2, %4 : tensor<2x!lowbit.int<0, 3>>, tensor<2x!lowbit.int<0, 3>> -> tensor<4x!lowbit.int<0, 3>>
  %6 = lowbit.dense %5 weights dense<[[0, 2, 1, 1], [2, 2, 2, 2]]> : tensor<2x4xi8> of [-2, -1, 1, 2] bias [9, -7] : tensor<4x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-7, 12>>
  %7 = lowbit.argmax %6 : tensor<2x!lowbit.int<-7, 12>> -> tensor<1x!lowbit.int<0, 1>>
  return %7 : tensor<1x!lowbit.int<0, 1>>
}
