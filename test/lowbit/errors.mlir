// Every rule of the lowbit dialect's types, parser and verifiers.
// RUN: pdkc-opt %s -split-input-file -verify-diagnostics

// A range holds something.
// expected-error@+1 {{empty range <4, 3>}}
func.func @range(%0: tensor<1x!lowbit.int<4, 3>>) { return }

// -----

// Tensors are static and of !lowbit.int.
func.func @dynamic(%0: tensor<?x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{must be static tensor of !lowbit.int}}
  %1 = lowbit.argmax %0 : tensor<?x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @element(%0: tensor<4xi8>) {
  // expected-error@+1 {{must be static tensor of !lowbit.int}}
  %1 = lowbit.argmax %0 : tensor<4xi8> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @reshape(%0: tensor<4x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{changes the number of elements from 4 to 3}}
  %1 = lowbit.reshape %0 : tensor<4x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 3>>
  return
}

// -----

func.func @reshape_range(%0: tensor<4x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{result needs the range <0, 3>, its type has <0, 2>}}
  %1 = lowbit.reshape %0 : tensor<4x!lowbit.int<0, 3>> -> tensor<2x2x!lowbit.int<0, 2>>
  return
}

// -----

func.func @select_count(%0: tensor<4x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has 2 indices for 3 elements}}
  %1 = lowbit.select %0 [0, 1] : tensor<4x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 3>>
  return
}

// -----

func.func @select_index(%0: tensor<4x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{index 4 is outside the 4 elements}}
  %1 = lowbit.select %0 [0, 4] : tensor<4x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  return
}

// -----

func.func @select_negative(%0: tensor<4x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{index -1 is outside the 4 elements}}
  %1 = lowbit.select %0 [-1, 0] : tensor<4x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  return
}

// -----

func.func @select_range(%0: tensor<4x!lowbit.int<-1, 3>>) {
  // expected-error@+1 {{result needs the range <-1, 3>, its type has <0, 3>}}
  %1 = lowbit.select %0 [0] : tensor<4x!lowbit.int<-1, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @dense_rank(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{weights must be a matrix of rows by inputs}}
  %1 = lowbit.dense %0 weights dense<[0, 0]> : tensor<2xi8> of [1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  return
}

// -----

func.func @dense_inputs(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{weights have 3 columns for 2 inputs}}
  %1 = lowbit.dense %0 weights dense<[[0, 0, 0]]> : tensor<1x3xi8> of [1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @dense_rows(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{weights have 1 rows for 2 results}}
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 6>>
  return
}

// -----

func.func @dense_bias(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has 2 biases for 1 rows}}
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  return
}

// -----

func.func @dense_no_codebook(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{codebook must have 1 to 256 values, not 0}}
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  return
}

// -----

func.func @dense_order(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{codebook must rise, but 1 follows 2}}
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [2, 1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 12>>
  return
}

// -----

func.func @dense_twice(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{codebook must rise, but 1 follows 1}}
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1, 1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 12>>
  return
}

// -----

func.func @dense_code(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{code 2 is not in the codebook of 2}}
  %1 = lowbit.dense %0 weights dense<[[0, 2]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-6, 6>>
  return
}

// -----

// Codes are unsigned: -1 is entry 255.
func.func @dense_negative_code(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{code 255 is not in the codebook of 2}}
  %1 = lowbit.dense %0 weights dense<[[0, -1]]> : tensor<1x2xi8> of [-1, 1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-6, 6>>
  return
}

// -----

// 5 - 3 x 3 = -4 to 5 + 2 x 3 = 11.
func.func @dense_range(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{result needs the range <-4, 11>, its type has <-3, 11>}}
  %1 = lowbit.dense %0 weights dense<[[0, 1]]> : tensor<1x2xi8> of [-3, 2] bias [5] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-3, 11>>
  return
}

// -----

func.func @requant_count(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{changes the number of elements}}
  %1 = lowbit.requant %0 clamp 0 to 3 : tensor<2x!lowbit.int<0, 3>> -> tensor<3x!lowbit.int<0, 3>>
  return
}

// -----

func.func @requant_clamp(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{clamps to the empty range 3 to 2}}
  %1 = lowbit.requant %0 clamp 3 to 2 : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  return
}

// -----

func.func @requant_shift(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{attribute 'shift' failed to satisfy constraint}}
  %1 = lowbit.requant %0 shift 32 clamp 0 to 3 : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  return
}

// -----

func.func @requant_ties(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has ties to tell from other quotients, but no shift}}
  %1 = lowbit.requant %0 ties even clamp 0 to 3 : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>>
  return
}

