// A whole program with parts of cells, run on the chip: three inputs arrive in
// "x"; "tail", its last two bytes, is walked by a pointer, each byte doubled in
// place; "last" is the last of these. The class is x[0] + tail[0] + 4 * last:
// 1 + 2 * 2 + 4 * 2 * 3 = 29 and 5 + 2 * 7 + 4 * 2 * 11 = 107.
// RUN: pdkc %s --emit=module -o %t.ihx
// RUN: printf '\001\002\003\005\007\013' > %t.samples
// RUN: printf '\035\153' > %t.expected
// RUN: pdk-sim %t.ihx --inputs=3 --samples=%t.samples --expected=%t.expected | FileCheck %s --check-prefix=SIM
// RUN: pdkc %s -o %t.asm
// RUN: FileCheck %s --input-file=%t.asm
// SIM: expected 2 equal, 0 not
// SIM: violations 0

// The assembly names the parts; x lies at RAM 2, the module's first byte;
// none of its bytes has to lie low.
// CHECK: mov a,Lfar+2{{.*}}; last{{$}}
// CHECK: add a,Lfar+0{{.*}}; x[0]
// CHECK: add a,Lfar+1{{.*}}; tail[0]
pdk.program @model for "pms150c" {
  %p = pdk.cells "p" size 2 align 2 at 0
  %x = pdk.cells "x" size 3
  %tail = pdk.part "tail" of %x[1] size 2
  %last = pdk.part "last" of %tail[1] size 1
  %y = pdk.cells "y" size 1
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.mov_m_a %x[0]
    pdk.call_k @model_next_input
    pdk.mov_m_a %x[1]
    pdk.call_k @model_next_input
    pdk.mov_m_a %x[2]
    pdk.mov_a_k 0 plus %tail
    pdk.mov_m_a %p[0]
    pdk.label @double trips 2
    pdk.idxm_a_m %p[0] into %tail
    pdk.sl_a
    pdk.idxm_m_a %p[0] into %tail
    pdk.inc_m %p[0]
    pdk.mov_a_m %p[0]
    pdk.ceqsn_a_k 2 plus %tail
    pdk.goto_k @double
    pdk.mov_a_m %last[0]
    pdk.sl_a
    pdk.sl_a
    pdk.mov_m_a %y[0]
    pdk.add_a_m %x[0]
    pdk.add_a_m %tail[0]
    pdk.ret
  }
  pdk.external @model_next_input
}
