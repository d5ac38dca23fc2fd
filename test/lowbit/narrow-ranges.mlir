// The ranges that --lowbit-narrow-ranges proves and the bits they take, at the
// borders of what an accumulator of 8, 16 and 24 bits holds. Inputs are of the
// range that a case needs. Without a sign n bits hold 0 to 2^n - 1, with one
// -2^(n-1) to 2^(n-1) - 1.
// RUN: pdkc-opt %s --lowbit-narrow-ranges=remarks=true -verify-diagnostics | FileCheck %s

// 17 x 15 = 255: exactly 8 bits; one more is 256, 9 bits.
// CHECK-LABEL: func.func @unsigned_8_9
func.func @unsigned_8_9(%0: tensor<1x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 65536>> {
  // CHECK: -> tensor<1x!lowbit.int<0, 255>>
  // expected-remark@+1 {{lowbit.dense: 8 bits for 0 to 255}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [17] bias [0] : tensor<1x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<0, 65536>>
  // expected-remark@+1 {{lowbit.requant: 9 bits for 1 to 256}}
  %2 = lowbit.requant %1 plus 1 clamp -1000 to 1000 : tensor<1x!lowbit.int<0, 65536>> -> tensor<1x!lowbit.int<0, 65536>>
  return %2 : tensor<1x!lowbit.int<0, 65536>>
}

// Row 0: -(64 + 64 + 64 + 64) = -256 = -2^8; row 1: 255 = 2^8 - 1 whatever the
// inputs are. Exactly 9 bits; one more, -255 to 256, needs 10.
// CHECK-LABEL: func.func @signed_9_10
func.func @signed_9_10(%0: tensor<4x!lowbit.int<0, 64>>) -> tensor<2x!lowbit.int<-1000, 1000>> {
  // CHECK: -> tensor<2x!lowbit.int<-256, 255>>
  // expected-remark@+1 {{lowbit.dense: 9 bits for -256 to 255}}
  %1 = lowbit.dense %0 weights dense<[[0, 0, 0, 0], [1, 1, 1, 1]]> : tensor<2x4xi8> of [-1, 0] bias [0, 255] : tensor<4x!lowbit.int<0, 64>> -> tensor<2x!lowbit.int<-1000, 1000>>
  // CHECK: -> tensor<2x!lowbit.int<-255, 256>>
  // expected-remark@+1 {{lowbit.requant: 10 bits for -255 to 256}}
  %2 = lowbit.requant %1 plus 1 clamp -1000 to 1000 : tensor<2x!lowbit.int<-1000, 1000>> -> tensor<2x!lowbit.int<-1000, 1000>>
  return %2 : tensor<2x!lowbit.int<-1000, 1000>>
}

// 255 x 257 = 65535: exactly 16 bits without a sign; a bias of 1 makes it
// 65536, 17 bits.
// CHECK-LABEL: func.func @unsigned_16_17
func.func @unsigned_16_17(%0: tensor<1x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 99999>> {
  // CHECK: -> tensor<1x!lowbit.int<0, 65535>>
  // expected-remark@+1 {{lowbit.dense: 16 bits for 0 to 65535}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [257] bias [0] : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 99999>>
  // CHECK: -> tensor<1x!lowbit.int<1, 65536>>
  // expected-remark@+1 {{lowbit.dense: 17 bits for 1 to 65536}}
  %2 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [257] bias [1] : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 99999>>
  return %2 : tensor<1x!lowbit.int<0, 99999>>
}

// -128 x 256 = -32768 = -2^15, 127 x 256 + 255 = 32767: exactly 16 bits with a
// sign. A bias of 256 instead of 255 makes 32768: 17 bits.
// CHECK-LABEL: func.func @signed_16_17
func.func @signed_16_17(%0: tensor<1x!lowbit.int<-128, 127>>) -> tensor<2x!lowbit.int<-99999, 99999>> {
  // CHECK: -> tensor<2x!lowbit.int<-32768, 32767>>
  // expected-remark@+1 {{lowbit.dense: 16 bits for -32768 to 32767}}
  %1 = lowbit.dense %0 weights dense<[[0], [0]]> : tensor<2x1xi8> of [256] bias [0, 255] : tensor<1x!lowbit.int<-128, 127>> -> tensor<2x!lowbit.int<-99999, 99999>>
  // CHECK: -> tensor<2x!lowbit.int<-32768, 32768>>
  // expected-remark@+1 {{lowbit.dense: 17 bits for -32768 to 32768}}
  %2 = lowbit.dense %0 weights dense<[[0], [0]]> : tensor<2x1xi8> of [256] bias [0, 256] : tensor<1x!lowbit.int<-128, 127>> -> tensor<2x!lowbit.int<-99999, 99999>>
  return %2 : tensor<2x!lowbit.int<-99999, 99999>>
}

// -128 x 65536 = -2^23, 127 x 65536 + 65535 = 2^23 - 1: exactly 24 bits with a
// sign; 255 x 65793 = 2^24 - 1: exactly 24 bits without; 2^24 needs 25.
// CHECK-LABEL: func.func @signed_24
func.func @signed_24(%0: tensor<1x!lowbit.int<-128, 127>>) -> tensor<2x!lowbit.int<-99999999, 99999999>> {
  // CHECK: -> tensor<2x!lowbit.int<-8388608, 8388607>>
  // expected-remark@+1 {{lowbit.dense: 24 bits for -8388608 to 8388607}}
  %1 = lowbit.dense %0 weights dense<[[0], [0]]> : tensor<2x1xi8> of [65536] bias [0, 65535] : tensor<1x!lowbit.int<-128, 127>> -> tensor<2x!lowbit.int<-99999999, 99999999>>
  return %1 : tensor<2x!lowbit.int<-99999999, 99999999>>
}
// CHECK-LABEL: func.func @unsigned_24_25
func.func @unsigned_24_25(%0: tensor<1x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 99999999>> {
  // CHECK: -> tensor<1x!lowbit.int<0, 16777215>>
  // expected-remark@+1 {{lowbit.dense: 24 bits for 0 to 16777215}}
  %1 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [65793] bias [0] : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 99999999>>
  // CHECK: -> tensor<1x!lowbit.int<1, 16777216>>
  // expected-remark@+1 {{lowbit.dense: 25 bits for 1 to 16777216}}
  %2 = lowbit.dense %0 weights dense<[[0]]> : tensor<1x1xi8> of [65793] bias [1] : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 99999999>>
  return %2 : tensor<1x!lowbit.int<0, 99999999>>
}

// The hull of the rows, and what a layer's true weights allow: row 0 is 5 +
// 2 x 15 = 35 at most and 5 - 2 x 15 = -25 at least, row 1 is 7 whatever comes.
// The next operation sees the narrowed range, not the wide type.
// CHECK-LABEL: func.func @weights
func.func @weights(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 9>> {
  // CHECK: lowbit.dense {{.*}} -> tensor<2x!lowbit.int<-25, 35>>
  // expected-remark@+1 {{lowbit.dense: 7 bits for -25 to 35}}
  %1 = lowbit.dense %0 weights dense<[[2, 0], [1, 1]]> : tensor<2x2xi8> of [-2, 0, 2] bias [5, 7] : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<-1000, 1000>>
  // floor((-3 x 35 + 2) / 4) = floor(-25.75) = -26, floor((75 + 2) / 4) = 19.
  // CHECK: lowbit.requant {{.*}} : tensor<2x!lowbit.int<-25, 35>> -> tensor<2x!lowbit.int<-26, 19>>
  // expected-remark@+1 {{lowbit.requant: 6 bits for -26 to 19}}
  %2 = lowbit.requant %1 times -3 plus 2 shift 2 clamp -100 to 100 : tensor<2x!lowbit.int<-1000, 1000>> -> tensor<2x!lowbit.int<-100, 100>>
  // The hull of all elements counts, whichever are picked.
  // CHECK: lowbit.select {{.*}} -> tensor<2x!lowbit.int<-26, 19>>
  // expected-remark@+1 {{lowbit.select: 6 bits for -26 to 19}}
  %3 = lowbit.select %2 [1, 1] : tensor<2x!lowbit.int<-100, 100>> -> tensor<2x!lowbit.int<-100, 100>>
  // CHECK: lowbit.argmax {{.*}} -> tensor<1x!lowbit.int<0, 1>>
  // CHECK: return {{.*}} : tensor<1x!lowbit.int<0, 1>>
  // expected-remark@+1 {{lowbit.argmax: 1 bits for 0 to 1}}
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-100, 100>> -> tensor<1x!lowbit.int<0, 9>>
  return %4 : tensor<1x!lowbit.int<0, 9>>
}

// In chains an input that comes and goes cancels: i0 + i1 - i0 is 0 to 15.
// CHECK-LABEL: func.func @cancel
// CHECK-SAME: -> tensor<1x!lowbit.int<0, 15>>
func.func @cancel(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<-99, 99>> {
  // expected-remark@+1 {{lowbit.chains: 4 bits for 0 to 15}}
  %1 = lowbit.chains %0 steps [load 0, add 1, accumulate 0, load 0, deduct 0] bias [0] : tensor<2x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<-99, 99>>
  return %1 : tensor<1x!lowbit.int<-99, 99>>
}
