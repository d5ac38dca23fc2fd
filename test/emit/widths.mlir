// Sums of 16, 17, 24, 25 and 32 bits are exact, and 33 bits are refused. Row 1 is
// bias + i0 - i1 with inputs of 0 to 255, its shift asks for the bit that a sum
// just reaches: the class is 1 where it is set. Both extremes are among the
// inputs that pdkc checks.
// RUN: split-file %s %t
// RUN: pdkc %t/16u.mlir -O3 --verify=200 -o %t/16u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/16u.mlir -Os --verify=200 -o %t/16u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/16s.mlir -O3 --verify=200 -o %t/16s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/16s.mlir -Os --verify=200 -o %t/16s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/17u.mlir -O3 --verify=200 -o %t/17u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/17u.mlir -Os --verify=200 -o %t/17u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/17s.mlir -O3 --verify=200 -o %t/17s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/17s.mlir -Os --verify=200 -o %t/17s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/24u.mlir -O3 --verify=200 -o %t/24u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/24u.mlir -Os --verify=200 -o %t/24u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/24s.mlir -O3 --verify=200 -o %t/24s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/24s.mlir -Os --verify=200 -o %t/24s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/25u.mlir -O3 --verify=200 -o %t/25u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/25u.mlir -Os --verify=200 -o %t/25u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/32u.mlir -O3 --verify=200 -o %t/32u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/32u.mlir -Os --verify=200 -o %t/32u.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/32s.mlir -O3 --verify=200 -o %t/32s.ihx 2>&1 | FileCheck %s
// RUN: pdkc %t/32s.mlir -Os --verify=200 -o %t/32s.ihx 2>&1 | FileCheck %s
// RUN: not pdkc %t/33.mlir -o %t/33.ihx 2>&1 | FileCheck %s --check-prefix=WIDE
// CHECK: 200 inputs verified against the model
// WIDE: error: {{.*}}sums of 0 to 4294967296 need 33 bits, there are 32; use narrower inputs, weights or biases

// 65280 + 255 = 2^16 - 1.
//--- 16u.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 65280]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 65535>>
  %2 = lowbit.requant %1 shift 15 clamp 0 to 1 : tensor<2x!lowbit.int<0, 65535>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// 32512 + 255 = 2^15 - 1, and a sign.
//--- 16s.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 32512]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 32767>>
  %2 = lowbit.requant %1 shift 14 clamp 0 to 1 : tensor<2x!lowbit.int<-255, 32767>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// 65281 + 255 = 2^16: 17 bits, bit 16 is set at one extreme alone.
//--- 17u.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 65281]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 65536>>
  %2 = lowbit.requant %1 shift 16 clamp 0 to 1 : tensor<2x!lowbit.int<0, 65536>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// A negative bias: -65536 + 255 and less; never 1.
//--- 17s.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, -65281]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-65536, 255>>
  %2 = lowbit.requant %1 shift 16 clamp 0 to 1 : tensor<2x!lowbit.int<-65536, 255>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// 16776960 + 255 = 2^24 - 1.
//--- 24u.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 16776960]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 16777215>>
  %2 = lowbit.requant %1 shift 23 clamp 0 to 1 : tensor<2x!lowbit.int<0, 16777215>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// -8388353 - 255 = -2^23.
//--- 24s.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, -8388353]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-8388608, 8388607>>
  %2 = lowbit.requant %1 shift 22 clamp 0 to 1 : tensor<2x!lowbit.int<-8388608, 8388607>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// One more than 2^24 - 1.
//--- 25u.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 16776961]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 16777216>>
  %2 = lowbit.requant %1 shift 24 clamp 0 to 1 : tensor<2x!lowbit.int<0, 16777216>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// 2^31 + i0 - i1 has bit 31 where i0 >= i1.
//--- 32u.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 2147483648]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 2147483903>>
  %2 = lowbit.requant %1 shift 31 clamp 0 to 1 : tensor<2x!lowbit.int<0, 2147483903>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// -2147483393 - 255 = -2^31; (64 >> 7) is 0, (i0 - i1) >> 7 is 1 from 128 on.
//--- 32s.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [-2147483329, -2147483393]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-2147483648, -2147483138>>
  %2 = lowbit.requant %1 plus 2147483393 shift 7 clamp 0 to 1 : tensor<2x!lowbit.int<-2147483648, -2147483138>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
// One more than 2^32 - 1.
//--- 33.mlir
func.func @model(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 1], [2, 0]]> : tensor<2x2xi8> of [-1, 0, 1] bias [0, 4294967041]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 4294967296>>
  %2 = lowbit.requant %1 shift 31 clamp 0 to 1 : tensor<2x!lowbit.int<0, 4294967296>> -> tensor<2x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}
