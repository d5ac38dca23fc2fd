// Wide elements in places of their own: concatenations of sums, steps to more
// than a byte, bytes of parts that have fewer, and what is quantised in place
// while something behind needs it whole.
// RUN: split-file %s %t
// RUN: pdkc %t/concat.mlir --mcu=pfs173 -O3 --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/concat.mlir --mcu=pfs154 -Os --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/steps.mlir --mcu=pfs173 -O3 --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/bytes.mlir --mcu=pfs173 -O3 --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/in-place.mlir --mcu=pfs173 -O3 --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/in-place.mlir --mcu=pfs173 -Os --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// CHECK: 200 inputs verified against the model

//--- concat.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 4>> {
  %1 = lowbit.dense %0 weights dense<[[1, 2], [2, 0]]> : tensor<2x2xi8> of [-100, 0, 100] bias [7000, -9]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-25509, 32500>>
  %2 = lowbit.dense %0 weights dense<[[1, 0]]> : tensor<1x2xi8> of [-1, 1] bias [20] : tensor<2x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<-235, 275>>
  %3 = lowbit.dense %0 weights dense<[[1, 1], [0, 0]]> : tensor<2x2xi8> of [-9, 30] bias [0, 4000] : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-590, 15300>>
  %4 = lowbit.concat %1, %2, %3 : tensor<2x!lowbit.int<-25509, 32500>>, tensor<1x!lowbit.int<-235, 275>>, tensor<2x!lowbit.int<-590, 15300>> -> tensor<5x!lowbit.int<-25509, 32500>>
  %5 = lowbit.argmax %4 : tensor<5x!lowbit.int<-25509, 32500>> -> tensor<1x!lowbit.int<0, 4>>
  return %5 : tensor<1x!lowbit.int<0, 4>>
}

//--- steps.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-1, 1] bias [0, 0] : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 255>>
  %2 = lowbit.steps %1 starts [-255, -90, 1, 20, 100] values [0, -700, 300, 299, 5000] sizes [5] : tensor<2x!lowbit.int<-255, 255>> -> tensor<2x!lowbit.int<-700, 5000>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-700, 5000>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

//--- bytes.mlir
func.func @model(%0: tensor<3x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.requant %0 shift 6 clamp 0 to 2 : tensor<3x!lowbit.int<0, 255>> -> tensor<3x!lowbit.int<0, 2>>
  %2 = lowbit.dense %0 weights dense<[[1, 0, 1]]> : tensor<1x3xi8> of [-9, 30] bias [0] : tensor<3x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<-2295, 15300>>
  %3 = lowbit.requant %2 shift 3 clamp 0 to 1500 : tensor<1x!lowbit.int<-2295, 15300>> -> tensor<1x!lowbit.int<0, 1500>>
  %4 = lowbit.concat %1, %3 : tensor<3x!lowbit.int<0, 2>>, tensor<1x!lowbit.int<0, 1500>> -> tensor<4x!lowbit.int<0, 1500>>
  %5 = lowbit.dense %4 weights dense<[[1, 0, 1, 1], [1, 1, 0, 0]]> : tensor<2x4xi8> of [-3, 5] bias [-3000, 3000]
      : tensor<4x!lowbit.int<0, 1500>> -> tensor<2x!lowbit.int<-7500, 19500>>
  %6 = lowbit.argmax %5 : tensor<2x!lowbit.int<-7500, 19500>> -> tensor<1x!lowbit.int<0, 1>>
  return %6 : tensor<1x!lowbit.int<0, 1>>
}

//--- in-place.mlir
func.func @model(%0: tensor<3x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 2>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 1], [0, 1, 1], [1, 1, 0]]> : tensor<3x3xi8> of [-90, 70] bias [0, 100, -50]
      : tensor<3x!lowbit.int<0, 255>> -> tensor<3x!lowbit.int<-23000, 35800>>
  %2 = lowbit.scale %1 times [3, 5, 4] plus [70000, 120000, 95000] : tensor<3x!lowbit.int<-23000, 35800>> -> tensor<3x!lowbit.int<-1000, 299000>>
  %3 = lowbit.requant %2 shift 11 clamp 0 to 255 : tensor<3x!lowbit.int<-1000, 299000>> -> tensor<3x!lowbit.int<0, 145>>
  %4 = lowbit.scale %2, %3 times [1, 1, 1, -2048, -2048, -2048] plus [0, 0, 0] : tensor<3x!lowbit.int<-1000, 299000>>, tensor<3x!lowbit.int<0, 145>> -> tensor<3x!lowbit.int<-297960, 299000>>
  %5 = lowbit.argmax %4 : tensor<3x!lowbit.int<-297960, 299000>> -> tensor<1x!lowbit.int<0, 2>>
  return %5 : tensor<1x!lowbit.int<0, 2>>
}
