// What the device hands over, by the options.
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit | FileCheck %s --check-prefix=PLAIN
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit="input-range=0:255 input-scale=1/255" | FileCheck %s --check-prefix=PIXEL
// RUN: pdkc-opt %s --onnx-infer-types --onnx-fold-constants --onnx-to-lowbit="input-range=0:255 input-scale=0.5 input-zero-point=128" | FileCheck %s --check-prefix=ZERO

// PLAIN: %arg0: tensor<1x2x!lowbit.int<-128, 127>> {lowbit.name = "image", lowbit.scale = "1", lowbit.zero_point = "0"}
// PIXEL: %arg0: tensor<1x2x!lowbit.int<0, 255>> {lowbit.name = "image", lowbit.scale = "1/255", lowbit.zero_point = "0"}
// ZERO: %arg0: tensor<1x2x!lowbit.int<0, 255>> {lowbit.name = "image", lowbit.scale = "1/2", lowbit.zero_point = "128"}
func.func @quantiser_first(%x: tensor<1x2xf32> {onnx.name = "image"}) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %scale = onnx.Constant {value_float = 255.0 : f32} : tensor<*x!onnx.unknown>
  %sixteen = onnx.Constant {value_float = 16.0 : f32} : tensor<*x!onnx.unknown>
  // A pixel's 1/255 and the 255 cancel in float32, for every one of the 256
  // values; the shift remains.
  // PIXEL: %[[Q:.*]] = lowbit.requant %arg0 shift 4 clamp 0 to 15
  // PIXEL: lowbit.dense %[[Q]]
  %0 = onnx.Mul %x, %scale : (tensor<1x2xf32>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %1 = onnx.Div %0, %sixteen : (tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %2 = onnx.Floor %1 : (tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %3 = onnx.MatMul %2, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %3 : tensor<*x!onnx.unknown>
}

// Straight into sums: the zero point goes into what is compared.
// ZERO-LABEL: func.func @sum_first
// PLAIN-LABEL: func.func @sum_first
func.func @sum_first(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, -1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  // (r - 128) / 2 * 3 and * 1: -192 and -64, in steps of 1/2.
  // ZERO: lowbit.dense %arg0 {{.*}} of [-1, 1, 2] bias [-384, -128]
  // PLAIN: lowbit.dense %arg0 {{.*}} of [-1, 1, 2] bias [0, 0]
  %0 = onnx.MatMul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// Codes -16 to 15 with zero point 15, rounded down: 0 is the highest code, so the
// zero point is found from where the codes begin, which for Floor are themselves.
// PLAIN-LABEL: func.func @floor_codes
// PLAIN-SAME: tensor<1x2x!lowbit.int<-16, 15>> {lowbit.scale = "1/4", lowbit.zero_point = "15"}
func.func @floor_codes(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value = dense<0.25> : tensor<f32>} : tensor<f32>
  %z = onnx.Constant {value = dense<15.0> : tensor<f32>} : tensor<f32>
  %n = onnx.Constant {value = dense<5.0> : tensor<f32>} : tensor<f32>
  %0 = onnx.IntQuant %x, %s, %z, %n {rounding_mode = "FLOOR", signed = 1 : i64, narrow = 0 : i64} : (tensor<1x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<*x!onnx.unknown>
  return %0 : tensor<*x!onnx.unknown>
}

// Rounded up, and by a float64 that is below the float32 nearest to it: what a
// code stands for is a float32 less, so that it is its own code.
// PLAIN-LABEL: func.func @rounded_up
// PLAIN-SAME: tensor<1x2x!lowbit.int<0, 15>> {lowbit.scale = "3355443/33554432", lowbit.zero_point = "0"}
func.func @rounded_up(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value = dense<0.1> : tensor<f64>} : tensor<f64>
  %z = onnx.Constant {value = dense<0> : tensor<i64>} : tensor<i64>
  %b = onnx.Constant {value = dense<4> : tensor<i64>} : tensor<i64>
  %0 = onnx.Quant %x, %s, %z, %b {signed_attr = 0 : i64, narrow = 0 : i64, rounding_mode = "CEIL"} : (tensor<1x2xf32>, tensor<f64>, tensor<i64>, tensor<i64>) -> tensor<*x!onnx.unknown>
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %1 = onnx.MatMul %0, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}

// Rounded towards 0 the code 0 is as wide as two: the quantiser's own scale and
// zero point say what each stands for, (r - 2) * 1 here.
// PLAIN-LABEL: func.func @rounded_to_zero
// PLAIN-SAME: tensor<1x2x!lowbit.int<-3, 3>> {lowbit.scale = "1", lowbit.zero_point = "2"}
func.func @rounded_to_zero(%x: tensor<1x2xf32>) -> tensor<*x!onnx.unknown> {
  %s = onnx.Constant {value_float = 1.0 : f32} : tensor<*x!onnx.unknown>
  %z = onnx.Constant {value_float = 2.0 : f32} : tensor<*x!onnx.unknown>
  %b = onnx.Constant {value_float = 3.0 : f32} : tensor<*x!onnx.unknown>
  %0 = onnx.Quant %x, %s, %z, %b {signed_attr = 1 : i64, narrow = 1 : i64, rounding_mode = "DOWN"} : (tensor<1x2xf32>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>, tensor<*x!onnx.unknown>) -> tensor<*x!onnx.unknown>
  %w = onnx.Constant {value = dense<[[1.0, 2.0], [2.0, 1.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %1 = onnx.MatMul %0, %w : (tensor<*x!onnx.unknown>, tensor<2x2xf32>) -> tensor<*x!onnx.unknown>
  return %1 : tensor<*x!onnx.unknown>
}
