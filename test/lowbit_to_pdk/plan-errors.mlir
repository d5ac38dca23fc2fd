// Methods are known by name, and code is written only of what is decided.
// RUN: not pdkc-opt %s -split-input-file -lowbit-to-pdk 2>&1 | FileCheck %s

// CHECK: error: 'lowbit.argmax' op has no method 'guess'; there are 'loop', 'unrolled'
func.func @method(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.argmax %0 {method = "guess"} : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return %1 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK: error: has no storage yet; see the pass --lowbit-assign-storage
func.func @storage(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return %1 : tensor<1x!lowbit.int<0, 1>>
}
