// Signed inputs that packed tables take in one piece: 128, of a weight of -1 and
// an input of -128, is no byte with a sign; 127 is.
// RUN: split-file %s %t
// RUN: not pdkc %t/below.mlir -o %t/a.ihx 2>&1 | FileCheck %s --check-prefix=BELOW
// RUN: pdkc %t/within.mlir --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/free.mlir --verify=200 -o %t/a.ihx 2>&1 | FileCheck %s
// BELOW: error: {{.*}}a packed table cannot hold this layer
// CHECK: 200 inputs verified against the model

//--- below.mlir
func.func @model(%0: tensor<2x!lowbit.int<-128, 127>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 0] bias [0, 0] {method = "packed-signed"} : tensor<2x!lowbit.int<-128, 127>> -> tensor<2x!lowbit.int<-127, 128>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-127, 128>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

//--- within.mlir
func.func @model(%0: tensor<2x!lowbit.int<-127, 127>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 0] bias [0, 0] {method = "packed-signed"} : tensor<2x!lowbit.int<-127, 127>> -> tensor<2x!lowbit.int<-127, 127>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-127, 127>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

//--- free.mlir
func.func @model(%0: tensor<2x!lowbit.int<-128, 127>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 1], [1, 0]]> : tensor<2x2xi8> of [-1, 0] bias [0, 0] : tensor<2x!lowbit.int<-128, 127>> -> tensor<2x!lowbit.int<-127, 128>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-127, 128>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
