// Data as whole code words, and the immediates that are bytes of its address.
// RUN: pdkc %s --emit=asm -o - | FileCheck %s
// RUN: pdkc-opt %s | pdkc-opt | FileCheck %s --check-prefix=ROUND

// ROUND: pdk.mov_a_k 1 of @data
// ROUND: pdk.words @data [0, 4660, 32767]
// CHECK: mov a,#>([[DATA:L[0-9]+]])
// CHECK: mov a,#<([[DATA]])
// CHECK: [[DATA]]:
// CHECK-NEXT: .dw 0
// CHECK-NEXT: .dw 4660
// CHECK-NEXT: .dw 32767
pdk.program @p for "pfs173" {
  %at = pdk.cells "at" size 2
  pdk.routine @p_infer exported {
    pdk.mov_a_k 1 of @data
    pdk.mov_m_a %at[1]
    pdk.mov_a_k 0 of @data
    pdk.mov_m_a %at[0]
    pdk.ldtabl_m %at[0]
    pdk.ret
  }
  pdk.words @data [0, 4660, 32767]
}
