// What float32 leaves undecided: the import's attributes, followed to the class.
// RUN: printf '\001\001\001\002\002\002\011\000\002\001' > %t.u8
// RUN: split-file %s %t
// RUN: pdkc %t/logits.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=LOGITS
// RUN: pdkc %t/same.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=SAME
// RUN: pdkc %t/class.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=CLASS
// RUN: pdkc %t/beyond.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=BEYOND
// RUN: pdkc %t/exact.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=EXACT
// RUN: pdkc %t/inexact.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=INEXACT
// RUN: pdkc %t/reals.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=REALS
// RUN: pdkc %t/reach.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=REACH
// RUN: pdkc %t/broken.mlir --emit=values --samples=%t.u8 -o - | FileCheck %s --check-prefix=BROKEN
// RUN: pdkc-opt %t/class.mlir --lowbit-flatten | FileCheck %s --check-prefix=DROPPED

// The sums are 2, 3, 4, 9 and 3; each may be off by 1/4, and the jump lies at 3.2
// to 3.3: 3 alone reaches it.
// LOGITS: "undecided":[0,1,0,0,1],"values":{{\[\[0\],\[0\],\[1\],\[1\],\[0\]\]}}
// LOGITS-SAME: "undecided":[0,0,0,0,0]

// Against 2, 0 or 1 are the same.
// SAME: "classes":[1,1,1,1,1]
// SAME-SAME: "undecided":[0,0,0,0,0]

// Of 1, 0 and 2 are on both sides.
// CLASS: "classes":[1,1,0,0,1]
// CLASS-SAME: "undecided":[0,1,0,0,1]

// Beyond what the function is defined on, float32 may have anything.
// BEYOND: "undecided":[0,0,0,1,0]

// A tenth of the sum, but where it is exact: up to 3, or up to 2.
// EXACT: "undecided":[0,0,0,0,0],"values"

// INEXACT: "undecided":[0,1,0,0,1],"values"

// 1 against 1.125 and 2 against 2.125, each off by 1/32 and by 2 %.
// REALS: "classes":[1,1,1,0,0]
// REALS-SAME: "undecided":[0,0,1,0,0]

// The sums 2, 3, 4, 9 and 3, a quarter off, times 10 / 16, and an eighth off
// besides: 2 gives 20 / 16 = 1.25, which may be 0.97 to 1.53, 3 gives 1.59 to 2.16
// and 4 2.22 to 2.78; 9 is clamped to 5 in any case.
// REACH: "undecided":[1,1,0,0,1],"values":{{\[\[1\],\[1\],\[2\],\[5\],\[1\]\]}}

// Attributes of another form say nothing.
// BROKEN: "undecided":[0,0,0,0,0],"values"

// The passes behind do not keep them true.
// DROPPED: lowbit.requant
// DROPPED-NOT: lowbit.float

//--- logits.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.0, rows = array<f64: 0.0, 0.0, 0.0, 0.0, 0.25>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 3.2, 3.3>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>
}

//--- same.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.0, rows = array<f64: 0.0, 0.0, 0.0, 0.0, 0.25>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 3.2, 3.3>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.dense %2 weights dense<[[1], [0]]> : tensor<2x1xi8> of [0, 1] bias [0, 2] : tensor<1x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<0, 2>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<0, 2>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

//--- class.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.0, rows = array<f64: 0.0, 0.0, 0.0, 0.0, 0.25>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 3.2, 3.3>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.dense %2 weights dense<[[1], [0]]> : tensor<2x1xi8> of [0, 2] bias [0, 1] : tensor<1x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<0, 2>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<0, 2>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

//--- beyond.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.0, rows = array<f64: 0.0, 0.0, 0.0, 0.0, 0.25>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 9.1, 1.0e+15>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.dense %2 weights dense<[[1], [0]]> : tensor<2x1xi8> of [0, 1] bias [0, 2] : tensor<1x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<0, 2>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<0, 2>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

//--- exact.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.1, rows = array<f64: 0.0, 3.0, 0.0, 0.0, 0.0>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 3.2, 3.3>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>
}

//--- inexact.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.1, rows = array<f64: 0.0, 2.0, 0.0, 0.0, 0.0>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 3.2, 3.3>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>
}

//--- reals.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.scale %0 times [2, 2] plus [0, 1] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 19>>
  %2 = lowbit.argmax %1 {lowbit.reals = array<f64: 0.5, 0.0, 0.03125, 0.02, 0.5, -0.375, 0.03125, 0.02>} : tensor<2x!lowbit.int<0, 19>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

//--- reach.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 5>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.0, rows = array<f64: 0.0, 0.0, 0.0, 0.0, 0.25>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.scale %1 times [10] plus [0] shift 4 clamp 0 to 5 {lowbit.float_reach = array<f64: 0.125>} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 5>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 5>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 5>>
}

//--- broken.mlir
func.func @f(%0: tensor<2x!lowbit.int<0, 9>>) -> (tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>) {
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] {lowbit.float_sums = {relative = 0.0, rows = array<f64: 0.25>, terms = array<f64: 0.0, 0.0>}} : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 18>>
  %2 = lowbit.requant %1 plus -3 clamp 0 to 1 {lowbit.float_steps = {function = array<i64: 0>, jumps = array<f64: 3.2>, sizes = array<i64: 1>, slopes = array<f64: 0.0>}} : tensor<1x!lowbit.int<0, 18>> -> tensor<1x!lowbit.int<0, 1>>
  %3 = lowbit.argmax %2 : tensor<1x!lowbit.int<0, 1>> -> tensor<1x!lowbit.int<0, 0>>
  return %3, %2 : tensor<1x!lowbit.int<0, 0>>, tensor<1x!lowbit.int<0, 1>>
}
