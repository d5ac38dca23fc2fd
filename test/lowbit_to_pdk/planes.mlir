// Layers from sums of bit planes.
// RUN: %lower-pfs173 %s | FileCheck %s

// The sum of all inputs, the walk, and each row in A: half of the total less
// what is negative, 0 where that borrows.
// CHECK-LABEL: pdk.program @proven
// CHECK: %[[I:.*]] = pdk.cells "input" size 3
// CHECK: %[[R:.*]] = pdk.cells "act" size 2
// CHECK: %[[T:.*]] = pdk.cells "taps" size 2
// CHECK: %[[S:.*]] = pdk.cells "total" size 1
// CHECK: pdk.mov_a_m %[[I]][0]
// CHECK-NEXT: pdk.add_a_m %[[I]][1]
// CHECK-NEXT: pdk.add_a_m %[[I]][2]
// CHECK-NEXT: pdk.mov_m_a %[[S]][0]
// CHECK-NEXT: pdk.mov_a_m %[[I]][0]
// CHECK-NEXT: pdk.mov_m_a %[[T]][1]
// CHECK-NEXT: pdk.add_a_m %[[I]][2]
// CHECK-NEXT: pdk.mov_m_a %[[T]][0]
// CHECK-NEXT: pdk.undef %[[R]]
// CHECK-NEXT: pdk.mov_a_m %[[S]][0]
// CHECK-NEXT: pdk.sr_a
// CHECK-NEXT: pdk.sub_a_m %[[T]][0]
// CHECK-NEXT: pdk.t0sn_iobit 0, 1
// CHECK-NEXT: pdk.mov_a_k 0
// CHECK-NEXT: pdk.mov_m_a %[[R]][0]
// CHECK-NEXT: pdk.mov_a_m %[[S]][0]
func.func @proven(%0: tensor<3x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.planes %0 walk [load 0, tap 1, add 2, tap 0] coefficients [1, -2] bias [0, 0] limit 45 shift 1 clamp 0 to 31
      : tensor<3x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 31>>
  %2 = lowbit.argmax %1 {method = "unrolled"} : tensor<2x!lowbit.int<0, 31>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// Where the sum of all inputs may be more than a byte, its carries are counted
// from where there may be some, and the walk is a routine, for digits of 6 bits.
// CHECK-LABEL: pdk.program @guarded
// CHECK: %[[I:.*]] = pdk.cells "input" size 3
// CHECK: %[[S:.*]] = pdk.cells "total" size 1
// CHECK: %[[O:.*]] = pdk.cells "over" size 1
// CHECK: pdk.clear_m %[[O]][0]
// CHECK-NEXT: pdk.mov_a_m %[[I]][0]
// CHECK-NEXT: pdk.add_a_m %[[I]][1]
// CHECK-NEXT: pdk.add_a_m %[[I]][2]
// CHECK-NEXT: pdk.addc_m %[[O]][0]
// CHECK-NEXT: pdk.mov_m_a %[[S]][0]
// CHECK-NEXT: pdk.mov_a_m %[[O]][0]
// CHECK-NEXT: pdk.t1sn_iobit 0, 0
// CHECK-NEXT: pdk.goto_k @[[ABOVE:.*]]
// CHECK-NEXT: pdk.call_k @[[WALK:.*]]
// CHECK: pdk.goto_k @[[DONE:.*]]
// CHECK-NEXT: pdk.label @[[ABOVE]]
// The highest digit is what is above 6 bits, the lowest one those.
// CHECK-NOT: pdk.label @[[DONE]]
// CHECK: pdk.sr_a
// CHECK: pdk.call_k @[[WALK]]
// CHECK-NEXT: pdk.call_k @[[GATHER:.*]]
// CHECK: pdk.and_a_k 63
// CHECK: pdk.call_k @[[WALK]]
// CHECK-NEXT: pdk.call_k @[[GATHER]]
// CHECK: pdk.label @[[DONE]]
// CHECK: pdk.routine @[[WALK]]
// CHECK-NEXT: pdk.mov_a_m %[[I]][0]
func.func @guarded(%0: tensor<3x!lowbit.int<0, 127>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.planes %0 walk [load 0, tap 1, add 2, tap 0] coefficients [1, -2] bias [0, 0] limit 255 digits 6
      : tensor<3x!lowbit.int<0, 127>> -> tensor<2x!lowbit.int<-254, 254>>
  %2 = lowbit.argmax %1 {method = "unrolled"} : tensor<2x!lowbit.int<-254, 254>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}

// A sum in two parts: the second is added to the tap.
// CHECK-LABEL: pdk.program @parts
// CHECK: %[[I:.*]] = pdk.cells "input" size 2
// CHECK: %[[T:.*]] = pdk.cells "taps" size 2
// CHECK: pdk.mov_a_m %[[I]][0]
// CHECK-NEXT: pdk.mov_m_a %[[T]][1]
// CHECK-NEXT: pdk.mov_m_a %[[T]][0]
// CHECK-NEXT: pdk.mov_a_m %[[I]][1]
// CHECK-NEXT: pdk.add_m_a %[[T]][1]
func.func @parts(%0: tensor<2x!lowbit.int<0, 15>>) -> tensor<1x!lowbit.int<0, 1>> attributes {lowbit.buffer} {
  %1 = lowbit.planes %0 walk [load 0, tap 1, tap 0, load 1, add_tap 1] coefficients [0, 1] bias [0, 0] limit 30
      : tensor<2x!lowbit.int<0, 15>> -> tensor<2x!lowbit.int<0, 30>>
  %2 = lowbit.argmax %1 {method = "unrolled"} : tensor<2x!lowbit.int<0, 30>> -> tensor<1x!lowbit.int<0, 1>>
  return %2 : tensor<1x!lowbit.int<0, 1>>
}
