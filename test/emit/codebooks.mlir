// Every kind of codebook runs exactly on the device, for speed and for size:
// pdkc itself compares the words that it emits with the model on 200 inputs, all
// at the least and all at the most among them, and fails otherwise.
// RUN: split-file %s %t
// RUN: pdkc %t/ternary.mlir -O3 --verify=200 -o %t/ternary.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/ternary.mlir -Os --verify=200 -o %t/ternary.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/signs.mlir -O3 --verify=200 -o %t/signs.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/signs.mlir -Os --verify=200 -o %t/signs.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/one_two.mlir -O3 --verify=200 -o %t/one_two.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/one_two.mlir -Os --verify=200 -o %t/one_two.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/one_three.mlir -O3 --verify=200 -o %t/one_three.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/one_three.mlir -Os --verify=200 -o %t/one_three.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/powers.mlir -O3 --verify=200 -o %t/powers.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/powers.mlir -Os --verify=200 -o %t/powers.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/int3.mlir -O3 --verify=200 -o %t/int3.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/int3.mlir -Os --verify=200 -o %t/int3.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/int4.mlir -O3 --verify=200 -o %t/int4.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/int4.mlir -Os --verify=200 -o %t/int4.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/irregular.mlir -O3 --verify=200 -o %t/irregular.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/irregular.mlir -Os --verify=200 -o %t/irregular.ihx 2>&1 | FileCheck %s
// CHECK: 200 inputs verified against the model

//--- ternary.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0]]> : tensor<3x24xi8>
      of [-1, 0, 1] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-122, 123>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-122, 123>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- signs.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]]> : tensor<3x24xi8>
      of [-1, 1] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-182, 183>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-182, 183>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- one_two.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], [1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2], [2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1]]> : tensor<3x24xi8>
      of [-2, -1, 1, 2] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-272, 273>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-272, 273>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- one_three.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], [1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2], [2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1]]> : tensor<3x24xi8>
      of [-3, -1, 1, 3] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-362, 363>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-362, 363>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- powers.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], [1, 4, 7, 2, 5, 0, 3, 6, 1, 4, 7, 2, 5, 0, 3, 6, 1, 4, 7, 2, 5, 0, 3, 6], [2, 7, 4, 1, 6, 3, 0, 5, 2, 7, 4, 1, 6, 3, 0, 5, 2, 7, 4, 1, 6, 3, 0, 5]]> : tensor<3x24xi8>
      of [-8, -4, -2, -1, 1, 2, 4, 8] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-677, 678>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-677, 678>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- int3.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], [1, 4, 7, 2, 5, 0, 3, 6, 1, 4, 7, 2, 5, 0, 3, 6, 1, 4, 7, 2, 5, 0, 3, 6], [2, 7, 4, 1, 6, 3, 0, 5, 2, 7, 4, 1, 6, 3, 0, 5, 2, 7, 4, 1, 6, 3, 0, 5]]> : tensor<3x24xi8>
      of [-4, -3, -2, -1, 0, 1, 2, 3] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-452, 273>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-452, 273>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- int4.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7], [1, 4, 7, 10, 13, 0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14, 1, 4, 7, 10, 13, 0, 3, 6], [2, 7, 12, 1, 6, 11, 0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11, 0, 5]]> : tensor<3x24xi8>
      of [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-1082, 528>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-1082, 528>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
//--- irregular.mlir
func.func @model(%0: tensor<24x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], [1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2], [2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1]]> : tensor<3x24xi8>
      of [-5, 0, 2, 7] bias [0, 3, -2] : tensor<24x!lowbit.int<0, 15>> -> tensor<3x!lowbit.int<-452, 813>>
  %2 = lowbit.argmax %1 : tensor<3x!lowbit.int<-452, 813>> -> tensor<1x!lowbit.int<0, 2>>
  return %2 : tensor<1x!lowbit.int<0, 2>>
}
