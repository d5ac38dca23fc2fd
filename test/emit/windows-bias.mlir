// Biases within a channel that no padding explains.
// RUN: not pdkc %s --mcu=pfs173 -o %t.asm 2>&1 | FileCheck %s
// CHECK: biases differ within channel 0
func.func @model(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.conv %0 shape [1, 3] weights dense<[[[0, 0]]]> : tensor<1x1x2xi8> of [1] bias [0, 3] strides [1] pads [0, 0] dilations [1] : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 33>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<0, 33>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
