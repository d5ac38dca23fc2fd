// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=5" 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=9:1" 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=-128:255" 2>&1 | FileCheck %s --check-prefix=BYTE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-scale=1/0" 2>&1 | FileCheck %s --check-prefix=SCALE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-scale=-1" 2>&1 | FileCheck %s --check-prefix=SIGN
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-zero-point=x" 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=0:255" 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-scale=0.5" 2>&1 | FileCheck %s --check-prefix=INTEGER

// RANGE: error: input-range must be LO:HI, two integers in rising order
// BYTE: error: input-range -128:255 is not that of a byte; it must lie within -128:127 or 0:255
// SCALE: error: input-scale must be a decimal or a fraction such as 1/255, not '1/0'
// SIGN: error: input-scale must be above 0, not -1
// ZERO: error: input-zero-point must be a decimal or a fraction such as 1/255, not 'x'
// TYPE: error: input-range 0:255 leaves the input's type 'i8'
// INTEGER: error: model's input has an integer type, so input-scale must be 1
func.func @model(%x: tensor<1x2xi8>) -> tensor<1xi64> {
  %0 = onnx.ArgMax %x {axis = 1 : i64, keepdims = 0 : i64} : (tensor<1x2xi8>) -> tensor<1xi64>
  return %0 : tensor<1xi64>
}
