// RAM to the last byte: 56 bytes with one call fit 64 (p 2, C 2, stack 4); with
// bytes kept free they do not.
// RUN: pdkc-opt %s --pdk-allocate | FileCheck %s
// RUN: not pdkc-opt %s --pdk-allocate=reserve-ram=1 2>&1 | FileCheck %s --check-prefix=FULL

// CHECK: stack_bytes = 4 : i64, static_bytes = 56 : i64
// FULL: error: does not fit the RAM of the pms150c: needs 66 bytes (p 2, cells 56, C 2, reserved 1, stack 4), has 64; use fewer or narrower neurons, or a larger device
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 56
  pdk.routine @r exported {
    pdk.undef %x
    pdk.clear_m %x[55]
    pdk.call_k @outside
    pdk.mov_a_m %x[55]
    pdk.ret
  }
  pdk.external @outside
}
