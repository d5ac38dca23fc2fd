// Storage as text, and what is refused of it.
// RUN: pdkc-opt %s -split-input-file -verify-diagnostics | pdkc-opt | FileCheck %s

// CHECK-LABEL: func.func @kinds
// CHECK-SAME: tensor<2x!lowbit.int<0, 15>, #lowbit.storage<stream, bits 8, base 0>>
// CHECK-SAME: lowbit.ram = [#lowbit.ram<"acc" size 4 align 2>, #lowbit.ram<"act" size 2 within 0 exported true>]
// CHECK: #lowbit.storage<buffer 1 at 0 fresh, bits 8, base 0>
// CHECK: #lowbit.storage<buffer 0 at 2 splat, bits 16, base -5, bias 1280 of step 128>
func.func @kinds(%0: tensor<2x!lowbit.int<0, 15>, #lowbit.storage<stream, bits 8, base 0>>)
    attributes {lowbit.ram = [#lowbit.ram<"acc" size 4 align 2>, #lowbit.ram<"act" size 2 within 0 exported true>]} {
  %1 = lowbit.copy %0 : tensor<2x!lowbit.int<0, 15>, #lowbit.storage<stream, bits 8, base 0>>
      -> tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 1 at 0 fresh, bits 8, base 0>>
  %2 = lowbit.copy %1 : tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 1 at 0 fresh, bits 8, base 0>>
      -> tensor<2x!lowbit.int<0, 15>, #lowbit.storage<buffer 0 at 2 splat, bits 16, base -5, bias 1280 of step 128>>
  return
}

// -----

// expected-error@+1 {{stored elements of 0 to 300 need 9 bits, there are 8}}
func.func private @narrow(tensor<2x!lowbit.int<0, 300>, #lowbit.storage<stream, bits 8, base 0>>)

// -----

// expected-error@+1 {{elements have 1, 2, 4, 8 or 12 bits or a few bytes, not 11 bits}}
func.func private @bits(tensor<2x!lowbit.int<0, 3>, #lowbit.storage<stream, bits 11, base 0>>)

// -----

// expected-error@+1 {{unknown place 'heap'}}
func.func private @place(tensor<2x!lowbit.int<0, 3>, #lowbit.storage<heap, bits 8, base 0>>)

// -----

// expected-error@+1 {{a tensor ends at byte 3 of buffer "raw", which has 2}}
func.func @beyond(%0: tensor<2x!lowbit.int<0, 3>, #lowbit.storage<buffer 0 at 1, bits 8, base 0>>)
    attributes {lowbit.ram = [#lowbit.ram<"raw" size 2>]} {
  return
}

// -----

// expected-error@+1 {{a tensor lies in buffer 1 of 1}}
func.func @missing(%0: tensor<2x!lowbit.int<0, 3>, #lowbit.storage<buffer 1 at 0, bits 8, base 0>>)
    attributes {lowbit.ram = [#lowbit.ram<"raw" size 2>]} {
  return
}

// -----

// expected-error@+1 {{buffer 0 has no size or alignment that a buffer can have, or is within one that does not come before it}}
func.func @within() attributes {lowbit.ram = [#lowbit.ram<"raw" size 2 within 0>]} {
  return
}
