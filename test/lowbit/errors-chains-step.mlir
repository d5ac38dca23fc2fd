// The generic form can hold a step of a number that there is not: an error, and
// no step to print.
// RUN: pdkc-opt %s -verify-diagnostics

func.func @chains_unknown(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step}}
  %1 = "lowbit.chains"(%0) <{steps = array<i32: 99, 0>, bias = array<i64: 0>}> : (tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 3>>
  return
}
