// lowbit.scale: each element times its factor, on top of a constant, one
// element after the other.
// RUN: %lower-pms150c %s -split-input-file | FileCheck %s

// CHECK-LABEL: pdk.program @factors
// The element's number finds its constant, three bytes of -255 x 300 - (-76500)
// = 0 and -255 x 5 + 1000 + 76500 = 76225 = 0x129C1 in tables,
// CHECK: pdk.inc_m %[[NUMBER:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[LOW:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[MIDDLE:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[HIGH:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[SUM]][2]
// its value,
// CHECK-NEXT: pdk.mov_a_m %[[AT:.*]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[P]][0]
// CHECK-NEXT: pdk.mov_m_a %[[AT]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND]][1]
// and its factor, two bytes.
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[FACTOR_LOW:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[FACTOR_HIGH:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT]][1]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// The product goes to the sum.
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUM]][0]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][1]
// CHECK-NEXT: pdk.addc_m_a %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][2]
// CHECK-NEXT: pdk.addc_m_a %[[SUM]][2]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][0]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[SCALED:.*]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK: pdk.routine @[[MULTIPLY]] {
// CHECK-NEXT: pdk.clear_m %[[PRODUCT]][2]
// CHECK-NEXT: pdk.clear_m %[[PRODUCT]][3]
// CHECK-NEXT: pdk.mov_a_k 16
// CHECK-NEXT: pdk.mov_m_a %[[BITS:.*]][0]
// CHECK-NEXT: pdk.label @[[BIT:bit_[0-9]+]] trips 16
// CHECK-NEXT: pdk.set0_iobit 0, 1
// CHECK-NEXT: pdk.t1sn_mbit %[[PRODUCT]][0], 0
// CHECK-NEXT: pdk.goto_k @[[SHIFT:shift_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[MULTIPLICAND]][0]
// CHECK-NEXT: pdk.add_m_a %[[PRODUCT]][2]
// CHECK-NEXT: pdk.mov_a_m %[[MULTIPLICAND]][1]
// CHECK-NEXT: pdk.addc_m_a %[[PRODUCT]][3]
// CHECK-NEXT: pdk.label @[[SHIFT]]
// CHECK-NEXT: pdk.src_m %[[PRODUCT]][3]
// CHECK-NEXT: pdk.src_m %[[PRODUCT]][2]
// CHECK-NEXT: pdk.src_m %[[PRODUCT]][1]
// CHECK-NEXT: pdk.src_m %[[PRODUCT]][0]
// CHECK-NEXT: pdk.dzsn_m %[[BITS]][0]
// CHECK-NEXT: pdk.goto_k @[[BIT]]
// CHECK-NEXT: pdk.ret
// 300 = 1 x 256 + 44 and 5.
// CHECK: pdk.table @[[LOW]] {{\[}}0, 193]
// CHECK-NEXT: pdk.table @[[MIDDLE]] {{\[}}0, 41]
// CHECK-NEXT: pdk.table @[[HIGH]] {{\[}}0, 1]
// CHECK-NEXT: pdk.table @[[FACTOR_LOW]] {{\[}}44, 5]
// CHECK-NEXT: pdk.table @[[FACTOR_HIGH]] {{\[}}1, 0]
func.func @factors(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.scale %1 times [300, 5] plus [0, 1000] : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<-76500, 166500>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-76500, 166500>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @powers
// Powers of 256 take no product but another place: times 256 is added from byte
// 1 on, times -1 subtracted from byte 0. The second input is one element for
// all, read in place: its address does not move.
// CHECK: pdk.mov_a_k 0 plus %[[SUMS:.*]]
// CHECK-NEXT: pdk.mov_m_a %[[AT:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 2 plus %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[AT_2:.*]][0]
// CHECK: pdk.mov_a_m %[[AT]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P:.*]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_m %[[P]][0]
// CHECK-NEXT: pdk.mov_m_a %[[AT]][0]
// CHECK-NEXT: pdk.mov_a_k 255
// CHECK-NEXT: pdk.add_m_a %[[VALUE]][0]
// CHECK-NEXT: pdk.addc_m %[[VALUE]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUM:.*]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][1]
// CHECK-NEXT: pdk.addc_m_a %[[SUM]][2]
// CHECK-NEXT: pdk.mov_a_m %[[AT_2]][0]
// CHECK-NEXT: pdk.mov_m_a %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE_2:.*]][0]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.idxm_a_m %[[P]][0] into %[[SUMS]]
// CHECK-NEXT: pdk.mov_m_a %[[VALUE_2]][1]
// CHECK-NEXT: pdk.inc_m %[[P]][0]
// CHECK-NEXT: pdk.mov_a_k 212
// CHECK-NEXT: pdk.add_m_a %[[VALUE_2]][0]
// CHECK-NEXT: pdk.mov_a_k 254
// CHECK-NEXT: pdk.addc_m_a %[[VALUE_2]][1]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE_2]][0]
// CHECK-NEXT: pdk.sub_m_a %[[SUM]][0]
// CHECK-NEXT: pdk.subc_m %[[SUM]][1]
// CHECK-NEXT: pdk.subc_m %[[SUM]][2]
// 65835 - 256 x 255 - 300 = 255 make the least result 0; 7 more.
// CHECK: pdk.table @factors{{.*}} {{\[}}255, 6]
// CHECK-NEXT: pdk.table @factors{{.*}} {{\[}}0, 1]
// CHECK-NOT: multiply
func.func @powers(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.select %1 [1, 1] : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<-255, 555>>
  %3 = lowbit.scale %1, %2 times [256, 256, -1, -1] plus [0, 7] : tensor<2x!lowbit.int<-255, 555>>, tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<-65835, 142342>>
  %4 = lowbit.argmax %3 : tensor<2x!lowbit.int<-65835, 142342>> -> tensor<1x!lowbit.int<0, 1>>
  return %4 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @both_signs
// Factors of both signs: x times -2 is (255 - x) times 2 less 510. The table of
// complements says which.
// CHECK: pdk.inc_m %[[NUMBER:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[CONSTANTS:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.mov_m_a %[[SUM]][1]
// CHECK: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[COMPLEMENTS:factors_[0-9]+]]
// CHECK-NEXT: pdk.xor_m_a %[[VALUE:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[VALUE]][0]
// CHECK-NEXT: pdk.mov_m_a %[[MULTIPLICAND:.*]][0]
// CHECK-NEXT: pdk.mov_a_m %[[NUMBER]][0]
// CHECK-NEXT: pdk.call_k @[[FACTORS:factors_[0-9]+]]
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUM]][0]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][1]
// CHECK-NEXT: pdk.addc_m_a %[[SUM]][1]
// 600 - 510.
// CHECK: pdk.table @[[CONSTANTS]] {{\[}}0, 90]
// CHECK-NEXT: pdk.table @[[COMPLEMENTS]] {{\[}}0, 255]
// CHECK-NEXT: pdk.table @[[FACTORS]] {{\[}}3, 2]
func.func @both_signs(%0: tensor<2x!lowbit.int<0, 255>>) -> tensor<1x!lowbit.int<0, 1>> {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1] bias [0, 0]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 255>>
  %2 = lowbit.scale %1 times [3, -2] plus [0, 600] : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<0, 765>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<0, 765>> -> tensor<1x!lowbit.int<0, 1>>
  return %3 : tensor<1x!lowbit.int<0, 1>>
}