// -----

// (4 + 4) / 8 = 1 becomes 0 with even ties, (12 + 4) / 8 = 2 becomes 1 with odd
// ones.
func.func @requant_ties_range(%0: tensor<2x!lowbit.int<4, 12>>) {
  // expected-error@+1 {{result needs the range <0, 2>, its type has <1, 2>}}
  %1 = lowbit.requant %0 plus 4 shift 3 ties even clamp 0 to 9 : tensor<2x!lowbit.int<4, 12>> -> tensor<2x!lowbit.int<1, 2>>
  return
}

// -----

func.func @requant_odd_ties_range(%0: tensor<2x!lowbit.int<4, 12>>) {
  // expected-error@+1 {{result needs the range <1, 1>, its type has <0, 0>}}
  %1 = lowbit.requant %0 plus 4 shift 3 ties odd clamp 0 to 9 : tensor<2x!lowbit.int<4, 12>> -> tensor<2x!lowbit.int<0, 0>>
  return
}

// -----

// floor((3 x -8 + 1) / 4) = -6, floor((3 x 7 + 1) / 4) = 5.
func.func @requant_range(%0: tensor<2x!lowbit.int<-8, 7>>) {
  // expected-error@+1 {{result needs the range <-6, 5>, its type has <-5, 5>}}
  %1 = lowbit.requant %0 times 3 plus 1 shift 2 clamp -100 to 100 : tensor<2x!lowbit.int<-8, 7>> -> tensor<2x!lowbit.int<-5, 5>>
  return
}

// -----

func.func @argmax_count(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{gives one number, not 2}}
  %1 = lowbit.argmax %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 1>>
  return
}

// -----

func.func @argmax_range(%0: tensor<3x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{result needs the range <0, 2>, its type has <0, 1>}}
  %1 = lowbit.argmax %0 : tensor<3x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return
}

// -----

func.func @chains_double(%0: tensor<1x!lowbit.int<0, 3>>) {
  %1 = lowbit.chains %0 steps [load 0, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  // expected-error@+1 {{doubles sums that there are}}
  %2 = lowbit.chains %0 to %1 steps [double_sums, load 0, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>>, tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @chains_name(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{unknown step 'triple'}}
  %1 = lowbit.chains %0 steps [load 0, triple, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @chains_half(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has half a step}}
  %1 = "lowbit.chains"(%0) <{steps = array<i32: 1, 0, 6>, bias = array<i64: 0>}> : (tensor<1x!lowbit.int<0, 3>>) -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_bias(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{has 2 biases for 1 rows}}
  %1 = lowbit.chains %0 steps [load 0, accumulate 0] bias [0, 0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_load(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names input 1 of 1}}
  %1 = lowbit.chains %0 steps [load 1, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_add(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names input -1 of 1}}
  %1 = lowbit.chains %0 steps [load 0, add -1, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_sub(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names input 2 of 1}}
  %1 = lowbit.chains %0 steps [const 9, sub 2, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @chains_take(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names input 1 of 1}}
  %1 = lowbit.chains %0 steps [take 0, take 1] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_tap(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names row 1 of 1}}
  %1 = lowbit.chains %0 steps [load 0, accumulate 1] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_deduct(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step names row -1 of 1}}
  %1 = lowbit.chains %0 steps [load 0, deduct -1] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

// A is -3 where it is accumulated for the largest input: taken modulo 256 that is 253.
func.func @chains_below(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{step 2 accumulates A where it may be -3 to 0, outside 0 to 255}}
  %1 = lowbit.chains %0 steps [const 0, sub 0, accumulate 0] bias [0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<-3, 0>>
  return
}

// -----

// In between A may leave the byte; here it comes back, and 127 x 2 + 2 is one
// too much.
func.func @chains_above(%0: tensor<1x!lowbit.int<0, 127>>) {
  // expected-error@+1 {{step 4 accumulates A where it may be 2 to 256, outside 0 to 255}}
  %1 = lowbit.chains %0 steps [load 0, offset 200, offset -199, double, deduct 0] bias [0] : tensor<1x!lowbit.int<0, 127>> -> tensor<1x!lowbit.int<-600, 0>>
  return
}

// -----

// The sum's range is that of its coefficients: 5 + i - (3 - i) = 2 + 2 i.
func.func @chains_range(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{result needs the range <2, 8>, its type has <2, 7>}}
  %1 = lowbit.chains %0 steps [load 0, accumulate 0, const 3, sub 0, deduct 0] bias [5] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<2, 7>>
  return
}

// -----

