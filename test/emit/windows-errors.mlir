// Sizes that no loop over windows takes, and what does not fit.
// RUN: not pdkc %s --mcu=pfs173 -o %t.asm 2>&1 | FileCheck %s
// CHECK: does not fit the RAM of the pfs173: needs 300 bytes or more for the node's inputs, has 256
func.func @model(%0: tensor<300x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 298>> {
  %1 = lowbit.conv %0 shape [1, 300] weights dense<[[[0, 0]]]> : tensor<1x1x2xi8> of [1] bias [0] strides [1] pads [0, 0] dilations [1] : tensor<300x!lowbit.int<0, 15>> -> tensor<299x!lowbit.int<0, 30>>
  %2 = lowbit.argmax %1 : tensor<299x!lowbit.int<0, 30>> -> tensor<1x!lowbit.int<0, 298>>
  return %2 : tensor<1x!lowbit.int<0, 298>>
}