// -----

// CHECK-LABEL: pdk.program @clamped
// One factor for all is no table. The sum counts from -77, the least quotient:
// -255 x 77 + 128 + 77 x 256 = 205. Of the quotient, the upper byte, 77 - 10 =
// 67 is taken off, then 100 is the most.
// CHECK: pdk.mov_a_k 205
// CHECK-NEXT: pdk.mov_m_a %[[SUM:.*]][0]
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.mov_m_a %[[SUM]][1]
// CHECK: pdk.mov_a_k 77
// CHECK-NEXT: pdk.mov_m_a %[[PRODUCT:.*]][0]
// CHECK-NEXT: pdk.call_k @[[MULTIPLY:multiply_[0-9]+]]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][0]
// CHECK-NEXT: pdk.add_m_a %[[SUM]][0]
// CHECK-NEXT: pdk.mov_a_m %[[PRODUCT]][1]
// CHECK-NEXT: pdk.addc_m_a %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_k 67
// CHECK-NEXT: pdk.sub_m_a %[[SUM]][1]
// CHECK-NEXT: pdk.t1sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[ABOVE:above_[0-9]+]]
// CHECK-NEXT: pdk.clear_m %[[SUM]][1]
// CHECK-NEXT: pdk.label @[[ABOVE]]
// CHECK-NEXT: pdk.mov_a_k 100
// CHECK-NEXT: pdk.sub_m_a %[[SUM]][1]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.goto_k @[[BELOW:below_[0-9]+]]
// CHECK-NEXT: pdk.clear_m %[[SUM]][1]
// CHECK-NEXT: pdk.label @[[BELOW]]
// CHECK-NEXT: pdk.mov_a_k 100
// CHECK-NEXT: pdk.add_m_a %[[SUM]][1]
// CHECK-NEXT: pdk.mov_a_m %[[SUM]][1]
// CHECK-NEXT: pdk.idxm_m_a %[[TARGET:.*]][0] into %[[SCALED:.*]]
// CHECK-NEXT: pdk.inc_m %[[TARGET]][0]
// CHECK-NEXT: pdk.mov_a_m %[[TARGET]][0]
// CHECK-NEXT: pdk.ceqsn_a_k 2 plus %[[SCALED]]
// CHECK-NEXT: pdk.goto_k @[[LOOP:elements_[0-9]+]]
func.func @clamped(%0: tensor<2x!lowbit.int<0, 255>>) -> (tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-10, 90>>) {
  %1 = lowbit.chains %0 steps [take 0, load 0, accumulate 0, take 1, load 1, accumulate 1, deduct 0] bias [0, 300]
      : tensor<2x!lowbit.int<0, 255>> -> tensor<2x!lowbit.int<-255, 555>>
  %2 = lowbit.scale %1 times [77, 77] plus [128, 128] shift 8 clamp -10 to 90 : tensor<2x!lowbit.int<-255, 555>> -> tensor<2x!lowbit.int<-10, 90>>
  %3 = lowbit.argmax %2 : tensor<2x!lowbit.int<-10, 90>> -> tensor<1x!lowbit.int<0, 1>>
  return %3, %2 : tensor<1x!lowbit.int<0, 1>>, tensor<2x!lowbit.int<-10, 90>>
}
