// A program without a routine, or with one that has no instruction, has no
// entry: an error that says so.
// RUN: split-file %s %t
// RUN: not pdkc-opt %t/none.mlir --pdk-allocate 2>&1 | FileCheck %s
// RUN: not pdkc-opt %t/empty.mlir --pdk-allocate 2>&1 | FileCheck %s
// CHECK: error:
// CHECK-NOT: Stack dump

//--- none.mlir
pdk.program @p for "pms150c" {
  pdk.external @outside
}
//--- empty.mlir
pdk.program @p for "pms150c" {
  pdk.routine @r exported {
  }
}
