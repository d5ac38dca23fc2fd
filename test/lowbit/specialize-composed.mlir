// The methods composed-...: a function and the one behind it as one, which is
// computed by the method named behind the dash.
// RUN: pdkc-opt %s --lowbit-specialize -split-input-file -verify-diagnostics | FileCheck %s

// 0 below 3, 1 from 3, 2 from 7 on; then 5, 5 and 9: the step at 3 goes. The
// second element's is half of the sum, which is 5 up to 3 and 9 from 4 on.
// CHECK-LABEL: func.func @steps
// CHECK-NEXT: %[[B:.*]] = lowbit.steps %arg0 starts [0, 7, 0, 4] values [5, 9, 5, 9] sizes [2, 2] function [0, 1] {method = "table"} : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<5, 9>>
// CHECK-NEXT: return %[[B]]
func.func @steps(%0: tensor<2x!lowbit.int<0, 9>>) -> tensor<2x!lowbit.int<5, 9>> {
  %1 = lowbit.steps %0 starts [0, 3, 7, 0, 2, 4, 6, 8] values [0, 1, 2, 0, 1, 2, 3, 4] sizes [3, 5] lines [none, 1 x + 0 over 2] function [0, 1] {method = "composed-table"} : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 4>>
  %2 = lowbit.steps %1 starts [0, 2] values [5, 9] sizes [2] : tensor<2x!lowbit.int<0, 4>> -> tensor<2x!lowbit.int<5, 9>>
  return %2 : tensor<2x!lowbit.int<5, 9>>
}

// -----

// Behind a convolution it joins the group: 3 x / 8, then that plus 1, halved: 0
// below 3, 1 from 3 to 7, 2 from 8 and 3 from 14 on.
// CHECK-LABEL: func.func @conv
// CHECK: %[[F:.*]] = lowbit.fused %arg0 : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 3>>
// CHECK: %[[C:.*]] = lowbit.conv
// CHECK-NEXT: %[[B:.*]] = lowbit.steps %[[C]] starts [0, 3, 8, 14] values [0, 1, 2, 3] sizes [4] {method = "compare"} : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 3>>
// CHECK-NEXT: lowbit.yield %[[B]]
// CHECK: return %[[F]]
func.func @conv(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<0, 3>> {
  %1 = lowbit.fused %0 : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 5>> {
  ^bb0(%x: tensor<2x!lowbit.int<0, 15>>):
    %2 = lowbit.conv %x shape [1, 2] weights dense<1> : tensor<1x1x1xi8> of [0, 1] bias [0] strides [1] pads [0, 0] dilations [1] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 15>>
    %3 = lowbit.requant %2 times 3 shift 3 clamp 0 to 5 {method = "composed-compare"} : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 5>>
    lowbit.yield %3 : tensor<2x!lowbit.int<0, 5>>
  }
  %4 = lowbit.requant %1 plus 1 shift 1 clamp 0 to 3 {method = "loop"} : tensor<2x!lowbit.int<0, 5>> -> tensor<2x!lowbit.int<0, 3>>
  return %4 : tensor<2x!lowbit.int<0, 3>>
}

// -----

func.func @alone(%0: tensor<2x!lowbit.int<0, 9>>) -> tensor<2x!lowbit.int<0, 1>> {
  // expected-error@+1 {{has no function to bytes behind it with which it could be computed}}
  %1 = lowbit.steps %0 starts [0, 3] values [0, 1] sizes [2] {method = "composed-table"} : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 1>>
  return %1 : tensor<2x!lowbit.int<0, 1>>
}
