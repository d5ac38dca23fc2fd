// The module that a tiny model becomes: assembly and C header.
// RUN: pdkc %s --name=net -o %t.asm
// RUN: FileCheck %s --input-file=%t.asm
// RUN: FileCheck %s --input-file=%t.h --check-prefix=HEADER

// CHECK: ; Module net for the pms150c, made by pdkc.
// CHECK: .module net
// CHECK: .optsdcc -mpdk13
// CHECK: .globl _net_infer
// CHECK: Lp = 0x00
// CHECK: .area DATA
// CHECK: .area CELLS
// CHECK: .area OSEG
// CHECK: .area GUARD (ABS,OVR)
// CHECK: .area CODE
// CHECK: _net_infer:
// CHECK: call _{{model|net}}_next_input
// CHECK: ret

// HEADER: /* Module net for the pms150c, made by pdkc. */
// HEADER: #ifndef NET_H
// HEADER-DAG: #define NET_WORDS {{[1-9][0-9]*$}}
// HEADER-DAG: #define NET_RAM {{[1-9][0-9]*$}}
// HEADER-DAG: #define NET_STACK 4
// HEADER-DAG: #define NET_INPUTS 2
// HEADER-DAG: #define NET_INPUT_MIN (-4)
// HEADER-DAG: #define NET_INPUT_MAX 3
// HEADER-DAG: #define NET_CLASSES 2
// HEADER: uint8_t net_infer(void);
// HEADER: uint8_t {{model|net}}_next_input(void);
// HEADER: #endif
func.func @model(%0: tensor<2x!lowbit.int<-4, 3>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[1, 0], [0, 1]]> : tensor<2x2xi8> of [-1, 1] bias [0, 1] : tensor<2x!lowbit.int<-4, 3>> -> tensor<2x!lowbit.int<-7, 8>>
  %2 = lowbit.argmax %1 : tensor<2x!lowbit.int<-7, 8>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
