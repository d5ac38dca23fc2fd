// --lowbit-rebase-inputs where a type is wider than the clamp: the clip
// stays. 5 to 10 within 2 to 15 is 3 to 8 once the inputs count from 0, and not
// 0 to 13.
// RUN: pdkc-opt %s --lowbit-rebase-inputs --lowbit-narrow-ranges | FileCheck %s

// CHECK-LABEL: func.func @wider
// Either the inputs are less 2, or less 5 as the range that is proven has it.
// CHECK: lowbit.requant %{{.*}} plus {{-2 clamp 3 to 8|-5 clamp 0 to 5}}
// CHECK-NEXT: lowbit.dense
func.func @wider(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<4, 30>> {
  %1 = lowbit.requant %0 clamp 5 to 10 : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<2, 15>>
  %2 = lowbit.dense %1 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] : tensor<2x!lowbit.int<2, 15>> -> tensor<1x!lowbit.int<4, 30>>
  return %2 : tensor<1x!lowbit.int<4, 30>>
}
