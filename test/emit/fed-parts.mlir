// Both parts feed the layer behind: the concatenation, which is larger than the
// RAM, is never there.
// RUN: pdkc %s --mcu=pms150c --verify=200 -o %t.ihx 2>&1 | FileCheck %s
// CHECK: 200 inputs verified against the model
func.func @model(%0: tensor<16x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %v1 = lowbit.conv %0 shape [1, 16] weights dense<[[[2, 0, 1]], [[1, 0, 0]], [[0, 2, 2]]]> : tensor<3x1x3xi8> of [-1, 0, 1] bias [0, 1, 2] strides [1] pads [0, 0] dilations [1] : tensor<16x!lowbit.int<0, 3>> -> tensor<42x!lowbit.int<-9, 11>>
  %v2 = lowbit.requant %v1 clamp 0 to 3 : tensor<42x!lowbit.int<-9, 11>> -> tensor<42x!lowbit.int<0, 3>>
  %v3 = lowbit.conv %0 shape [1, 16] weights dense<[[[1, 1, 0]], [[2, 1, 2]], [[2, 2, 0]]]> : tensor<3x1x3xi8> of [-1, 0, 1] bias [0, 1, 2] strides [1] pads [0, 0] dilations [1] : tensor<16x!lowbit.int<0, 3>> -> tensor<42x!lowbit.int<-9, 11>>
  %v4 = lowbit.requant %v3 clamp 0 to 3 : tensor<42x!lowbit.int<-9, 11>> -> tensor<42x!lowbit.int<0, 3>>
  %v5 = lowbit.concat %v2, %v4 : tensor<42x!lowbit.int<0, 3>>, tensor<42x!lowbit.int<0, 3>> -> tensor<84x!lowbit.int<0, 3>>
  %v6 = lowbit.dense %v5 weights dense<[[2, 0, 1, 1, 0, 1, 1, 1, 1, 2, 0, 0, 2, 2, 1, 0, 0, 2, 0, 2, 1, 1, 0, 2, 2, 2, 2, 2, 0, 2, 1, 0, 2, 1, 1, 1, 2, 0, 0, 2, 2, 2, 0, 0, 2, 2, 1, 1, 2, 0, 1, 1, 0, 0, 2, 0, 2, 2, 0, 0, 0, 0, 2, 1, 2, 2, 2, 2, 1, 1, 1, 2, 1, 1, 0, 2, 1, 0, 0, 1, 2, 2, 1, 0], [1, 0, 0, 2, 2, 1, 1, 1, 0, 2, 1, 1, 1, 2, 1, 0, 0, 2, 2, 1, 1, 1, 2, 0, 0, 0, 2, 0, 1, 2, 1, 0, 1, 2, 1, 1, 2, 1, 1, 1, 2, 1, 1, 2, 1, 2, 1, 1, 0, 2, 1, 1, 1, 2, 1, 1, 1, 2, 0, 2, 1, 2, 2, 1, 1, 2, 1, 1, 2, 0, 1, 2, 0, 2, 1, 0, 0, 0, 2, 2, 0, 2, 2, 1]]> : tensor<2x84xi8> of [-1, 0, 1] bias [50, -85] : tensor<84x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<-139, 146>>
  %c = lowbit.argmax %v6 : tensor<2x!lowbit.int<-139, 146>> -> tensor<1x!lowbit.int<0, 1>>
  return %c : tensor<1x!lowbit.int<0, 1>>
}
