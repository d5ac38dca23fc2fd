// The planned method is the cheapest of those that the operation may have, by a
// price that whole programs have, and the remark says that none is cheaper.
// RUN: pdkc-opt %s -lowbit-plan="level=s remarks" 2>&1 | FileCheck %s
// RUN: pdkc-opt %s -lowbit-plan="level=s remarks" -pdkc-lower -pdkc-place 2>&1 | FileCheck %s --check-prefix=CODE
// RUN: not pdkc-opt %s -lowbit-plan=reserve-words=-1 2>&1 | FileCheck %s --check-prefix=WORDS
// RUN: not pdkc-opt %s -lowbit-plan=reserve-ram=-1 2>&1 | FileCheck %s --check-prefix=RAM
// RUN: not pdkc-opt %s -lowbit-plan=verify=-1 2>&1 | FileCheck %s --check-prefix=VERIFY

// CHECK: remark: planned: [[LEAST:[0-9.]+]] words; no plan has less than [[LEAST]] (gap 0.0 %;
// CHECK: lowbit.argmax %{{.*}} {method = "unrolled"}

// Every operation but the label is a word.
// CODE: remark: planned: 9.0 words
// CODE: pdk.routine @model_infer exported
// CODE-COUNT-8: {{pdk\.[a-z0-9]+_}}
// CODE-NOT: {{pdk\.[a-z0-9]+_}}
// CODE: pdk.ret

// WORDS: error: reserve-words takes no negative number, such as -1
// RAM: error: reserve-ram takes no negative number, such as -1
// VERIFY: error: verify takes no negative number, such as -1
func.func @model(%0: tensor<2x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return %1 : tensor<1x!lowbit.int<0, 1>>
}
