// The arrays that C sees, in the assembly, the map and the header: inputs and
// outputs lie in the module's blocks of cells.
// RUN: pdkc %s --name=net --input=buffer --mcu=pfs154 -o %t.asm
// RUN: FileCheck %s --input-file=%t.asm
// RUN: FileCheck %s --input-file=%t.h --check-prefix=HEADER
// RUN: pdkc %s --name=net --input=buffer --mcu=pfs154 --emit=module -o %t.ihx
// RUN: FileCheck %s --input-file=%t.map --check-prefix=MAP
// RUN: pdkc %s --name=net --input=stream --mcu=pfs154 -o %t.asm
// RUN: FileCheck %s --input-file=%t.asm --check-prefix=STREAM
// RUN: FileCheck %s --input-file=%t.h --check-prefix=STREAM-HEADER

// CHECK: .globl _net_infer
// CHECK-NOT: _net_next_input
// CHECK: .area DATA
// CHECK: Lcells:
// CHECK-DAG: {{^}}_net_input::
// CHECK-DAG: {{^}}_net_output::
// CHECK: .area OSEG
// CHECK: _net_infer:

// MAP: DATA
// MAP-DAG: {{^ +000000[0-9A-F]+  }}_net_input
// MAP-DAG: {{^ +000000[0-9A-F]+  }}_net_output
// MAP: CODE
// MAP: _net_infer
// MAP-NOT: next_input

// -1009 needs two bytes.
// HEADER: #define NET_INPUTS 3
// HEADER: extern int8_t net_input[3];
// HEADER-NOT: next_input
// HEADER: #define NET_OUTPUTS 2
// HEADER: #define NET_OUTPUT_SCALE (0.5)
// HEADER: #define NET_OUTPUT_OFFSETS {1, 2}
// HEADER: extern int16_t net_output[2];

// STREAM: .globl _net_next_input
// STREAM-NOT: _net_input
// STREAM: {{^}}_net_output::
// STREAM-NOT: _net_input
// STREAM-HEADER-NOT: net_input
// STREAM-HEADER: uint8_t net_next_input(void);
// STREAM-HEADER: extern int16_t net_output[2];
func.func @model(%0: tensor<3x!lowbit.int<-4, 3>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-1009, 10>>
    {lowbit.scale = array<f64: 0.5>, lowbit.offset = array<f64: 1.0, 2.0>}) {
  %1 = lowbit.dense %0 weights dense<[[1, 0, 1], [0, 1, 0]]> : tensor<2x3xi8> of [-1, 1] bias [-998, -1] : tensor<3x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-1009, 10>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-1009, 10>> -> tensor<1x!lowbit.int<0, 1>>
  return %2, %1 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-1009, 10>>
}
