// The bytes that must lie low or at even addresses come first, an even number of
// them; what lies behind may be linked to anywhere.
// RUN: pdkc-opt %s -split-input-file --pdk-allocate | FileCheck %s

// A bit test names the flag; the array may lie anywhere.
// CHECK: pdk.program @flag {{.*}}near_bytes = 2 : i64, {{.*}}static_bytes = 7 : i64
// CHECK: "array" size 5 at 4
pdk.program @flag for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %flag = pdk.cells "flag" size 2
  %array = pdk.cells "array" size 5
  pdk.routine @flag_infer exported {
    pdk.clear_m %flag[0]
    pdk.clear_m %flag[1]
    pdk.set1_mbit %flag[0], 3
    pdk.clear_m %array[0]
    pdk.clear_m %array[4]
    pdk.mov_a_m %flag[1]
    pdk.add_a_m %flag[0]
    pdk.add_a_m %array[0]
    pdk.add_a_m %array[4]
    pdk.ret
  }
}

// -----

// No instruction of short reach, no pointer: all of it may lie anywhere.
// CHECK: pdk.program @none {{.*}}near_bytes = 0 : i64, {{.*}}static_bytes = 1 : i64
pdk.program @none for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @none_infer exported {
    pdk.clear_m %x[0]
    pdk.mov_a_m %x[0]
    pdk.ret
  }
}

// -----

// Of three bytes the last one is named: all are in the lower part.
// CHECK: pdk.program @whole {{.*}}near_bytes = 3 : i64, {{.*}}static_bytes = 3 : i64
pdk.program @whole for "pms150c" {
  %x = pdk.cells "x" size 3
  pdk.routine @whole_infer exported {
    pdk.clear_m %x[2]
    pdk.set1_mbit %x[2], 3
    pdk.mov_a_m %x[2]
    pdk.ret
  }
}