func.func @dense_long_codebook(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{codebook must have 1 to 256 values, not 257}}
  %1 = lowbit.dense %0 weights dense<[[0, 0]]> : tensor<1x2xi8> of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194, 195, 196, 197, 198, 199, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 6>>
  return
}

// -----

func.func @concat_count(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{puts together 4 elements, its result has 3}}
  %1 = lowbit.concat %0, %0 : tensor<2x!lowbit.int<0, 9>>, tensor<2x!lowbit.int<0, 9>> -> tensor<3x!lowbit.int<0, 9>>
  return
}

// -----

func.func @scale_shape(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{changes the number of elements from 2 to 3}}
  %1 = lowbit.scale %0 times [1, 1] plus [0, 0] : tensor<2x!lowbit.int<0, 9>> -> tensor<3x!lowbit.int<0, 9>>
  return
}

// -----

func.func @scale_count(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{has 1 multipliers and 2 biases for 1 inputs of 2 elements}}
  %1 = lowbit.scale %0 times [1] plus [0, 0] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @scale_range(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{result needs the range <-4, 27>, its type has <-4, 26>}}
  %1 = lowbit.scale %0 times [3, -1] plus [0, 5] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<-4, 26>>
  return
}

// -----

func.func @scale_clamp(%0: tensor<1x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{needs the ends of the range that it clamps to}}
  %1 = lowbit.scale %0 times [1] plus [0] shift 1 clamp 9 to 8 : tensor<1x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @scale_no_clamp(%0: tensor<1x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{needs the ends of the range that it clamps to}}
  %1 = "lowbit.scale"(%0) <{multiplier = array<i64: 1>, bias = array<i64: 0>, shift = 1}> : (tensor<1x!lowbit.int<0, 9>>) -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @scale_shifted_range(%0: tensor<1x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{result needs the range <0, 13>, its type has <0, 12>}}
  %1 = lowbit.scale %0 times [3] plus [0] shift 1 clamp 0 to 99 : tensor<1x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 12>>
  return
}

// -----

func.func @byte_base(%0: tensor<1x!lowbit.int<-3, 9>>) {
  // expected-error@+1 {{counts from -2, but there are integers from -3 on}}
  %1 = lowbit.byte 0 of %0 from -2 : tensor<1x!lowbit.int<-3, 9>> -> tensor<1x!lowbit.int<0, 255>>
  return
}

// -----

func.func @byte_shape(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{changes the number of elements}}
  %1 = lowbit.byte 0 of %0 from 0 : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @byte_range(%0: tensor<1x!lowbit.int<0, 900>>) {
  // expected-error@+1 {{result needs the range <0, 255>, its type has <0, 132>}}
  %1 = lowbit.byte 0 of %0 from 0 : tensor<1x!lowbit.int<0, 900>> -> tensor<1x!lowbit.int<0, 132>>
  return
}

// -----

func.func @steps_shape(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{changes the number of elements from 2 to 1}}
  %1 = lowbit.steps %0 starts [0] values [1] sizes [1] : tensor<2x!lowbit.int<0, 9>> -> tensor<1x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_empty(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{has a function of 0 pieces}}
  %1 = lowbit.steps %0 starts [0] values [1] sizes [0, 1] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_count(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{functions have 1 pieces together, but there are 2 starts and 2 values}}
  %1 = lowbit.steps %0 starts [0, 4] values [1, 2] sizes [1] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_values(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{functions have 2 pieces together, but there are 2 starts and 1 values}}
  %1 = lowbit.steps %0 starts [0, 4] values [1] sizes [2] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_none(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{functions have 0 pieces together, but there are 0 starts and 0 values}}
  %1 = lowbit.steps %0 starts [] values [] sizes [] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_order(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{starts must rise, but 4 follows 4}}
  %1 = lowbit.steps %0 starts [0, 4, 4] values [1, 2, 3] sizes [3] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_lines(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{has 2 lines for 1 functions}}
  %1 = lowbit.steps %0 starts [0, 4] values [1, 2] sizes [2] lines [none, 1 x + 0 over 4] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_run(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{line of function 0 runs by -4}}
  %1 = lowbit.steps %0 starts [0, 4] values [1, 2] sizes [2] lines [1 x + 0 over -4] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

