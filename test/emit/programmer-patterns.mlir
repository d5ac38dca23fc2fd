// Words that easypdkprog would take for patterns of its own are refused: a table
// that spells FPSERIAL, six and more `and a,#k` on end. Those of the firmware's
// calibration are meant; one letter or one word less is none.
// RUN: split-file %s %t
// RUN: not pdkc %t/serial.mlir -o %t/x.asm 2>&1 | FileCheck %s --check-prefix=SERIAL
// RUN: not pdkc %t/serial.mlir -o %t/x.ihx 2>&1 | FileCheck %s --check-prefix=SERIAL
// SERIAL: error: {{.*}}the words `ret #k` at word {{[0-9]+}} spell FPSERIAL, which easypdkprog replaces by a serial number
// RUN: not pdkc %t/ands.mlir -o %t/x.asm 2>&1 | FileCheck %s --check-prefix=ANDS
// RUN: not pdkc %t/ands.mlir --emit=module -o %t/x.ihx 2>&1 | FileCheck %s --check-prefix=ANDS
// RUN: not pdkc %t/ands.mlir -o %t/x.ihx 2>&1 | FileCheck %s --check-prefix=ANDS
// ANDS: error: {{.*}}6 words `and a,#k` on end, at word {{[0-9]+}}, are what easypdkprog takes for a calibration
// RUN: not pdkc %t/data.mlir -o %t/x.ihx 2>&1 | FileCheck %s --check-prefix=ANDS
// RUN: not pdkc %t/serial_data.mlir -o %t/x.ihx 2>&1 | FileCheck %s --check-prefix=SERIAL
// RUN: pdkc %t/fine.mlir -o %t/x.asm
// RUN: pdkc %t/fine.mlir -o %t/x.ihx

//--- serial.mlir
pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.goto_k @letters
  }
  pdk.external @model_next_input
  // F F P S E R I A L
  pdk.table @letters [1, 70, 70, 80, 83, 69, 82, 73, 65, 76, 2]
}

//--- ands.mlir
pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.and_a_k 1
    pdk.and_a_k 2
    pdk.and_a_k 3
    pdk.and_a_k 4
    pdk.and_a_k 5
    pdk.and_a_k 6
    pdk.ret
  }
  pdk.external @model_next_input
}

//--- data.mlir
// `and a,#k` is 0x5400 + k on the PDK15.
pdk.program @model for "pfs173" {
  pdk.routine @model_infer exported {
    pdk.ret
  }
  pdk.words @data [5, 21505, 21506, 21507, 21508, 21509, 21510]
}

//--- serial_data.mlir
// `ret #k` is 0x0200 + k.
pdk.program @model for "pfs173" {
  pdk.routine @model_infer exported {
    pdk.ret
  }
  pdk.words @data [582, 592, 595, 581, 594, 585, 577, 588]
}

//--- fine.mlir
pdk.program @model for "pms150c" {
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.and_a_k 1
    pdk.and_a_k 2
    pdk.and_a_k 3
    pdk.and_a_k 4
    pdk.and_a_k 5
    pdk.nop
    pdk.and_a_k 6
    pdk.goto_k @letters
  }
  pdk.external @model_next_input
  pdk.table @letters [70, 80, 83, 69, 82, 73, 65, 65, 76, 70, 80, 83, 69, 82, 73, 65]
}
