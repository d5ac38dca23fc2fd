// A program of the pdk dialect is a model as well: what --emit=pdk wrote gives
// the same words. One without an exported routine is refused.
// RUN: pdkc %s --emit=pdk -o %t.mlir
// RUN: pdkc %t.mlir --emit=module -o %t1.ihx
// RUN: pdkc %s --emit=module -o %t2.ihx
// RUN: cmp %t1.ihx %t2.ihx
// RUN: sed 's/ exported//' %t.mlir > %t3.mlir
// RUN: not pdkc %t3.mlir -o %t3.ihx 2>&1 | FileCheck %s
// CHECK: error: {{.*}}exports no routine
func.func @model(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-1, 1] bias [0, 3] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-15, 18>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-15, 18>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