// The lines are 2 from 20 on: the first function is from 14, the second from 12.
func.func @steps_line(%0: tensor<2x!lowbit.int<0, 99>>) {
  // expected-error@+1 {{function 1 is another than its line at 8 integers, at most 6 may be exceptions}}
  %1 = lowbit.steps %0 starts [0, 14, 0, 12] values [1, 2, 1, 2] sizes [2, 2] lines [1 x + 0 over 10, 1 x + 0 over 10] function [0, 1] : tensor<2x!lowbit.int<0, 99>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

// One that falls, of integers up to 99 alone.
func.func @steps_falls(%0: tensor<2x!lowbit.int<90, 99>>) {
  // expected-error@+1 {{function 0 is another than its line at 7 integers, at most 6 may be exceptions}}
  %1 = lowbit.steps %0 starts [0, 93] values [1, 0] sizes [2] lines [-1 x + 209 over 110] : tensor<2x!lowbit.int<90, 99>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_numbers(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{has 1 numbers of functions for 2 elements}}
  %1 = lowbit.steps %0 starts [0] values [1] sizes [1] function [0] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_number(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{names function 1 of 1}}
  %1 = lowbit.steps %0 starts [0] values [1] sizes [1] function [0, 1] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  return
}

// -----

func.func @steps_range(%0: tensor<2x!lowbit.int<0, 9>>) {
  // expected-error@+1 {{result needs the range <1, 3>, its type has <1, 2>}}
  %1 = lowbit.steps %0 starts [0, 4, 9] values [1, 2, 3] sizes [3] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<1, 2>>
  return
}

// -----

func.func @chains_take_order(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{takes input 1 where 0 arrives}}
  %1 = lowbit.chains %0 steps [take 1, load 1, accumulate 0] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @chains_take_late(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{uses input 1 before it is taken}}
  %1 = lowbit.chains %0 steps [take 0, load 1, accumulate 0, take 1] bias [0] : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 3>>
  return
}

// -----

func.func @line_over_nothing(%0: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{a line runs over 1 or more}}
  %1 = lowbit.steps %0 starts [0, 2] values [0, 1] sizes [2] lines [5 x + 3 over 0] : tensor<1x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 1>>
  return
}

// -----

func.func @accumulate_to_fewer(%0: tensor<1x!lowbit.int<0, 3>>, %1: tensor<1x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{adds to 1 sums, but has 2 results}}
  %2 = lowbit.dense %0 to %1 weights dense<[[0], [0]]> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 3>>, tensor<1x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 6>>
  return
}

// -----

func.func @prepared_by_many(%0: tensor<2x!lowbit.int<0, 3>>) {
  %1 = lowbit.fused %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 1>> {
  ^bb0(%x: tensor<2x!lowbit.int<0, 3>>):
    // expected-error@+1 {{prepares a convolution's inputs by more than one function}}
    %2 = lowbit.steps %x starts [0, 2, 0] values [0, 1, 1] sizes [2, 1] function [0, 1] : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 1>>
    %3 = lowbit.conv %2 shape [1, 2] weights dense<[[[0]]]> : tensor<1x1x1xi8> of [1] bias [0] strides [1] pads [0, 0] dilations [1] : tensor<2x!lowbit.int<0, 1>> -> tensor<2x!lowbit.int<0, 1>>
    lowbit.yield %3 : tensor<2x!lowbit.int<0, 1>>
  }
  return
}

// -----

func.func @ends_without_layer(%0: tensor<2x!lowbit.int<0, 3>>) {
  // expected-error@+1 {{ends with no layer}}
  %1 = lowbit.fused %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 3>> {
  ^bb0(%x: tensor<2x!lowbit.int<0, 3>>):
    %2 = lowbit.dense %x weights dense<[[0, 0], [0, 0]]> : tensor<2x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 6>>
    %3 = lowbit.requant %2 shift 1 clamp 0 to 3 : tensor<2x!lowbit.int<0, 6>> -> tensor<2x!lowbit.int<0, 3>>
    lowbit.yield %3 : tensor<2x!lowbit.int<0, 3>>
  }
  return
}

// -----

func.func @layers_without_requantisation(%0: tensor<2x!lowbit.int<0, 3>>) {
  %1 = lowbit.fused %0 : tensor<2x!lowbit.int<0, 3>> -> tensor<1x!lowbit.int<0, 12>> {
  ^bb0(%x: tensor<2x!lowbit.int<0, 3>>):
    %2 = lowbit.dense %x weights dense<[[0, 0], [0, 0]]> : tensor<2x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 3>> -> tensor<2x!lowbit.int<0, 6>>
    // expected-error@+1 {{cannot stand there}}
    %3 = lowbit.dense %2 weights dense<[[0, 0]]> : tensor<1x2xi8> of [1] bias [0] : tensor<2x!lowbit.int<0, 6>> -> tensor<1x!lowbit.int<0, 12>>
    lowbit.yield %3 : tensor<1x!lowbit.int<0, 12>>
  }
  return
}
