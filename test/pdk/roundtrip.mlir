// Every operation of the pdk dialect prints as it is parsed: one a row of the
// instruction table, and the structure around them.
// RUN: pdkc-opt %s | FileCheck %s
// RUN: pdkc-opt %s | pdkc-opt | FileCheck %s
// RUN: pdkc-opt %s --mlir-print-op-generic | pdkc-opt | FileCheck %s

// CHECK-LABEL: pdk.program @model for "pms150c" {
pdk.program @model for "pms150c" {
  // CHECK-NEXT: %[[P:.*]] = pdk.cells "p" size 2 align 2 at 0
  %p = pdk.cells "p" size 2 align 2 at 0
  // CHECK-NEXT: %[[M:.*]] = pdk.cells "m" size 2{{$}}
  %m = pdk.cells "m" size 2
  // CHECK-NEXT: %[[Q:.*]] = pdk.cells "q" size 2 align 2{{$}}
  %q = pdk.cells "q" size 2 align 2
  // CHECK-NEXT: pdk.cells "act" size 1 within %[[M]] exported
  %act = pdk.cells "act" size 1 within %m exported
  // CHECK-NEXT: %[[HIGH:.*]] = pdk.part "high" of %[[M]][1] size 1{{$}}
  %high = pdk.part "high" of %m[1] size 1
  // CHECK-NEXT: pdk.routine @model_infer exported {
  pdk.routine @model_infer exported {
    // CHECK-NEXT: pdk.undef %[[M]]
    pdk.undef %m
    // CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[M]]
    pdk.idxm_a_m %p[0] into %m
    // CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[M]] range [0, 2]{{$}}
    pdk.idxm_a_m %p[0] into %m range [0, 2]
    // CHECK-NEXT: pdk.mov_a_m %[[HIGH]][0]{{$}}
    pdk.mov_a_m %high[0]
    // CHECK-NEXT: pdk.mov_a_k 2 plus %[[M]]
    pdk.mov_a_k 2 plus %m
    // CHECK-NEXT: pdk.call_k @weights
    pdk.call_k @weights
    // CHECK-NEXT: pdk.call_k @model_next_input
    pdk.call_k @model_next_input
    // CHECK-NEXT: pdk.goto_k @again
    pdk.goto_k @again
    // CHECK-NEXT: }
  }
  // CHECK-NEXT: pdk.routine @every {
  pdk.routine @every {
    // CHECK-NEXT: pdk.label @again
    pdk.label @again
    // CHECK-NEXT: pdk.nop{{$}}
    pdk.nop
    // CHECK-NEXT: pdk.ldsptl{{$}}
    pdk.ldsptl
    // CHECK-NEXT: pdk.ldspth{{$}}
    pdk.ldspth
    // CHECK-NEXT: pdk.addc_a{{$}}
    pdk.addc_a
    // CHECK-NEXT: pdk.subc_a{{$}}
    pdk.subc_a
    // CHECK-NEXT: pdk.izsn_a{{$}}
    pdk.izsn_a
    // CHECK-NEXT: pdk.dzsn_a{{$}}
    pdk.dzsn_a
    // CHECK-NEXT: pdk.pcadd_a{{$}}
    pdk.pcadd_a
    // CHECK-NEXT: pdk.not_a{{$}}
    pdk.not_a
    // CHECK-NEXT: pdk.neg_a{{$}}
    pdk.neg_a
    // CHECK-NEXT: pdk.sr_a{{$}}
    pdk.sr_a
    // CHECK-NEXT: pdk.sl_a{{$}}
    pdk.sl_a
    // CHECK-NEXT: pdk.src_a{{$}}
    pdk.src_a
    // CHECK-NEXT: pdk.slc_a{{$}}
    pdk.slc_a
    // CHECK-NEXT: pdk.swap_a{{$}}
    pdk.swap_a
    // CHECK-NEXT: pdk.wdreset{{$}}
    pdk.wdreset
    // CHECK-NEXT: pdk.pushaf{{$}}
    pdk.pushaf
    // CHECK-NEXT: pdk.popaf{{$}}
    pdk.popaf
    // CHECK-NEXT: pdk.reset{{$}}
    pdk.reset
    // CHECK-NEXT: pdk.stopsys{{$}}
    pdk.stopsys
    // CHECK-NEXT: pdk.stopexe{{$}}
    pdk.stopexe
    // CHECK-NEXT: pdk.engint{{$}}
    pdk.engint
    // CHECK-NEXT: pdk.disgint{{$}}
    pdk.disgint
    // CHECK-NEXT: pdk.ret{{$}}
    pdk.ret
    // CHECK-NEXT: pdk.reti{{$}}
    pdk.reti
    // CHECK-NEXT: pdk.xor_io_a 2{{$}}
    pdk.xor_io_a 2
    // CHECK-NEXT: pdk.mov_io_a 2{{$}}
    pdk.mov_io_a 2
    // CHECK-NEXT: pdk.mov_a_io 2{{$}}
    pdk.mov_a_io 2
    // CHECK-NEXT: pdk.stt16_m %[[Q]][0]{{$}}
    pdk.stt16_m %q[0]
    // CHECK-NEXT: pdk.ldt16_m %[[Q]][0]{{$}}
    pdk.ldt16_m %q[0]
    // CHECK-NEXT: pdk.idxm_m_a %[[Q]][0]{{$}}
    pdk.idxm_m_a %q[0]
    // CHECK-NEXT: pdk.idxm_a_m %[[Q]][0]{{$}}
    pdk.idxm_a_m %q[0]
    // CHECK-NEXT: pdk.ret_k 255{{$}}
    pdk.ret_k 255
    // CHECK-NEXT: pdk.t0sn_mbit %[[M]][0], 7{{$}}
    pdk.t0sn_mbit %m[0], 7
    // CHECK-NEXT: pdk.t1sn_mbit %[[M]][0], 7{{$}}
    pdk.t1sn_mbit %m[0], 7
    // CHECK-NEXT: pdk.set0_mbit %[[M]][0], 7{{$}}
    pdk.set0_mbit %m[0], 7
    // CHECK-NEXT: pdk.set1_mbit %[[M]][0], 7{{$}}
    pdk.set1_mbit %m[0], 7
    // CHECK-NEXT: pdk.add_m_a %[[M]][1]{{$}}
    pdk.add_m_a %m[1]
    // CHECK-NEXT: pdk.sub_m_a %[[M]][1]{{$}}
    pdk.sub_m_a %m[1]
    // CHECK-NEXT: pdk.addc_m_a %[[M]][1]{{$}}
    pdk.addc_m_a %m[1]
    // CHECK-NEXT: pdk.subc_m_a %[[M]][1]{{$}}
    pdk.subc_m_a %m[1]
    // CHECK-NEXT: pdk.and_m_a %[[M]][1]{{$}}
    pdk.and_m_a %m[1]
    // CHECK-NEXT: pdk.or_m_a %[[M]][1]{{$}}
    pdk.or_m_a %m[1]
    // CHECK-NEXT: pdk.xor_m_a %[[M]][1]{{$}}
    pdk.xor_m_a %m[1]
    // CHECK-NEXT: pdk.mov_m_a %[[M]][1]{{$}}
    pdk.mov_m_a %m[1]
    // CHECK-NEXT: pdk.add_a_m %[[M]][1]{{$}}
    pdk.add_a_m %m[1]
    // CHECK-NEXT: pdk.sub_a_m %[[M]][1]{{$}}
    pdk.sub_a_m %m[1]
    // CHECK-NEXT: pdk.addc_a_m %[[M]][1]{{$}}
    pdk.addc_a_m %m[1]
    // CHECK-NEXT: pdk.subc_a_m %[[M]][1]{{$}}
    pdk.subc_a_m %m[1]
    // CHECK-NEXT: pdk.and_a_m %[[M]][1]{{$}}
    pdk.and_a_m %m[1]
    // CHECK-NEXT: pdk.or_a_m %[[M]][1]{{$}}
    pdk.or_a_m %m[1]
    // CHECK-NEXT: pdk.xor_a_m %[[M]][1]{{$}}
    pdk.xor_a_m %m[1]
    // CHECK-NEXT: pdk.mov_a_m %[[M]][1]{{$}}
    pdk.mov_a_m %m[1]
    // CHECK-NEXT: pdk.addc_m %[[M]][1]{{$}}
    pdk.addc_m %m[1]
    // CHECK-NEXT: pdk.subc_m %[[M]][1]{{$}}
    pdk.subc_m %m[1]
    // CHECK-NEXT: pdk.izsn_m %[[M]][1]{{$}}
    pdk.izsn_m %m[1]
    // CHECK-NEXT: pdk.dzsn_m %[[M]][1]{{$}}
    pdk.dzsn_m %m[1]
    // CHECK-NEXT: pdk.inc_m %[[M]][1]{{$}}
    pdk.inc_m %m[1]
    // CHECK-NEXT: pdk.dec_m %[[M]][1]{{$}}
    pdk.dec_m %m[1]
    // CHECK-NEXT: pdk.clear_m %[[M]][1]{{$}}
    pdk.clear_m %m[1]
    // CHECK-NEXT: pdk.xch_m %[[M]][1]{{$}}
    pdk.xch_m %m[1]
    // CHECK-NEXT: pdk.not_m %[[M]][1]{{$}}
    pdk.not_m %m[1]
    // CHECK-NEXT: pdk.neg_m %[[M]][1]{{$}}
    pdk.neg_m %m[1]
    // CHECK-NEXT: pdk.sr_m %[[M]][1]{{$}}
    pdk.sr_m %m[1]
    // CHECK-NEXT: pdk.sl_m %[[M]][1]{{$}}
    pdk.sl_m %m[1]
    // CHECK-NEXT: pdk.src_m %[[M]][1]{{$}}
    pdk.src_m %m[1]
    // CHECK-NEXT: pdk.slc_m %[[M]][1]{{$}}
    pdk.slc_m %m[1]
    // CHECK-NEXT: pdk.ceqsn_a_m %[[M]][1]{{$}}
    pdk.ceqsn_a_m %m[1]
    // CHECK-NEXT: pdk.t0sn_iobit 0, 1{{$}}
    pdk.t0sn_iobit 0, 1
    // CHECK-NEXT: pdk.t1sn_iobit 0, 1{{$}}
    pdk.t1sn_iobit 0, 1
    // CHECK-NEXT: pdk.set0_iobit 0, 1{{$}}
    pdk.set0_iobit 0, 1
    // CHECK-NEXT: pdk.set1_iobit 0, 1{{$}}
    pdk.set1_iobit 0, 1
    // CHECK-NEXT: pdk.add_a_k 255{{$}}
    pdk.add_a_k 255
    // CHECK-NEXT: pdk.sub_a_k 255{{$}}
    pdk.sub_a_k 255
    // CHECK-NEXT: pdk.ceqsn_a_k 255{{$}}
    pdk.ceqsn_a_k 255
    // CHECK-NEXT: pdk.and_a_k 255{{$}}
    pdk.and_a_k 255
    // CHECK-NEXT: pdk.or_a_k 255{{$}}
    pdk.or_a_k 255
    // CHECK-NEXT: pdk.xor_a_k 255{{$}}
    pdk.xor_a_k 255
    // CHECK-NEXT: pdk.mov_a_k 255{{$}}
    pdk.mov_a_k 255
    // CHECK-NEXT: pdk.goto_k @next{{$}}
    pdk.goto_k @next
    // CHECK-NEXT: pdk.call_k @next{{$}}
    pdk.call_k @next
    // CHECK-NEXT: pdk.mul{{$}}
    pdk.mul
    // CHECK-NEXT: pdk.swapc_iobit 0, 1{{$}}
    pdk.swapc_iobit 0, 1
    // CHECK-NEXT: pdk.comp_a_m %[[M]][1]{{$}}
    pdk.comp_a_m %m[1]
    // CHECK-NEXT: pdk.comp_m_a %[[M]][1]{{$}}
    pdk.comp_m_a %m[1]
    // CHECK-NEXT: pdk.nadd_a_m %[[M]][1]{{$}}
    pdk.nadd_a_m %m[1]
    // CHECK-NEXT: pdk.nadd_m_a %[[M]][1]{{$}}
    pdk.nadd_m_a %m[1]
    // CHECK-NEXT: pdk.cneqsn_a_m %[[M]][1]{{$}}
    pdk.cneqsn_a_m %m[1]
    // CHECK-NEXT: pdk.cneqsn_a_k 255{{$}}
    pdk.cneqsn_a_k 255
    // CHECK-NEXT: pdk.ldtabl_m %[[Q]][0]{{$}}
    pdk.ldtabl_m %q[0]
    // CHECK-NEXT: pdk.ldtabh_m %[[Q]][0]{{$}}
    pdk.ldtabh_m %q[0]
    // CHECK-NEXT: pdk.nmov_a_m %[[M]][1]{{$}}
    pdk.nmov_a_m %m[1]
    // CHECK-NEXT: pdk.nmov_m_a %[[M]][1]{{$}}
    pdk.nmov_m_a %m[1]
    // CHECK-NEXT: pdk.swap_m %[[M]][1]{{$}}
    pdk.swap_m %m[1]
    // CHECK-NEXT: pdk.label @next
    pdk.label @next
    pdk.ret
  }
  // CHECK: pdk.table @weights [0, 17, 255]
  pdk.table @weights [0, 17, 255]
  // CHECK-NEXT: pdk.external @model_next_input
  pdk.external @model_next_input
}
