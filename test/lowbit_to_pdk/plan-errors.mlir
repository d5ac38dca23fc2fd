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

// -----

// Packed is what one method packs, for dense layers.
// CHECK: error: has a result that cannot be packed, of 4 bits an element
func.func @packed(%0: tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 0 at 0, bits 8, base 0>>) -> tensor<1x!lowbit.int<0, 1>, #lowbit.storage<accumulator, bits 8, base 0>>
    attributes {lowbit.ram = [#lowbit.ram<"input" size 2 exported true>, #lowbit.ram<"act" size 1>]} {
  %1 = lowbit.requant %0 clamp 0 to 15 : tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 0 at 0, bits 8, base 0>> -> tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 1 at 0 fresh, bits 4, base 0>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 1 at 0 fresh, bits 4, base 0>> -> tensor<1x!lowbit.int<0, 1>, #lowbit.storage<accumulator, bits 8, base 0>>
  return %2 : tensor<1x!lowbit.int<0, 1>, #lowbit.storage<accumulator, bits 8, base 0>>
}
