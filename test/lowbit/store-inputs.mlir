// --lowbit-store-inputs: what cannot be taken as it arrives is copied.
// RUN: pdkc-opt %s --split-input-file --lowbit-store-inputs | FileCheck %s

// Each input has a layer, in their order; what prepares inputs does so where the
// layer is.
// CHECK-LABEL: func.func @in_order
// CHECK-NOT: lowbit.copy
// CHECK: lowbit.dense %arg0
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %arg1
// CHECK-NEXT: lowbit.dense %[[Q]] to
func.func @in_order(%0: tensor<2x!lowbit.int<0, 9>>, %1: tensor<1x!lowbit.int<0, 255>>) -> tensor<2x!lowbit.int<0, 27>> {
  %2 = lowbit.requant %1 shift 5 clamp 0 to 7 : tensor<1x!lowbit.int<0, 255>> -> tensor<1x!lowbit.int<0, 7>>
  %3 = lowbit.dense %0 weights dense<0> : tensor<2x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 18>>
  %4 = lowbit.dense %2 to %3 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 7>>, tensor<2x!lowbit.int<0, 18>> -> tensor<2x!lowbit.int<0, 27>>
  return %4 : tensor<2x!lowbit.int<0, 27>>
}

// -----

// The second one is needed first: the first is stored before, the second is taken
// as it arrives.
// CHECK-LABEL: func.func @turned
// CHECK-NEXT: %[[C:.*]] = lowbit.copy %arg0
// CHECK-NEXT: %[[S:.*]] = lowbit.dense %arg1
// CHECK-NEXT: lowbit.dense %[[C]] to %[[S]]
func.func @turned(%0: tensor<2x!lowbit.int<0, 9>>, %1: tensor<1x!lowbit.int<0, 9>>) -> tensor<2x!lowbit.int<0, 27>> {
  %2 = lowbit.dense %1 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 9>>
  %3 = lowbit.dense %0 to %2 weights dense<0> : tensor<2x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 9>>, tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 27>>
  return %3 : tensor<2x!lowbit.int<0, 27>>
}

// -----

// Two layers take the second input, which comes behind the first one's layer; the
// third, which nobody takes, is taken from the stream all the same.
// CHECK-LABEL: func.func @twice
// CHECK-NEXT: %[[S:.*]] = lowbit.dense %arg0
// CHECK-NEXT: %[[C:.*]] = lowbit.copy %arg1
// CHECK-NEXT: lowbit.copy %arg2
// CHECK-NEXT: %[[T:.*]] = lowbit.dense %[[C]] to %[[S]]
// CHECK-NEXT: lowbit.dense %[[C]] to %[[T]]
func.func @twice(%0: tensor<2x!lowbit.int<0, 9>>, %1: tensor<1x!lowbit.int<0, 9>>, %2: tensor<1x!lowbit.int<0, 9>>) -> tensor<2x!lowbit.int<0, 36>> {
  %3 = lowbit.dense %0 weights dense<0> : tensor<2x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 9>> -> tensor<2x!lowbit.int<0, 18>>
  %4 = lowbit.dense %1 to %3 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 9>>, tensor<2x!lowbit.int<0, 18>> -> tensor<2x!lowbit.int<0, 27>>
  %5 = lowbit.dense %1 to %4 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 9>>, tensor<2x!lowbit.int<0, 27>> -> tensor<2x!lowbit.int<0, 36>>
  return %5 : tensor<2x!lowbit.int<0, 36>>
}

// -----

// From an array of two bytes a value an elementwise operation reads what it
// wants, a layer wants bytes.
// CHECK-LABEL: func.func @wide_array
// CHECK-NEXT: %[[C:.*]] = lowbit.copy %arg1
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %arg0
// CHECK-NEXT: %[[S:.*]] = lowbit.dense %[[Q]]
// CHECK-NEXT: lowbit.dense %[[C]] to %[[S]]
func.func @wide_array(%0: tensor<2x!lowbit.int<0, 1023>>, %1: tensor<1x!lowbit.int<0, 9>>) -> tensor<2x!lowbit.int<0, 23>> attributes {lowbit.buffer} {
  %2 = lowbit.requant %0 shift 7 clamp 0 to 7 : tensor<2x!lowbit.int<0, 1023>> -> tensor<2x!lowbit.int<0, 7>>
  %3 = lowbit.dense %2 weights dense<0> : tensor<2x2xi8> of [1] bias [0, 0] : tensor<2x!lowbit.int<0, 7>> -> tensor<2x!lowbit.int<0, 14>>
  %4 = lowbit.dense %1 to %3 weights dense<0> : tensor<2x1xi8> of [1] bias [0, 0] : tensor<1x!lowbit.int<0, 9>>, tensor<2x!lowbit.int<0, 14>> -> tensor<2x!lowbit.int<0, 23>>
  return %4 : tensor<2x!lowbit.int<0, 23>>
}

// -----

// What nobody takes comes behind the layer, with which what prepares its inputs
// becomes one group.
// CHECK-LABEL: func.func @unread
// CHECK-NEXT: %[[Q:.*]] = lowbit.requant %arg0
// CHECK-NEXT: %[[S:.*]] = lowbit.dense %[[Q]]
// CHECK-NEXT: lowbit.copy %arg1
// CHECK-NEXT: return %[[S]]
func.func @unread(%0: tensor<1x!lowbit.int<-8, 7>>, %1: tensor<3x!lowbit.int<0, 9>>) -> tensor<1x!lowbit.int<0, 15>> {
  %2 = lowbit.requant %0 plus 8 clamp 0 to 15 : tensor<1x!lowbit.int<-8, 7>> -> tensor<1x!lowbit.int<0, 15>>
  %3 = lowbit.dense %2 weights dense<0> : tensor<1x1xi8> of [1] bias [0] : tensor<1x!lowbit.int<0, 15>> -> tensor<1x!lowbit.int<0, 15>>
  return %3 : tensor<1x!lowbit.int<0, 15>>
}
