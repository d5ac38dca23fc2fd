// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=5" 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=9:1" 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=-40000:255" 2>&1 | FileCheck %s --check-prefix=WIDE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-scale=1/0" 2>&1 | FileCheck %s --check-prefix=SCALE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-scale=-1" 2>&1 | FileCheck %s --check-prefix=SIGN
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-zero-point=x" 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=0:255" 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-scale=0.5" 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=y=0:7" 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not pdkc-opt %s --onnx-to-lowbit="input-range=x=0:7,0:3,x=0:1" 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: pdkc-opt %s --onnx-to-lowbit="input-range=x=0:7,0:3" | FileCheck %s --check-prefix=OWN

// RANGE: error: input-range must be LO:HI, two integers in rising order
// WIDE: error: input-range -40000:255 is not one of 16 bits; it must lie within -32768:32767 or 0:65535
// SCALE: error: input-scale must be a decimal or a fraction such as 1/255, not '1/0'
// SIGN: error: input-scale must be above 0, not -1
// ZERO: error: input-zero-point must be a decimal or a fraction such as 1/255, not 'x'
// TYPE: error: input-range 0:255 leaves the input's type 'i8'
// INTEGER: error: model's input has an integer type, so input-scale must be 1
// NAME: error: input-range names an input 'y', which the model does not have; it has 'x'
// TWICE: error: input-range is given twice for one input: 'x=0:1'
// OWN: %arg0: tensor<1x2x!lowbit.int<0, 7>>
func.func @model(%x: tensor<1x2xi8> {onnx.name = "x"}) -> tensor<1xi64> {
  %0 = onnx.ArgMax %x {axis = 1 : i64, keepdims = 0 : i64} : (tensor<1x2xi8>) -> tensor<1xi64>
  return %0 : tensor<1xi64>
}
