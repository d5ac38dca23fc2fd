// lowbit.planes, read and written; what its verifier proves.
// RUN: pdkc-opt %s -split-input-file -verify-diagnostics | pdkc-opt -split-input-file | FileCheck %s

// Every step. Tap 0 is i0 + i2, tap 1 is i1, which comes of all less tap 0's.
// CHECK-LABEL: func.func @every
// CHECK: lowbit.planes %{{.*}} walk [clear, load 0, add 2, tap 0, recall 0, total, sub 0, sub 2, tap 1] coefficients [1, -2] bias [0, 5] limit 45 : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 35>>
func.func @every(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<2x!lowbit.int<-30, 35>> {
  %1 = lowbit.planes %0 walk [clear, load 0, add 2, tap 0, recall 0, total, sub 0, sub 2, tap 1] coefficients [1, -2] bias [0, 5] limit 45
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-30, 35>>
  return %1 : tensor<2x!lowbit.int<-30, 35>>
}

// -----

// By digits of 4 bits, requantised.
// CHECK-LABEL: func.func @digits
// CHECK: lowbit.planes %{{.*}} limit 255 digits 4 shift 3 clamp 0 to 127 {method = "planes"}
func.func @digits(%0: tensor<3x!lowbit.int<0, 127>>) -> tensor<1x!lowbit.int<0, 31>> {
  %1 = lowbit.planes %0 walk [load 0, tap 0] coefficients [1, -2] bias [0] limit 255 digits 4 shift 3 clamp 0 to 127 {method = "planes"}
      : tensor<3x!lowbit.int<0, 127>> -> tensor<1x!lowbit.int<0, 31>>
  return %1 : tensor<1x!lowbit.int<0, 31>>
}

// -----

func.func @name(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{unknown step 'double'}}
  %1 = lowbit.planes %0 walk [load 0, double] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @half(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has half a step}}
  %1 = "lowbit.planes"(%0) <{walk = array<i32: 0, 0, 6>, coefficients = array<i64: 0, 1>, bias = array<i64: 0>, limit = 3 : i64}> : (tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @kind(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has a step of the unknown kind 8}}
  %1 = "lowbit.planes"(%0) <{walk = array<i32: 8, 0>, coefficients = array<i64: 0, 1>, bias = array<i64: 0>, limit = 3 : i64}> : (tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @input(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names input 1 of 1}}
  %1 = lowbit.planes %0 walk [load 1, tap 0] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @tap(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names tap 1 of 1}}
  %1 = lowbit.planes %0 walk [load 0, tap 1] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @again(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step 2 taps again 0}}
  %1 = lowbit.planes %0 walk [load 0, tap 0, tap 0] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @adds_early(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step 1 adds too early to 0}}
  %1 = lowbit.planes %0 walk [load 0, add_tap 0, tap 0] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @adds_twice(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{tap 0 has input 0 2 times}}
  %1 = lowbit.planes %0 walk [load 0, tap 0, add_tap 0] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  return
}

// -----

func.func @early(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step 0 recalls too early 0}}
  %1 = lowbit.planes %0 walk [recall 0, tap 0] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @never(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{never taps 1}}
  %1 = lowbit.planes %0 walk [load 0, tap 0] coefficients [0, 1, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  return
}

// -----

// Modulo 256 that is 2 i0, a byte only for half of the inputs.
func.func @twice(%0: tensor<1x!lowbit.int<0, 255>>) {
  // expected-error@+1 {{tap 0 has input 0 2 times (modulo 256), not once or never}}
  %1 = lowbit.planes %0 walk [load 0, add 0, tap 0] coefficients [0, 1] bias [0] limit 255 : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 510>>
  return
}

// -----

func.func @negative(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{tap 0 has input 0 255 times (modulo 256), not once or never}}
  %1 = lowbit.planes %0 walk [clear, sub 0, tap 0] coefficients [0, 1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

// Two inputs of 200 are no byte.
func.func @proven(%0: tensor<2x!lowbit.int<0, 200>>) {
  // expected-error@+1 {{goes its walk with inputs whose sum may be 400, above its limit 255}}
  %1 = lowbit.planes %0 walk [load 0, tap 0] coefficients [0, 1] bias [0] limit 255 : tensor<2x!lowbit.int<0, 200>> -> tensor<1x!lowbit.int<0, 200>>
  return
}

// -----

// Nor are 18 digits of 15.
func.func @wide(%0: tensor<18x!lowbit.int<0, 200>>) {
  // expected-error@+1 {{goes its walk with inputs whose sum may be 270, above its limit 255}}
  %1 = lowbit.planes %0 walk [load 0, tap 0] coefficients [0, 1] bias [0] limit 255 digits 4 : tensor<18x!lowbit.int<0, 200>> -> tensor<1x!lowbit.int<0, 200>>
  return
}

// -----

func.func @signed(%0: tensor<1x!lowbit.int<-3, 3>>) {
  // expected-error@+1 {{takes inputs of 0 to 255, not -3 to 3}}
  %1 = lowbit.planes %0 walk [load 0, tap 0] coefficients [0, 1] bias [0] limit 255 : tensor<1x!lowbit.int<-3, 3>> -> tensor<1x!lowbit.int<-3, 3>>
  return
}

// -----

func.func @none(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has no plane}}
  %1 = lowbit.planes %0 walk [] coefficients [1] bias [0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @rows(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has 2 biases for 1 rows}}
  %1 = lowbit.planes %0 walk [load 0, tap 0, tap 1] coefficients [0, 1] bias [0, 0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @ends(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{needs the ends of the range that it clamps to}}
  %1 = lowbit.planes %0 walk [load 0, tap 0] coefficients [0, 1] bias [0] limit 3 shift 1 clamp 3 to 2 : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @range(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{result needs the range <-3, 3>, its type has <0, 3>}}
  %1 = lowbit.planes %0 walk [load 0, tap 0, clear, tap 1] coefficients [1, -2] bias [0, 0] limit 3 : tensor<1x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  return
}
