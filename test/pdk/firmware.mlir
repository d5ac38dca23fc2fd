// What stands around a module that is a program of its own: from reset to the
// answer, the serial port, and how long the module takes between inputs.
// RUN: pdkc-opt %s -split-input-file --pdk-firmware | FileCheck %s
// RUN: pdkc-opt %s -split-input-file \
// RUN:     --pdk-firmware="baud=125000 clock=2000000 tx=PA.3 rx=PA.6 vdd=5000" \
// RUN:   | FileCheck %s --check-prefix=PINS
// RUN: pdkc-opt %s -split-input-file --pdk-firmware --pdk-allocate \
// RUN:   | FileCheck %s --check-prefix=PLACED

// From an input to the next: dzsn 1 and goto 2. From an answer to a sample:
// goto 2, call 2, and the two movs.
// CHECK-LABEL: pdk.program @model for "pms150c"
// CHECK-SAME: serial = {after_answer = 6 : i64, baud = 9600 : i64, between_inputs = 3 : i64, byte_gap = 0 : i64, clock = 8000000 : i64, highest_rate = 250000 : i64, pause = 0 : i64, rx = "PA.0", tx = "PA.7"}
// CHECK: %[[STACK:.*]] = pdk.cells "stack" size 2 align 2 stack
// CHECK: pdk.routine @firmware.start
// CHECK-NEXT: pdk.nop
// IHRC/2, watchdog off
// CHECK-NEXT: pdk.mov_a_k 52
// CHECK-NEXT: pdk.mov_io_a 3
// R, C, IHRC, 0x007A1200 Hz, 0x0FA0 mV, IHRCR
// CHECK-NEXT: pdk.and_a_k 82
// CHECK-NEXT: pdk.and_a_k 67
// CHECK-NEXT: pdk.and_a_k 1
// CHECK-NEXT: pdk.and_a_k 0
// CHECK-NEXT: pdk.and_a_k 18
// CHECK-NEXT: pdk.and_a_k 122
// CHECK-NEXT: pdk.and_a_k 0
// CHECK-NEXT: pdk.and_a_k 160
// CHECK-NEXT: pdk.and_a_k 15
// CHECK-NEXT: pdk.and_a_k 11
// High before it is an output; PADIER and PAPH of the other
// CHECK-NEXT: pdk.mov_a_k 128
// CHECK-NEXT: pdk.mov_io_a 16
// CHECK-NEXT: pdk.mov_io_a 17
// CHECK-NEXT: pdk.mov_a_k 1
// CHECK-NEXT: pdk.mov_io_a 13
// CHECK-NEXT: pdk.mov_io_a 18
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[STACK]]
// CHECK-NEXT: pdk.mov_io_a 2
// CHECK-NEXT: pdk.label @firmware.main
// CHECK-NEXT: pdk.call_k @model_infer
// CHECK-NEXT: pdk.call_k @firmware.send
// CHECK-NEXT: pdk.goto_k @firmware.main
// CHECK: pdk.routine @model_infer
// CHECK: pdk.routine @firmware.send
// CHECK: pdk.set0_iobit 16, 7
// CHECK: pdk.mov_a_k 128
// CHECK-NEXT: pdk.subc_a
// CHECK-NEXT: pdk.mov_io_a 16
// CHECK: pdk.routine @model_next_input
// CHECK: pdk.t1sn_iobit 16, 0
// CHECK: pdk.t0sn_iobit 16, 0
// CHECK-NOT: pdk.external

// A bit is 16 cycles: 7 in the loops, call and return 4, so 5 remain.
// PINS-LABEL: pdk.program @model for "pms150c"
// IHRC/8
// PINS: pdk.mov_a_k 60
// PINS-NEXT: pdk.mov_io_a 3
// 0x001E8480 Hz, 0x1388 mV
// PINS: pdk.and_a_k 1
// PINS-NEXT: pdk.and_a_k 128
// PINS-NEXT: pdk.and_a_k 132
// PINS-NEXT: pdk.and_a_k 30
// PINS-NEXT: pdk.and_a_k 0
// PINS-NEXT: pdk.and_a_k 136
// PINS-NEXT: pdk.and_a_k 19
// PINS: pdk.mov_a_k 8
// PINS-NEXT: pdk.mov_io_a 16
// PINS-NEXT: pdk.mov_io_a 17
// PINS-NEXT: pdk.mov_a_k 64
// PINS-NEXT: pdk.mov_io_a 13
// PINS-NEXT: pdk.mov_io_a 18
// PINS: pdk.routine @firmware.send
// PINS-NEXT: pdk.mov_m_a
// PINS-NEXT: pdk.call_k @firmware.wait
// PINS-NEXT: pdk.set0_iobit 16, 3
// PINS: pdk.mov_a_k 8
// PINS-NEXT: pdk.subc_a
// PINS: pdk.routine @firmware.wait
// PINS-NEXT: pdk.goto_k @[[NEXT:.*]]
// PINS-NEXT: pdk.label @[[NEXT]]
// PINS-NEXT: pdk.goto_k @[[LAST:.*]]
// PINS-NEXT: pdk.label @[[LAST]]
// PINS-NEXT: pdk.nop
// PINS-NEXT: pdk.ret
// PINS: pdk.t1sn_iobit 16, 6

