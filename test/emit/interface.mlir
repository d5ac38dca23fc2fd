// What C sees of a model of two inputs, one of them of more than a byte, and of
// outputs that each have their array.
// RUN: pdkc %s -o %t.h --name=net --mcu=pfs154 --input=stream
// RUN: FileCheck %s < %t.h
// RUN: pdkc %s -o %t.buffer.h --name=net --mcu=pfs154 --input=buffer
// RUN: FileCheck %s --check-prefix=BUFFER < %t.buffer.h
// RUN: pdkc %s -o %t.asm --name=net --mcu=pfs154 --input=stream
// RUN: FileCheck %s --check-prefix=ASM < %t.asm

// CHECK: /* Inputs, one after the other, integers of 16 bits; the network's value is (input -
// CHECK: #define NET_INPUTS 3
// CHECK: /* 2 of 'left/right', -300 to 300, the first is input 0. */
// CHECK-NEXT: #define NET_INPUT_LEFT_RIGHT_FIRST 0
// CHECK-NEXT: #define NET_INPUT_LEFT_RIGHT_COUNT 2
// CHECK-NEXT: #define NET_INPUT_LEFT_RIGHT_MIN (-300)
// CHECK-NEXT: #define NET_INPUT_LEFT_RIGHT_MAX 300
// CHECK-NEXT: #define NET_INPUT_LEFT_RIGHT_SCALE (1.0 * 1/4)
// CHECK: /* 1 of 'b', 0 to 7, the first is input 2. */
// CHECK-NEXT: #define NET_INPUT_B_FIRST 2
// CHECK: {{^}}uint16_t net_next_input(void);
// CHECK: /* Of the last inference, 0 to 3: output 'y'.
// CHECK-NEXT: Each is worth integer * scale + offset. */
// CHECK-NEXT: #define NET_OUTPUTS 2
// CHECK-NEXT: #define NET_OUTPUT_SCALE (0.5)
// CHECK-NEXT: #define NET_OUTPUT_OFFSET (0)
// CHECK-NEXT: extern uint8_t net_output[2];
// CHECK: #define NET_OUTPUTS_FORCE 1
// CHECK-NEXT: #define NET_OUTPUT_FORCE_SCALE (1)
// CHECK-NEXT: #define NET_OUTPUT_FORCE_OFFSET (-1)
// CHECK-NEXT: extern uint16_t net_output_force[1];

// BUFFER: extern int16_t net_input[3];

// The high byte of an input is returned in p.
// ASM: call _net_next_input
// ASM-NEXT: mov
// ASM-NEXT: mov a,Lp+0
func.func @model(%0: tensor<2x!lowbit.int<-300, 300>> {lowbit.name = "left/right", lowbit.scale = "1/4"}, %1: tensor<1x!lowbit.int<0, 7>> {lowbit.name = "b"})
    -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 3>> {lowbit.name = "y", lowbit.meaning = "output 'y'", lowbit.symbol = "output", lowbit.scale = array<f64: 0.5>},
        tensor<1x!lowbit.int<0, 700>> {lowbit.name = "force", lowbit.symbol = "output_force", lowbit.offset = array<f64: -1.0>}) {
  %2 = lowbit.steps %0 starts [-300, -99, 0, 100] values [0, 1, 2, 3] sizes [4] : tensor<2x!lowbit.int<-300, 300>> -> tensor<2x!lowbit.int<0, 3>>
  %3 = lowbit.dense %1 weights dense<0> : tensor<1x1xi8> of [100] bias [0] : tensor<1x!lowbit.int<0, 7>> -> tensor<1x!lowbit.int<0, 700>>
  %4 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return %4, %2, %3 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<0, 3>>, tensor<1x!lowbit.int<0, 700>>
}
