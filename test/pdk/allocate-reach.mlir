// The instruction set's operand classes bound where cells lie. PDK13 tests bits
// of RAM 0 to 15, of which 0 and 1 are p: 14 bytes that are live together have
// a place, a 15th has not. PDK14 tests 0 to 63.
// RUN: split-file %s %t
// RUN: pdkc-opt %t/14.mlir --pdk-allocate | FileCheck %s
// RUN: not pdkc-opt %t/15.mlir --pdk-allocate 2>&1 | FileCheck %s --check-prefix=REACH
// RUN: sed s/pms150c/pfs154/ %t/15.mlir | pdkc-opt --pdk-allocate | FileCheck %s --check-prefix=PDK14

// CHECK: static_bytes = 14
// REACH: error: does not fit the RAM within reach on the pms150c: needs 17 bytes up to the end of cells "y", has 16; use fewer or narrower neurons, or a larger device
// REACH: note: 14 bytes in cells "x"
// PDK14: static_bytes = 15

//--- 14.mlir
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 14
  pdk.routine @r exported {
    pdk.undef %x
    pdk.clear_m %x[0]
    pdk.clear_m %x[13]
    pdk.t0sn_mbit %x[13], 0
    pdk.mov_a_m %x[0]
    pdk.mov_a_m %x[13]
    pdk.ret
  }
}
//--- 15.mlir
pdk.program @p for "pms150c" {
  %x = pdk.cells "x" size 14
  %y = pdk.cells "y" size 1
  pdk.routine @r exported {
    pdk.undef %x
    pdk.clear_m %x[0]
    pdk.clear_m %x[1]
    pdk.clear_m %x[2]
    pdk.clear_m %x[3]
    pdk.clear_m %x[4]
    pdk.clear_m %x[5]
    pdk.clear_m %x[6]
    pdk.clear_m %x[7]
    pdk.clear_m %x[8]
    pdk.clear_m %x[9]
    pdk.clear_m %x[10]
    pdk.clear_m %x[11]
    pdk.clear_m %x[12]
    pdk.clear_m %x[13]
    pdk.clear_m %y[0]
    pdk.t0sn_mbit %x[13], 0
    pdk.t0sn_mbit %y[0], 0
    pdk.add_a_m %x[0]
    pdk.add_a_m %x[1]
    pdk.add_a_m %x[2]
    pdk.add_a_m %x[3]
    pdk.add_a_m %x[4]
    pdk.add_a_m %x[5]
    pdk.add_a_m %x[6]
    pdk.add_a_m %x[7]
    pdk.add_a_m %x[8]
    pdk.add_a_m %x[9]
    pdk.add_a_m %x[10]
    pdk.add_a_m %x[11]
    pdk.add_a_m %x[12]
    pdk.add_a_m %x[13]
    pdk.mov_a_m %y[0]
    pdk.ret
  }
}
