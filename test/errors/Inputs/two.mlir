func.func @model(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return %1 : tensor<1x!lowbit.int<0, 1>>
}