// Without p the cells begin at 0; the stack is above them: infer, next_input,
// wait.
// PLACED-LABEL: pdk.program @model for "pms150c"
// PLACED-SAME: stack_bytes = 6
// PLACED: pdk.cells "x" size 1 at 0
// PLACED: pdk.cells "stack" size 6 align 2 at {{[24]}} stack
pdk.program @model for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @model_infer exported {
    pdk.mov_a_k 3
    pdk.mov_m_a %x[0]
    pdk.label @again trips 3
    pdk.call_k @model_next_input
    pdk.dzsn_m %x[0]
    pdk.goto_k @again
    pdk.ret
  }
  pdk.external @model_next_input
}

// -----

// Between inputs: call 2, mov 1, and 9 turns of 3 with a last one of 2 (the
// dzsn that skips), ret 2; the loop is taken 4 times in the second call, which
// says so: 2, 1, 3 turns of 3, 2 and 2. Then dzsn and goto: 3.
// CHECK-LABEL: pdk.program @model for "pms150c"
// CHECK-SAME: between_inputs = 53 : i64
pdk.program @model for "pms150c" {
  %x = pdk.cells "x" size 1
  pdk.routine @model_infer exported {
    pdk.mov_a_k 3
    pdk.mov_m_a %x[0]
    pdk.label @again trips 3
    pdk.call_k @model_next_input
    pdk.call_k @wait
    pdk.call_k @wait {trips = 4 : i64}
    pdk.dzsn_m %x[0]
    pdk.goto_k @again
    pdk.ret
  }
  pdk.routine @wait {
    pdk.mov_a_k 10
    pdk.label @turn trips 10
    pdk.dzsn_a
    pdk.goto_k @turn
    pdk.ret
  }
  pdk.external @model_next_input
}

// -----

// A loop in a loop. Movs 2; the inner loop with its mov 1 + 2 * 3 + 2 = 9; the
// outer one 3 * (9 + 3) + 9 + 2 = 47. A table: call 2, pcadd 2, ret 2. Goto 2.
// CHECK-LABEL: pdk.program @model for "pms150c"
// CHECK-SAME: between_inputs = 57 : i64
pdk.program @model for "pms150c" {
  %x = pdk.cells "x" size 1
  %y = pdk.cells "y" size 1
  pdk.routine @model_infer exported {
    pdk.label @again
    pdk.call_k @model_next_input
    pdk.mov_a_k 4
    pdk.mov_m_a %y[0]
    pdk.label @outer trips 4
    pdk.mov_a_k 3
    pdk.label @inner trips 3
    pdk.dzsn_a
    pdk.goto_k @inner
    pdk.dzsn_m %y[0]
    pdk.goto_k @outer
    pdk.call_k @values
    pdk.goto_k @again
  }
  pdk.table @values [1, 2]
  pdk.external @model_next_input
}

// -----

// Cells that are the model's outputs follow the class, byte by byte.
// CHECK-LABEL: pdk.program @model for "pms150c"
// CHECK: pdk.clear_m %[[P:.*]][1]
// CHECK: pdk.call_k @firmware.send
// CHECK-NEXT: pdk.mov_a_k 0 plus %[[OUTPUT:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK-NEXT: pdk.label @[[LOOP:.*]] trips 2
// CHECK: pdk.idxm_a_m %[[P]][0] into %[[OUTPUT]]
// CHECK-NEXT: pdk.call_k @firmware.send
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[P]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[OUTPUT]]
// CHECK-NEXT: pdk.goto_k @[[LOOP]]
// CHECK-NEXT: pdk.goto_k @firmware.main
pdk.program @model for "pms150c" {
  %o = pdk.cells "output" size 2 exported
  pdk.routine @model_infer exported {
    pdk.call_k @model_next_input
    pdk.mov_m_a %o[0]
    pdk.call_k @model_next_input
    pdk.mov_m_a %o[1]
    pdk.ret
  }
  pdk.external @model_next_input
}
